#include <doctest/doctest.h>

#include <sstream>

#include "agent/core/checks.h"
#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;

namespace {

// "http=… interval=10s …" of what is set.
std::string describe(const consul::CheckDefinition& check) {
  std::ostringstream out;
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) out << name << '=' << value << ' ';
  };
  const auto time = [&](const char* name, base::Duration value) {
    if (value.count() != 0) out << name << '=' << base::format_duration(value) << ' ';
  };
  text("http", check.http);
  text("method", check.method);
  text("tcp", check.tcp);
  text("grpc", check.grpc);
  for (const std::string& arg : check.args) text("arg", arg);
  time("ttl", check.ttl);
  time("interval", check.interval);
  time("timeout", check.timeout);
  time("after", check.deregister_critical_after);
  text("status", check.status);
  if (check.grpc_use_tls) out << "tls ";
  if (check.tls_skip_verify) out << "skip ";
  std::string line = out.str();
  if (!line.empty()) line.pop_back();
  return line;
}

struct CheckRow {
  std::map<std::string, std::string> values;
  const char* want;  // "" = no check
  const char* compatible;
};

// Target 10.0.0.5:8080; nullptr in the second column: the same.
const CheckRow kCheckRows[] = {
    {{}, "", nullptr},
    {{{"check_interval", "5s"}}, "", nullptr},
    {{{"check_http", "/health"}}, "http=http://10.0.0.5:8080/health interval=10s", nullptr},
    {{{"check_http", "health"}}, "http=http://10.0.0.5:8080/health interval=10s", nullptr},
    {{{"check_http", "/h"}, {"check_interval", "15s"}, {"check_timeout", "1s"}},
     "http=http://10.0.0.5:8080/h interval=15s timeout=1s",
     nullptr},
    {{{"check_http", "/h"}, {"check_http_method", "HEAD"}},
     "http=http://10.0.0.5:8080/h method=HEAD interval=10s",
     nullptr},
    {{{"check_https", "/h"}, {"check_https_method", "PUT"}, {"check_tls_skip_verify", "true"}},
     "http=https://10.0.0.5:8080/h method=PUT interval=10s skip",
     "http=https://10.0.0.5:8080/h method=PUT interval=10s"},
    {{{"check_tcp", "true"}}, "tcp=10.0.0.5:8080 interval=10s", nullptr},
    {{{"check_tcp", "false"}}, "", "tcp=10.0.0.5:8080 interval=10s"},
    {{{"check_tcp", "true"}, {"check_timeout", "2s"}}, "tcp=10.0.0.5:8080 interval=10s timeout=2s", nullptr},
    {{{"check_grpc", "true"}}, "grpc=10.0.0.5:8080 interval=10s", nullptr},
    {{{"check_grpc", "true"}, {"check_grpc_use_tls", "true"}, {"check_tls_skip_verify", "1"}},
     "grpc=10.0.0.5:8080 interval=10s tls skip",
     nullptr},
    {{{"check_grpc", "true"}, {"check_tls_skip_verify", "1"}}, "grpc=10.0.0.5:8080 interval=10s", nullptr},
    {{{"check_grpc", "no"}}, "", "grpc=10.0.0.5:8080 interval=10s"},
    {{{"check_ttl", "30s"}}, "ttl=30s", nullptr},
    {{{"check_ttl", "30s"}, {"check_interval", "5s"}, {"check_timeout", "1s"}}, "ttl=30s", nullptr},
    {{{"check_script", "curl $SERVICE_IP:$SERVICE_PORT/x"}}, "", "arg=curl 10.0.0.5:8080/x interval=10s"},
    {{{"check_cmd", "/probe"}}, "", "arg=check-cmd arg=cccccccccccc arg=80 arg=/probe interval=10s"},
    {{{"check_http", "/h"}, {"check_https", "/s"}, {"check_tcp", "1"}},
     "http=http://10.0.0.5:8080/h interval=10s",
     nullptr},
    {{{"check_https", "/s"}, {"check_script", "x"}}, "http=https://10.0.0.5:8080/s interval=10s", nullptr},
    {{{"check_ttl", "30s"}, {"check_tcp", "1"}}, "ttl=30s", nullptr},
    {{{"check_tcp", "1"}, {"check_grpc", "1"}}, "tcp=10.0.0.5:8080 interval=10s", nullptr},
    {{{"check_tcp", "1"}, {"check_initial_status", "passing"}, {"check_deregister_after", "5m"}},
     "tcp=10.0.0.5:8080 interval=10s after=5m0s status=passing",
     nullptr},
    {{{"check_ttl", "1m"}, {"check_initial_status", "warning"}}, "ttl=1m0s status=warning", nullptr},
    {{{"check_tcp", "1"}, {"check_initial_status", "great"}}, "tcp=10.0.0.5:8080 interval=10s", nullptr},
    {{{"check_tcp", "1"}, {"check_interval", "often"}}, "tcp=10.0.0.5:8080 interval=10s", nullptr},
    {{{"check_http", ""}, {"check_tcp", "1"}}, "tcp=10.0.0.5:8080 interval=10s", nullptr},
};

