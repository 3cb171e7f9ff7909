// Go's time.Format: the layout shows how 2 January 2006, 15:04:05 MST would look.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

namespace longshore::tmpl {

inline constexpr std::string_view kRfc3339 = "2006-01-02T15:04:05Z07:00";

// In UTC.
std::string format_time(std::chrono::system_clock::time_point time, std::string_view layout);

}  // namespace longshore::tmpl
