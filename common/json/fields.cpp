#include "common/json/fields.h"

namespace longshore::json {

std::unexpected<Error> Fields::wrong(const std::string& path, std::string_view expected, const Value& found) {
  return fail(Errc::protocol, path + ": expected " + std::string(expected) + ", found " + found.type_name());
}

const Value* Fields::find(std::string_view key) const {
  if (!object_.is_object()) return nullptr;
  auto found = object_.begin();
  if (same_ == nullptr) {
    found = object_.find(key);
  } else {
    while (found != object_.end() && !same_(found.key(), key)) ++found;
  }
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string Fields::path(std::string_view key) const {
  std::string out = path_;
  if (!out.empty()) out += '.';
  return out += key;
}

Result<std::string> Fields::text(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return wrong(path(key), "a string", *value);
  return value->get_ref<const std::string&>();
}

Result<std::int64_t> Fields::integer(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::int64_t{0};
  if (!value->is_number_integer()) return wrong(path(key), "an integer", *value);
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX)
    return fail(Errc::protocol, path(key) + ": out of range");
  return value->get<std::int64_t>();
}

Result<std::uint64_t> Fields::unsigned_integer(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::uint64_t{0};
  if (!value->is_number_unsigned()) return wrong(path(key), "a non-negative integer", *value);
  return value->get<std::uint64_t>();
}

Result<bool> Fields::boolean(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) return wrong(path(key), "a boolean", *value);
  return value->get<bool>();
}

Result<std::vector<std::string>> Fields::texts(std::string_view key) const {
  std::vector<std::string> out;
  LS_TRY(list, array(key));
  if (list == nullptr) return out;
  out.reserve(list->size());
  for (const Value& item : *list) {
    if (!item.is_string()) return wrong(path(key), "strings", item);
    out.push_back(item.get_ref<const std::string&>());
  }
  return out;
}

Result<std::map<std::string, std::string>> Fields::text_map(std::string_view key) const {
  std::map<std::string, std::string> out;
  LS_TRY(map, object(key));
  if (map == nullptr) return out;
  for (const auto& [name, item] : map->items()) {
    if (!item.is_string()) return wrong(path(key) + "." + name, "a string", item);
    out.emplace(name, item.template get_ref<const std::string&>());
  }
  return out;
}

Result<const Value*> Fields::object(std::string_view key) const {
  const Value* value = find(key);
  if (value != nullptr && !value->is_object()) return wrong(path(key), "an object", *value);
  return value;
}

Result<const Value*> Fields::array(std::string_view key) const {
  const Value* value = find(key);
  if (value != nullptr && !value->is_array()) return wrong(path(key), "an array", *value);
  return value;
}

}  // namespace longshore::json
