// regexMatch regexReplaceAll: Go's regexp is RE2, and so is ours.
#include <re2/re2.h>

#include <map>
#include <memory>

#include "common/tmpl/helper_tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

using types::kString;

// Compiled once per evaluation.
struct Patterns {
  std::map<std::string, std::unique_ptr<RE2>, std::less<>> compiled;
};

// The words of Go's regexp/syntax package for RE2's error codes.
std::string_view go_reason(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "internal error";
  }
}

Result<const RE2*> compile(Call& call, std::string_view pattern) {
  auto& cache = call.local<Patterns>().compiled;
  if (const auto found = cache.find(pattern); found != cache.end()) return found->second.get();
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) {
    std::string text = "error parsing regexp: " + std::string(go_reason(compiled->error_code()));
    // Go names the whole expression where a parenthesis is missing, the piece in question otherwise.
    const bool whole =
        compiled->error_code() == RE2::ErrorMissingParen || compiled->error_code() == RE2::ErrorUnexpectedParen;
    if (compiled->error_code() != RE2::ErrorTrailingBackslash)
      text += ": `" + (whole ? std::string(pattern) : compiled->error_arg()) + "`";
    else
      text += ": ``";
    return bad(std::move(text));
  }
  return cache.emplace(std::string(pattern), std::move(compiled)).first->second.get();
}

Result<Value> regex_match(Call& call, Args args) {
  LS_TRY(pattern, compile(call, args[0].as_string()));
  const std::string_view text = args[1].as_string();
  LS_TRY_STATUS(call.charge(1 + text.size() / 64));
  return Value::boolean(
      pattern->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0));
}

bool is_name_rune(std::int32_t rune) {
  return rune == '_' || is_letter(rune) || is_digit(rune);
}

using Groups = std::vector<re2::StringPiece>;

// One reference of the replacement text after its $: $1, $name, ${name}. False: the dollar sign stands for itself.
bool expand_reference(std::string_view& rest, const RE2& pattern, const Groups& groups, std::string& out) {
  std::string_view name;
  std::size_t used = 0;
  const bool braces = rest.starts_with('{');
  const std::string_view body = braces ? rest.substr(1) : rest;
  while (used < body.size() && is_name_rune(decode_rune(body.substr(used)).value))
    used += decode_rune(body.substr(used)).width;
  name = body.substr(0, used);
  if (name.empty() || (braces && (used >= body.size() || body[used] != '}'))) return false;
  rest.remove_prefix(used + (braces ? 2 : 0));
  std::size_t number = groups.size();
  if (name.find_first_not_of("0123456789") == std::string_view::npos && name.size() < 9) {
    number = static_cast<std::size_t>(std::stoul(std::string(name)));
  } else {
    const auto& names = pattern.NamedCapturingGroups();
    if (const auto found = names.find(std::string(name)); found != names.end())
      number = static_cast<std::size_t>(found->second);
  }
  if (number < groups.size()) out.append(groups[number].data(), groups[number].size());
  return true;
}

void expand(std::string_view replacement, const RE2& pattern, const Groups& groups, std::string& out) {
  while (!replacement.empty()) {
    const std::size_t at = replacement.find('$');
    out += replacement.substr(0, at);
    if (at == std::string_view::npos) return;
    replacement.remove_prefix(at + 1);
    if (replacement.starts_with('$')) {
      out += '$';
      replacement.remove_prefix(1);
    } else if (!expand_reference(replacement, pattern, groups, out)) {
      out += '$';
    }
  }
}

Result<Value> regex_replace_all(Call& call, Args args) {
  LS_TRY(pattern, compile(call, args[0].as_string()));
  const std::string_view replacement = args[1].as_string();
  const std::string_view text = args[2].as_string();
  Groups groups(static_cast<std::size_t>(pattern->NumberOfCapturingGroups()) + 1);
  std::string out;
  std::size_t at = 0;
  std::size_t copied = 0;
  while (at <= text.size()) {
    LS_TRY_STATUS(call.charge(1));
    const bool found = pattern->Match(re2::StringPiece(text.data(), text.size()), at, text.size(), RE2::UNANCHORED,
                                      groups.data(), static_cast<int>(groups.size()));
    if (!found) break;
    const auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = start + groups[0].size();
    out += text.substr(copied, start - copied);
    // An empty match right after the last match does not count.
    if (end > copied || start == 0) expand(replacement, *pattern, groups, out);
    LS_TRY_STATUS(call.check_size(out.size() + text.size()));
    copied = end;
    const std::size_t width = at < text.size() ? decode_rune(text.substr(at)).width : 1;
    at = at + width > end ? at + width : end;
  }
  if (copied < text.size()) out += text.substr(copied);
  return Value::string(std::move(out));
}

}  // namespace

void add_regex_helpers(FunctionTable& table) {
  table.add("regexMatch", {&kString, &kString}, regex_match);
  table.add("regexReplaceAll", {&kString, &kString, &kString}, regex_replace_all);
}

}  // namespace longshore::tmpl
