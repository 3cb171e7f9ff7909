// `watch {}` blocks: who is told when a service has too few instances.
#pragma once
#include "renderer/core/notice.h"
#include "renderer/load.h"
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// Errc::invalid_input names the block by its number and the key.
Result<std::vector<NoticeSpec>> finalize_watches(const Settings& settings, const cli::Environment& environment,
                                                 const Environment& consul);

}  // namespace longshore::render::settings
