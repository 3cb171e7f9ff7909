#include "common/registry/local_check.h"

#include <doctest/doctest.h>

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;
using Status = CheckStatus;

// p w f: outcomes; P W F: the status taken over; '.': none.
std::string play(const consul::CheckDefinition& definition, const std::string& outcomes) {
  CheckCounter counter;
  std::string out;
  for (const char c : outcomes) {
    const Status outcome = c == 'p' ? Status::passing : c == 'w' ? Status::warning : Status::critical;
    const auto taken = counter.count(definition, outcome);
    out += !taken ? '.' : *taken == Status::passing ? 'P' : *taken == Status::warning ? 'W' : 'F';
  }
  return out;
}

consul::CheckDefinition http(base::Duration interval, base::Duration timeout) {
  consul::CheckDefinition check;
  check.http = "http://a/";
  check.interval = interval;
  check.timeout = timeout;
  return check;
}

}  // namespace

TEST_CASE("thresholds count consecutive outcomes") {
  struct Thresholds {
    int successes, warnings, failures;
    const char* outcomes;
    const char* taken;
  };
  const Thresholds table[] = {{0, 0, 0, "pfpf", "PFPF"},
                              {0, 0, 0, "wpw", "WPW"},
                              {0, 0, 3, "ffpfff", "..P..F"},
                              {3, 0, 0, "ppfppp", "..F..P"},
                              {2, 0, 2, "pwfpff", ".W...F"},
                              {0, 1, 3, "fffp", "WWFP"},
                              {0, 2, 0, "f", "F"}};
  for (const Thresholds& row : table) {
    consul::CheckDefinition definition;
    definition.success_before_passing = row.successes;
    definition.failures_before_warning = row.warnings;
    definition.failures_before_critical = row.failures;
    CAPTURE(row.outcomes);
    CHECK(play(definition, row.outcomes) == row.taken);
  }
}

TEST_CASE("the time of one run") {
  CHECK(check_timeout(http(30s, 0s)) == 10s);
  CHECK(check_timeout(http(5s, 0s)) == 5s);
  CHECK(check_timeout(http(5s, 20s)) == 20s);
}

TEST_CASE("short pauses until the first success, then the interval") {
  const consul::CheckDefinition check = http(1s, 0s);
  CHECK(check_pause(check, 1, false) == 100ms);
  CHECK(check_pause(check, 2, false) == 200ms);
  CHECK(check_pause(check, 4, false) == 800ms);
  CHECK(check_pause(check, 5, false) == 1s);
  CHECK(check_pause(check, 1000, false) == 1s);
  CHECK(check_pause(check, 1, true) == 1s);
  // Nothing spins.
  CHECK(check_pause(http(1ms, 0s), 1, true) == 100ms);
}

TEST_CASE("what cannot be checked is refused with a reason") {
  consul::CheckDefinition check;
  CHECK(check_problem(check) == "Invalid check: TTL must be > 0 for TTL checks");
  check.ttl = 1s;
  CHECK_FALSE(check_problem(check));
  check.interval = 1s;
  CHECK(check_problem(check) == "Invalid check: Interval and TTL cannot both be specified");
  CHECK(check_problem(http(0s, 0s)) == "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks");
  CHECK(check_problem(http(-1s, 0s)) == "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks");
  CHECK_FALSE(check_problem(http(1s, 0s)));
  consul::CheckDefinition script;
  script.args = {"true"};
  script.interval = 1s;
  CHECK(check_problem(script) == "Script checks are not supported by the embedded registry");
  script.docker_container_id = "0123456789ab";
  CHECK(check_problem(script) == "Docker checks are not supported by the embedded registry");
  consul::CheckDefinition grpc;
  grpc.grpc = "10.0.0.1:50051/app.Service";
  CHECK(check_problem(grpc) == "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks");
  grpc.interval = 1s;
  CHECK_FALSE(check_problem(grpc));
  CHECK(check_type(grpc) == "grpc");
  CHECK(connect_target(grpc) == "10.0.0.1:50051");
  grpc.grpc = "[fd00::1]:50051";
  CHECK(connect_target(grpc) == "[fd00::1]:50051");
  consul::CheckDefinition h2ping;
  h2ping.h2ping = "10.0.0.1:8443";
  h2ping.interval = 1s;
  CHECK_FALSE(check_problem(h2ping));
  CHECK(connect_target(h2ping) == "10.0.0.1:8443");
  consul::CheckDefinition odd = http(1s, 0s);
  odd.status = "perhaps";
  CHECK(check_problem(odd) == "Bad check status");
}

}  // namespace longshore::registry
