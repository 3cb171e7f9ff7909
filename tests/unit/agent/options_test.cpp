#include "agent/options.h"

#include <doctest/doctest.h>

using namespace longshore;
using namespace longshore::agent;

namespace {

Result<AgentSetup> setup(const std::vector<std::string>& arguments, const cli::Environment& environment = {},
                         bool compatible = false) {
  cli::ParseRules rules;
  rules.options_anywhere = !compatible;
  const auto parsed = cli::parse(agent_options(compatible), arguments, rules, environment);
  if (!parsed) return fail(parsed.error());
  return agent_setup(*parsed, environment, compatible);
}

}  // namespace

TEST_CASE("every option arrives") {
  const auto found = setup({"-ip=10.1.1.1",
                            "-internal",
                            "-explicit",
                            "-useIpFromLabel",
                            "net.ip",
                            "-tags",
                            "a,b\\,c",
                            "-resync",
                            "60",
                            "-cleanup",
                            "-deregister",
                            "on-success",
                            "-ttl",
                            "30",
                            "-ttl-refresh",
                            "10",
                            "-retry-attempts",
                            "3",
                            "-retry-interval",
                            "500",
                            "consul://c:1",
                            "-require-label",
                            "x=y",
                            "-env",
                            "staging",
                            "-meta",
                            "all",
                            "-hostname",
                            "h",
                            "-allow-loopback",
                            "-allow-exec-checks",
                            "-address-from",
                            "interface:eth*, 10.0.0.0/8",
                            "-network",
                            "*_front,172.16.0.0/12",
                            "-prefer-ipv6",
                            "-explicit-ports",
                            "-name-from",
                            "compose,image",
                            "-reconcile-interval",
                            "1m",
                            "-watch-interval",
                            "5s",
                            "-state-dir",
                            "/s"});
  REQUIRE(found);
  const AgentOptions& options = found->config.options;
  CHECK(options.ip == "10.1.1.1");
  CHECK(options.internal);
  CHECK(options.explicit_names);
  CHECK(options.ip_label == "net.ip");
  CHECK(options.tags == std::vector<std::string>{"a", "b,c"});
  CHECK(options.resync == std::chrono::seconds(60));
  CHECK(options.reconcile_every() == std::chrono::seconds(60));
  CHECK(options.cleanup);
  CHECK(options.deregister == DeregisterWhen::on_success);
  CHECK(options.require_label == LabelRequirement{"x", "y"});
  CHECK(options.env == "staging");
  CHECK(options.meta == MetaChoice::all);
  CHECK(options.hostname == "h");
  CHECK(options.allow_loopback);
  CHECK(options.allow_exec_checks);
  CHECK(options.address_from == std::vector<std::string>{"interface:eth*", "10.0.0.0/8"});
  CHECK(options.networks == std::vector<std::string>{"*_front", "172.16.0.0/12"});
  CHECK(options.prefer_ipv6);
  CHECK(options.explicit_ports);
  CHECK(options.name_from == std::vector<NameSource>{NameSource::compose, NameSource::image});
  CHECK(options.reconcile_interval == std::chrono::minutes(1));
  CHECK(options.watch_interval == std::chrono::seconds(5));
  CHECK(found->state_dir == "/s");
  CHECK(found->config.retries.attempts == 3);
  CHECK(found->config.retries.interval == std::chrono::milliseconds(500));
  CHECK(found->config.consul.endpoint.host == "c");
  CHECK_FALSE(options.compatible);
}

TEST_CASE("defaults") {
  const auto found = setup({});
  REQUIRE(found);
  CHECK(found->config.options == AgentOptions{});
  CHECK(found->config.retries.attempts == -1);
  CHECK(net::to_string(found->config.consul.endpoint) == "127.0.0.1:8500");
  CHECK(found->state_dir == "/var/lib/longshore");
  const auto compatible = setup({"consul:"}, {}, true);
  REQUIRE(compatible);
  CHECK(compatible->config.options.compatible);
  CHECK(compatible->state_dir == "");
}

