// Names of images and the credentials of `docker login`.
#include <doctest/doctest.h>

#include "common/consul/codec.h"
#include "common/deploy/registry_auth.h"
#include "common/json/json.h"

using namespace longshore;
using namespace longshore::deploy;

TEST_CASE("which registry, name and tag an image has") {
  struct Row {
    const char* image;
    const char* registry;
    PullName name;
  };
  const char* hub = "https://index.docker.io/v1/";
  const Row rows[] = {
      {"app", hub, {"app", "latest"}},
      {"app:1", hub, {"app", "1"}},
      {"team/app:1", hub, {"team/app", "1"}},
      {"registry.example/app", "registry.example", {"registry.example/app", "latest"}},
      {"registry.example:5000/team/app", "registry.example:5000", {"registry.example:5000/team/app", "latest"}},
      {"registry.example:5000/team/app:1", "registry.example:5000", {"registry.example:5000/team/app", "1"}},
      {"localhost/app:1", "localhost", {"localhost/app", "1"}},
      {"app@sha256:abc", hub, {"app@sha256:abc", ""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.image);
    CHECK(registry_of(row.image) == row.registry);
    CHECK(pull_name(row.image) == row.name);
  }
}

TEST_CASE("credentials are those of the image's registry") {
  const std::string config = R"({"auths": {"registry.example": {"auth": ")" + consul::encode_base64("me:se:cret") +
                             R"("}, "https://index.docker.io/v1/": {"identitytoken": "t"}, "empty.example": {}}})";
  const auto told = [&](const char* image) {
    std::string text = registry_auth(config, image);
    for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    const auto decoded = consul::decode_base64(text);
    REQUIRE(decoded);
    return *decoded;
  };
  CHECK(told("registry.example/app:1") ==
        R"({"password":"se:cret","serveraddress":"registry.example","username":"me"})");
  CHECK(told("team/app") == R"({"identitytoken":"t","serveraddress":"https://index.docker.io/v1/"})");
  CHECK(registry_auth(config, "empty.example/app").empty());
  CHECK(registry_auth(config, "other.example/app").empty());
  CHECK(registry_auth("", "app").empty());
  CHECK(registry_auth("[]", "app").empty());
  CHECK(registry_auth(R"({"auths":[]})", "app").empty());
}
