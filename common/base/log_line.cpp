#include "common/base/log_line.h"

#include "common/base/text.h"

namespace longshore::base {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::trace:
      return "trace";
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

std::string to_text(const LogLine& line) {
  std::string out = "event=" + log_value(line.event);
  for (const auto& [key, value] : line.fields) ((out += ' ') += key) += '=' + log_value(value);
  return out;
}

}  // namespace longshore::base
