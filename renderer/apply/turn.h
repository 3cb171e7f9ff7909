// How load balancers of a fleet keep from reloading all at once. Changes that take addresses away wait for neither.
#pragma once
#include <string>

#include "common/base/duration.h"

namespace longshore::render::apply {

struct TurnSettings {
  base::Duration splay{};                              // a change waits a random part of it; 0 s = not, at most 1 h
  std::string semaphore = {};                          // whoever names the same one takes turns; "" = nobody does
  int limit = 1;                                       // so many apply at a time, 1 to 100
  base::Duration patience = std::chrono::seconds(10);  // whoever has no turn then goes on without
  bool operator==(const TurnSettings&) const = default;
};

}  // namespace longshore::render::apply