TEST_CASE("what is refused, and as what") {
  struct Row {
    std::vector<std::string> arguments;
    bool compatible;
    Errc code;
  };
  const Row rows[] = {
      {{}, true, Errc::invalid_input},
      {{"consul:", "more"}, true, Errc::invalid_input},
      {{"consul:", "more"}, false, Errc::invalid_input},
      {{"-nope", "consul:"}, true, Errc::invalid_input},
      {{"-require-label", "x", "consul:"}, true, Errc::invalid_input},  // ours, not Registrator's
      {{"-deregister", "never"}, false, Errc::invalid_input},
      {{"-resync", "-1"}, false, Errc::invalid_input},
      {{"-retry-interval", "0"}, false, Errc::invalid_input},
      {{"-watch-interval", "1ms"}, false, Errc::invalid_input},
      {{"-env", "a/b"}, false, Errc::invalid_input},
      {{"-meta", "some"}, false, Errc::invalid_input},
      {{"-address-from", "consul,nowhere"}, false, Errc::invalid_input},
      {{"-address-from", "interface:"}, false, Errc::invalid_input},
      {{"-address-from", "10.0.0.0/33"}, false, Errc::invalid_input},
      {{"-name-from", "label"}, false, Errc::invalid_input},
      {{"-ttl", "30", "consul:"}, true, Errc::rejected},
      {{"-ttl", "10", "-ttl-refresh", "30", "consul:"}, true, Errc::rejected},
      {{"-tags", "{{.ID"}, false, Errc::rejected},
      {{"-tags", "{{nope .ID}}"}, false, Errc::rejected},
      {{"etcd://h:1/p"}, true, Errc::rejected},
      {{"consulkv://h:1"}, true, Errc::invalid_input},
      {{"consulkv://h:1/"}, false, Errc::invalid_input},
      {{"consulkv:"}, false, Errc::invalid_input},
      {{"consulkv-unix:///s"}, false, Errc::invalid_input},
      {{"consulkv-unix:///s:/"}, false, Errc::invalid_input},
      {{"consulkv-unix:s:/p"}, false, Errc::rejected},
      {{"-ttl", "5", "-ttl-refresh", "2", "consulkv://h:1/p"}, false, Errc::invalid_input},
      {{"zookeeper://h/p"}, false, Errc::rejected},
      {{"skydns2://h:1/d"}, false, Errc::rejected},
      {{"nonsense"}, false, Errc::rejected},
      {{"consul:10.0.0.1:8500"}, false, Errc::rejected},
      {{"consul-unix:relative"}, false, Errc::rejected},
  };
  for (const Row& row : rows) {
    CAPTURE(row.arguments.empty() ? "" : row.arguments.front());
    const auto found = setup(row.arguments, {}, row.compatible);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == row.code);
  }
}

TEST_CASE("URI forms on top of the environment") {
  struct Row {
    const char* uri;
    const char* address;
    bool tls;
  };
  const cli::Environment environment = {{"CONSUL_HTTP_ADDR", "10.0.0.9:7500"}};
  const Row rows[] = {{"consul:", "10.0.0.9:7500", false},
                      {"consul://", "10.0.0.9:7500", false},
                      {"consul://10.0.0.1:8501", "10.0.0.1:8501", false},
                      {"consul://10.0.0.1", "10.0.0.1:8500", false},
                      {"consul://u:p@10.0.0.1:1/path?q#f", "10.0.0.1:1", false},
                      {"consul://[::1]:8500", "[::1]:8500", false},
                      {"consul-tls://c:8501", "https://c:8501", true},
                      {"consul-tls:", "https://10.0.0.9:7500", true},
                      {"consul-unix:///run/c.sock", "unix:/run/c.sock", false}};
  for (const Row& row : rows) {
    CAPTURE(row.uri);
    const auto found = setup({row.uri}, environment);
    REQUIRE(found);
    CHECK(net::to_string(found->config.consul.endpoint) == row.address);
    CHECK(found->config.consul.endpoint.tls == row.tls);
  }
  // Registrator's trap stays what it is under its name.
  CHECK(net::to_string(setup({"consul:10.0.0.1:8500"}, environment, true)->config.consul.endpoint) == "10.0.0.9:7500");
}

