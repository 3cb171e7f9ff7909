// One decision as a line for operators, as a value: machines return it, tests compare it, the edge writes it.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longshore::base {

// By who must act: trace and debug nobody, info nobody but worth knowing, warn an operator some time,
// error an operator now.
enum class Level { trace, debug, info, warn, error };

struct LogLine {
  Level level = Level::info;
  std::string event;  // snake_case, stable: "service_registered"
  std::vector<std::pair<std::string, std::string>>
      fields;  // stable keys: service, id, container, reason, error, took_ms
  bool operator==(const LogLine&) const = default;
};

std::string_view to_string(Level level);
// "event=… key=value …"; no time, no level.
std::string to_text(const LogLine& line);

}  // namespace longshore::base
