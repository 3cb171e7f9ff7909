// What single settings hold. A setting that nobody gave is an empty optional, so that layers can be put over one
// another; a block says what its settings are called in `fields()`, and decoding, merging and printing follow from
// that.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "common/base/duration.h"
#include "renderer/core/command.h"

namespace longshore::render::settings {

// Permissions: a string is octal ("0644"), a number is what it says (0644 is octal in HCL). At most 07777.
struct FileMode {
  unsigned bits = 0;
  bool operator==(const FileMode&) const = default;
};

// A signal by its name; 0 = none (an empty name in a file).
struct Signal {
  int number = 0;
  bool operator==(const Signal&) const = default;
};

// A string that is never printed.
struct Secret {
  std::string text;
  bool operator==(const Secret&) const = default;
};

// A list to which each layer adds; one string is a list at commas.
struct Texts {
  std::optional<std::vector<std::string>> list;
  bool operator==(const Texts&) const = default;
};

// A block of which every key is free; a later layer's word for a key counts.
struct TextMap {
  std::map<std::string, std::string> entries;
  bool operator==(const TextMap&) const = default;
};

// The name of a setting and where it is.
template <class Owner, class Member>
struct Field {
  const char* name;
  Member Owner::*member;
};
template <class Owner, class Member>
constexpr Field<Owner, Member> field(const char* name, Member Owner::*member) {
  return {name, member};
}

template <class T>
concept Block = requires {
  T::fields();
};

// visit(name, member of `block`) for each field.
template <class B, class Visit>
void for_each_field(B& block, Visit&& visit) {
  std::apply([&](const auto&... fields) { (visit(fields.name, block.*(fields.member)), ...); }, B::fields());
}
// visit(member of `left`, member of `right`).
template <Block B, class Visit>
void for_each_pair(B& left, const B& right, Visit&& visit) {
  std::apply([&](const auto&... fields) { (visit(left.*(fields.member), right.*(fields.member)), ...); }, B::fields());
}

template <class T>
bool given(const std::optional<T>& value) {
  return value.has_value();
}
inline bool given(const Texts& value) {
  return value.list.has_value();
}
inline bool given(const TextMap& value) {
  return !value.entries.empty();
}
template <class T>
bool given(const std::vector<T>& blocks) {
  return !blocks.empty();
}
// Anything in it.
template <Block B>
bool given(const B& block) {
  bool any = false;
  std::apply([&](const auto&... fields) { ((any = any || given(block.*(fields.member))), ...); }, B::fields());
  return any;
}

}  // namespace longshore::render::settings