TEST_CASE("a URI that names a host leaves of CONSUL_HTTP_ADDR nothing, and of TLS what CONSUL_HTTP_SSL says") {
  struct Row {
    const char* uri;
    cli::Environment environment;
    const char* address;
  };
  const Row rows[] = {
      {"consul://127.0.0.1:8500", {{"CONSUL_HTTP_ADDR", "https://elsewhere:8501"}}, "127.0.0.1:8500"},
      {"consul://127.0.0.1:8500", {{"CONSUL_HTTP_ADDR", "nowhere:port"}}, "127.0.0.1:8500"},
      {"consul://127.0.0.1:8500", {{"CONSUL_HTTP_ADDR", "unix:///run/c.sock"}}, "127.0.0.1:8500"},
      {"consul://c:1", {{"CONSUL_HTTP_ADDR", "http://elsewhere"}, {"CONSUL_HTTP_SSL", "true"}}, "https://c:1"},
      {"consulkv://c:1/p", {{"CONSUL_HTTP_ADDR", "https://elsewhere"}}, "c:1"},
      {"consul-unix:///run/c.sock", {{"CONSUL_HTTP_ADDR", "nowhere:port"}}, "unix:/run/c.sock"},
      {"consul-tls://c:1", {{"CONSUL_HTTP_ADDR", "http://elsewhere"}}, "https://c:1"},
      {"consul:", {{"CONSUL_HTTP_ADDR", "https://c:1"}}, "https://c:1"},
  };
  for (const bool compatible : {false, true})
    for (const Row& row : rows) {
      CAPTURE(row.uri);
      const auto found = setup({row.uri}, row.environment, compatible);
      REQUIRE(found);
      CHECK(net::to_string(found->config.consul.endpoint) == row.address);
    }
  CHECK_FALSE(setup({"consul:"}, {{"CONSUL_HTTP_ADDR", "nowhere:port"}}));
}

TEST_CASE("consulkv") {
  struct Row {
    const char* uri;
    const char* address;
    const char* prefix;
  };
  const Row rows[] = {{"consulkv://h:1/p", "h:1", "p"},
                      {"consulkv://h/a/b/?q", "h:8500", "a/b"},
                      {"consulkv:///p", "127.0.0.1:8500", "p"},
                      {"consulkv://[::1]:1/p", "[::1]:1", "p"},
                      {"consulkv-unix:///run/c.sock:/a/b", "unix:/run/c.sock", "a/b"}};
  for (const Row& row : rows)
    for (const bool compatible : {false, true}) {
      CAPTURE(row.uri);
      const auto found = setup({row.uri}, {}, compatible);
      REQUIRE(found);
      CHECK(net::to_string(found->config.consul.endpoint) == row.address);
      REQUIRE(found->config.kv);
      CHECK(found->config.kv->prefix == row.prefix);
      CHECK(found->config.kv->lease.count() == 0);
    }
  const auto leased = setup({"-ttl", "30", "-ttl-refresh", "10", "consulkv://h/p"});
  REQUIRE(leased);
  CHECK(leased->config.kv->lease == std::chrono::seconds(30));
  CHECK(leased->config.kv->renew_every == std::chrono::seconds(10));
  // Registrator takes any: the shortest that Consul has.
  CHECK(setup({"-ttl", "5", "-ttl-refresh", "2", "consulkv://h/p"}, {}, true)->config.kv->lease ==
        std::chrono::seconds(10));
  CHECK_FALSE(setup({"consul://h"})->config.kv);
  const auto tags = setup({"-tags", "{{.ID}},b"}, {}, true);
  CHECK_FALSE(tags);  // no URI
  CHECK(setup({"-tags", "{{.ID}},b", "consul:"}, {}, true)->config.options.tag_template != nullptr);
  CHECK(setup({"-tags", "a,b", "consul:"}, {}, true)->config.options.tag_template == nullptr);
}

