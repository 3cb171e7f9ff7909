// Rows marked [ct] are those of consul-template's own tests (dependency/*_test.go), the others follow from its
// patterns.
#include "renderer/core/query.h"

#include <doctest/doctest.h>

using namespace longshore;
using namespace longshore::render;

namespace {

struct ServiceRow {
  const char* text;
  const char* name;
  const char* tag = "";
  const char* datacenter = "";
  const char* near = "";
};

// One letter for each status that passes: passing, warning, critical, maintenance, unknown.
std::string statuses(const HealthFilter& filter) {
  std::string out;
  for (const auto& [health, letter] :
       {std::pair{Health::passing, 'p'}, std::pair{Health::warning, 'w'}, std::pair{Health::critical, 'c'},
        std::pair{Health::maintenance, 'm'}, std::pair{Health::unknown, 'u'}})
    out += filter.accepts(health) ? letter : '-';
  return out;
}

}  // namespace

TEST_CASE("service: tag, name, datacenter, near") {
  const ServiceRow rows[] = {
      {"name", "name"},                                   // [ct]
      {"name@dc1", "name", "", "dc1"},                    // [ct]
      {"name@dc1~near", "name", "", "dc1", "near"},       // [ct]
      {"name~near", "name", "", "", "near"},              // [ct]
      {"tag.name", "name", "tag"},                        // [ct]
      {"tag.name@dc", "name", "tag", "dc"},               // [ct]
      {"tag.name~near", "name", "tag", "", "near"},       // [ct]
      {"tag.name@dc~near", "name", "tag", "dc", "near"},  // [ct]
      {"web~_agent", "web", "", "", "_agent"},
      {"a.b.web", "web", "a.b"},  // the last dot ends the tag
      {"v1.2.3.web", "web", "v1.2.3"},
      {"key=value.web", "web", "key=value"},
      {"a:b.web", "web", "a:b"},
      {"a-b.web", "web", "a-b"},
      {"..web", "web", "."},
      {"web-1_x", "web-1_x"},
      {"web@dc.1-a_b", "web", "", "dc.1-a_b"},
      {"web~n.1-a", "web", "", "", "n.1-a"},
      {"-", "-"},
  };
  for (const ServiceRow& row : rows) {
    CAPTURE(row.text);
    const auto query = parse_service(row.text);
    REQUIRE(query);
    CHECK(query->on.kind == Dependency::Kind::service);
    CHECK(query->on.name == row.name);
    CHECK(query->tag == row.tag);
    CHECK(query->on.datacenter == row.datacenter);
    CHECK(query->on.near == row.near);
    CHECK(statuses(query->filter) == "p----");
  }
}

TEST_CASE("service: filters") {
  const std::pair<const char*, const char*> rows[] = {
      {"web", "p----"},
      {"web|passing", "p----"},
      {"web|any", "pwcmu"},
      {"web|warning", "-w---"},
      {"web|critical", "--c--"},
      {"web|maintenance", "---m-"},
      {"web|passing,warning", "pw---"},
      {"web|warning,passing", "pw---"},
      {"web|any,passing", "pwcmu"},
      {"web|passing,", "p----"},
      {"web|,", "-----"},
      {"t.web@dc~n|critical,any", "pwcmu"},
  };
  for (const auto& [text, want] : rows) {
    CAPTURE(text);
    const auto query = parse_service(text);
    REQUIRE(query);
    CHECK(statuses(query->filter) == want);
  }
}

