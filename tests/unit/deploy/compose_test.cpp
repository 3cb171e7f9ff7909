// Compose files of the shape that Rancher exports, and what is refused.
#include "common/deploy/compose.h"

#include <doctest/doctest.h>

#include "common/deploy/compose_text.h"

using namespace longshore;
using namespace longshore::deploy;

namespace {

std::optional<std::string> variable(const std::string& name) {
  if (name == "TAG") return "1.4";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Result<std::vector<ComposeService>> read(const std::string& compose, const std::string& rancher = "null") {
  const auto one = json::parse(compose, "compose");
  const auto two = json::parse(rancher, "rancher");
  REQUIRE(one);
  REQUIRE(two);
  return read_compose(*one, *two, "stacks", variable);
}

std::string error_of(const std::string& compose, const std::string& rancher = "null") {
  const auto out = read(compose, rancher);
  return out ? std::string() : out.error().text;
}

}  // namespace

TEST_CASE("what Rancher exports: a balancer beside a service") {
  const auto all = read(R"({
    "RancherLB": {"ports": ["80"], "tty": true, "image": "rancher/load-balancer-service",
      "labels": {"io.rancher.loadbalancer.target.flask-nanoservice": "flask-nanoservice.examplez.com=5000"},
      "links": ["flask-nanoservice:flask-nanoservice"]},
    "flask-nanoservice": {"labels": {"io.rancher.container.pull_image": "always"}, "tty": true,
      "image": "smoll/flask-nanoservice:latest"}})",
                        R"({
    "RancherLB": {"scale": 1, "health_check": {"port": 42, "interval": 2000, "unhealthy_threshold": 3,
      "healthy_threshold": 2, "response_timeout": 2000}},
    "flask-nanoservice": {"scale": 2}})");
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  const ComposeService& balancer = (*all)[0];
  CHECK(balancer.name == "RancherLB");
  CHECK(balancer.balancer);
  const ComposeService& service = (*all)[1];
  CHECK(service.name == "flask-nanoservice");
  CHECK(service.image == "smoll/flask-nanoservice:latest");
  CHECK(service.scale == 2);
  CHECK(service.pull_always);
  CHECK_FALSE(service.balancer);
  CHECK(json::dump(service.model) ==
        R"({"Config":{"Env":[],"Labels":{"io.rancher.container.pull_image":"always",)"
        R"("io.rancher.loadbalancer.target.flask-nanoservice":"flask-nanoservice.examplez.com=5000",)"
        R"("io.rancher.stack_service.name":"stacks/flask-nanoservice"},"Tty":true},)"
        R"("HostConfig":{"PublishAllPorts":true,"RestartPolicy":{"Name":"unless-stopped"}}})");
}

TEST_CASE("version 2: all that a container has") {
  const auto all =
      read(R"({"version": "2", "services": {
    "web": {"image": "web:${TAG}", "depends_on": ["db"], "ports": ["8080:80", 443, "53:53/udp"], "expose": [9000],
      "environment": ["A=1", "TAG", "B=$$5"], "command": "run --name 'two words' a\\ b", "entrypoint": ["/x", "y"],
      "volumes": ["/a:/b:ro"], "restart": "always", "user": "app", "network_mode": "host"},
    "db": {"image": "db", "environment": {"N": 5, "ON": true, "NONE": null}, "deploy": {"replicas": 3}}}})",
           R"({"version": "2", "services": {"web": {"scale": 4, "health_check": {"port": 80, "interval": 2000,
      "response_timeout": 500, "request_line": "GET /health HTTP/1.0"}, "pull_image": "always"}}})");
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].name == "db");
  CHECK((*all)[0].scale == 3);
  CHECK_FALSE((*all)[0].pull_always);
  CHECK((*all)[1].pull_always);
  CHECK(json::dump((*all)[0].model["Config"]["Env"]) == R"(["N=5","NONE=","ON=true"])");
  const ComposeService& web = (*all)[1];
  CHECK(web.image == "web:1.4");
  CHECK(web.scale == 4);
  CHECK(json::dump(web.model) ==
        R"({"Config":{"Cmd":["run","--name","two words","a b"],"Entrypoint":["/x","y"],"Env":["A=1","B=$5","TAG=1.4"],)"
        R"("ExposedPorts":{"443/tcp":{},"53/udp":{},"80/tcp":{},"9000/tcp":{}},)"
        R"("Labels":{"SERVICE_80_CHECK_HTTP":"/health","SERVICE_80_CHECK_INTERVAL":"2000ms",)"
        R"("SERVICE_80_CHECK_TIMEOUT":"500ms","io.rancher.stack_service.name":"stacks/web"},"User":"app"},)"
        R"("HostConfig":{"Binds":["/a:/b:ro"],"NetworkMode":"host","PortBindings":{"443/tcp":[{"HostPort":""}],)"
        R"("53/udp":[{"HostPort":""}],"80/tcp":[{"HostPort":""}]},"RestartPolicy":{"Name":"always"}}})");
}

TEST_CASE("what is not understood is refused, with its place") {
  const std::pair<const char*, const char*> cases[] = {
      {R"([])", "no Compose file"},
      {R"({"services": []})", "services: no map"},
      {R"({"web": 5})", "services.web: no map"},
      {R"({"web": {}})", "services.web.image: missing"},
      {R"({"web": {"build": "."}})", "services.web.image: missing"},
      {R"({"web": {"image": "x", "build": "."}})", "services.web.build: not understood; build the image first"},
      {R"({"web": {"image": "x", "cap_add": ["ALL"]}})", "services.web.cap_add: not understood"},
      {R"({"web": {"image": "x:$NOTHING"}})", "services.web.image: the variable NOTHING is not set"},
      {R"({"web": {"image": "x:${TAG"}})", "services.web.image: ${ without }"},
      {R"({"web": {"image": ["x"]}})", "services.web.image: no text"},
      {R"({"web": {"image": "x", "ports": ["http"]}})", "services.web.ports: http is no port"},
      {R"({"web": {"image": "x", "ports": ["70000"]}})", "services.web.ports: 70000 is no port"},
      {R"({"web": {"image": "x", "ports": "80"}})", "services.web.ports: no list"},
      {R"({"web": {"image": "x", "environment": ["=1"]}})", "services.web.environment: =1 is not NAME=VALUE"},
      {R"({"web": {"image": "x", "command": "a 'b"}})", "services.web.command: a quote that does not end"},
      {R"({"a": {"image": "x", "links": ["b"]}, "b": {"image": "x", "links": ["a:c"]}})", "in a circle"},
  };
  for (const auto& [compose, error] : cases) {
    CAPTURE(compose);
    CHECK(error_of(compose).find(error) != std::string::npos);
  }
  CHECK(error_of(R"({"web": {"image": "x"}})", R"({"web": {"health_check": {"interval": 5}}})")
            .find("rancher-compose: web.health_check.port") != std::string::npos);
}

TEST_CASE("variables") {
  const std::pair<const char*, const char*> cases[] = {
      {"a", "a"},         {"$TAG-x", "1.4-x"},   {"${TAG}x", "1.4x"},
      {"$$TAG", "$TAG"},  {"${NO:-b:c}", "b:c"}, {"${EMPTY:-full}", "full"},
      {"${EMPTY}|", "|"}, {"${TAG:-x}", "1.4"}};
  for (const auto& [text, want] : cases) {
    const auto out = interpolate(text, "here", variable);
    REQUIRE(out);
    CHECK(*out == want);
  }
  CHECK_FALSE(interpolate("$", "here", variable));
  CHECK_FALSE(interpolate("${NO}", "here", variable));
}
