// What a guard asks of the instances of a service. Blocks `guard {}` of settings, of one service, of a template.
#pragma once
#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include "common/base/duration.h"

namespace longshore::render {

struct GuardRule {
  std::size_t min_instances = 0;                     // so many stay in use, if there were as many
  int max_shrink = 100;                              // percent of those in use that may go within `within`; 100: all
  bool keep_on_empty = false;                        // the last ones stay
  base::Duration within = std::chrono::seconds(10);  // what goes in this time counts as one change
  base::Duration limit = std::chrono::minutes(10);   // then what is held goes; 0: only if somebody says so

  bool active() const { return min_instances > 0 || max_shrink < 100 || keep_on_empty; }
  // So many of `most` have to stay.
  std::size_t floor_of(std::size_t most) const {
    std::size_t floor = std::min(min_instances, most);
    floor = std::max(floor, (most * static_cast<std::size_t>(100 - max_shrink) + 99) / 100);
    return most > 0 && keep_on_empty ? std::max<std::size_t>(floor, 1) : floor;
  }
  // So many there have to be before the first file is made of them.
  std::size_t at_start() const { return std::max<std::size_t>(min_instances, keep_on_empty ? 1 : 0); }
  bool operator==(const GuardRule&) const = default;
};

// What satisfies the result satisfies both. One that asks for nothing changes nothing.
inline GuardRule strictest(const GuardRule& left, const GuardRule& right) {
  if (!left.active()) return right;
  if (!right.active()) return left;
  GuardRule out;
  out.min_instances = std::max(left.min_instances, right.min_instances);
  out.max_shrink = std::min(left.max_shrink, right.max_shrink);
  out.keep_on_empty = left.keep_on_empty || right.keep_on_empty;
  out.within = std::max(left.within, right.within);
  const bool endless = left.limit.count() == 0 || right.limit.count() == 0;
  out.limit = endless ? base::Duration{} : std::max(left.limit, right.limit);
  return out;
}

struct GuardRules {
  GuardRule all = {};
  std::map<std::string, GuardRule> services = {};  // by name, instead of `all`
  bool operator==(const GuardRules&) const = default;

  const GuardRule& of(const std::string& service) const {
    const auto found = services.find(service);
    return found == services.end() ? all : found->second;
  }
};

}  // namespace longshore::render
