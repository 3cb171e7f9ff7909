#include "common/consul/claim.h"

#include <doctest/doctest.h>

using longshore::consul::claimant_of;

TEST_CASE("whose a host name is: an object or a bare name") {
  struct Row {
    const char* value;
    const char* service;  // nullptr: none
  };
  const Row rows[] = {
      {R"({"version":1,"service":"shop"})", "shop"},
      {R"( { "service" : "shop", "by": "me" } )", "shop"},
      {"shop", "shop"},
      {" shop\n", "shop"},
      {"", nullptr},
      {"  \n", nullptr},
      {"{}", nullptr},
      {R"({"service":""})", nullptr},
      {R"({"service":7})", nullptr},
      {R"({"service":"shop")", nullptr},
      {R"(["shop"])", nullptr},
      {"two\nlines", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const auto found = claimant_of(row.value);
    CHECK(found.has_value() == (row.service != nullptr));
    if (found && row.service != nullptr) CHECK(*found == row.service);
  }
}