CheckChoice choose(const std::map<std::string, std::string>& values, AgentOptions options,
                   std::string address = "10.0.0.5") {
  Metadata metadata;
  metadata.values = values;
  return choose_checks(metadata, {std::move(address), 8080, std::string(64, 'c'), 80, "id", "1.17.0"}, options);
}

std::string only(const CheckChoice& choice) {
  CHECK(choice.checks.size() <= 1);
  return choice.checks.empty() ? "" : describe(choice.checks.front());
}

}  // namespace

TEST_CASE("check families, their order and defaults") {
  for (const CheckRow& row : kCheckRows) {
    CAPTURE(row.want);
    AgentOptions options;
    const CheckChoice own = choose(row.values, options);
    CHECK(only(own) == row.want);
    options.compatible = true;
    const CheckChoice compatible = choose(row.values, options);
    const char* want = row.compatible == nullptr ? row.want : row.compatible;
    CHECK(only(compatible) == want);
  }
}

TEST_CASE("IPv6 targets are bracketed") {
  CHECK(only(choose({{"check_http", "/"}}, {}, "fd00::5")) == "http=http://[fd00::5]:8080/ interval=10s");
  CHECK(only(choose({{"check_tcp", "1"}}, {}, "fd00::5")) == "tcp=[fd00::5]:8080 interval=10s");
}

TEST_CASE("what cannot be had is said") {
  CHECK(choose({{"check_tcp", "1"}, {"check_interval", "often"}}, {}).notes ==
        std::vector<std::string>{"check_interval: not a duration: often"});
  CHECK(choose({{"check_tcp", "1"}, {"check_timeout", "-1s"}}, {}).notes.size() == 1);
  CHECK(choose({{"check_tcp", "1"}, {"check_initial_status", "great"}}, {}).notes.size() == 1);
  CHECK(choose({{"check_script", "x"}}, {}).notes ==
        std::vector<std::string>{"check_script runs a command on the host: needs -allow-exec-checks"});
  const CheckChoice no_ttl = choose({{"check_ttl", "soon"}}, {});
  CHECK(no_ttl.checks.empty());
  CHECK(no_ttl.refusal == "check_ttl: not a duration: soon");
  AgentOptions allowed;
  allowed.allow_exec_checks = true;
  CHECK(only(choose({{"check_script", "a | b"}}, allowed)) == "arg=/bin/sh arg=-c arg=a | b interval=10s");
}

TEST_CASE("the fingerprint changes with every field and with nothing else") {
  CHECK(checks_fingerprint({}) == "");
  consul::CheckDefinition check;
  check.tcp = "a:1";
  const std::string before = checks_fingerprint({check});
  CHECK(before.size() == 16);
  CHECK(before == checks_fingerprint({check}));
  CHECK(before != checks_fingerprint({check, check}));
  consul::CheckDefinition other = check;
  other.interval = std::chrono::seconds(1);
  CHECK(before != checks_fingerprint({other}));
  other = check;
  other.tls_skip_verify = true;
  CHECK(before != checks_fingerprint({other}));
  other = check;
  other.tcp.clear();
  other.udp = "a:1";
  CHECK(before != checks_fingerprint({other}));
  other = check;
  other.header["A"] = {"b"};
  CHECK(before != checks_fingerprint({other}));
}

