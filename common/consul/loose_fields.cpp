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

}  // namespace

LooseFields::LooseFields(const Value& object, std::string path) : Fields(object, std::move(path), &same_name) {}

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

}  // namespace longshore::consul
