#include <doctest/doctest.h>

#include <sstream>

#include "agent/core/checks.h"

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

struct Row {
  std::map<std::string, std::string> values;
  const char* want;  // "" = no check
  const char* compatible;
};

// Target 10.0.0.5:8080; nullptr in the second column: the same.
const Row kRows[] = {
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
  return choose_check(metadata, {std::move(address), 8080, std::string(64, 'c'), 80}, options);
}

}  // namespace

TEST_CASE("check families, their order and defaults") {
  for (const Row& row : kRows) {
    CAPTURE(row.want);
    AgentOptions options;
    const CheckChoice own = choose(row.values, options);
    CHECK((own.check ? describe(*own.check) : "") == row.want);
    options.compatible = true;
    const CheckChoice compatible = choose(row.values, options);
    const char* want = row.compatible == nullptr ? row.want : row.compatible;
    CHECK((compatible.check ? describe(*compatible.check) : "") == want);
  }
}

TEST_CASE("IPv6 targets are bracketed") {
  CHECK(describe(*choose({{"check_http", "/"}}, {}, "fd00::5").check) == "http=http://[fd00::5]:8080/ interval=10s");
  CHECK(describe(*choose({{"check_tcp", "1"}}, {}, "fd00::5").check) == "tcp=[fd00::5]:8080 interval=10s");
}

TEST_CASE("what cannot be had is said") {
  CHECK(choose({{"check_tcp", "1"}, {"check_interval", "often"}}, {}).notes ==
        std::vector<std::string>{"check_interval: not a duration: often"});
  CHECK(choose({{"check_tcp", "1"}, {"check_timeout", "-1s"}}, {}).notes.size() == 1);
  CHECK(choose({{"check_tcp", "1"}, {"check_initial_status", "great"}}, {}).notes.size() == 1);
  CHECK(choose({{"check_script", "x"}}, {}).notes ==
        std::vector<std::string>{"check_script runs a command on the host: needs -allow-exec-checks"});
  const CheckChoice no_ttl = choose({{"check_ttl", "soon"}}, {});
  CHECK_FALSE(no_ttl.check);
  CHECK(no_ttl.refusal == "check_ttl: not a duration: soon");
  AgentOptions allowed;
  allowed.allow_exec_checks = true;
  CHECK(describe(*choose({{"check_script", "a | b"}}, allowed).check) == "arg=/bin/sh arg=-c arg=a | b interval=10s");
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
