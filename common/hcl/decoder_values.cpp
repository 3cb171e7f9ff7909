// Values of single keys.
#include <charconv>
#include <cmath>

#include "common/base/text.h"
#include "common/hcl/decoder.h"

namespace longshore::hcl {
namespace {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 40;
  return '"' + std::string(text.substr(0, kShown)) + (text.size() > kShown ? "..\"" : "\"");
}

// Go's strconv.ParseBool.
std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
    if (text == yes) return true;
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"})
    if (text == no) return false;
  return std::nullopt;
}

std::optional<double> parse_double(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr double kTwoTo63 = 9223372036854775808.0;

}  // namespace

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
    case Kind::floating:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::list:
      return "a list";
    case Kind::object:
      return "a block";
  }
  return "nothing";
}

const Value* Decoder::scalar(std::string_view key) {
  const auto found = find(key);
  if (found.empty()) return nullptr;
  if (found.back()->keys.size() > 1) {
    mistake(found.back()->keys[1].position, key, "expected '=' after the name of a setting");
    return nullptr;
  }
  return &found.back()->value;
}

std::optional<std::string> Decoder::element_text(std::string_view key, const Value& value) {
  if (value.kind == Kind::string || value.kind == Kind::integer || value.kind == Kind::floating) return value.text;
  wrong_type(key, value, "a string");
  return std::nullopt;
}

std::optional<std::string> Decoder::text(std::string_view key) {
  const Value* value = scalar(key);
  if (value == nullptr) return std::nullopt;
  return element_text(key, *value);
}

std::string Decoder::required_text(std::string_view key) {
  const std::size_t before = shared_->mistakes.size();
  auto found = text(key);
  if (!found && shared_->mistakes.size() == before) error(key, "must be given");
  if (found && found->empty()) error(key, "must not be empty");
  return std::move(found).value_or("");
}

std::optional<bool> Decoder::boolean(std::string_view key) {
  const Value* value = scalar(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind == Kind::boolean) return value->boolean;
  if (value->kind == Kind::integer && (value->integer == 0 || value->integer == 1)) return value->integer == 1;
  if (value->kind == Kind::string) {
    if (const auto parsed = parse_bool(value->text)) return parsed;
    mistake(value->position, key, "expected true or false, found " + in_quotes(value->text));
    return std::nullopt;
  }
  wrong_type(key, *value, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Decoder::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const Value* value = scalar(key);
  if (value == nullptr) return std::nullopt;
  std::optional<std::int64_t> out;
  if (value->kind == Kind::integer) {
    out = value->integer;
  } else if (value->kind == Kind::floating && std::trunc(value->floating) == value->floating &&
             std::fabs(value->floating) < kTwoTo63) {
    out = static_cast<std::int64_t>(value->floating);
  } else if (value->kind == Kind::string) {
    out = base::parse_int(value->text);
    if (!out) {
      mistake(value->position, key, "expected a whole number, found " + in_quotes(value->text));
      return std::nullopt;
    }
  }
  if (!out) {
    wrong_type(key, *value, "a whole number");
    return std::nullopt;
  }
  if (*out >= min && *out <= max) return out;
  std::string allowed = "at least " + std::to_string(min);
  if (max != std::numeric_limits<std::int64_t>::max())
    allowed = "between " + std::to_string(min) + " and " + std::to_string(max);
  mistake(value->position, key, std::to_string(*out) + " is out of range: " + allowed);
  return std::nullopt;
}

std::optional<double> Decoder::number(std::string_view key) {
  const Value* value = scalar(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind == Kind::integer) return static_cast<double>(value->integer);
  if (value->kind == Kind::floating) return value->floating;
  if (value->kind == Kind::string) {
    if (const auto parsed = parse_double(value->text); parsed && std::isfinite(*parsed)) return parsed;
    mistake(value->position, key, "expected a number, found " + in_quotes(value->text));
    return std::nullopt;
  }
  wrong_type(key, *value, "a number");
  return std::nullopt;
}

std::optional<base::Duration> Decoder::duration(std::string_view key) {
  const Value* value = scalar(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind == Kind::integer) return base::Duration(value->integer);
  if (value->kind == Kind::floating && std::fabs(value->floating) < kTwoTo63)
    return base::Duration(static_cast<std::int64_t>(value->floating));
  if (value->kind == Kind::string) {
    if (const auto parsed = base::parse_duration(value->text)) return *parsed;
    mistake(value->position, key, "expected a duration such as \"30s\" or \"1m30s\", found " + in_quotes(value->text));
    return std::nullopt;
  }
  wrong_type(key, *value, "a duration such as \"30s\"");
  return std::nullopt;
}

std::optional<std::vector<std::string>> Decoder::texts(std::string_view key) {
  const auto found = find(key);
  if (found.empty()) return std::nullopt;
  std::vector<std::string> out;
  for (const Item* item : found) {
    const Value& value = item->value;
    if (value.kind == Kind::string) {
      if (value.text.empty()) continue;
      for (auto& part : base::split(value.text, ',')) out.push_back(std::move(part));
    } else if (value.kind == Kind::list) {
      for (const Value& element : value.elements)
        if (auto text = element_text(key, element)) out.push_back(std::move(*text));
    } else {
      wrong_type(key, value, "a list of strings");
    }
  }
  return out;
}

std::map<std::string, std::string> Decoder::text_map(std::string_view key) {
  std::map<std::string, std::string> out;
  for (const Value* object : objects(key)) {
    for (const Item& item : object->items) {
      if (item.keys.size() > 1)
        mistake(item.keys[1].position, key, "expected '=' after the name of a setting");
      else if (auto text = element_text(key, item.value))
        out.insert_or_assign(item.keys.front().text, std::move(*text));
    }
  }
  return out;
}

}  // namespace longshore::hcl
