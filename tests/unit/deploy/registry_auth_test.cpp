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

TEST_CASE("a helper keeps the credentials where config.json names one") {
  const auto helper = [](const char* config, const char* image) {
    const Result<std::string> name = credential_helper(config, image);
    return name ? *name : "error: " + name.error().text;
  };
  CHECK(helper("{}", "app").empty());
  CHECK(helper("", "app").empty());
  CHECK(helper(R"({"credsStore":"pass"})", "app") == "pass");
  const char* both = R"({"credsStore":"pass","credHelpers":{"registry.example":"cloud","plain.example":"","bad":1}})";
  CHECK(helper(both, "registry.example/app:1") == "cloud");
  CHECK(helper(both, "plain.example/app:1").empty());
  CHECK(helper(both, "other.example/app:1") == "pass");
  CHECK(helper(both, "app") == "pass");
  CHECK(helper(R"({"credHelpers":{"https://index.docker.io/v1/":"hub"}})", "team/app") == "hub");
  CHECK(helper(R"({"credHelpers":{"https://index.docker.io/v1/":"hub"}})", "docker.io/team/app") == "hub");
  CHECK(helper(R"({"credsStore":"../evil"})", "app") == "error: config.json: ../evil is no credential helper's name");
  CHECK(helper(R"({"credsStore":7,"credHelpers":[]})", "app").empty());
}

TEST_CASE("what a helper says") {
  const auto said = [](int code, const char* output) {
    const Result<std::string> text = auth_of_helper("x", "registry.example", code, output);
    if (!text) return "error: " + text.error().text;
    std::string bytes = *text;
    for (char& c : bytes) c = c == '-' ? '+' : c == '_' ? '/' : c;
    return consul::decode_base64(bytes).value_or("?");
  };
  CHECK(said(0, R"({"ServerURL":"registry.example","Username":"me","Secret":"se:cret"})"
                "\n") == R"({"password":"se:cret","serveraddress":"registry.example","username":"me"})");
  CHECK(said(0, R"({"Username":"<token>","Secret":"t"})") ==
        R"({"identitytoken":"t","serveraddress":"registry.example"})");
  CHECK(said(1, "credentials not found in native keychain\n").empty());
  CHECK(said(1, "the keychain is locked\nmore\n") == "error: docker-credential-x: the keychain is locked");
  CHECK(said(1, R"({"Username":"me","Secret":"s"})") == "error: docker-credential-x: exit code 1");
  CHECK(said(2, "") == "error: docker-credential-x: exit code 2");
  CHECK(said(127, "") == "error: docker-credential-x, which config.json names, is not on PATH");
  CHECK(said(0, "secret?") == "error: docker-credential-x: what it wrote is no JSON object");
  CHECK(said(0, R"({"Username":"me"})") ==
        "error: docker-credential-x: Username or Secret is missing in what it wrote");
}
