#include "common/cli/parsed.h"

#include <cassert>
#include <charconv>
#include <cstdint>
#include <optional>

#include "common/base/text.h"

namespace longshore::cli {
namespace {

constexpr std::size_t index_of(Origin origin) {
  return static_cast<std::size_t>(origin);
}

// Highest layer first.
constexpr std::array kOwn = {Origin::option, Origin::environment, Origin::local_config, Origin::file, Origin::fallback};
constexpr std::array kConsulTemplate = {Origin::option, Origin::local_config, Origin::file, Origin::environment,
                                        Origin::fallback};

// Go's strconv reasons as package flag prints them.
constexpr std::string_view kParseError = "parse error";
constexpr std::string_view kOutOfRange = "value out of range";

// Takes "0x", "0o", "0b" or a leading "0" off the front.
int base_of(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char letter = static_cast<char>(digits[1] | 0x20);
  const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  digits.remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

// Underscores between digits, as in Go's literals.
std::optional<std::string> without_underscores(std::string_view digits, bool prefixed) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != '_') {
      out += digits[i];
    } else if ((i == 0 && !prefixed) || i + 1 == digits.size() || digits[i + 1] == '_') {
      return std::nullopt;
    }
  }
  return out;
}

// Source: strconv.ParseInt(text, 0, 64).
Result<std::int64_t> parse_go_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string_view rest = text;
  const int base = base_of(rest);
  const auto digits = without_underscores(rest, rest.size() != text.size());
  std::uint64_t value = 0;
  if (!digits || digits->empty()) return fail(Errc::invalid_input, std::string(kParseError));
  const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), value, base);
  if (end != digits->data() + digits->size()) return fail(Errc::invalid_input, std::string(kParseError));
  const std::uint64_t most = std::uint64_t{1} << 63;
  if (error != std::errc{} || value > most || (value == most && !negative))
    return fail(Errc::invalid_input, std::string(kOutOfRange));
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

// Behind Go's reason, which names none: what was probably meant.
std::string duration_hint(std::string_view text) {
  std::string bare;
  for (const char c : text)
    if (c != ' ' && c != '\t') bare += c;
  if (bare.empty()) return {};
  if (base::parse_duration(bare)) return " (did you mean " + bare + "?)";
  bare += 's';
  if (base::parse_duration(bare)) return " (a unit is missing, did you mean " + bare + "?)";
  return {};
}

Result<std::int64_t> parse_integer(const Option& option, std::string_view text) {
  const auto number = parse_go_integer(text);
  if (!number) return number;
  const bool bounded = option.min != std::numeric_limits<std::int64_t>::min();
  if (bounded && *number < option.min)
    return fail(Errc::invalid_input, "must be at least " + std::to_string(option.min));
  if (*number > option.max) return fail(Errc::invalid_input, "must be at most " + std::to_string(option.max));
  if (*number < option.min) return fail(Errc::invalid_input, std::string(kOutOfRange));
  return *number;
}

}  // namespace

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::fallback:
      return "default";
    case Origin::environment:
      return "environment";
    case Origin::file:
      return "file";
    case Origin::local_config:
      return "CT_LOCAL_CONFIG";
    case Origin::option:
      return "option";
  }
  return "default";
}

std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == word) return true;
  for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == word) return false;
  return std::nullopt;
}

Parsed::Parsed(OptionTable table, Precedence precedence) : table_(std::move(table)), precedence_(precedence) {
  for (const Option& option : table_.all()) {
    Layers layers;
    std::optional<Value>& fallback = layers[index_of(Origin::fallback)];
    switch (option.kind) {
      case Kind::boolean:
        fallback = parse_bool(option.fallback).value_or(false);
        break;
      case Kind::text:
        fallback = option.fallback;
        break;
      case Kind::integer:
        fallback = base::parse_int(option.fallback).value_or(0);
        break;
      case Kind::duration: {
        const Result<base::Duration> parsed = base::parse_duration(option.fallback.empty() ? "0" : option.fallback);
        assert(parsed && "fallback is not a duration");
        fallback = parsed.value_or(base::Duration(0));
        break;
      }
      case Kind::list:
        fallback = option.fallback.empty() ? std::vector<std::string>() : base::split(option.fallback, ',');
        break;
    }
    values_.emplace(option.names.front(), std::move(layers));
  }
}

