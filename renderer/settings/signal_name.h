// Signals by the names that consul-template knows. Pure.
#pragma once
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace longshore::render::settings {

// "SIGHUP", in any case, with the prefix; SIGNULL is 0. Errors list the valid names.
Result<int> parse_signal(std::string_view name);
// "SIGHUP"; "" for 0 and for numbers without a name there.
std::string signal_name(int number);

}  // namespace longshore::render::settings
