#include "vagrant/nanoservice/config.h"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using namespace longshore::nano;

namespace {

std::variant<Config, std::string> read(std::map<std::string, std::string> environment) {
  return read_config([environment](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  });
}

}  // namespace

TEST_CASE("an empty environment gives the defaults") {
  CHECK(std::get<Config>(read({})) == Config{});
}

TEST_CASE("every variable") {
  const auto config = std::get<Config>(read({{"PORT", "8080"},
                                             {"VERSION", "1.0"},
                                             {"COLOR", "green\nblue"},
                                             {"LISTEN_DELAY_MS", "1500"},
                                             {"GRACE", "3"},
                                             {"DIE_AT_ONCE", "1"}}));
  CHECK(config.port == 8080);
  CHECK(config.version == "1.0");
  CHECK(config.color == "green?blue");
  CHECK(config.listen_delay == std::chrono::milliseconds(1500));
  CHECK(config.grace == std::chrono::milliseconds(3000));
  CHECK(config.die_at_once);
  CHECK_FALSE(std::get<Config>(read({{"DIE_AT_ONCE", "0"}})).die_at_once);
}

TEST_CASE("bad numbers name the variable and its range") {
  struct Row {
    const char* name;
    const char* value;
    const char* problem;
  };
  const std::vector<Row> rows = {
      {"PORT", "0", "PORT=0: expected a whole number from 1 to 65535"},
      {"PORT", "65536", "PORT=65536: expected a whole number from 1 to 65535"},
      {"PORT", "80x", "PORT=80x: expected a whole number from 1 to 65535"},
      {"GRACE", "-1", "GRACE=-1: expected a whole number from 0 to 600"},
      {"LISTEN_DELAY_MS", "1s", "LISTEN_DELAY_MS=1s: expected a whole number from 0 to 600000"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto result = read({{row.name, row.value}});
    REQUIRE(std::holds_alternative<std::string>(result));
    CHECK(std::get<std::string>(result) == row.problem);
  }
}