TEST_CASE("every field of Consul's checks can be asked for") {
  AgentOptions options;
  options.allow_exec_checks = true;
  const auto first = [&](std::map<std::string, std::string> values) {
    CheckChoice choice = choose(values, options);
    CHECK(choice.notes == std::vector<std::string>{});
    REQUIRE(choice.checks.size() == 1);
    return choice.checks.front();
  };
  consul::CheckDefinition check = first({{"check_https", "/h"},
                                         {"check_method", "POST"},
                                         {"check_body", "{\"a\":1}"},
                                         {"check_header_x_real_ip", "192.0.2.1"},
                                         {"check_headers", "host: shop.example, accept: a\\,b,accept: c"},
                                         {"check_tls_server_name", "shop.example"},
                                         {"check_tls_skip_verify", "true"},
                                         {"check_disable_redirects", "true"},
                                         {"check_success_before_passing", "2"},
                                         {"check_failures_before_warning", "1"},
                                         {"check_failures_before_critical", "3"},
                                         {"check_output_max_size", "1024"},
                                         {"check_name", "front page"},
                                         {"check_notes", "asks the door"}});
  CHECK(check.method == "POST");
  CHECK(check.body == "{\"a\":1}");
  CHECK(check.header == std::map<std::string, std::vector<std::string>>{
                            {"Host", {"shop.example"}}, {"Accept", {"a,b", "c"}}, {"X-Real-Ip", {"192.0.2.1"}}});
  CHECK(check.tls_server_name == "shop.example");
  CHECK(check.tls_skip_verify);
  CHECK(check.disable_redirects);
  CHECK(check.success_before_passing == 2);
  CHECK(check.failures_before_warning == 1);
  CHECK(check.failures_before_critical == 3);
  CHECK(check.output_max_size == 1024);
  CHECK(check.name == "front page");
  CHECK(check.notes == "asks the door");

  check = first({{"check_tcp", "on"}, {"check_tcp_use_tls", "1"}, {"check_tls_server_name", "n"}});
  CHECK(check.tcp_use_tls);
  CHECK(check.tls_server_name == "n");
  CHECK(first({{"check_tcp", "on"}, {"check_tls_server_name", "n"}}).tls_server_name == "");
  CHECK(first({{"check_grpc", "true"}}).grpc == "10.0.0.5:8080");
  CHECK(first({{"check_grpc", "shop.Orders"}}).grpc == "10.0.0.5:8080/shop.Orders");
  check = first({{"check_docker", "/probe --fast"}, {"check_timeout", "2s"}});
  CHECK(check.docker_container_id == std::string(64, 'c'));
  CHECK(check.args == std::vector<std::string>{"/probe", "--fast"});
  CHECK(check.timeout == std::chrono::seconds(2));
  check = first({{"check_docker", "probe | grep ok"}, {"check_shell", "/bin/bash"}});
  CHECK(check.shell == "/bin/bash");
  CHECK(check.args == std::vector<std::string>{"/bin/bash", "-c", "probe | grep ok"});
  check = first({{"check_alias", "other-service"}, {"check_interval", "5s"}});
  CHECK(check.alias_service == "other-service");
  CHECK(check.interval.count() == 0);  // Consul refuses one
  check = first({{"check_script", "curl -f 'http://$SERVICE_IP:$SERVICE_PORT/a b'"}, {"check_timeout", "3s"}});
  CHECK(check.args == std::vector<std::string>{"curl", "-f", "http://10.0.0.5:8080/a b"});
  CHECK(check.timeout == std::chrono::seconds(3));
}

