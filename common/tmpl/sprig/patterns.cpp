// regexMatch regexFind regexFindAll regexReplaceAll regexReplaceAllLiteral regexSplit and their must forms,
// regexQuoteMeta
#include "common/tmpl/regexp.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kInt;
using types::kString;

// Where the must form reports Compile's error, the other panics with MustCompile's.
template <bool Must>
Result<const RE2*> pattern_of(Call& call, std::string_view text) {
  return Must ? regexp::compile(call, text) : regexp::must_compile(call, text);
}

Value part_of(const Value& whole, re2::StringPiece part) {
  return Value::string_view({part.data(), part.size()}, whole.owner());
}

template <bool Must>
Result<Value> match(Call& call, Args args) {
  const auto pattern = regexp::compile(call, args[0].as_string());
  if (!pattern && !Must) return Value::boolean(false);
  if (!pattern) return bad(pattern.error().text);
  LS_TRY(found, regexp::find_all(call, **pattern, args[1].as_string(), 1));
  return Value::boolean(!found.empty());
}

template <bool Must>
Result<Value> find(Call& call, Args args) {
  LS_TRY(pattern, pattern_of<Must>(call, args[0].as_string()));
  LS_TRY(found, regexp::find_all(call, *pattern, args[1].as_string(), 1));
  return found.empty() ? Value::string("") : part_of(args[1], found[0][0]);
}

template <bool Must>
Result<Value> find_every(Call& call, Args args) {
  LS_TRY(pattern, pattern_of<Must>(call, args[0].as_string()));
  LS_TRY(found, regexp::find_all(call, *pattern, args[1].as_string(), args[2].as_int()));
  if (found.empty()) return Value::nil_of(types::kListOfString);
  std::vector<Value> out;
  for (const regexp::Match& each : found) out.push_back(part_of(args[1], each[0]));
  return Value::list(types::kListOfString, std::move(out));
}

template <bool Must, bool Literal>
Result<Value> replace(Call& call, Args args) {
  LS_TRY(pattern, pattern_of<Must>(call, args[0].as_string()));
  constexpr auto kReplace = Literal ? regexp::replace_all_literal : regexp::replace_all;
  LS_TRY(text, kReplace(call, *pattern, args[1].as_string(), args[2].as_string()));
  return Value::string(std::move(text));
}

// regexp.Split: at most `limit` parts, the last one whole.
template <bool Must>
Result<Value> split(Call& call, Args args) {
  LS_TRY(pattern, pattern_of<Must>(call, args[0].as_string()));
  const std::string_view text = args[1].as_string();
  const std::int64_t limit = args[2].as_int();
  if (limit == 0) return Value::nil_of(types::kListOfString);
  std::vector<Value> out;
  if (args[0].size() > 0 && text.empty()) return Value::strings({""});
  LS_TRY(found, regexp::find_all(call, *pattern, text, limit));
  std::size_t start = 0;
  std::size_t end = 0;
  for (const regexp::Match& each : found) {
    if (limit > 0 && out.size() + 1 == static_cast<std::uint64_t>(limit)) break;
    end = static_cast<std::size_t>(each[0].data() - text.data());
    const std::size_t after = end + each[0].size();
    if (after != 0) out.push_back(Value::string_view(text.substr(start, end - start), args[1].owner()));
    start = after;
  }
  if (end != text.size()) out.push_back(Value::string_view(text.substr(start), args[1].owner()));
  return Value::list(types::kListOfString, std::move(out));
}

Result<Value> quote_meta(Call&, Args args) {
  std::string out;
  for (const char c : args[0].as_string()) {
    constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return Value::string(std::move(out));
}

}  // namespace

void add_patterns(FunctionTable& table) {
  add(table, "regexMatch", {&kString, &kString}, match<false>);
  add(table, "mustRegexMatch", {&kString, &kString}, match<true>);
  add(table, "regexFind", {&kString, &kString}, find<false>);
  add(table, "mustRegexFind", {&kString, &kString}, find<true>);
  add(table, "regexFindAll", {&kString, &kString, &kInt}, find_every<false>);
  add(table, "mustRegexFindAll", {&kString, &kString, &kInt}, find_every<true>);
  add(table, "regexReplaceAll", {&kString, &kString, &kString}, replace<false, false>);
  add(table, "mustRegexReplaceAll", {&kString, &kString, &kString}, replace<true, false>);
  add(table, "regexReplaceAllLiteral", {&kString, &kString, &kString}, replace<false, true>);
  add(table, "mustRegexReplaceAllLiteral", {&kString, &kString, &kString}, replace<true, true>);
  add(table, "regexSplit", {&kString, &kString, &kInt}, split<false>);
  add(table, "mustRegexSplit", {&kString, &kString, &kInt}, split<true>);
  add(table, "regexQuoteMeta", {&kString}, quote_meta);
}

}  // namespace longshore::tmpl::sprig
