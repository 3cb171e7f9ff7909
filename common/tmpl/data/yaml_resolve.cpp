#include "common/tmpl/data/yaml_resolve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "common/tmpl/base64.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::yaml {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

std::optional<Resolved> resolve_word(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return Resolved{Tag::null, Value::nil()};
  if (is_one_of(text, {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}))
    return Resolved{Tag::boolean, Value::boolean(true)};
  if (is_one_of(text, {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}))
    return Resolved{Tag::boolean, Value::boolean(false)};
  if (is_one_of(text, {".nan", ".NaN", ".NAN"}))
    return Resolved{Tag::floating, Value::floating(std::numeric_limits<double>::quiet_NaN())};
  if (is_one_of(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"}))
    return Resolved{Tag::floating, Value::floating(kInfinity)};
  if (is_one_of(text, {"-.inf", "-.Inf", "-.INF"})) return Resolved{Tag::floating, Value::floating(-kInfinity)};
  return std::nullopt;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_float(std::string_view text) {
  const auto skip_digits = [&text] {
    std::size_t count = 0;
    for (; !text.empty() && is_digit(text.front()); ++count) text.remove_prefix(1);
    return count;
  };
  const auto skip_sign = [&text] {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  };
  skip_sign();
  const std::size_t whole = skip_digits();
  std::size_t fraction = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = skip_digits();
  }
  if (whole + fraction == 0) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  skip_sign();
  return skip_digits() > 0 && text.empty();
}

// Four digits and a dash, and one of the forms that yaml.v2 knows.
bool is_timestamp(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits != 4 || digits == text.size() || text[digits] != '-') return false;
  for (const char* layout :
       {"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2"})
    if (gotime::parse(layout, text)) return true;
  return false;
}

Resolved resolve_number(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '_');
  if (const auto number = parse_int(plain, 0)) return {Tag::integer, Value::integer(*number)};
  if (const auto number = parse_uint(plain, 0)) return {Tag::integer, Value::unsigned_integer(*number, types::kUint64)};
  if (is_float(plain))
    if (const auto number = parse_float(plain)) return {Tag::floating, Value::floating(*number)};
  return {Tag::text, Value::string(std::string(text))};
}

constexpr std::string_view kPrefix = "tag:yaml.org,2002:";

std::string_view name_of(Tag tag) {
  constexpr std::string_view kNames[] = {"str", "null", "bool", "int", "float", "timestamp"};
  return kNames[static_cast<std::size_t>(tag)];
}

}  // namespace

Resolved resolve(std::string_view text) {
  const char first = text.empty() ? 'N' : text.front();
  constexpr std::string_view kHints = "yYnNtTfFoO~+-0123456789.";
  if (kHints.find(first) != std::string_view::npos) {
    if (auto word = resolve_word(text)) return std::move(*word);
    if (first == '.') {
      if (const auto number = parse_float(text)) return {Tag::floating, Value::floating(*number)};
    } else if (is_digit(first) || first == '+' || first == '-') {
      if (is_timestamp(text)) return {Tag::timestamp, Value::string(std::string(text))};
      return resolve_number(text);
    }
  }
  return {Tag::text, Value::string(std::string(text))};
}

Result<Value> resolve_as(std::string_view tag, std::string_view text) {
  const auto failed = [](std::string message) { return base::fail(Errc::template_error, std::move(message)); };
  const std::string_view name = tag.starts_with(kPrefix) ? tag.substr(kPrefix.size()) : std::string_view();
  if (name == "binary") {
    auto bytes = base64_decode(text);
    if (!bytes) return failed("yaml: !!binary value contains invalid base64 data");
    return Value::string(std::move(*bytes));
  }
  if (!is_one_of(name, {"bool", "int", "float", "null", "timestamp"})) return Value::string(std::string(text));
  Resolved found = resolve(text);
  if (found.tag == Tag::timestamp && name != "timestamp") found = {Tag::text, Value::string(std::string(text))};
  if (name == name_of(found.tag)) return std::move(found.value);
  if (name == "float" && found.tag == Tag::integer && found.value.is_signed())
    return Value::floating(static_cast<double>(found.value.as_int()));
  return failed("yaml: cannot decode !!" + std::string(name_of(found.tag)) + " `" + std::string(text) + "` as a !!" +
                std::string(name));
}

}  // namespace longshore::tmpl::yaml
