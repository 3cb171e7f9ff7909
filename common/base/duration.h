// Durations in Go's grammar, the one that both peers and Consul speak: "10s", "1m30s", "250ms", "1.5h", "0".
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace longshore::base {

using Duration = std::chrono::nanoseconds;
// Monotonic; machines receive it as `now` and never ask a clock.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Source of the grammar: Go, time.ParseDuration. Sign allowed; overflow, missing unit or digits are invalid_input.
Result<Duration> parse_duration(std::string_view text);

// Go's time.Duration.String(): "1m30s", "250ms", "1.5s", "0s".
std::string format_duration(Duration value);

constexpr double to_seconds(Duration value) {
  return std::chrono::duration<double>(value).count();
}

}  // namespace longshore::base
