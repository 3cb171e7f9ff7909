// Every row of cases/*.json (made by the real libraries, or by hand where theirs are newer) against ours.
#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/json/json.h"
#include "common/tmpl/data/data.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/sprig/sprig.h"
#include "tests/conformance/conformance_data.h"
#include "tests/conformance/conformance_rows.h"

namespace {

using namespace longshore;
using namespace longshore::tmpl;
namespace fs = std::filesystem;

class FixedHost : public Host {
 public:
  std::optional<std::string> env(std::string_view) override { return std::nullopt; }
  // 20 November 2026, 12:00 UTC
  std::chrono::system_clock::time_point now() override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1795176000));
  }
};

// The text, or "error: " and the error's text.
std::string outcome(const json::Value& row, const Functions& table) {
  const auto set = parse("t", row["template"].get<std::string>(), table, {});
  if (!set) return "error: " + set.error().text;
  const Value data = row.contains("data") ? *conformance::data_set(row["data"].get<std::string>()) : Value::nil();
  FixedHost host;
  const Evaluation result = evaluate(**set, "t", data, host, {.missing_key = MissingKey::invalid, .limits = {}});
  return result.ok() ? result.text : "error: " + result.errors[0].text;
}

Functions all_functions() {
  FunctionTable table = *conformance::functions();
  table.merge(sprig_functions());
  table.merge(merge_map_functions());
  table.merge(data_functions());
  return std::make_shared<const FunctionTable>(std::move(table));
}

}  // namespace

TEST_CASE("library functions") {
  setenv("TZ", "UTC", 1);  // the rows were made there
  tzset();
  const Functions table = all_functions();
  std::size_t rows = 0;
  std::map<std::string, int> used;
  for (const auto& entry : fs::directory_iterator("tests/conformance/libraries/cases")) {
    std::ifstream file(entry.path());
    std::stringstream content;
    content << file.rdbuf();
    const auto document = json::parse(content.str(), entry.path().string());
    REQUIRE_MESSAGE(document.has_value(), entry.path().string());
    for (const auto& row : *document) {
      ++rows;
      const auto text = row["template"].get<std::string>();
      const std::string plain = outcome(row, table);
      const std::string got = row.contains("want_hex") ? conformance::to_hex(plain) : plain;
      const std::string want = conformance::wanted(row);
      CHECK_MESSAGE(got == want, row["name"].get<std::string>()
                                     << ": " << text << "\n   got: " << got << "\n  want: " << want);
      for (const std::string& name : table->names())
        if (text.find(name + " ") != std::string::npos || text.find(name + "}") != std::string::npos ||
            text.find(name + ")") != std::string::npos)
          ++used[name];
    }
  }
  MESSAGE(rows << " rows");
  FunctionTable ours = sprig_functions();
  ours.merge(merge_map_functions());
  ours.merge(data_functions());
  for (const std::string& name : ours.names()) CHECK_MESSAGE(used[name] >= 3, name << " has " << used[name] << " rows");
}

TEST_CASE("all functions are there") {
  CHECK(sprig_functions().names().size() == 194);
  CHECK(merge_map_functions().names().size() == 2);
  CHECK(data_functions().names().size() == 7);
}
