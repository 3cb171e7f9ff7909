// hello upper lower trim* repeat replace contains hasPrefix hasSuffix quote squote cat join split* toString(s) plural
// substr trunc nospace sortAlpha shuffle randInt fail
#include <openssl/rand.h>

#include <algorithm>

#include "common/tmpl/format.h"
#include "common/tmpl/go_strings.h"
#include "common/tmpl/sprig/tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kInt;
using types::kString;

Result<Value> hello(Call&, Args) {
  return Value::string("Hello!");
}

template <std::int32_t (*Map)(std::int32_t)>
Result<Value> map_runes(Call&, Args args) {
  std::string_view text = args[0].as_string();
  std::string out;
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    append_rune(out, Map(rune.value));
    text.remove_prefix(rune.width);
  }
  return Value::string(std::move(out));
}

Value part_of(const Value& whole, std::string_view part) {
  return Value::string_view(part, whole.owner());
}

Result<Value> trim(Call&, Args args) {
  return part_of(args[0], strings::trim_space(args[0].as_string()));
}

bool in_set(std::string_view set, std::int32_t rune) {
  for (; !set.empty(); set.remove_prefix(decode_rune(set).width))
    if (decode_rune(set).value == rune) return true;
  return false;
}

Result<Value> trim_all(Call&, Args args) {
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

Result<Value> repeat_text(Call& call, Args args) {
  LS_TRY(text, strings::repeat(call, args[1].as_string(), args[0].as_int()));
  return Value::string(std::move(text));
}

Result<Value> replace(Call& call, Args args) {
  LS_TRY(text, strings::replace(call, args[2].as_string(), args[0].as_string(), args[1].as_string()));
  return Value::string(std::move(text));
}

Result<Value> contains(Call&, Args args) {
  return Value::boolean(find_text(args[1].as_string(), args[0].as_string()) != std::string_view::npos);
}
Result<Value> has_prefix(Call&, Args args) {
  return Value::boolean(args[1].as_string().starts_with(args[0].as_string()));
}
Result<Value> has_suffix(Call&, Args args) {
  return Value::boolean(args[1].as_string().ends_with(args[0].as_string()));
}

Result<Value> quote_all(Call& call, Args args) {
  std::string out;
  bool first = true;
  for (const Value& value : args) {
    if (is_nothing(value)) continue;
    LS_TRY(text, text_of(call, value));
    if (!first) out += ' ';
    first = false;
    out += quote(text);
    LS_TRY_STATUS(call.check_size(out.size()));
  }
  return Value::string(std::move(out));
}

Result<Value> single_quote_all(Call& call, Args args) {
  std::string out;
  bool first = true;
  for (const Value& value : args) {
    if (is_nothing(value)) continue;
    LS_TRY(text, print_plain(call, value));
    if (!first) out += ' ';
    first = false;
    out += '\'' + text + '\'';
    LS_TRY_STATUS(call.check_size(out.size()));
  }
  return Value::string(std::move(out));
}

Result<Value> cat(Call& call, Args args) {
  std::string out;
  bool first = true;
  for (const Value& value : args) {
    if (is_nothing(value)) continue;
    LS_TRY(text, print_plain(call, value));
    if (!first) out += ' ';
    first = false;
    out += text;
    LS_TRY_STATUS(call.check_size(out.size()));
  }
  return Value::string(std::move(out));
}

// sprig's strslice: anything as a list of texts, nil left out.
Result<std::vector<std::string>> texts_of(Call& call, const Value& value) {
  std::vector<std::string> out;
  if (is_nothing(value)) return out;
  if (!is_list(value)) {
    LS_TRY(text, text_of(call, value));
    out.push_back(std::move(text));
    return out;
  }
  LS_TRY(elements, elements_of(call, value));
  for (const Value& element : elements) {
    if (is_nothing(element)) continue;
    LS_TRY(text, text_of(call, element));
    out.push_back(std::move(text));
  }
  return out;
}

Result<Value> join(Call& call, Args args) {
  LS_TRY(texts, texts_of(call, args[1]));
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += args[0].as_string();
    out += texts[i];
    LS_TRY_STATUS(call.check_size(out.size()));
  }
  return Value::string(std::move(out));
}

Result<Value> to_strings(Call& call, Args args) {
  if (!is_nothing(args[0]) && same_type(args[0].type(), types::kListOfString)) return args[0];
  LS_TRY(texts, texts_of(call, args[0]));
  return Value::strings(std::move(texts));
}

Result<Value> sort_alpha(Call& call, Args args) {
  LS_TRY(texts, texts_of(call, args[0]));
  if (is_nothing(args[0])) texts = {"<nil>"};
  std::ranges::sort(texts);
  return Value::strings(std::move(texts));
}

Result<Value> to_text(Call& call, Args args) {
  LS_TRY(text, text_of(call, args[0]));
  return Value::string(std::move(text));
}

Value numbered(const Value& whole, const std::vector<std::string_view>& parts) {
  std::vector<MapEntry> entries;
  for (std::size_t i = 0; i < parts.size(); ++i)
    entries.emplace_back(Value::string("_" + std::to_string(i)), part_of(whole, parts[i]));
  return Value::map(types::kMapOfString, std::move(entries));
}

Result<Value> split_map(Call& call, Args args) {
  const auto parts = strings::split(args[1].as_string(), args[0].as_string());
  LS_TRY_STATUS(call.charge(parts.size()));
  return numbered(args[1], parts);
}

