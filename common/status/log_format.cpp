#include "common/base/text.h"
#include "common/json/json.h"
#include "common/status/log.h"

namespace longshore::status {
namespace {

std::string json_text(std::string_view text) {
  return json::dump(json::Value(std::string(text)));
}

}  // namespace

std::string log_body(const base::LogLine& line, std::string_view component, LogFormat format) {
  if (format == LogFormat::consul_template) return "(" + std::string(component) + ") " + base::to_text(line);
  if (format == LogFormat::key_value) return "component=" + base::log_value(component) + " " + base::to_text(line);
  std::string out = "\"component\":" + json_text(component) + ",\"event\":" + json_text(line.event);
  for (const auto& [key, value] : line.fields) out += "," + json_text(key) + ":" + json_text(value);
  return out;
}

Result<base::Level> parse_level(std::string_view text) {
  const std::string lower = base::to_lower_ascii(base::trim(text));
  if (lower == "trace") return base::Level::trace;
  if (lower == "debug") return base::Level::debug;
  if (lower == "info") return base::Level::info;
  if (lower == "warn" || lower == "warning") return base::Level::warn;
  if (lower == "err" || lower == "error") return base::Level::error;
  return fail(Errc::invalid_input,
              "invalid log level \"" + std::string(text) + "\": use trace, debug, info, warn or error");
}

}  // namespace longshore::status
