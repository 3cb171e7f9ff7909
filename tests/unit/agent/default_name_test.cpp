#include <doctest/doctest.h>

#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;

TEST_CASE("the default name comes from the image") {
  struct Case {
    const char* image;
    const char* own;
    const char* compatible;
  };
  const Case cases[] = {
      {"nginx", "nginx", "nginx"},
      {"nginx:1.22", "nginx", "nginx"},
      {"library/nginx:1.22", "nginx", "nginx"},
      {"reg:5000/x/app:1", "app", "app"},
      {"reg:5000/x/app", "app", "app"},
      {"x/app@sha256:0123", "app", "app@sha256"},
      {"x/app:1@sha256:0123", "app", "app"},
      {"sha256:ffff", "web", "sha256"},
      {"ffffffffffff", "web", "ffffffffffff"},
      {"fffffffffff", "fffffffffff", "fffffffffff"},     // too short for an ID
      {"eeeeeeeeeeee", "eeeeeeeeeeee", "eeeeeeeeeeee"},  // a name that only looks like one
  };
  for (const Case& row : cases) {
    CAPTURE(row.image);
    docker::Container container = test::container();
    container.image_reference = row.image;
    AgentOptions options;
    CHECK(default_name(container, options) == row.own);
    options.compatible = true;
    CHECK(default_name(container, options) == row.compatible);
  }
  docker::Container composed = test::container();
  composed.image_reference = "sha256:ffff";
  composed.labels["com.docker.compose.service"] = "shop";
  CHECK(default_name(composed, {}) == "shop");
  composed.labels.clear();
  composed.labels["com.docker.swarm.service.name"] = "stack_shop";
  CHECK(default_name(composed, {}) == "stack_shop");
  // -name-from goes before the image.
  composed.image_reference = "reg:5000/x/app:1";
  composed.labels["com.docker.compose.service"] = "web";
  AgentOptions options;
  CHECK(default_name(composed, options) == "app");
  options.name_from = {NameSource::swarm, NameSource::compose};
  CHECK(default_name(composed, options) == "stack_shop");
  options.name_from = {NameSource::compose};
  CHECK(default_name(composed, options) == "web");
  options.name_from = {NameSource::container};
  CHECK(default_name(composed, options) == composed.name);
}
