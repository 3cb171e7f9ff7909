// Names of environments: one part of a key, and none of our folders.
#include <doctest/doctest.h>

#include "common/consul/environment_name.h"

using namespace longshore;

TEST_CASE("an environment's name cannot reach into another environment's keys") {
  const auto said = [](const char* name) {
    const Status fits = consul::check_environment(name);
    return fits ? std::string() : fits.error().text;
  };
  for (const char* good : {"", "staging", "prod-2", "eu.west_1", "*", "EU West", "qa:1"}) CHECK(said(good).empty());
  for (const char* bad : {"a/b", "/", ".", "..", "a\n"})
    CHECK(said(bad) == "it is one part of a key: without / and not . or ..");
  CHECK(said("drains") == "drains is the name of a folder of ours in Consul's KV: choose another");
  CHECK_FALSE(said("renderers").empty());
}