TEST_CASE("service: parameters") {
  struct Row {
    const char* text;
    const char* ns;
    const char* partition;
    const char* peer;
    const char* group;
  };
  const Row rows[] = {
      {"name?ns=foo", "foo", "", "", ""},              // [ct]
      {"name?peer=foo", "", "", "foo", ""},            // [ct]
      {"name?partition=foo", "", "foo", "", ""},       // [ct]
      {"name?ns=foo&peer=bar", "foo", "", "bar", ""},  // [ct]
      {"name?sameness-group=sg1", "", "", "", "sg1"},  // [ct]
      {"name?sameness-group=sg1&partition=p", "", "p", "", "sg1"},
      {"name?ns=&peer=&partition=", "", "", "", ""},  // [ct]
      {"name?ns", "", "", "", ""},
      {"name?ns=a=b", "a=b", "", "", ""},
      {"name?ns=a&ns=b", "a", "", "", ""},
      {"name?&&ns=a&", "a", "", "", ""},
      {"tag.name?peer=foo&ns=bar@dc2~near", "bar", "", "foo", ""},  // [ct]
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto query = parse_service(row.text);
    REQUIRE(query);
    CHECK(query->on.name == "name");
    CHECK(query->on.ns == row.ns);
    CHECK(query->on.partition == row.partition);
    CHECK(query->on.peer == row.peer);
    CHECK(query->on.sameness_group == row.group);
  }
}

TEST_CASE("service: refused, in the original's words") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "health.service: invalid format: \"\""},            // [ct]
      {"@dc1", "health.service: invalid format: \"@dc1\""},    // [ct]
      {"~near", "health.service: invalid format: \"~near\""},  // [ct]
      {"tag.", "health.service: invalid format: \"tag.\""},    // [ct]
      {".web", "health.service: invalid format: \".web\""},
      {"a b", "health.service: invalid format: \"a b\""},
      {"web@", "health.service: invalid format: \"web@\""},
      {"web~", "health.service: invalid format: \"web~\""},
      {"web|", "health.service: invalid format: \"web|\""},
      {"web?", "health.service: invalid format: \"web?\""},
      {"web~near@dc", "health.service: invalid format: \"web~near@dc\""},
      {"web@dc?ns=a", "health.service: invalid format: \"web@dc?ns=a\""},
      {"web|any|any", "health.service: invalid format: \"web|any|any\""},
      {"web|pass ing", "health.service: invalid format: \"web|pass ing\""},
      {"web?ns=a%20b", "health.service: invalid format: \"web?ns=a%20b\""},
      {"we/b", "health.service: invalid format: \"we/b\""},
      {"tag.name:80", "health.service: invalid format: \"tag.name:80\""},
      {"w\"b", "health.service: invalid format: \"w\\\"b\""},
      {"wéb", "health.service: invalid format: \"wéb\""},
      {"web|green", "health.service: invalid filter: \"green\" in \"web|green\""},
      {"web|any,Passing", "health.service: invalid filter: \"Passing\" in \"web|any,Passing\""},
      {"name?unsupported=test",  // [ct]
       "health.service: invalid query parameter key \"unsupported\" in query \"unsupported=test\": supported keys: "
       "ns,peer,partition,sameness-group"},
      {"name?sameness-group=sg1&peer=peer1",  // [ct]
       "health.service: cannot specify both peer and sameness-group"},
  };
  for (const auto& [text, want] : rows) {
    CAPTURE(text);
    const auto query = parse_service(text);
    REQUIRE_FALSE(query);
    CHECK(query.error().code == Errc::template_error);
    CHECK(query.error().text == want);
  }
}

