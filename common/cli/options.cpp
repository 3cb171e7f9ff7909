#include "common/cli/options.h"

#include <algorithm>
#include <cassert>
#include <set>

namespace longshore::cli {

OptionTable::OptionTable(std::vector<Option> options) : options_(std::move(options)) {
#ifndef NDEBUG
  std::set<std::string> seen;
  for (const Option& option : options_) {
    assert(!option.names.empty());
    for (const std::string& name : option.names) assert(seen.insert(name).second && "option name used twice");
  }
#endif
}

const Option* OptionTable::find(std::string_view name) const {
  for (const Option& option : options_)
    if (std::find(option.names.begin(), option.names.end(), name) != option.names.end()) return &option;
  return nullptr;
}

std::vector<std::string> OptionTable::visible_names() const {
  std::vector<std::string> names;
  for (const Option& option : options_)
    if (!option.hidden) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

OptionTable OptionTable::with(const OptionTable& more) const {
  std::vector<Option> both = options_;
  both.insert(both.end(), more.options_.begin(), more.options_.end());
  return OptionTable(std::move(both));
}

OptionTable OptionTable::prefixed(std::string_view prefix) const {
  std::vector<Option> options = options_;
  for (Option& option : options)
    for (std::string& name : option.names) name.insert(0, prefix);
  return OptionTable(std::move(options));
}

OptionTable OptionTable::without(const std::vector<std::string>& names) const {
  std::vector<Option> kept;
  for (const Option& option : options_)
    if (std::find(names.begin(), names.end(), option.names.front()) == names.end()) kept.push_back(option);
  return OptionTable(std::move(kept));
}

}  // namespace longshore::cli
