// The variables that exist at a place of a template, in the order of their declaration. A name may be there several
// times: the last one counts. Templates may have very many, so that looking through all would take for ever.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longshore::tmpl {

class NameStack {
 public:
  explicit NameStack(std::string_view first) { push(first); }

  void push(std::string_view name) {
    auto place = places_.find(name);
    if (place == places_.end()) place = places_.emplace(name, std::vector<std::uint32_t>{}).first;
    place->second.push_back(static_cast<std::uint32_t>(names_.size()));
    names_.emplace_back(name);
  }
  // Back to the first `size` names.
  void shrink(std::size_t size) {
    for (; names_.size() > size; names_.pop_back()) places_.find(names_.back())->second.pop_back();
  }
  std::optional<std::uint32_t> find(std::string_view name) const {
    const auto place = places_.find(name);
    if (place == places_.end() || place->second.empty()) return std::nullopt;
    return place->second.back();
  }
  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> places_;
};

}  // namespace longshore::tmpl