TEST_CASE("Consul's variables") {
  const auto found = setup({}, {{"CONSUL_HTTP_ADDR", "https://c:1"},
                                {"CONSUL_HTTP_TOKEN", "t"},
                                {"CONSUL_HTTP_AUTH", "u:p"},
                                {"CONSUL_HTTP_SSL_VERIFY", "false"},
                                {"CONSUL_CACERT", "/ca"},
                                {"CONSUL_CLIENT_CERT", "/cert"},
                                {"CONSUL_CLIENT_KEY", "/key"},
                                {"CONSUL_TLS_SERVER_NAME", "n"}});
  REQUIRE(found);
  const consul::ClientSettings& settings = found->config.consul;
  CHECK(settings.endpoint.tls);
  CHECK(settings.token == "t");
  CHECK(settings.auth == "u:p");
  CHECK_FALSE(settings.tls.verify);
  CHECK(settings.tls.ca_file == "/ca");
  CHECK(settings.tls.cert_file == "/cert");
  CHECK(settings.tls.key_file == "/key");
  CHECK(settings.tls.server_name == "n");
  CHECK(setup({}, {{"CONSUL_HTTP_SSL", "1"}})->config.consul.endpoint.tls);
  CHECK_FALSE(setup({}, {{"CONSUL_HTTP_SSL", "maybe"}}));
  const auto missing = setup({}, {{"CONSUL_HTTP_TOKEN_FILE", "/nonexistent/token"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text.find("CONSUL_HTTP_TOKEN_FILE") != std::string::npos);
}

TEST_CASE("where Docker is") {
  struct Row {
    cli::Environment environment;
    bool compatible;
    FileExists exists;
    const char* address;
    bool tls;
  };
  const FileExists none = [](const std::string&) { return false; };
  const FileExists all = [](const std::string&) { return true; };
  const FileExists peers = [](const std::string& path) { return path == "/tmp/docker.sock"; };
  const FileExists usual = [](const std::string& path) { return path == "/var/run/docker.sock"; };
  const Row rows[] = {
      {{}, false, none, "unix:/var/run/docker.sock", false},
      {{}, false, all, "unix:/var/run/docker.sock", false},
      {{}, false, peers, "unix:/tmp/docker.sock", false},
      {{}, true, none, "unix:/tmp/docker.sock", false},
      {{}, true, all, "unix:/tmp/docker.sock", false},
      {{}, true, usual, "unix:/var/run/docker.sock", false},
      {{{"DOCKER_HOST", "unix:///x.sock"}}, false, all, "unix:/x.sock", false},
      {{{"DOCKER_HOST", "tcp://d:2376"}}, false, all, "d:2376", false},
      {{{"DOCKER_HOST", "tcp://d"}}, false, all, "d:2375", false},
      {{{"DOCKER_HOST", "tcp://d:2376"}, {"DOCKER_TLS_VERIFY", "0"}}, false, all, "https://d:2376", true},
      {{{"DOCKER_HOST", "https://d:2376"}}, false, all, "https://d:2376", true},
  };
  for (const Row& row : rows) {
    const auto found = docker_settings(row.environment, row.compatible, row.exists);
    REQUIRE(found);
    CAPTURE(row.address);
    CHECK(net::to_string(found->endpoint) == row.address);
    CHECK(found->endpoint.tls == row.tls);
  }
  CHECK_FALSE(docker_settings({{"DOCKER_HOST", "npipe:////./pipe/x"}}, false, none));
  const auto certificates = docker_settings(
      {{"DOCKER_HOST", "tcp://d:1"}, {"DOCKER_TLS_VERIFY", "1"}, {"DOCKER_CERT_PATH", "/c"}}, false, none);
  CHECK(certificates->tls.ca_file == "/c/ca.pem");
  CHECK(certificates->tls.key_file == "/c/key.pem");
}
