#include "common/main/why_report.h"

#include <doctest/doctest.h>

namespace longshore::app {
namespace {

json::Value parsed(const char* text) {
  Result<json::Value> value = json::parse(text, "test");
  REQUIRE(value.has_value());
  return *value;
}

WhyFacts facts(const char* asked) {
  WhyFacts out;
  out.question = parse_why(asked);
  out.renderer.name = "renderer R";
  out.agent.name = "agent A";
  out.consul.name = "Consul C";
  return out;
}

std::string verdict(const WhyFacts& facts) {
  const WhyReport report = why_report(facts);
  const std::size_t at = report.text.find("=> ");
  REQUIRE(at != std::string::npos);
  return report.text.substr(at + 3, report.text.find('\n', at) - at - 3);
}

constexpr const char* kKnown = R"({"instances":[{"service":"web","id":"h:a:80","node":"n","address":"10.0.0.1:80",
  "health":"HEALTH","since_index":5,"used_by":USERS}],"changes":[],"services":[]})";
constexpr const char* kUser = R"([{"template":"t.ctmpl","destination":"/x","rendered":true,"changes_of_the_file":2}])";

json::Value known(const std::string& health, const std::string& users = kUser) {
  std::string text = kKnown;
  text.replace(text.find("HEALTH"), 6, health);
  text.replace(text.find("USERS"), 5, users);
  return parsed(text.c_str());
}

TEST_CASE("there, and why") {
  WhyFacts asked = facts("10.0.0.1:80");
  asked.renderer.said = known("passing");
  asked.places["10.0.0.1:80"] = {"/x:7"};
  CHECK(verdict(asked) == "there, because it is passing and t.ctmpl uses it");
  CHECK(why_report(asked).explained);
  asked.renderer.said["instances"][0]["held_seconds"] = 2.5;
  CHECK(verdict(asked) == "there, because it is held: nothing says that it was stopped");
}

TEST_CASE("known and not there") {
  WhyFacts asked = facts("h:a:80");
  asked.renderer.said = known("critical");
  CHECK(verdict(asked) == "not there, because it is critical");
  consul::ServiceEntry entry;
  entry.node.node = "n";
  entry.service.id = "h:a:80";
  consul::HealthCheck check;
  check.name = "http";
  check.status = "critical";
  check.output = "connection refused\n";
  entry.checks = {check};
  asked.entries = {entry};
  CHECK(verdict(asked) == "not there, because it is critical: check \"http\" is critical: connection refused");
  asked.renderer.said = known("maintenance");
  CHECK(verdict(asked) == "not there, because it is maintenance");
  asked.renderer.said = known("passing", "[]");
  CHECK(verdict(asked) == "not there, because no template uses service web");
  asked.renderer.said = known("passing", R"([{"template":"t","destination":"/x","problem":"no such field"}])");
  CHECK(verdict(asked) == "not there, because a template fails: t: no such field");
  asked.renderer.said = known("passing");
  CHECK(verdict(asked).starts_with("no file shows 10.0.0.1:80, although it is passing"));
}

TEST_CASE("unknown to the renderer") {
  WhyFacts asked = facts("h:a:80");
  asked.renderer.said = parsed(R"({"instances":[],"services":[],"changes":[{"seconds_ago":3,"kind":"left",
    "service":"web","node":"n","id":"h:a:80","address":"10.0.0.1:80","detail":"it vanished from Consul: withdrawn"}]})");
  CHECK(verdict(asked) == "gone: it vanished from Consul: withdrawn");
  CHECK(why_report(asked).explained);
  asked = facts("quiet");
  asked.agent.said = parsed(R"({"containers":[{"id":"0123456789ab","name":"quiet","state":"running",
    "ports":[{"port":"80/tcp","state":"skipped","reason":"SERVICE_IGNORE is set"}]}]})");
  CHECK(verdict(asked) == "not registered: skipped: SERVICE_IGNORE is set");
  asked.question = parse_why("0123456789ab");
  CHECK(verdict(asked) == "not registered: skipped: SERVICE_IGNORE is set");
  asked.question = parse_why("012");
  CHECK(verdict(asked) == "nobody knows it");
}

TEST_CASE("nobody knows it, and who could not be asked") {
  WhyFacts asked = facts("nowhere");
  asked.renderer.problem = "connection refused";
  const WhyReport report = why_report(asked);
  CHECK_FALSE(report.explained);
  CHECK(report.text == "nowhere\n  => nobody knows it\n  (renderer R did not answer: connection refused)\n");
}

TEST_CASE("text of checks does not move the cursor") {
  WhyFacts asked = facts("h:a:80");
  consul::ServiceEntry entry;
  entry.node.node = "n";
  entry.service.id = "h:a:80";
  entry.service.name = "web";
  consul::HealthCheck check;
  check.name = "http";
  check.status = "critical";
  check.output = "\x1b[2Jred\nline";
  entry.checks = {check};
  asked.entries = {entry};
  CHECK(why_report(asked).text.find('\x1b') == std::string::npos);
}

}  // namespace
TEST_CASE("what templates say of it") {
  WhyFacts asked = facts("shop.example");
  asked.renderer.said = parsed(R"({"instances":[],"changes":[],"services":[],"remarks":[{"template":"site.conf.ctmpl",
    "remark":"thief: host shop.example is left out, it is claimed by shop"}]})");
  const WhyReport report = why_report(asked);
  CHECK(report.explained);
  CHECK(report.text.contains("site.conf.ctmpl: thief: host shop.example is left out, it is claimed by shop"));
  CHECK(verdict(asked) == "no instance; what templates say of it is above");
}

}  // namespace longshore::app