TEST_CASE("services, nodes, node") {
  struct Row {
    Result<Dependency> (*parse)(std::string_view);
    const char* text;
    const char* want;  // to_string, or the error
  };
  const Row rows[] = {
      {parse_services, "", "catalog.services"},            // [ct]
      {parse_services, "@dc1", "catalog.services(@dc1)"},  // [ct]
      {parse_services, "?ns=a@dc1", "catalog.services(@dc1@ns=a)"},
      {parse_services, "node", "catalog.services: invalid format: \"node\""},
      {parse_services, "~near", "catalog.services: invalid format: \"~near\""},
      {parse_services, "@", "catalog.services: invalid format: \"@\""},
      {parse_nodes, "", "catalog.nodes"},                        // [ct]
      {parse_nodes, "@dc1", "catalog.nodes(@dc1)"},              // [ct]
      {parse_nodes, "~node1", "catalog.nodes(~node1)"},          // [ct]
      {parse_nodes, "@dc1~node1", "catalog.nodes(@dc1~node1)"},  // [ct]
      {parse_nodes, "~node1@dc1", "catalog.nodes: invalid format: \"~node1@dc1\""},
      {parse_nodes, "node", "catalog.nodes: invalid format: \"node\""},
      {parse_node, "", "catalog.node"},            // [ct]
      {parse_node, "node", "catalog.node(node)"},  // [ct]
      {parse_node, "node.with.dots", "catalog.node(node.with.dots)"},
      {parse_node, "node@dc1", "catalog.node(node@dc1)"},              // [ct]
      {parse_node, "@dc1", "catalog.node: invalid format: \"@dc1\""},  // [ct]
      {parse_peerings, "", "list.peerings"},
      {parse_peerings, "?partition=foo", "list.peerings(@partition=foo)"},  // [ct]
      {parse_peerings, "?ns=foo&peer=bar", "list.peerings"},
      {parse_peerings, "?", "list.peering: invalid format: \"?\""},
      {parse_peerings, "peer", "list.peering: invalid format: \"peer\""},
      {parse_node, "node!", "catalog.node: invalid format: \"node!\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto on = row.parse(row.text);
    CHECK((on ? to_string(*on) : on.error().text) == row.want);
  }
}

TEST_CASE("keys and prefixes: anything but @ and ?, one leading slash dropped") {
  struct Row {
    const char* text;
    const char* name;  // nullptr: invalid format
    const char* datacenter = "";
    const char* ns = "";
  };
  const Row rows[] = {
      {"key", "key"},                       // [ct]
      {"/leading_slash", "leading_slash"},  // [ct]
      {"//two", "/two"},
      {"/", "/"},
      {"key/", "key/"},
      {"key/with.dots", "key/with.dots"},  // [ct]
      {"key-with_chars.1%2F~a|b c", "key-with_chars.1%2F~a|b c"},
      {"key:with#characters=[]()!", "key:with#characters=[]()!"},
      {"key@dc1", "key", "dc1"},  // [ct]
      {"key?ns=a@dc1", "key", "dc1", "a"},
      {"kéy", "kéy"},
      {"@dc1", nullptr},
      {"?ns=a", nullptr},
      {"key@", nullptr},
      {"key?", nullptr},
      {"key@dc1@dc2", nullptr},
      {"key@dc1?ns=a", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    for (const auto& [parse, what] : {std::pair(&parse_key, "kv.get"), std::pair(&parse_prefix, "kv.list")}) {
      const auto on = parse(row.text);
      if (row.name == nullptr) {
        REQUIRE_FALSE(on);
        CHECK(on.error().text == std::string(what) + ": invalid format: \"" + row.text + "\"");
        continue;
      }
      REQUIRE(on);
      CHECK(on->name == row.name);
      CHECK(on->datacenter == row.datacenter);
      CHECK(on->ns == row.ns);
    }
  }
}

TEST_CASE("equal needs are one dependency, whatever a template makes of them") {
  CHECK(parse_service("web")->on == parse_service("blue.web|any")->on);
  CHECK(parse_service("web")->on != parse_service("web@dc1")->on);
  CHECK(parse_service("web")->on != parse_service("web~_agent")->on);
  CHECK(*parse_key("a") == *parse_key("/a"));
  CHECK(*parse_key("a") != *parse_prefix("a"));
}

TEST_CASE("dependencies have one name each") {
  CHECK(to_string(parse_service("web@dc1~_agent")->on) == "health.service(web@dc1~_agent)");
  CHECK(to_string(parse_service("web?ns=n&partition=p&peer=q")->on) == "health.service(web@partition=p@ns=n@peer=q)");
  CHECK(to_string(*parse_key("a/b@dc")) == "kv.get(a/b@dc)");
  CHECK(to_string(*parse_prefix("a/b")) == "kv.list(a/b)");
  CHECK(to_string(Dependency{.kind = Dependency::Kind::tree}) == "kv.list()");
  CHECK(to_string(Dependency{.kind = Dependency::Kind::datacenters}) == "catalog.datacenters");
}
