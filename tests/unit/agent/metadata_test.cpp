// Metadata, tags, Meta.
#include <doctest/doctest.h>

#include "agent/core/checks.h"
#include "agent/core/meta.h"
#include "agent/core/metadata.h"
#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;
using Texts = std::vector<std::string>;

TEST_CASE("keys: scopes, case, oddities") {
  docker::Container container = test::container();
  container.env = {"SERVICE_80=lonely",
                   "SERVICE_80_=empty",
                   "SERVICE_080_A=zero",
                   "SERVICE_-1_B=minus",
                   "SERVICE_81_C=other port",
                   "SERVICE_Foo=one",
                   "SERVICE_FOO=two",
                   "SERVICE_X_80_Y=plain",
                   "SERVICE_80_D_E=deep",
                   "NOSERVICE_Z=no",
                   "SERVICE_",
                   "SERVICE_=nameless",
                   "SERVICE_99999999999999999999_F=too big"};
  const Metadata found = metadata_for(container, test::port("80"), false);
  CHECK(found.values == std::map<std::string, std::string>{{"80", "lonely"},
                                                           {"", "empty"},
                                                           {"foo", "two"},
                                                           {"x_80_y", "plain"},
                                                           {"d_e", "deep"},
                                                           {"99999999999999999999_f", "too big"}});
  CHECK(found.from_port == std::set<std::string>{"", "d_e"});
}

TEST_CASE("tags: commas, escapes, empties") {
  struct Row {
    const char* text;
    Texts want;
  };
  const Row rows[] = {{"", {}},
                      {"one", {"one"}},
                      {"a,b,c", {"a", "b", "c"}},
                      {"a,,b,", {"a", "b"}},
                      {",", {}},
                      {"a\\,b", {"a,b"}},
                      {"a,b\\,c,d", {"a", "b,c", "d"}},
                      {"\\,a", {",a"}},
                      {"a\\", {"a\\"}},
                      {"a\\b,c", {"a\\b", "c"}},
                      {"a, b", {"a", " b"}},
                      {"x,x", {"x", "x"}}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(split_tags(row.text) == row.want);
  }
}

TEST_CASE("tags of a service: own, forced, udp") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80 53/udp=0.0.0.0:53");
  container.env = {"SERVICE_TAGS=a,b,c", "SERVICE_53_TAGS=dns"};
  AgentOptions options;
  options.tags = {"x", "y"};
  ContainerServices spec = services_of(container, options, test::facts(), nullptr);
  REQUIRE(spec.services.size() == 2);
  CHECK(spec.services[0].tags == Texts{"dns", "x", "y", "udp"});
  CHECK(spec.services[1].tags == Texts{"a", "b", "c", "x", "y"});
  options.compatible = true;
  spec = services_of(container, options, test::facts(), nullptr);
  CHECK(spec.services[1].tags == Texts{"c", "b", "a", "y", "x"});
}

TEST_CASE("Meta has attributes and our own keys") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80");
  container.labels["org.opencontainers.image.revision"] = "abc123";
  container.labels["org.opencontainers.image.version"] = "1.4";
  container.env = {"SERVICE_NAME=shop",  "SERVICE_ID=i",         "SERVICE_TAGS=t",          "SERVICE_HOST=shop.test",
                   "SERVICE_80_PATH=/x", "SERVICE_CHECK_TCP=on", "SERVICE_DB_PASSWORD=pst", "SERVICE_IGNORE=no"};
  AgentOptions options;
  options.env = "staging";
  const ContainerServices spec = services_of(container, options, test::facts(), nullptr);
  REQUIRE(spec.services.size() == 1);
  const consul::StringMap want = {{"host", "shop.test"},
                                  {"path", "/x"},
                                  {"longshore-owner", "node/engine/nonce"},
                                  {"longshore-container", "aaaaaaaaaaaa"},
                                  {"longshore-image", "shop/app:1"},
                                  {"longshore-digest", "sha256:" + std::string(64, 'f')},
                                  {"longshore-version", "1.4"},
                                  {"longshore-revision", "abc123"},
                                  {"longshore-env", "staging"},
                                  {"longshore-checks", checks_fingerprint(spec.services[0].checks)}};
  CHECK(spec.services[0].meta == want);
  CHECK(spec.notes.empty());
  options.meta = MetaChoice::all;
  const ContainerServices all = services_of(container, options, test::facts(), nullptr);
  CHECK(all.services[0].meta.at("check_tcp") == "on");
  CHECK(all.services[0].meta.at("db_password") == "pst");
  CHECK_FALSE(all.services[0].meta.contains("name"));
}

TEST_CASE("names that say secret") {
  for (const char* yes : {"password", "db_password", "api_token", "secret_key", "aws_secret_access_key", "apikey",
                          "api-key", "pass", "db.pass", "pwd", "private_key", "credentials", "passphrase", "basic_auth",
                          "jwt", "db_dsn", "session_cookie", "signing_key", "connection_string"})
    CHECK_MESSAGE(looks_secret(yes), yes);
  for (const char* no : {"host", "path", "port", "compass", "passage", "key", "keyword", "bypass", "author",
                         "authority", "oauthless", "cookies_path", ""})
    CHECK_MESSAGE(!looks_secret(no), no);
}

TEST_CASE("Consul's limits cost a value, never the service") {
  Metadata metadata;
  metadata.values = {{"bad.key", "x"},
                     {"consul-x", "x"},
                     {"longshore-owner", "forged"},
                     {std::string(129, 'k'), "x"},
                     {std::string(128, 'k'), "x"},
                     {"long", std::string(513, 'v')},
                     {"fits", std::string(512, 'v')},
                     {"utf", std::string(511, 'v') + "\xC3\xA4"}};
  Texts notes;
  const consul::StringMap meta = attributes(metadata, MetaChoice::safe, 5, notes);
  CHECK(meta.size() == 4);
  CHECK(meta.at("long").size() == 512);
  CHECK(meta.at("fits").size() == 512);
  CHECK(meta.at("utf") == std::string(511, 'v'));
  CHECK(meta.contains(std::string(128, 'k')));
  CHECK(notes.size() == 6);

  Metadata many;
  for (int i = 0; i < 70; ++i) many.values["a" + std::to_string(i)] = "x";
  many.values["host"] = many.values["path"] = many.values["port"] = "kept";
  notes.clear();
  const consul::StringMap most = attributes(many, MetaChoice::safe, 4, notes);
  CHECK(most.size() == 60);
  for (const char* key : {"host", "path", "port"}) CHECK(most.contains(key));
  CHECK(notes == Texts{"meta: 13 pairs left out, Consul takes 64"});
}

TEST_CASE("switches") {
  for (const char* off : {"", "0", "false", "False", "FALSE", "f", "no", "off", "n"}) CHECK_FALSE(is_on(off, false));
  for (const char* on : {"1", "true", "yes", "on", "x", "/health"}) CHECK(is_on(on, false));
  CHECK(is_on("false", true));
  CHECK_FALSE(is_on("", true));
}

TEST_CASE("the digest: of the reference, else what registries know the image by, else the image's ID") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80");
  const auto digest = [&] {
    return services_of(container, {}, test::facts(), nullptr).services.at(0).meta.at("longshore-digest");
  };
  CHECK(digest() == "sha256:" + std::string(64, 'f'));
  container.image_digest = "sha256:aa";
  CHECK(digest() == "sha256:aa");
  container.image_reference = "shop/app:1@sha256:bb";
  CHECK(digest() == "sha256:bb");
}
