// What the conformance rows leave out: each function, scratch method, action, verb and flag has at least three, there
// are at least 900, and at least 300 end in an error or in waiting for data.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "common/json/json.h"
#include "renderer/core/recall.h"

namespace {

using namespace longshore;
namespace fs = std::filesystem;

constexpr int kLeast = 3;

struct Rows {
  std::vector<std::string> templates;
  std::size_t without_text = 0;
};

void read_file(const fs::path& path, Rows& rows) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto document = json::parse(text.str(), path.string());
  REQUIRE_MESSAGE(document.has_value(), path.string());
  for (const auto& row : *document) {
    rows.templates.push_back(row["template"].get<std::string>());
    if (row.contains("error") || row.contains("waits")) ++rows.without_text;
  }
}

Rows all_rows() {
  Rows rows;
  for (const char* folder :
       {"tests/conformance/cases", "tests/conformance/libraries/cases", "tests/conformance/sockaddr/cases"})
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".json") read_file(entry.path(), rows);
  read_file("tests/conformance/consul/cases.json", rows);
  return rows;
}

bool is_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// As a word of its own, and no field.
bool uses(const std::string& text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const char before = at == 0 ? ' ' : text[at - 1];
    if (!is_word(before) && before != '.' && before != '$' && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

// Verbs and flags of every directive in the text: "%-+5.2[1]q" gives '-', '+' and 'q'; "w" and "." stand for a width
// and a precision, "*" and "[" for themselves.
void count_directives(const std::string& text, std::map<std::string, int>& out) {
  std::map<std::string, bool> seen;
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1)) {
    std::size_t i = at + 1;
    bool flags = true;
    for (; i < text.size() && std::string_view("+-# 0123456789.*[]").find(text[i]) != std::string_view::npos; ++i) {
      const bool flag = flags && std::string_view("+-# 0").find(text[i]) != std::string_view::npos;
      flags = flag;
      if (flag)
        seen[std::string("flag ") + text[i]] = true;
      else if (text[i] >= '0' && text[i] <= '9')
        seen["width"] = true;
      else
        seen[std::string(1, text[i])] = true;
    }
    if (i < text.size()) seen[std::string("verb ") + text[i]] = true;
    at = i;
  }
  for (const auto& [what, present] : seen) ++out[what];
}

// No original has our own: rows are in tests/unit/renderer (nginx_build, certificates, colors, recall_sites). Those of
// Vault and Nomad fail in one and the same way, see the rows of secret and nomadService.
bool without_original(std::string_view name) {
  for (const std::string_view own : {"nginxVersion", "nginxHas", "nginxModule", "certificate", "claimedBy", "family",
                                     "members", "remark", "secret", "secrets", "pkiCert"})
    if (name == own) return true;
  return name.starts_with("nomad");
}

}  // namespace

TEST_CASE("there are enough rows") {
  const Rows rows = all_rows();
  MESSAGE(rows.templates.size() << " rows, " << rows.without_text << " without text");
  CHECK(rows.templates.size() >= 900);
  CHECK(rows.without_text >= 300);
}

TEST_CASE("every function has rows") {
  const Rows rows = all_rows();
  std::vector<std::string> names = render::all_functions()->names();
  REQUIRE(names.size() > 250);
  for (const std::string& name : names) {
    if (without_original(name)) continue;
    int count = 0;
    for (const std::string& text : rows.templates)
      if (count < kLeast && uses(text, name)) ++count;
    CHECK_MESSAGE(count >= kLeast, name << " has " << count << " rows");
  }
}

TEST_CASE("every action, form of constant and method of scratch has rows") {
  const Rows rows = all_rows();
  for (const std::string_view form : {"{{if ",
                                      "{{else if ",
                                      "{{else}}",
                                      "{{range ",
                                      "{{range $",
                                      ", $",
                                      "{{with ",
                                      "{{else with ",
                                      "{{define ",
                                      "{{template ",
                                      "{{block ",
                                      "{{break}}",
                                      "{{continue}}",
                                      "{{/*",
                                      "{{- ",
                                      " -}}",
                                      ":= ",
                                      " = ",
                                      "nil",
                                      "true",
                                      "`",
                                      "'",
                                      "0x",
                                      "0b",
                                      "0o",
                                      "1_0",
                                      "1e",
                                      "p-",
                                      "2i",
                                      "\\u",
                                      "\\x",
                                      "(",
                                      "| ",
                                      "$.",
                                      "scratch.Key",
                                      "scratch.Get",
                                      "scratch.Set ",
                                      "scratch.SetX",
                                      "scratch.MapSet ",
                                      "scratch.MapSetX",
                                      "scratch.MapValues"}) {
    int count = 0;
    for (const std::string& text : rows.templates)
      if (text.find(form) != std::string::npos) ++count;
    CHECK_MESSAGE(count >= kLeast, form << " has " << count << " rows");
  }
}

TEST_CASE("every verb and flag of printf has rows") {
  std::map<std::string, int> counts;
  for (const std::string& text : all_rows().templates)
    if (text.find("printf") != std::string::npos) count_directives(text, counts);
  std::vector<std::string> wanted{"width", ".", "*", "[", "flag +", "flag -", "flag #", "flag  ", "flag 0"};
  for (const char verb : std::string_view("vTtbcdoOqxXUeEfFgGspw%")) wanted.push_back(std::string("verb ") + verb);
  for (const std::string& what : wanted)
    CHECK_MESSAGE(counts[what] >= kLeast, what << " has " << counts[what] << " rows");
}