Result<Value> split_n(Call& call, Args args) {
  const auto parts = strings::split(args[2].as_string(), args[0].as_string(), args[1].as_int());
  LS_TRY_STATUS(call.charge(parts.size()));
  return numbered(args[2], parts);
}

Result<Value> split_list(Call& call, Args args) {
  const auto parts = strings::split(args[1].as_string(), args[0].as_string());
  LS_TRY_STATUS(call.charge(parts.size()));
  std::vector<Value> values;
  for (const std::string_view part : parts) values.push_back(part_of(args[1], part));
  return Value::list(types::kListOfString, std::move(values));
}

Result<Value> plural(Call&, Args args) {
  return args[2].as_int() == 1 ? args[0] : args[1];
}

// Bytes, not characters, here and in trunc.
Result<Value> substr(Call&, Args args) {
  const std::int64_t start = args[0].as_int();
  const std::int64_t end = args[1].as_int();
  const std::string_view text = args[2].as_string();
  const auto part = [&](std::int64_t from, std::int64_t to) {
    return part_of(args[2], text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
  };
  const auto size = static_cast<std::int64_t>(text.size());
  if (start < 0) {
    LS_TRY_STATUS(check_end(end, text.size()));
    return part(0, end);
  }
  if (end < 0 || end > size) {
    LS_TRY_STATUS(check_start(start, text.size()));
    return part(start, size);
  }
  LS_TRY_STATUS(check_bounds(start, end, text.size()));
  return part(start, end);
}

Result<Value> trunc(Call&, Args args) {
  const std::int64_t count = args[0].as_int();
  const std::string_view text = args[1].as_string();
  const auto size = static_cast<std::int64_t>(text.size());
  if (count < 0 && count > -size) return part_of(args[1], text.substr(static_cast<std::size_t>(size + count)));
  if (count >= 0 && size > count) return part_of(args[1], text.substr(0, static_cast<std::size_t>(count)));
  return args[1];
}

// goutils looks at bytes and writes each as a character, so that text beyond ASCII suffers as in the original.
Result<Value> nospace(Call&, Args args) {
  const std::string_view text = args[0].as_string();
  std::string out;
  std::size_t kept = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_space(byte)) continue;
    append_rune(out, byte);
    ++kept;
  }
  if (kept == text.size()) return args[0];
  return Value::string(std::move(out));
}

// Uniform below `bound` (at least 1).
std::uint64_t random_below(std::uint64_t bound) {
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t number = 0;
  do {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1) return 0;
  } while (number >= limit);
  return number % bound;
}

Result<Value> shuffle(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args[0].size() * 10));  // steps; chance is dear
  std::vector<std::string_view> runes = strings::split(args[0].as_string(), "");
  for (std::size_t left = runes.size(); left > 1; --left) std::swap(runes[left - 1], runes[random_below(left)]);
  std::string out;
  for (const std::string_view rune : runes) out += rune;
  return Value::string(std::move(out));
}

Result<Value> rand_int(Call&, Args args) {
  const std::int64_t low = args[0].as_int();
  const std::int64_t high = args[1].as_int();
  if (high <= low) return bad("invalid argument to Intn");
  const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  return Value::integer(static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + random_below(width)));
}

Result<Value> fail_with(Call&, Args args) {
  return bad(std::string(args[0].as_string()));
}

}  // namespace

void add_text(FunctionTable& table) {
  add(table, "hello", {}, hello);
  add(table, "upper", {&kString}, map_runes<to_upper>);
  add(table, "lower", {&kString}, map_runes<to_lower>);
  add(table, "trim", {&kString}, trim);
  add(table, "trimall", {&kString, &kString}, trim_all);
  add(table, "trimAll", {&kString, &kString}, trim_all);
  add(table, "trimPrefix", {&kString, &kString}, trim_prefix);
  add(table, "trimSuffix", {&kString, &kString}, trim_suffix);
  add(table, "repeat", {&kInt, &kString}, repeat_text);
  add(table, "replace", {&kString, &kString, &kString}, replace);
  add(table, "contains", {&kString, &kString}, contains);
  add(table, "hasPrefix", {&kString, &kString}, has_prefix);
  add(table, "hasSuffix", {&kString, &kString}, has_suffix);
  add(table, "quote", {&kAny}, quote_all, true);
  add(table, "squote", {&kAny}, single_quote_all, true);
  add(table, "cat", {&kAny}, cat, true);
  add(table, "join", {&kString, &kAny}, join);
  add(table, "toStrings", {&kAny}, to_strings);
  add(table, "sortAlpha", {&kAny}, sort_alpha);
  add(table, "toString", {&kAny}, to_text);
  add(table, "split", {&kString, &kString}, split_map);
  add(table, "splitn", {&kString, &kInt, &kString}, split_n);
  add(table, "splitList", {&kString, &kString}, split_list);
  add(table, "plural", {&kString, &kString, &kInt}, plural);
  add(table, "substr", {&kInt, &kInt, &kString}, substr);
  add(table, "trunc", {&kInt, &kString}, trunc);
  add(table, "nospace", {&kString}, nospace);
  add(table, "shuffle", {&kString}, shuffle);
  add(table, "randInt", {&kInt, &kInt}, rand_int);
  add(table, "fail", {&kString}, fail_with);
}

}  // namespace longshore::tmpl::sprig
