#include "common/registry/check_url.h"

#include <doctest/doctest.h>

namespace longshore::registry {

TEST_CASE("URLs of checks") {
  const auto plain = parse_check_url("http://10.0.0.1:8080/health?full=1#top");
  REQUIRE(plain);
  CHECK(plain->endpoint.host == "10.0.0.1");
  CHECK(plain->endpoint.port == 8080);
  CHECK(plain->target == "/health?full=1");
  CHECK(parse_check_url("http://a")->target == "/");
  CHECK(parse_check_url("http://a")->endpoint.port == 80);
  CHECK(parse_check_url("http://a?x")->target == "/?x");
  const auto tls = parse_check_url("HTTPS://[::1]/x");
  REQUIRE(tls);
  CHECK(tls->endpoint.tls);
  CHECK(tls->endpoint.port == 443);
  CHECK(tls->endpoint.host == "::1");
  for (const char* bad : {"", "a", "a:80", "ftp://a/", "http:/a", "unix:///run/x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_check_url(bad));
  }
}

TEST_CASE("where redirects lead") {
  const std::string from = "http://a:1/x/y?z";
  CHECK(redirect_target(from, "https://b/c") == "https://b/c");
  CHECK(redirect_target(from, "//b/c") == "http://b/c");
  CHECK(redirect_target(from, "/c?d") == "http://a:1/c?d");
  CHECK(redirect_target(from, "c") == "http://a:1/x/c");
  CHECK(redirect_target("http://a", "c") == "http://a/c");
}

}  // namespace longshore::registry
