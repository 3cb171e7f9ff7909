// Every row of cases/*.json against our engine: output and error text byte for byte.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/json/json.h"
#include "common/tmpl/eval.h"
#include "tests/conformance/conformance_data.h"

namespace {

using namespace longshore;
using namespace longshore::tmpl;
namespace fs = std::filesystem;

class FixedHost : public Host {
 public:
  std::optional<std::string> env(std::string_view name) override {
    if (name == "SET") return "set value";
    if (name == "EMPTY") return "";
    return std::nullopt;
  }
  std::chrono::system_clock::time_point now() override { return {}; }
};

// As encoding/json decodes into an interface: all numbers are float64.
Value from_json(const json::Value& document) {
  switch (document.type()) {
    case json::Value::value_t::null:
      return Value::nil();
    case json::Value::value_t::boolean:
      return Value::boolean(document.get<bool>());
    case json::Value::value_t::string:
      return Value::string(document.get<std::string>());
    case json::Value::value_t::array: {
      std::vector<Value> elements;
      for (const auto& element : document) elements.push_back(from_json(element));
      return any_list(std::move(elements));
    }
    case json::Value::value_t::object: {
      std::vector<std::pair<std::string, Value>> entries;
      for (const auto& [key, element] : document.items()) entries.emplace_back(key, from_json(element));
      return any_map(std::move(entries));
    }
    default:
      return Value::floating(document.get<double>());
  }
}

std::string string_or_empty(const json::Value& row, const char* key) {
  return row.contains(key) ? row[key].get<std::string>() : std::string();
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 0xF];
  }
  return out;
}

// The text, or "error: " and the error's text.
std::string outcome(const json::Value& row, const Functions& table) {
  ParseOptions options;
  options.left_delimiter = string_or_empty(row, "left");
  options.right_delimiter = string_or_empty(row, "right");
  const auto set = parse("t", row["template"].get<std::string>(), table, options);
  if (!set) return "error: " + set.error().text;
  const Value data =
      row.contains("json") ? from_json(row["json"]) : *conformance::data_set(string_or_empty(row, "data"));
  EvaluateOptions how;
  const std::string mode = string_or_empty(row, "missingkey");
  how.missing_key = mode == "zero" ? MissingKey::zero : mode == "error" ? MissingKey::error : MissingKey::invalid;
  FixedHost host;
  const Evaluation result = evaluate(**set, "t", data, host, how);
  return result.ok() ? result.text : "error: " + result.errors[0].text;
}

}  // namespace

TEST_CASE("conformance") {
  const Functions table = conformance::functions();
  std::size_t rows = 0;
  std::size_t errors = 0;
  for (const auto& entry : fs::directory_iterator("tests/conformance/cases")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    const auto document = json::parse(text.str(), entry.path().string());
    REQUIRE_MESSAGE(document.has_value(), entry.path().string());
    for (const auto& row : *document) {
      ++rows;
      const bool fails = row.contains("error");
      errors += fails ? 1 : 0;
      const bool binary = row.contains("want_hex");
      const std::string want =
          fails ? "error: " + row["error"].get<std::string>() : row[binary ? "want_hex" : "want"].get<std::string>();
      const std::string got = binary ? to_hex(outcome(row, table)) : outcome(row, table);
      CHECK_MESSAGE(got == want, row["name"].get<std::string>() << ": " << row["template"].get<std::string>()
                                                                << "\n   got: " << got << "\n  want: " << want);
    }
  }
  MESSAGE(rows << " rows, " << errors << " of them errors");
  CHECK(rows > 0);
}
