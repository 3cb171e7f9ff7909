// Layers of settings, one over another.
#pragma once
#include "renderer/settings/settings.h"

namespace longshore::render::settings {

// `over` wins, key by key; lists and templates are appended; err_on_failed_lookup stays once it is true.
// Source: consul-template's Config.Merge.
void merge(Settings& into, const Settings& over);

// Only what `into` does not say.
void merge_missing(Consul& into, const Consul& under);

}  // namespace longshore::render::settings
