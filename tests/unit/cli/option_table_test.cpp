#include <doctest/doctest.h>

#include <algorithm>

#include "common/cli/options.h"
#include "tests/unit/cli/sample_table.h"

namespace longshore::cli {
namespace {

TEST_CASE("options are found by each of their names") {
  const OptionTable table = sample_table();
  REQUIRE(table.find("bool") != nullptr);
  CHECK(table.find("bool") == table.find("b"));
  CHECK(table.find("B") == nullptr);
  CHECK(table.find("") == nullptr);
  CHECK(table.find("buried") != nullptr);
}

TEST_CASE("tables are joined, prefixed and cut") {
  const OptionTable extra({{.names = {"more"}}});
  const OptionTable both = sample_table().with(extra);
  CHECK(both.find("more") != nullptr);
  CHECK(both.find("t") != nullptr);
  CHECK(both.all().size() == sample_table().all().size() + 1);
  CHECK(extra.prefixed("render.").find("render.more") != nullptr);
  CHECK(extra.prefixed("render.").find("more") == nullptr);
  CHECK(both.without({"t", "more"}).find("text") == nullptr);
  CHECK(both.without({"t", "more"}).all().size() == both.all().size() - 2);
}

TEST_CASE("hidden options are not suggested") {
  const std::vector<std::string> names = sample_table().visible_names();
  CHECK(std::find(names.begin(), names.end(), "buried") == names.end());
  CHECK(std::find(names.begin(), names.end(), "bool") != names.end());
}

}  // namespace
}  // namespace longshore::cli
