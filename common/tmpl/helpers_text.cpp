// toLower toUpper toTitle trim* replaceAll indent split splitToMap join base64*
#include <algorithm>
#include <array>

#include "common/tmpl/go_strings.h"
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

using types::kInt;
using types::kString;

template <std::int32_t (*Map)(std::int32_t)>
Result<Value> map_runes(Call&, Args args) {
  std::string_view text = args[0].as_string();
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    append_rune(out, Map(rune.value));
    text.remove_prefix(rune.width);
  }
  return Value::string(std::move(out));
}

// Letters whose title case is more than one letter.
std::string_view special_title(std::int32_t rune) {
  constexpr std::pair<std::int32_t, std::string_view> kSpecial[] = {
      {0xDF, "Ss"},    {0x149, "\u02BCN"}, {0xFB00, "Ff"}, {0xFB01, "Fi"}, {0xFB02, "Fl"},
      {0xFB03, "Ffi"}, {0xFB04, "Ffl"},    {0xFB05, "St"}, {0xFB06, "St"}};
  for (const auto& [special, title] : kSpecial)
    if (special == rune) return title;
  return {};
}

// Unicode's word boundaries in short: ideographs are words of their own, combining marks belong to their letter, and an
// apostrophe, dot or colon between two letters does not end a word.
bool is_ideograph(std::int32_t rune) {
  return rune >= 0x2E80 && rune < 0xFB00 && is_letter(rune) && to_upper(rune) == to_lower(rune);
}
bool is_mark(std::int32_t rune) {
  return (rune >= 0x300 && rune <= 0x36F) || (rune >= 0x1AB0 && rune <= 0x1AFF) || (rune >= 0x1DC0 && rune <= 0x1DFF) ||
         (rune >= 0x20D0 && rune <= 0x20FF) || (rune >= 0xFE20 && rune <= 0xFE2F);
}

// The first letter of each word in title case, the rest unchanged.
Result<Value> to_title_text(Call&, Args args) {
  std::string_view text = args[0].as_string();
  std::string out;
  out.reserve(text.size());
  bool in_word = false;
  std::int32_t before = 0;
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    const std::string_view bytes = text.substr(0, rune.width);
    text.remove_prefix(rune.width);
    const bool letter = is_letter(rune.value) && !is_ideograph(rune.value);
    const bool joins = (rune.value == '\'' || rune.value == '.' || rune.value == ':' || rune.value == 0x2019) &&
                       is_letter(before) && is_letter(decode_rune(text).value);
    const std::string_view special = letter && !in_word ? special_title(rune.value) : std::string_view();
    if (!special.empty())
      out += special;
    else if (letter && !in_word)
      append_rune(out, to_title(rune.value));
    else
      out += bytes;  // as they are, also where they are not UTF-8
    if (letter)
      in_word = true;
    else if (!joins && !is_mark(rune.value) && !is_digit(rune.value) && rune.value != '_')
      in_word = false;
    before = rune.value;
  }
  return Value::string(std::move(out));
}

// A part of the argument's own text, without a copy.
Value part_of(const Value& whole, std::string_view part) {
  return Value::string_view(part, whole.owner());
}

bool in_set(std::string_view set, std::int32_t rune) {
  while (!set.empty()) {
    const DecodedRune member = decode_rune(set);
    if (member.value == rune) return true;
    set.remove_prefix(member.width);
  }
  return false;
}

Result<Value> trim_set(Call&, Args args) {
  const std::string_view set = args[0].as_string();
  std::string_view text = args[1].as_string();
  while (!text.empty() && in_set(set, decode_rune(text).value)) text.remove_prefix(decode_rune(text).width);
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    if (!in_set(set, decode_rune(text.substr(start)).value)) break;
    text = text.substr(0, start);
  }
  return part_of(args[1], text);
}

Result<Value> trim_prefix(Call&, Args args) {
  std::string_view text = args[1].as_string();
  if (text.starts_with(args[0].as_string())) text.remove_prefix(args[0].size());
  return part_of(args[1], text);
}

Result<Value> trim_suffix(Call&, Args args) {
  std::string_view text = args[1].as_string();
  if (text.ends_with(args[0].as_string())) text.remove_suffix(args[0].size());
  return part_of(args[1], text);
}

Result<Value> trim_space(Call&, Args args) {
  return part_of(args[0], strings::trim_space(args[0].as_string()));
}

Result<Value> replace_all(Call& call, Args args) {
  LS_TRY(text, strings::replace(call, args[2].as_string(), args[0].as_string(), args[1].as_string()));
  return Value::string(std::move(text));
}

Result<Value> indent(Call& call, Args args) {
  const std::int64_t spaces = args[0].as_int();
  const std::string_view text = args[1].as_string();
  if (spaces < 0) return bad("indent value must be a positive integer");
  const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  std::uint64_t total = 0;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(spaces), lines, &total) ||
      __builtin_add_overflow(total, text.size(), &total))
    total = UINT64_MAX;
  LS_TRY_STATUS(call.check_size(total));
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && c != '\n') out.append(static_cast<std::size_t>(spaces), ' ');
    out += c;
    at_start = c == '\n';
  }
  return Value::string(std::move(out));
}

Result<Value> split(Call& call, Args args) {
  const std::string_view text = strings::trim_space(args[1].as_string());
  std::vector<Value> parts;
  if (!text.empty())
    for (const std::string_view part : strings::split(text, args[0].as_string()))
      parts.push_back(part_of(args[1], part));
  LS_TRY_STATUS(call.charge(parts.size()));
  return Value::list(types::kListOfString, std::move(parts));
}

Result<Value> split_to_map(Call& call, Args args) {
  const std::string_view text = strings::trim_space(args[2].as_string());
  std::vector<MapEntry> entries;
  if (!text.empty()) {
    for (const std::string_view part : strings::split(text, args[0].as_string())) {
      const std::size_t at = find_text(part, args[1].as_string());
      if (at == std::string_view::npos) continue;
      entries.emplace_back(part_of(args[2], part.substr(0, at)), part_of(args[2], part.substr(at + args[1].size())));
    }
  }
  LS_TRY_STATUS(call.charge(entries.size()));
  return Value::map(types::kMapOfString, std::move(entries));
}

Result<Value> join(Call& call, Args args) {
  const std::string_view separator = args[0].as_string();
  const std::size_t count = args[1].size();
  LS_TRY_STATUS(call.charge(count));
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    const Value element = args[1].at(i);
    LS_TRY_STATUS(call.check_size(out.size() + separator.size() + element.size()));
    if (i > 0) out += separator;
    out += element.as_string();
  }
  return Value::string(std::move(out));
}

}  // namespace

void add_text_helpers(FunctionTable& table) {
  table.add("toLower", {&kString}, map_runes<to_lower>);
  table.add("toUpper", {&kString}, map_runes<to_upper>);
  table.add("toTitle", {&kString}, to_title_text);
  table.add("trim", {&kString, &kString}, trim_set);
  table.add("trimPrefix", {&kString, &kString}, trim_prefix);
  table.add("trimSuffix", {&kString, &kString}, trim_suffix);
  table.add("trimSpace", {&kString}, trim_space);
  table.add("replaceAll", {&kString, &kString, &kString}, replace_all);
  table.add("indent", {&kInt, &kString}, indent);
  table.add("split", {&kString, &kString}, split);
  table.add("splitToMap", {&kString, &kString, &kString}, split_to_map);
  table.add("join", {&kString, &types::kListOfString}, join);
}

}  // namespace longshore::tmpl
