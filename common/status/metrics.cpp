#include "common/status/metrics.h"

#include <charconv>
#include <cmath>

namespace longshore::status {
namespace {

// Whole numbers below this are exact in a double; they are printed without exponent.
constexpr double kExact = 9007199254740992.0;

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[64];
  const bool whole = std::floor(value) == value && std::abs(value) < kExact;
  const auto end = whole ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<long long>(value)).ptr
                         : std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return std::string(buffer, end);
}

std::string escape(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
  return out;
}

void append_sample(const std::string& name, const Sample& sample, std::string& out) {
  out += name;
  char separator = '{';
  for (const auto& [key, value] : sample.labels) {
    ((out += separator) += key) += "=\"" + escape(value, true) + '"';
    separator = ',';
  }
  if (!sample.labels.empty()) out += '}';
  (out += ' ') += number(sample.value) + "\n";
}

}  // namespace

std::string to_prometheus(const MetricSet& metrics) {
  std::string out;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const Metric& metric = metrics[i];
    bool seen = false;
    for (std::size_t earlier = 0; earlier < i; ++earlier) seen = seen || metrics[earlier].name == metric.name;
    if (seen) continue;
    if (!metric.help.empty()) out += "# HELP " + metric.name + " " + escape(metric.help, false) + "\n";
    out += "# TYPE " + metric.name + (metric.kind == MetricKind::counter ? " counter\n" : " gauge\n");
    for (std::size_t later = i; later < metrics.size(); ++later)
      if (metrics[later].name == metric.name)
        for (const Sample& sample : metrics[later].samples) append_sample(metric.name, sample, out);
  }
  return out;
}

}  // namespace longshore::status
