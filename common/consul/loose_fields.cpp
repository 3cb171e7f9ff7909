#include "common/consul/loose_fields.h"

namespace longshore::consul {
namespace {

using json::Value;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view sent, std::string_view wanted) {
  std::size_t at = 0;
  for (const char c : sent) {
    if (c == '_') continue;
    if (at == wanted.size() || lower(c) != lower(wanted[at])) return false;
    ++at;
  }
  return at == wanted.size();
}

std::unexpected<Error> wrong(const std::string& path, std::string_view expected, const Value& found) {
  return fail(Errc::protocol, path + ": expected " + std::string(expected) + ", found " + found.type_name());
}

}  // namespace

const Value* LooseFields::find(std::string_view key) const {
  for (auto field = object_.begin(); field != object_.end(); ++field)
    if (same_name(field.key(), key)) return field->is_null() ? nullptr : &*field;
  return nullptr;
}

std::string LooseFields::path(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

Result<std::string> LooseFields::text(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return wrong(path(key), "a string", *value);
  return value->get_ref<const std::string&>();
}

Result<std::int64_t> LooseFields::integer(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::int64_t{0};
  if (!value->is_number_integer()) return wrong(path(key), "an integer", *value);
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX)
    return fail(Errc::protocol, path(key) + ": out of range");
  return value->get<std::int64_t>();
}

Result<std::uint64_t> LooseFields::unsigned_integer(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::uint64_t{0};
  if (!value->is_number_unsigned()) return wrong(path(key), "a non-negative integer", *value);
  return value->get<std::uint64_t>();
}

Result<bool> LooseFields::boolean(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) return wrong(path(key), "a boolean", *value);
  return value->get<bool>();
}

Result<std::vector<std::string>> LooseFields::texts(std::string_view key) const {
  std::vector<std::string> out;
  LS_TRY(list, array(key));
  if (list == nullptr) return out;
  for (const Value& item : *list) {
    if (!item.is_string()) return wrong(path(key), "strings", item);
    out.push_back(item.get_ref<const std::string&>());
  }
  return out;
}

Result<std::map<std::string, std::string>> LooseFields::text_map(std::string_view key) const {
  std::map<std::string, std::string> out;
  LS_TRY(map, object(key));
  if (map == nullptr) return out;
  for (auto item = map->begin(); item != map->end(); ++item) {
    if (!item->is_string()) return wrong(path(key) + "." + item.key(), "a string", *item);
    out.emplace(item.key(), item->get_ref<const std::string&>());
  }
  return out;
}

Result<base::Duration> LooseFields::duration(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return base::Duration{};
  if (value->is_number()) {
    LS_TRY(count, integer(key));
    return base::Duration(count);
  }
  if (!value->is_string()) return wrong(path(key), "a duration", *value);
  const auto& text = value->get_ref<const std::string&>();
  if (text.empty()) return base::Duration{};
  auto duration = base::parse_duration(text);
  if (!duration) return fail(duration.error().with(path(key)));
  return *duration;
}

Result<const Value*> LooseFields::object(std::string_view key) const {
  const Value* value = find(key);
  if (value != nullptr && !value->is_object()) return wrong(path(key), "an object", *value);
  return value;
}

Result<const Value*> LooseFields::array(std::string_view key) const {
  const Value* value = find(key);
  if (value != nullptr && !value->is_array()) return wrong(path(key), "an array", *value);
  return value;
}

}  // namespace longshore::consul
