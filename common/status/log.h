// Writes LogLines to stderr, one line each: key=value or JSON. The only user of spdlog. Passed by reference; not
// global.
#pragma once
#include <memory>
#include <string>

#include "common/base/log_line.h"
#include "common/base/result.h"

namespace longshore::status {

enum class LogFormat { key_value, json };

struct LogOptions {
  base::Level level = base::Level::info;
  LogFormat format = LogFormat::key_value;
  std::string component;  // "agent", "render", …; in every line
};

class Log {
 public:
  explicit Log(LogOptions options);
  ~Log();
  void write(const base::LogLine& line);
  bool enabled(base::Level level) const;
  void set_level(base::Level level);
  // A second component of the same process (longshore up).
  Log named(std::string component) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// trace debug info warn error, and consul-template's and syslog's spellings (err, warning), any case.
Result<base::Level> parse_level(std::string_view text);

}  // namespace longshore::status
