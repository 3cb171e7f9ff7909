#include "common/tmpl/value.h"

#include <algorithm>
#include <bit>

#include "common/tmpl/value_compare.h"

namespace longshore::tmpl {
namespace {

using List = std::vector<Value>;
using Entries = std::vector<MapEntry>;  // sorted by key, no duplicates

struct Sequence {
  mutable std::int64_t next;
  std::int64_t end;
};

bool key_less(const MapEntry& left, const MapEntry& right) {
  return compare_keys(left.first, right.first) < 0;
}

std::optional<Value> find_entry(const void* map, const Value& key, const Owner&) {
  const auto& entries = *static_cast<const Entries*>(map);
  const auto found = std::lower_bound(
      entries.begin(), entries.end(), key,
      [](const MapEntry& entry, const Value& wanted) { return compare_keys(entry.first, wanted) < 0; });
  if (found == entries.end() || compare_keys(found->first, key) != 0) return std::nullopt;
  return found->second;
}

// Only an interface can be nil without a type, and nothing in a container is "no value".
Value contained(Value element) {
  return element.valid() ? std::move(element) : Value::nil();
}

}  // namespace

namespace types {
constinit const ListOps kValueListOps{
    [](const void* list) { return static_cast<const List*>(list)->size(); },
    [](const void* list, std::size_t index, const Owner&) { return (*static_cast<const List*>(list))[index]; }};
constinit const MapOps kValueMapOps{[](const void* map) { return static_cast<const Entries*>(map)->size(); },
                                    find_entry,
                                    [](const void* map, const Owner&, std::vector<MapEntry>& out) {
                                      const auto& entries = *static_cast<const Entries*>(map);
                                      out.insert(out.end(), entries.begin(), entries.end());
                                    }};
}  // namespace types

bool same_type(const Type& left, const Type& right) {
  return &left == &right || (left.kind == right.kind && left.name == right.name);
}

bool assignable(const Type& from, const Type& to) {
  if (to.kind == Kind::interface_ || same_type(from, to)) return true;
  if (from.unnamed != nullptr && same_type(*from.unnamed, to)) return true;
  return to.unnamed != nullptr && same_type(from, *to.unnamed);
}

const FieldOps* find_field(const Type& type, std::string_view name) {
  for (const FieldOps& field : type.fields)
    if (field.name == name) return &field;
  return nullptr;
}

const MethodOps* find_method(const Type& type, std::string_view name) {
  for (const MethodOps& method : type.methods)
    if (method.name == name) return &method;
  return nullptr;
}

Value Value::nil() {
  return {types::kAny, 0, nullptr};
}
Value Value::nil_of(const Type& type) {
  return {type, 0, nullptr};
}
Value Value::zero(const Type& type) {
  return {type, 0, nullptr};
}
Value Value::boolean(bool value) {
  return {types::kBool, value ? 1U : 0U, nullptr};
}
Value Value::integer(std::int64_t value, const Type& type) {
  return {type, static_cast<std::uint64_t>(value), nullptr};
}
Value Value::unsigned_integer(std::uint64_t value, const Type& type) {
  return {type, value, nullptr};
}
Value Value::floating(double value, const Type& type) {
  return {type, std::bit_cast<std::uint64_t>(value), nullptr};
}
Value Value::complex(std::complex<double> value, const Type& type) {
  return {type, 0, std::make_shared<const std::complex<double>>(value)};
}

Value Value::string(std::string text) {
  if (text.empty()) return {types::kString, 0, nullptr};
  auto owner = std::make_shared<const std::string>(std::move(text));
  const char* characters = owner->data();
  const std::size_t size = owner->size();
  return {types::kString, size, Owner(std::move(owner), characters)};
}

Value Value::string_view(std::string_view text, const Owner& owner, const Type& type) {
  return {type, text.size(), Owner(owner, text.data())};
}

Value Value::list(const Type& type, std::vector<Value> elements) {
  std::size_t depth = 0;
  for (Value& element : elements) {
    element = contained(std::move(element)).unbox();
    depth = std::max(depth, element.depth());
  }
  const Type& plain = type.plain != nullptr ? *type.plain : type;
  return {plain, depth + 1, std::make_shared<const List>(std::move(elements))};
}

Value Value::map(const Type& type, std::vector<MapEntry> entries) {
  std::size_t depth = 0;
  for (auto& [key, element] : entries) {
    key = key.unbox();
    element = contained(std::move(element)).unbox();
    depth = std::max(depth, element.depth());
  }
  std::stable_sort(entries.begin(), entries.end(), key_less);
  // Of equal keys the last one stays.
  Entries unique;
  unique.reserve(entries.size());
  for (MapEntry& entry : entries) {
    if (!unique.empty() && compare_keys(unique.back().first, entry.first) == 0)
      unique.back() = std::move(entry);
    else
      unique.push_back(std::move(entry));
  }
  const Type& plain = type.plain != nullptr ? *type.plain : type;
  return {plain, depth + 1, std::make_shared<const Entries>(std::move(unique))};
}

Value Value::strings(std::vector<std::string> elements) {
  std::vector<Value> values;
  values.reserve(elements.size());
  for (std::string& element : elements) values.push_back(string(std::move(element)));
  return list(types::kListOfString, std::move(values));
}

Value Value::view(const Type& type, Owner object) {
  return {type, 0, std::move(object)};
}
Value Value::view(const Type& type, const void* object, const Owner& owner) {
  return {type, 0, Owner(owner, object)};
}
Value Value::function(const Function& function, const Type& type) {
  return {type, 0, Owner(Owner(), &function)};
}
Value Value::sequence(std::int64_t from, std::int64_t to) {
  return {types::kChanInt64, 0, std::make_shared<const Sequence>(Sequence{from, to})};
}

std::string_view Value::type_name() const {
  return !valid() || is_nil_interface() ? "<nil>" : type().name;
}
std::string_view Value::static_type_name() const {
  if (!valid()) return "<nil>";
  return boxed() ? types::kAny.name : type().name;
}

bool Value::is_nil() const {
  switch (kind()) {
    case Kind::interface_:
      return true;
    case Kind::list:
      return ref_ == nullptr && !type().array;
    case Kind::record:
      return ref_ == nullptr && type().pointer;
    case Kind::map:
    case Kind::channel:
    case Kind::function:
      return ref_ == nullptr;
    default:
      return false;
  }
}

double Value::as_float() const {
  return std::bit_cast<double>(bits_);
}
std::complex<double> Value::as_complex() const {
  return ref_ == nullptr ? std::complex<double>{} : *static_cast<const std::complex<double>*>(ref_.get());
}

bool Value::receive(std::int64_t& out) const {
  const auto* sequence = static_cast<const Sequence*>(ref_.get());
  if (sequence == nullptr || sequence->next >= sequence->end) return false;
  out = sequence->next++;
  return true;
}

std::size_t Value::pending() const {
  const auto* sequence = static_cast<const Sequence*>(ref_.get());
  if (sequence == nullptr || sequence->next >= sequence->end) return 0;
  return static_cast<std::size_t>(static_cast<std::uint64_t>(sequence->end) -
                                  static_cast<std::uint64_t>(sequence->next));
}

std::size_t Value::size() const {
  switch (kind()) {
    case Kind::string:
      return bits_;
    case Kind::list:
      return ref_ == nullptr ? 0 : type().list->size(ref_.get());
    case Kind::map:
      return ref_ == nullptr ? 0 : type().map->size(ref_.get());
    default:
      return 0;
  }
}

Value Value::at(std::size_t index) const {
  const Type& own = type();
  Value element = own.list->at(ref_.get(), index, ref_);
  return own.elem->kind == Kind::interface_ ? element.box() : element;
}

std::optional<Value> Value::find(const Value& key) const {
  if (ref_ == nullptr) return std::nullopt;
  const Type& own = type();
  auto element = own.map->find(ref_.get(), key, ref_);
  if (element && own.elem->kind == Kind::interface_) return element->box();
  return element;
}

std::optional<Value> Value::find(std::string_view key) const {
  // A borrowed key: it does not outlive this call.
  return find(Value(types::kString, key.size(), Owner(Owner(), key.data())));
}

std::vector<MapEntry> Value::entries() const {
  std::vector<MapEntry> out;
  if (ref_ == nullptr) return out;
  const Type& own = type();
  out.reserve(size());
  own.map->entries(ref_.get(), ref_, out);
  if (own.elem->kind == Kind::interface_)
    for (MapEntry& entry : out) entry.second = entry.second.box();
  if (own.key->kind == Kind::interface_)
    for (MapEntry& entry : out) entry.first = entry.first.box();
  return out;
}

std::optional<Value> Value::field(std::string_view name) const {
  if (kind() != Kind::record) return std::nullopt;
  const FieldOps* found = find_field(type(), name);
  if (found == nullptr || (ref_ == nullptr && type().pointer)) return std::nullopt;
  return ref_ == nullptr ? zero(found->type()) : found->get(ref_.get(), ref_);
}

Value any_list(std::vector<Value> elements) {
  return Value::list(types::kListOfAny, std::move(elements));
}

Value any_map(std::vector<std::pair<std::string, Value>> entries) {
  std::vector<MapEntry> values;
  values.reserve(entries.size());
  for (auto& [key, element] : entries) values.emplace_back(Value::string(std::move(key)), std::move(element));
  return Value::map(types::kMapOfAny, std::move(values));
}

}  // namespace longshore::tmpl
