// Expected text by the exposition format 0.0.4 of Prometheus.
#include "common/status/metrics.h"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>

#include "common/status/process_metrics.h"

namespace longshore::status {
namespace {

Sample sample(std::vector<std::pair<std::string, std::string>> labels, double value) {
  return Sample{std::move(labels), value};
}

TEST_CASE("one block per metric") {
  const MetricSet set = {
      {"longshore_agent_containers", "Containers seen.", MetricKind::gauge, {sample({}, 3)}},
      {"longshore_agent_events_total",
       "Events.",
       MetricKind::counter,
       {sample({{"kind", "start"}}, 2), sample({{"kind", "die"}}, 1)}},
  };
  CHECK(to_prometheus(set) ==
        "# HELP longshore_agent_containers Containers seen.\n"
        "# TYPE longshore_agent_containers gauge\n"
        "longshore_agent_containers 3\n"
        "# HELP longshore_agent_events_total Events.\n"
        "# TYPE longshore_agent_events_total counter\n"
        "longshore_agent_events_total{kind=\"start\"} 2\n"
        "longshore_agent_events_total{kind=\"die\"} 1\n");
}

TEST_CASE("equal names are merged under the first one's words") {
  const MetricSet set = {
      {"a", "First.", MetricKind::gauge, {sample({{"x", "1"}}, 1)}},
      {"b", "", MetricKind::gauge, {sample({}, 0)}},
      {"a", "Second.", MetricKind::gauge, {sample({{"x", "2"}}, 2)}},
  };
  CHECK(to_prometheus(set) == "# HELP a First.\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2\n# TYPE b gauge\nb 0\n");
}

TEST_CASE("values and help are escaped") {
  const MetricSet set = {
      {"m", "back\\slash\nline \"quote\"", MetricKind::gauge, {sample({{"l", "a\\b\n\"c\""}, {"k", ""}}, 1)}}};
  CHECK(to_prometheus(set) ==
        "# HELP m back\\\\slash\\nline \"quote\"\n# TYPE m gauge\nm{l=\"a\\\\b\\n\\\"c\\\"\",k=\"\"} 1\n");
}

TEST_CASE("numbers") {
  const auto shown = [](double value) {
    const std::string text = to_prometheus({{"m", "", MetricKind::gauge, {sample({}, value)}}});
    return text.substr(text.rfind(' ') + 1);
  };
  CHECK(shown(0) == "0\n");
  CHECK(shown(-1) == "-1\n");
  CHECK(shown(1763636400) == "1763636400\n");
  CHECK(shown(0.25) == "0.25\n");
  CHECK(shown(1763636400.125) == "1763636400.125\n");
  CHECK(shown(1e300) == "1e+300\n");
  CHECK(shown(std::numeric_limits<double>::infinity()) == "+Inf\n");
  CHECK(shown(-std::numeric_limits<double>::infinity()) == "-Inf\n");
  CHECK(shown(std::numeric_limits<double>::quiet_NaN()) == "NaN\n");
}

TEST_CASE("no metrics, no text") {
  CHECK(to_prometheus({}).empty());
}

TEST_CASE("this process has memory, descriptors and a start in the past") {
  double memory = 0;
  double descriptors = 0;
  double start = 0;
  for (const Metric& metric : process_metrics()) {
    if (metric.name == "process_resident_memory_bytes") memory = metric.samples.at(0).value;
    if (metric.name == "process_open_fds") descriptors = metric.samples.at(0).value;
    if (metric.name == "process_start_time_seconds") start = metric.samples.at(0).value;
  }
  CHECK(memory > 100'000);
  CHECK(descriptors >= 3);
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  CHECK(start > now - 3600);
  // /proc counts in hundredths and the boot time in whole seconds.
  CHECK(start < now + 2);
}

}  // namespace
}  // namespace longshore::status
