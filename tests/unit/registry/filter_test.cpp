// Expected values: Consul 1.8.7 (tests/integration/registry_cases compares more of them live).
#include "common/registry/filter.h"

#include <doctest/doctest.h>

namespace longshore::registry {
namespace {

json::Value entry() {
  return json::parse(R"({"Node":{"Node":"n1","Meta":{"rack":"1"},"TaggedAddresses":{"lan":"10.0.0.1"}},
    "Service":{"ID":"w1","Service":"web","Tags":["a","b c"],"Port":80,"Meta":{"k":"v","a-b":"x"},"Address":"",
    "EnableTagOverride":false,"Weights":{"Passing":1,"Warning":1},
    "TaggedAddresses":{"lan":{"Address":"10.0.0.1","Port":80}}},
    "Checks":[{"Status":"passing","CheckID":"c"},{"Status":"warning","CheckID":"d"}]})",
                     "entry")
      .value();
}

std::string reason(const char* text) {
  const auto filter = Filter::parse(text, FilterTarget::health_entry);
  return filter ? "no error" : filter.error().text;
}

}  // namespace

TEST_CASE("what matches and what does not") {
  const std::pair<const char*, bool> table[] = {
      {"", true},
      {"Service.ID == w1", true},
      {"Service.ID==\"w1\"", true},
      {"Service.ID == `w1`", true},
      {"Service.ID != w1", false},
      {"Service.Port == 80", true},
      {"Service.Port == \"80\"", true},
      {"Service.Port != 81", true},
      {"Service.EnableTagOverride == false", true},
      {"Service.EnableTagOverride == 1", false},
      {"a in Service.Tags", true},
      {"\"b c\" in Service.Tags", true},
      {"b in Service.Tags", false},
      {"Service.Tags contains a", true},
      {"Service.Tags not contains a", false},
      {"a not in Service.Tags", false},
      {"Service.Tags is empty", false},
      {"Service.Tags is not empty", true},
      {"Service.Meta.k == v", true},
      {"Service.Meta[\"a-b\"] == x", true},
      {"Service.Meta.none == v", false},
      {"Service.Meta.none != v", true},
      {"Service.Meta.none matches v", true},
      {"k in Service.Meta", true},
      {"none in Service.Meta", false},
      {"Service.TaggedAddresses.lan.Port == 80", true},
      {"Service.TaggedAddresses.wan.Port == 80", false},
      {"Node.TaggedAddresses.lan == `10.0.0.1`", true},
      {"Checks.Status == passing", true},
      {"Checks.Status != passing", true},
      {"Checks.Status == critical", false},
      {"Checks is not empty", true},
      {"Service.Service matches \"^w.b$\"", true},
      {"Service.Service not matches e", false},
      {"Service.Service contains eb", true},
      {"eb in Service.Service", true},
      {"Service.Kind == x", false},
      {"Service.Kind != x", true},
      {"not Service.Port == 80", false},
      {"not not Service.Port == 80", true},
      {"Service.Port == 80 and Service.ID == x", false},
      {"Service.Port == 80 or Service.ID == x", true},
      {"Service.Port == 80 or Service.ID == x and Service.ID == y", true},
      {"(Service.Port == 80 or Service.ID == x) and Service.ID == y", false},
      {"not (Service.Port == 80 and Service.ID == x)", true},
      {"not Service.Port == 80 or Service.Port == 80", true},
      {" ( Service.Port\n==\t80 ) ", true},
  };
  const json::Value value = entry();
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    const auto filter = Filter::parse(text, FilterTarget::health_entry);
    REQUIRE(filter);
    CHECK(filter->matches(value) == expected);
  }
}

TEST_CASE("Consul's words for what is wrong") {
  CHECK(reason("Foo == 1") == "Selector \"Foo\" is not valid");
  CHECK(reason("Service.Tags.foo == a") == "Selector \"Service.Tags.foo\" is not valid");
  CHECK(reason("Checks.Definition.HTTP == x") == "Selector \"Checks.Definition\" is not valid");
  CHECK(reason("Node == n1") == "Invalid match operator \"Equal\" for selector \"Node\"");
  CHECK(reason("Service.Port contains 1") == "Invalid match operator \"In\" for selector \"Service.Port\"");
  CHECK(reason("Service.ID is empty") == "Invalid match operator \"Is Empty\" for selector \"Service.ID\"");
  CHECK(reason("Service.Port == abc") ==
        "Failed to coerce value \"abc\" for selector \"Service.Port\": strconv.ParseInt: parsing \"abc\": invalid "
        "syntax");
  CHECK(reason("Service.EnableTagOverride == maybe") ==
        "Failed to coerce value \"maybe\" for selector \"Service.EnableTagOverride\": strconv.ParseBool: parsing "
        "\"maybe\": invalid syntax");
  CHECK(reason("Service.ID matches \"(\"")
            .starts_with("Failed to compile regular expression \"(\": error parsing regexp: "));
}

TEST_CASE("what cannot be parsed says where") {
  CHECK(reason("Foo").starts_with("1:4 (3): no match found"));
  CHECK(reason("Service.ID ==\n w-1").starts_with("2:3 (16): no match found"));
  for (const char* text : {" ",          "(",          "()",        "a",         "a ==",
                           "== a",       "a == b and", "a == b or", "not",       "a is",
                           "a is not",   "a not",      "1 == 1",    "a[b] == c", "a[\"b\" == c",
                           "a == \"b",   "(a == b",    "a == b)",   "a in 1",    "a == b c == d",
                           "NOT a == b", "0x50 in a",  "a.",        "a..b == c", "a == b;"}) {
    CAPTURE(text);
    CHECK(reason(text) != "no error");
  }
}

TEST_CASE("depth is bounded") {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "(";
  CHECK(reason(deep.c_str()) == "the expression is nested too deeply");
  deep.clear();
  for (int i = 0; i < 100'000; ++i) deep += "not ";
  CHECK(reason(deep.c_str()) == "the expression is nested too deeply");
}

TEST_CASE("many terms side by side are fine") {
  std::string wide = "Service.Port == 1";
  for (int i = 0; i < 50'000; ++i) wide += " or Service.Port == " + std::to_string(i);
  const auto filter = Filter::parse(wide, FilterTarget::health_entry);
  REQUIRE(filter);
  CHECK(filter->matches(entry()));
}

TEST_CASE("each kind of object has its selectors") {
  CHECK(Filter::parse("ServiceMeta.k == v", FilterTarget::catalog_service));
  CHECK_FALSE(Filter::parse("Service.Meta.k == v", FilterTarget::catalog_service));
  CHECK(Filter::parse("Meta.k == v", FilterTarget::service));
  CHECK(Filter::parse("CheckID == c", FilterTarget::check));
  CHECK(Filter::parse("Node == none", FilterTarget::node));
  CHECK(Filter::parse("Services.Service == web", FilterTarget::ui_node));
}

}  // namespace longshore::registry
