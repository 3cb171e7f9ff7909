// Docker's times (RFC 3339, up to nanoseconds) as numbers that compare with those of events.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace longshore::docker {

// Nanoseconds since the epoch of "2024-01-01T00:00:00.5Z" or with an offset such as "+02:00". Nothing for other texts
// and for times outside of 1970 to 2261, such as the year 1 of what never happened.
std::optional<std::int64_t> nanoseconds_of(std::string_view time);

}  // namespace longshore::docker
