// Writes LogLines to stderr, one line each: key=value or JSON. The only user of spdlog. Passed by reference; not
// global.
#pragma once
#include <memory>
#include <string>

#include "common/base/duration.h"
#include "common/base/log_line.h"
#include "common/base/result.h"

namespace longshore::status {

enum class LogFormat {
  key_value,
  json,
  consul_template,  // local time, [LEVEL], (component), then the words of key_value
};

struct LogOptions {
  base::Level level = base::Level::info;
  LogFormat format = LogFormat::key_value;
  std::string component;  // "agent", "render", …; in every line
  int descriptor = 2;     // not owned; a test gives a pipe
};

// Files `NAME-<unix nanoseconds>.EXT`, mode 0640, one after another. Source: consul-template's log_file.
struct LogFileOptions {
  std::string path;                                  // a directory with a slash at its end: consul-template.log in it
  std::int64_t bytes = 0;                            // a new file after so many; 0 = no bound
  base::Duration duration = std::chrono::hours(24);  // a new file after so long
  std::int64_t older_files = 0;                      // that stay; 0 = all, -1 = none
};

struct SyslogOptions {
  std::string facility = "LOCAL0";  // any case
  std::string name = "consul-template";
};

// Copies write to the same place at the same level. A reader that is gone costs nothing; one that is stuck costs
// 20 ms once, then lines are dropped until it reads again, and their number is logged. SIGPIPE must be ignored.
class Log {
 public:
  explicit Log(LogOptions options);
  ~Log();
  void write(const base::LogLine& line);
  bool enabled(base::Level level) const;
  void set_level(base::Level level);
  // The same lines also go there; before there are copies. io, invalid_input (no such facility).
  Status add_file(LogFileOptions options);
  Status add_syslog(const SyslogOptions& options);
  // A second component of the same process (longshore up); the level stays common to both.
  Log named(std::string component) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// What follows time and level: `component=agent event=…`, or for JSON members without the braces. Malformed UTF-8
// becomes U+FFFD in JSON.
std::string log_body(const base::LogLine& line, std::string_view component, LogFormat format);

// trace debug info warn error, and consul-template's and syslog's spellings (err, warning), any case.
Result<base::Level> parse_level(std::string_view text);

}  // namespace longshore::status