TEST_CASE("families that a Consul does not know are left out with a word") {
  Metadata metadata;
  const auto with = [&](const char* key, const char* version) {
    metadata.values = {{key, "x"}};
    return choose_checks(metadata, {"10.0.0.5", 8080, std::string(64, 'c'), 80, "id", version}, {});
  };
  CHECK(with("check_h2ping", "1.8.7").notes ==
        std::vector<std::string>{"check_h2ping: needs Consul 1.11, this one is 1.8.7"});
  CHECK(with("check_h2ping", "1.8.7").checks.empty());
  CHECK(with("check_h2ping", "1.11.0").checks.at(0).h2ping == "10.0.0.5:8080");
  CHECK(with("check_udp", "1.12.9").checks.empty());
  CHECK(with("check_udp", "1.13.0+ent").checks.at(0).udp == "10.0.0.5:8080");
  CHECK(with("check_os_service", "1.13.0").checks.empty());
  CHECK(with("check_os_service", "2.0.0").checks.at(0).os_service == "x");
  CHECK(with("check_os_service", "").checks.size() == 1);
  // Single fields too: an unknown one would cost the service.
  metadata.values = {{"check_https", "/"},           {"check_disable_redirects", "1"},
                     {"check_tls_server_name", "n"}, {"check_failures_before_warning", "1"},
                     {"check_1_tcp", "1"},           {"check_1_tcp_use_tls", "1"}};
  const auto old = choose_checks(metadata, {"10.0.0.5", 8080, std::string(64, 'c'), 80, "id", "1.8.7"}, {});
  REQUIRE(old.checks.size() == 2);
  CHECK_FALSE(old.checks[0].disable_redirects);
  CHECK(old.checks[0].tls_server_name == "");
  CHECK(old.checks[0].failures_before_warning == 0);
  CHECK_FALSE(old.checks[1].tcp_use_tls);
  CHECK(old.notes.size() == 5);
  CHECK(at_least("1.10", 1, 9));
  CHECK(at_least("2.0.0", 1, 9));
  CHECK_FALSE(at_least("1.8.7", 1, 9));
  CHECK_FALSE(at_least("0.9.0", 1, 0));
  CHECK(at_least("dev", 1, 9));
}

TEST_CASE("numbered checks beside the unnumbered one") {
  const auto ids = [](const CheckChoice& choice) {
    std::string out;
    for (const consul::CheckDefinition& check : choice.checks)
      out += "[" + check.check_id + "] " + describe(check) + "; ";
    return out;
  };
  std::map<std::string, std::string> values = {{"check_http", "/h"}, {"check_interval", "5s"}};
  CHECK(ids(choose(values, {})) == "[] http=http://10.0.0.5:8080/h interval=5s; ");
  values["check_10_tcp"] = "true";
  values["check_2_http"] = "/deep";
  values["check_2_interval"] = "1m";
  CHECK(ids(choose(values, {})) ==
        "[service:id] http=http://10.0.0.5:8080/h interval=5s; "
        "[service:id:2] http=http://10.0.0.5:8080/deep interval=1m0s; "
        "[service:id:10] tcp=10.0.0.5:8080 interval=5s; ");
  // A number keeps its name when the others go.
  values.erase("check_http");
  values.erase("check_10_tcp");
  CHECK(ids(choose(values, {})) == "[service:id:2] http=http://10.0.0.5:8080/deep interval=1m0s; ");
  // Families are never inherited, settings are.
  CHECK(choose({{"check_ttl", "30s"}, {"check_1_interval", "5s"}}, {}).checks.size() == 1);
  const CheckChoice odd = choose(
      {{"check_01_tcp", "1"}, {"check_100_tcp", "1"}, {"check_0_tcp", "1"}, {"check_x_tcp", "1"}, {"check_7", "1"}},
      {});
  CHECK(odd.checks.empty());
  CHECK(odd.notes == std::vector<std::string>{"check_01_tcp: checks are numbered 1 to 99",
                                              "check_0_tcp: checks are numbered 1 to 99",
                                              "check_100_tcp: checks are numbered 1 to 99"});
  const CheckChoice wrong = choose({{"check_1_tcp", "1"}, {"check_1_timeout", "soon"}}, {});
  CHECK(wrong.notes == std::vector<std::string>{"check_1_timeout: not a duration: soon"});
  AgentOptions compatible;
  compatible.compatible = true;
  CHECK(choose({{"check_1_tcp", "1"}, {"check_udp", "1"}}, compatible).checks.empty());
}

TEST_CASE("thresholds and headers that Consul would refuse") {
  const CheckChoice order =
      choose({{"check_tcp", "1"}, {"check_failures_before_warning", "5"}, {"check_failures_before_critical", "3"}}, {});
  CHECK(order.checks.at(0).failures_before_warning == 3);
  CHECK(order.notes == std::vector<std::string>{"check_failures_before_warning: more than failures_before_critical"});
  const CheckChoice number = choose({{"check_tcp", "1"}, {"check_success_before_passing", "-1"}}, {});
  CHECK(number.checks.at(0).success_before_passing == 0);
  CHECK(number.notes.size() == 1);
  const CheckChoice header = choose({{"check_http", "/"}, {"check_headers", "no colon"}}, {});
  CHECK(header.checks.at(0).header.empty());
  CHECK(header.notes == std::vector<std::string>{"check_headers: not \"Name: value\": \"no colon\""});
}