const Parsed::Layers& Parsed::layers(std::string_view name) const {
  const Option* option = table_.find(name);
  assert(option != nullptr && "no such option in the table");
  return values_.find(option->names.front())->second;
}

Origin Parsed::origin(std::string_view name) const {
  const Layers& all = layers(name);
  for (const Origin origin : precedence_ == Precedence::own ? kOwn : kConsulTemplate)
    if (all[index_of(origin)]) return origin;
  return Origin::fallback;
}

bool Parsed::is_set_by(std::string_view name, Origin layer) const {
  return layers(name)[index_of(layer)].has_value();
}

const Parsed::Value& Parsed::winner(std::string_view name) const {
  return *layers(name)[index_of(origin(name))];
}

bool Parsed::boolean(std::string_view name) const {
  return std::get<bool>(winner(name));
}
const std::string& Parsed::text(std::string_view name) const {
  return std::get<std::string>(winner(name));
}
std::int64_t Parsed::integer(std::string_view name) const {
  return std::get<std::int64_t>(winner(name));
}
base::Duration Parsed::duration(std::string_view name) const {
  return std::get<base::Duration>(winner(name));
}
const std::vector<std::string>& Parsed::list(std::string_view name) const {
  return std::get<std::vector<std::string>>(winner(name));
}

std::vector<std::string> Parsed::list_of(std::string_view name, Origin layer) const {
  const std::optional<Value>& value = layers(name)[index_of(layer)];
  return value ? std::get<std::vector<std::string>>(*value) : std::vector<std::string>();
}

Status Parsed::set(Origin layer, std::string_view name, std::string_view value, std::string_view subject) {
  const Option* option = table_.find(name);
  assert(option != nullptr && "no such option in the table");
  const auto invalid = [&](std::string_view reason) {
    const std::string_view kind = option->kind == Kind::boolean ? "invalid boolean value" : "invalid value";
    const std::string shown = option->secret ? "" : " \"" + std::string(value) + "\"";
    return fail(Errc::invalid_input,
                std::string(kind) + shown + " for " + std::string(subject) + ": " + std::string(reason));
  };
  std::optional<Value>& slot = values_.find(option->names.front())->second[index_of(layer)];
  if (option->check != nullptr && (option->kind == Kind::text || option->kind == Kind::list))
    if (const Status checked = option->check(value); !checked) return invalid(checked.error().text);
  switch (option->kind) {
    case Kind::boolean: {
      const std::optional<bool> parsed = parse_bool(value);
      if (!parsed) return invalid(kParseError);
      slot = *parsed;
      break;
    }
    case Kind::text:
      slot = std::string(value);
      break;
    case Kind::integer: {
      const Result<std::int64_t> parsed = parse_integer(*option, value);
      if (!parsed) return invalid(parsed.error().text);
      slot = *parsed;
      break;
    }
    case Kind::duration: {
      const Result<base::Duration> parsed = base::parse_duration(value);
      if (!parsed) return invalid(std::string(kParseError) + (option->secret ? std::string() : duration_hint(value)));
      slot = *parsed;
      break;
    }
    case Kind::list:
      if (!slot) slot = std::vector<std::string>();
      std::get<std::vector<std::string>>(*slot).emplace_back(value);
      break;
  }
  if (option->check != nullptr && (option->kind == Kind::integer || option->kind == Kind::duration))
    if (const Status checked = option->check(value); !checked) return invalid(checked.error().text);
  return {};
}

Parsed Parsed::part(std::string_view prefix, const OptionTable& table) const {
  Parsed part(table, precedence_);
  for (auto& [name, layers] : part.values_) {
    const auto found = values_.find(std::string(prefix) + name);
    if (found != values_.end()) layers = found->second;
  }
  return part;
}

}  // namespace longshore::cli
