// Does a new text send traffic to fewer places than the old one? Pure.
#pragma once
#include <string_view>

namespace longshore::render::apply {

// An "ADDRESS:PORT" of `before` is not in `after`. Removals must not wait; whatever else changes may.
bool loses_addresses(std::string_view before, std::string_view after);

}  // namespace longshore::render::apply
