#include "common/net/http_types.h"

#include <doctest/doctest.h>

namespace longshore::net {
namespace {

TEST_CASE("headers compare without case") {
  Headers headers{{"X-Consul-Index", "7"}};
  CHECK(headers.get("x-consul-index") == "7");
  headers.set("X-CONSUL-INDEX", "8");
  CHECK(headers.all().size() == 1);
  headers.add("Set-Cookie", "a");
  headers.add("set-cookie", "b");
  CHECK(headers.get("Set-Cookie") == "a");
  CHECK_FALSE(headers.get("Host").has_value());
}

TEST_CASE("percent coding") {
  CHECK(percent_encode("a b/c:d~") == "a%20b%2Fc%3Ad~");
  CHECK(percent_encode("a/b", true) == "a/b");
  CHECK(percent_encode("\xC3\xA9") == "%C3%A9");
  CHECK(percent_decode("a%20b%2fc").value() == "a b/c");
  CHECK(percent_decode("a+b").value() == "a+b");
  CHECK(percent_decode("a+b", true).value() == "a b");
  for (const char* bad : {"%", "%2", "%zz", "a%"}) CHECK_FALSE(percent_decode(bad).has_value());
}

TEST_CASE("targets come apart and together") {
  const auto target = parse_target("/v1/kv/a%2Fb/c?recurse&index=5&filter=Node%20%3D%3D+x#no");
  REQUIRE(target.has_value());
  CHECK(target->path == "/v1/kv/a%2Fb/c");
  CHECK(target->segments().value() == std::vector<std::string>{"v1", "kv", "a/b", "c"});
  CHECK(target->has("recurse"));
  CHECK_FALSE(target->query[0].has_value);
  CHECK(target->get("index") == "5");
  CHECK(target->get("filter") == "Node == x");
  CHECK_FALSE(target->has("wait"));
  CHECK_FALSE(parse_target("v1").has_value());
  CHECK_FALSE(parse_target("/a?b=%").has_value());
  CHECK(build_target("/p", {{"a", "1 2"}, {"recurse", "", false}, {"f", "x==\"y\""}}) ==
        "/p?a=1%202&recurse&f=x%3D%3D%22y%22");
}

}  // namespace
}  // namespace longshore::net
