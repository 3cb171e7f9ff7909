// Every row of cases/*.json against our engine: output and error text byte for byte.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/conformance/conformance_data.h"
#include "tests/conformance/conformance_rows.h"

using namespace longshore;
namespace fs = std::filesystem;

TEST_CASE("conformance") {
  const tmpl::Functions table = conformance::functions();
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
      errors += row.contains("error") ? 1 : 0;
      const std::string outcome = conformance::outcome(row, table);
      const std::string got = row.contains("want_hex") ? conformance::to_hex(outcome) : outcome;
      const std::string want = conformance::wanted(row);
      CHECK_MESSAGE(got == want, row["name"].get<std::string>() << ": " << row["template"].get<std::string>()
                                                                << "\n   got: " << got << "\n  want: " << want);
    }
  }
  MESSAGE(rows << " rows, " << errors << " of them errors");
  CHECK(rows > 0);
}
