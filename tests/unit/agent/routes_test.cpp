// VIRTUAL_HOST and Rancher's target labels become the Meta that routing reads. Rows are worked out from the READMEs of
// nginx-proxy and Rancher's load balancer.
#include <doctest/doctest.h>

#include "agent/core/meta.h"
#include "agent/core/routes.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using Texts = std::vector<std::string>;

namespace {

std::string shown(const std::optional<Route>& route) {
  return route ? route->host + " " + route->path + " " + std::to_string(route->port) : "none";
}

// "host path port" of each service's Meta, "-" where there is none.
Texts routing(const ContainerServices& spec) {
  Texts out;
  for (const consul::Registration& service : spec.services) {
    std::string text;
    for (const char* key : {"host", "path", "port"}) {
      const auto found = service.meta.find(key);
      text += (text.empty() ? "" : " ") + (found == service.meta.end() ? std::string("-") : found->second);
    }
    out.push_back(std::move(text));
  }
  return out;
}

docker::Container with_ports(const char* published) {
  docker::Container out = test::container();
  out.published = test::published(published);
  return out;
}

}  // namespace

TEST_CASE("items of a target label") {
  struct Row {
    const char* text;
    const char* want;
  };
  const Row rows[] = {
      {"flask-nanoservice.examplez.com=5000", "flask-nanoservice.examplez.com  5000"},
      {"a.example:80/shop=8080", "a.example /shop 8080"},
      {"a.example/shop/", "a.example /shop/ 0"},
      {"A.Example=80", "a.example  80"},
      {"a.example/q?x=1=80", "a.example /q?x=1 80"},
      {"*.example.org=80", "*.example.org  80"},
      {"_x.example", "_x.example  0"},
      {"a.example:8080", "a.example  0"},
      {"", "none"},
      {"=80", "none"},
      {"80=5000", "80  5000"},
      {"a.example=", "none"},
      {"a.example=0", "none"},
      {"a.example=65536", "none"},
      {"a.example:x=80", "none"},
      {"*=80", "none"},
      {"*.org=80", "none"},
      {"a..b=80", "none"},
      {"-a.example=80", "none"},
      {"a b=80", "none"},
      {"~^.*$", "none"},
      {"a.example/ x=80", "none"},
      {"a.example/\"x=80", "none"},
      {"a.example/$x=80", "none"},
      {"a;return 418", "none"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(shown(parse_target_route(row.text)) == row.want);
  }
}

TEST_CASE("the words of nginx-proxy") {
  struct Row {
    std::vector<std::string> env;
    const char* published;
    Texts want;
  };
  const Row rows[] = {
      {{"VIRTUAL_HOST=a.example"}, "8000/tcp=0.0.0.0:80", {"a.example - -"}},
      {{"VIRTUAL_HOST=a.example, b.example:81 ,"}, "8000/tcp=0.0.0.0:80", {"a.example,b.example - -"}},
      {{"VIRTUAL_HOST=a.example", "VIRTUAL_PATH=/x/"}, "8000/tcp=0.0.0.0:80", {"a.example /x/ -"}},
      {{"VIRTUAL_HOST=a.example", "SERVICE_PATH=/y"}, "8000/tcp=0.0.0.0:80", {"a.example /y -"}},
      // Of several ports VIRTUAL_PORT, else 80.
      {{"VIRTUAL_HOST=a.example", "VIRTUAL_PORT=81"},
       "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81",
       {"- - -", "a.example - 81"}},
      {{"VIRTUAL_HOST=a.example"}, "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81", {"a.example - -", "- - -"}},
      {{"VIRTUAL_HOST=a.example", "VIRTUAL_PORT=9"}, "80/tcp=0.0.0.0:80", {"- - -"}},
      // An ID of the user's own does not end in the port.
      {{"VIRTUAL_HOST=a.example", "VIRTUAL_PORT=80", "SERVICE_ID=me"}, "80/tcp=0.0.0.0:80", {"a.example - -"}},
      // SERVICE_HOST is nearer.
      {{"VIRTUAL_HOST=a.example", "SERVICE_HOST=b.example"}, "80/tcp=0.0.0.0:80", {"b.example - -"}},
      {{"VIRTUAL_HOST=a.example"}, "80/udp=0.0.0.0:80", {"- - -"}},
      {{"VIRTUAL_HOST=; return 418"}, "80/tcp=0.0.0.0:80", {"- - -"}},
  };
  for (const Row& row : rows) {
    docker::Container container = with_ports(row.published);
    container.env = row.env;
    CAPTURE(row.env.back());
    CHECK(routing(services_of(container, {}, test::facts(), nullptr)) == row.want);
  }
  docker::Container container = with_ports("80/tcp=0.0.0.0:80");
  container.env = {"VIRTUAL_HOST=a b,c.example"};
  container.labels["VIRTUAL_HOST"] = "bad name,c.example";
  const ContainerServices spec = services_of(container, {}, test::facts(), nullptr);
  CHECK(routing(spec) == Texts{"c.example - -"});
  REQUIRE(spec.notes.size() == 1);
  CHECK(spec.notes[0].text == "VIRTUAL_HOST: no host name, or no path: \"bad name\"");
  AgentOptions registrator;
  registrator.compatible = true;
  CHECK(routing(services_of(container, registrator, test::facts(), nullptr)) == Texts{"- - -"});
}

TEST_CASE("targets reach the container that they mean, and say so on their own") {
  std::vector<std::string> notes;
  docker::Container balancer = test::container("lb", 'b');
  balancer.labels["io.rancher.loadbalancer.target.app"] = "a.example=80,b.example/api=81,nonsense/=x";
  balancer.labels["io.rancher.loadbalancer.target.stack/other"] = "c.example:8080=80";
  balancer.labels["io.rancher.loadbalancer.target."] = "d.example=80";
  balancer.published = test::published("80/tcp=0.0.0.0:8080");
  balancer.image_reference = "lb";
  const std::vector<RouteTarget> targets = route_targets(balancer, notes);
  REQUIRE(targets.size() == 2);
  CHECK(notes.size() == 2);
  const ContainerServices own = services_of(balancer, {}, test::facts(), nullptr, nullptr, &targets);
  REQUIRE(own.services.size() == 1);
  CHECK(own.services[0].meta.at("longshore-targets") ==
        "app=a.example=80,app=b.example/api=81,stack/other=c.example=80");
  CHECK(own.notes.size() == 2);
  CHECK(routing(own) == Texts{"- - -"});

  struct Row {
    std::vector<std::pair<const char*, const char*>> labels;
    const char* published;
    Texts want;
  };
  const Row rows[] = {
      {{}, "80/tcp=0.0.0.0:80", {"a.example - 80"}},  // the image is shop/app:1
      {{}, "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81 82/tcp=0.0.0.0:82", {"a.example - 80", "b.example /api 81", "- - -"}},
      {{{"SERVICE_NAME", "x"}}, "80/tcp=0.0.0.0:80", {"- - -"}},
      {{{"SERVICE_NAME", "other"}}, "80/tcp=0.0.0.0:80", {"c.example - 80"}},
      {{{"SERVICE_NAME", "other"}, {"com.docker.compose.project", "stack"}}, "80/tcp=0.0.0.0:80", {"c.example - 80"}},
      {{{"SERVICE_NAME", "other"}, {"com.docker.compose.project", "y"}}, "80/tcp=0.0.0.0:80", {"- - -"}},
      {{{"SERVICE_NAME", "x"}, {"com.docker.compose.service", "other"}}, "80/tcp=0.0.0.0:80", {"c.example - 80"}},
      {{{"SERVICE_NAME", "x"}, {"io.rancher.stack_service.name", "stack/other"}},
       "80/tcp=0.0.0.0:80",
       {"c.example - 80"}},
      // Its own words stand first; what a label adds has a path, so that SERVICE_PATH is not taken for it.
      {{{"SERVICE_HOST", "me.example"}, {"SERVICE_PATH", "/me"}},
       "80/tcp=0.0.0.0:80",
       {"me.example,a.example/ /me 80"}},
  };
  for (const Row& row : rows) {
    docker::Container container = with_ports(row.published);
    for (const auto& [key, value] : row.labels) container.labels[key] = value;
    CAPTURE(row.published);
    CAPTURE(row.want[0]);
    CHECK(routing(services_of(container, {}, test::facts(), nullptr, nullptr, &targets)) == row.want);
  }
}

TEST_CASE("several paths of one port") {
  docker::Container container = with_ports("80/tcp=0.0.0.0:80");
  container.labels["io.rancher.loadbalancer.target.app"] = "a.example=80,b.example/x=80,a.example=80";
  CHECK(routing(services_of(container, {}, test::facts(), nullptr)) == Texts{"a.example/,b.example/x - 80"});
}

TEST_CASE("more than Consul takes is left out item by item") {
  docker::Container container = with_ports("80/tcp=0.0.0.0:80");
  std::string list;
  for (int i = 0; i < 60; ++i) list += "name-" + std::to_string(i) + ".example=80,";
  container.labels["io.rancher.loadbalancer.target.app"] = list;
  const ContainerServices spec = services_of(container, {}, test::facts(), nullptr);
  const std::string host = spec.services.at(0).meta.at("host");
  CHECK(host.size() <= kMetaValueBytes);
  CHECK(host.ends_with(".example"));
  CHECK(spec.services[0].meta.at("longshore-targets").size() <= kMetaValueBytes);
  CHECK(spec.notes.size() == 2);
}

TEST_CASE("routes follow the container that carries the label") {
  test::Talk talk;
  talk.sync({test::web("app", 'a', 8080)});
  CHECK_FALSE(talk.consul().at("host:app:80").meta.contains("host"));
  docker::Container balancer = test::container("lb", 'b');
  balancer.labels["io.rancher.loadbalancer.target.app"] = "a.example=80";
  talk.event("start", 'b');
  test::Lines lines = talk.inspected(balancer);
  CHECK(std::ranges::find(lines, "register host:app:80") != lines.end());
  talk.settle();
  CHECK(talk.consul().at("host:app:80").meta.at("host") == "a.example");
  lines = talk.event("die", 'b');
  CHECK(std::ranges::find(lines, "register host:app:80") != lines.end());
  talk.settle();
  CHECK_FALSE(talk.consul().at("host:app:80").meta.contains("host"));
}
