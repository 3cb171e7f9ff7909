// indent nindent wrap wrapWith abbrev abbrevboth: bytes, not characters, as in the original.
#include "common/tmpl/go_strings.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kInt;
using types::kString;

Result<std::string> indented(Call& call, std::int64_t spaces, std::string_view text) {
  LS_TRY(pad, strings::repeat(call, " ", spaces));
  LS_TRY(rest, strings::replace(call, text, "\n", "\n" + pad));
  return pad + rest;
}

Result<Value> indent(Call& call, Args args) {
  LS_TRY(text, indented(call, args[0].as_int(), args[1].as_string()));
  return Value::string(std::move(text));
}

Result<Value> nindent(Call& call, Args args) {
  LS_TRY(text, indented(call, args[0].as_int(), args[1].as_string()));
  return Value::string("\n" + text);
}

struct Wrapping {
  std::size_t width = 1;
  std::string_view line_end = "\n";
  bool cut_long_words = false;
};

// github.com/Masterminds/goutils, WrapCustom.
std::string wrapped(std::string_view text, const Wrapping& how) {
  std::string out;
  while (text.size() > how.width) {
    if (text.front() == ' ') {
      text.remove_prefix(1);
      continue;
    }
    std::size_t end = text.substr(0, how.width + 1).rfind(' ');
    std::size_t next = end + 1;
    if (end == std::string_view::npos) {
      end = how.cut_long_words ? how.width : text.find(' ', how.width);
      if (end == std::string_view::npos) break;
      next = how.cut_long_words ? end : end + 1;
    }
    out += text.substr(0, end);
    out += how.line_end;
    text.remove_prefix(next);
  }
  return out += text;
}

Result<Value> wrap_text(Call& call, std::int64_t width, std::string_view text, std::string_view line_end, bool cut) {
  const Wrapping how{width < 1 ? 1 : static_cast<std::size_t>(width), line_end.empty() ? "\n" : line_end, cut};
  std::uint64_t worst = 0;
  if (__builtin_mul_overflow(text.size() / how.width + 1, how.line_end.size(), &worst)) worst = SIZE_MAX / 2;
  LS_TRY_STATUS(call.check_size(text.size() + worst));
  return Value::string(wrapped(text, how));
}

Result<Value> wrap(Call& call, Args args) {
  return wrap_text(call, args[0].as_int(), args[1].as_string(), "", false);
}

Result<Value> wrap_with(Call& call, Args args) {
  return wrap_text(call, args[0].as_int(), args[2].as_string(), args[1].as_string(), true);
}

constexpr std::string_view kDots = "...";

// goutils, AbbreviateFull, with the errors (which sprig turns into no text).
std::string abbreviated(std::string_view text, std::int64_t offset, std::int64_t width) {
  if (text.empty() || width < 4) return {};
  const auto size = static_cast<std::int64_t>(text.size());
  if (size <= width) return std::string(text);
  const std::int64_t kept = width - 3;
  if (offset > size) offset = size;
  if (size - offset < kept) offset = size - kept;
  if (offset <= 4) return std::string(text.substr(0, static_cast<std::size_t>(kept))).append(kDots);
  if (width < 7) return {};
  if (offset + kept < size)
    return std::string(kDots) + abbreviated(text.substr(static_cast<std::size_t>(offset)), 0, kept);
  return std::string(kDots).append(text.substr(static_cast<std::size_t>(size - kept)));
}

Result<Value> abbrev(Call&, Args args) {
  if (args[0].as_int() < 4) return args[1];
  return Value::string(abbreviated(args[1].as_string(), 0, args[0].as_int()));
}

Result<Value> abbrevboth(Call&, Args args) {
  const std::int64_t left = args[0].as_int();
  const std::int64_t right = args[1].as_int();
  if (right < 4 || (left > 0 && right < 7)) return args[2];
  return Value::string(abbreviated(args[2].as_string(), left, right));
}

}  // namespace

void add_layout(FunctionTable& table) {
  add(table, "indent", {&kInt, &kString}, indent);
  add(table, "nindent", {&kInt, &kString}, nindent);
  add(table, "wrap", {&kInt, &kString}, wrap);
  add(table, "wrapWith", {&kInt, &kString, &kString}, wrap_with);
  add(table, "abbrev", {&kInt, &kString}, abbrev);
  add(table, "abbrevboth", {&kInt, &kInt, &kString}, abbrevboth);
}

}  // namespace longshore::tmpl::sprig
