// Keys whose new value a running process does not take: whoever reads its configuration anew says so. Pure.
#pragma once
#include <string>
#include <vector>

#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// Of those that concern the process itself: its signals, logs, pid file and pages, whether it is a single run; and a
// supervised program that is not asked for any more, which goes on.
std::vector<std::string> restart_keys(const Settings& before, const Settings& after);

}  // namespace longshore::render::settings