TEST_CASE("names of checks, aliases of nodes, and what needs a port") {
  const auto id = [](const consul::CheckDefinition& check) { return check.check_id; };
  // Consul's CheckID.
  CheckChoice choice =
      choose({{"check_http", "/"}, {"check_id", "front"}, {"check_1_tcp", "1"}, {"check_1_id", "door"}}, {});
  REQUIRE(choice.checks.size() == 2);
  CHECK(id(choice.checks[0]) == "front");
  CHECK(id(choice.checks[1]) == "door");
  CHECK(choice.notes.empty());
  // A number does not inherit the name of the others.
  choice = choose({{"check_http", "/"}, {"check_id", "front"}, {"check_1_tcp", "1"}}, {});
  CHECK(id(choice.checks.at(1)) == "service:id:1");
  choice = choose({{"check_http", "/"}, {"check_id", "front"}, {"check_1_tcp", "1"}, {"check_1_id", "front"}}, {});
  CHECK(id(choice.checks.at(1)) == "service:id:1");
  CHECK(choice.notes == std::vector<std::string>{"check_1_id: another check of the service has the name front"});
  for (const char* reserved : {"serfHealth", "_service_maintenance:x", "_node_maintenance", "longshore-lease:x"}) {
    choice = choose({{"check_tcp", "1"}, {"check_id", reserved}}, {});
    CHECK(id(choice.checks.at(0)) == "");
    CHECK(choice.notes == std::vector<std::string>{std::string("check_id: reserved name ") + reserved});
  }
  AgentOptions compatible;
  compatible.compatible = true;
  CHECK(id(choose({{"check_tcp", "1"}, {"check_id", "front"}}, compatible).checks.at(0)) == "");

  choice = choose({{"check_alias_node", "db-1"}}, {});
  CHECK(choice.checks.at(0).alias_node == "db-1");
  CHECK(choice.checks.at(0).alias_service == "");
  CHECK(choice.checks.at(0).interval.count() == 0);
  choice = choose({{"check_alias", "other"}, {"check_alias_node", "db-1"}}, {});
  CHECK(choice.checks.at(0).alias_service == "other");
  CHECK(choice.checks.at(0).alias_node == "db-1");

  // As in Consul TLS unless it is switched off.
  CHECK(choose({{"check_h2ping", "1"}}, {}).checks.at(0).h2ping_use_tls);
  CHECK(choose({{"check_h2ping", "1"}, {"check_tls_skip_verify", "1"}}, {}).checks.at(0).tls_skip_verify);
  CHECK_FALSE(choose({{"check_h2ping", "1"}, {"check_h2ping_use_tls", "false"}}, {}).checks.at(0).h2ping_use_tls);

  Metadata metadata;
  for (const char* key : {"check_http", "check_https", "check_tcp", "check_grpc", "check_udp", "check_h2ping"}) {
    CAPTURE(key);
    metadata.values = {{key, "/x"}};
    const CheckChoice none = choose_checks(metadata, {"10.0.0.5", 0, std::string(64, 'c'), 0, "id", ""}, {});
    CHECK(none.checks.empty());
    CHECK(none.notes == std::vector<std::string>{std::string(key) + ": the service has no port"});
  }
  metadata.values = {{"check_http", "/x"}};
  AgentOptions options;
  options.compatible = true;
  CHECK(choose_checks(metadata, {"10.0.0.5", 0, std::string(64, 'c'), 0, "id", ""}, options).checks.size() == 1);
}

TEST_CASE("one name for the checks of several ports: each is a check of its own") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81");
  container.labels = {{"SERVICE_CHECK_TCP", "true"}, {"SERVICE_CHECK_ID", "door"}};
  const ContainerServices found = services_of(container, {}, test::facts(), nullptr);
  REQUIRE(found.services.size() == 2);
  CHECK(found.services[0].checks.at(0).check_id == "door");
  CHECK(found.services[1].checks.at(0).check_id == "service:host:web:81:door");
  CHECK(found.notes ==
        std::vector<Note>{{test::port("81/tcp"),
                           "check_id door: another port's check has it, this one is service:host:web:81:door"}});
}
