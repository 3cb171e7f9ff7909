#include "renderer/settings/merge.h"

#include <algorithm>

namespace longshore::render::settings {
namespace {

template <class T>
void put(std::optional<T>& into, const std::optional<T>& over) {
  if (over) into = over;
}
void put(Texts& into, const Texts& over) {
  if (!over.list) return;
  if (!into.list) into.list.emplace();
  into.list->insert(into.list->end(), over.list->begin(), over.list->end());
}
void put(TextMap& into, const TextMap& over) {
  for (const auto& [key, value] : over.entries) into.entries.insert_or_assign(key, value);
}
template <Block B>
void put(std::vector<B>& into, const std::vector<B>& over) {
  into.insert(into.end(), over.begin(), over.end());
}
template <Block B>
void put(B& into, const B& over);
// The same group in two layers is one.
void put(std::vector<Group>& into, const std::vector<Group>& over) {
  for (const Group& one : over) {
    const auto known = std::ranges::find(into, one.name, &Group::name);
    if (known == into.end())
      into.push_back(one);
    else
      put(*known, one);
  }
}
template <Block B>
void put(B& into, const B& over) {
  for_each_pair(into, over, [](auto& left, const auto& right) { put(left, right); });
}

}  // namespace

void merge(Settings& into, const Settings& over) {
  const bool must_be_found = into.err_on_failed_lookup.value_or(false);
  put(into, over);
  if (must_be_found) into.err_on_failed_lookup = true;
}

void merge_missing(Consul& into, const Consul& under) {
  Consul both = under;
  put(both, into);
  into = std::move(both);
}

}  // namespace longshore::render::settings
