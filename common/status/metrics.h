// Prometheus text from plain numbers. A component fills a MetricSet when it is asked; nothing is counted here.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace longshore::status {

enum class MetricKind { counter, gauge };

struct Sample {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
};

struct Metric {
  std::string name;  // longshore_<subsystem>_<name>_<unit>, counters end with _total
  std::string help;
  MetricKind kind = MetricKind::gauge;
  std::vector<Sample> samples;
};

using MetricSet = std::vector<Metric>;

// Exposition format 0.0.4; label values escaped, equal names merged.
std::string to_prometheus(const MetricSet& metrics);

}  // namespace longshore::status
