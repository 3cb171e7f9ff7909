#include "common/tmpl/regexp.h"

#include <map>
#include <memory>

#include "common/tmpl/numbers.h"
#include "common/tmpl/regexp_syntax.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::regexp {
namespace {

constexpr std::uint64_t kCompileSteps = 500;
constexpr std::uint64_t kTooLargeSteps = 300'000;

// In the worst case RE2 looks at each instruction of its program for each byte.
std::uint64_t match_steps(const RE2& pattern, std::size_t bytes) {
  return 1 + bytes / 64 + bytes * static_cast<std::uint64_t>(pattern.ProgramSize()) / 512;
}

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

std::string go_error(const RE2& pattern, std::string_view text) {
  const RE2::ErrorCode code = pattern.error_code();
  // Go names the whole expression where a parenthesis is wrong, the piece in question otherwise.
  const bool whole = code == RE2::ErrorMissingParen || code == RE2::ErrorUnexpectedParen;
  std::string piece = whole ? std::string(text) : pattern.error_arg();
  if (code == RE2::ErrorTrailingBackslash) piece.clear();
  // As it was written, see for_re2.
  if (piece.starts_with("(?P<") && text.find(piece) == std::string_view::npos) piece.erase(2, 1);
  return "error parsing regexp: " + std::string(go_reason(code)) + ": `" + piece + "`";
}

bool is_name_rune(std::int32_t rune) {
  return rune == '_' || is_letter(rune) || is_digit(rune);
}

// Takes a reference off the text behind a dollar sign; "" if there is none.
std::string_view take_name(std::string_view& text) {
  const bool braces = text.starts_with('{');
  const std::string_view body = braces ? text.substr(1) : text;
  std::size_t size = 0;
  while (size < body.size() && is_name_rune(decode_rune(body.substr(size)).value))
    size += decode_rune(body.substr(size)).width;
  if (size == 0 || (braces && !body.substr(size).starts_with('}'))) return {};
  text.remove_prefix(size + (braces ? 2 : 0));
  return body.substr(0, size);
}

void expand(std::string_view replacement, const RE2& pattern, const Match& match, std::string& out) {
  while (!replacement.empty()) {
    const std::size_t dollar = replacement.find('$');
    out += replacement.substr(0, dollar);
    if (dollar == std::string_view::npos) return;
    replacement.remove_prefix(dollar + 1);
    if (replacement.starts_with('$')) {
      out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const std::string_view name = take_name(replacement);
    if (name.empty()) {
      out += '$';
      continue;
    }
    const auto number = parse_uint(name, 10);
    std::size_t group = number ? *number : match.size();
    if (!number) {
      const auto& names = pattern.NamedCapturingGroups();
      if (const auto found = names.find(std::string(name)); found != names.end())
        group = static_cast<std::size_t>(found->second);
    }
    if (group < match.size()) out.append(match[group].data(), match[group].size());
  }
}

template <bool Expand>
Result<std::string> replace(Call& call, const RE2& pattern, std::string_view text, std::string_view replacement) {
  LS_TRY(found, find_all(call, pattern, text, -1, Expand ? pattern.NumberOfCapturingGroups() + 1 : 1));
  std::string out;
  std::size_t copied = 0;
  for (const Match& each : found) {
    const auto start = static_cast<std::size_t>(each[0].data() - text.data());
    out += text.substr(copied, start - copied);
    if (Expand)
      expand(replacement, pattern, each, out);
    else
      out += replacement;
    copied = start + each[0].size();
    LS_TRY_STATUS(call.check_size(out.size() + text.size()));
  }
  out += text.substr(copied);
  return out;
}

}  // namespace

Result<const RE2*> compile(Call& call, std::string_view pattern) {
  auto& cache = call.local<Patterns>().compiled;
  if (const auto found = cache.find(pattern); found != cache.end()) return found->second.get();
  LS_TRY_STATUS(call.charge(kCompileSteps + 16 * pattern.size()));
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<RE2>(for_re2(pattern), options);
  // Repetitions of repetitions are short to write and long to compile, also where they are refused in the end.
  if (compiled->error_code() == RE2::ErrorPatternTooLarge) LS_TRY_STATUS(call.charge(kTooLargeSteps));
  if (!compiled->ok()) return base::fail(Errc::template_error, go_error(*compiled, pattern));
  LS_TRY_STATUS(call.charge(static_cast<std::uint64_t>(compiled->ProgramSize())));
  return cache.emplace(std::string(pattern), std::move(compiled)).first->second.get();
}

Result<const RE2*> must_compile(Call& call, std::string_view pattern) {
  auto compiled = compile(call, pattern);
  if (compiled || compiled.error().code == Errc::limit) return compiled;
  const std::string shown = can_backquote(pattern) ? "`" + std::string(pattern) + "`" : quote(pattern);
  return base::fail(Errc::template_error, "regexp: Compile(" + shown + "): " + compiled.error().text);
}

Result<std::vector<Match>> find_all(Call& call, const RE2& pattern, std::string_view text, std::int64_t limit,
                                    int groups) {
  std::vector<Match> out;
  const re2::StringPiece whole(text.data(), text.size());
  std::size_t at = 0;
  std::size_t last_end = SIZE_MAX;
  LS_TRY_STATUS(call.charge(match_steps(pattern, text.size())));
  while (at <= text.size() && (limit < 0 || out.size() < static_cast<std::uint64_t>(limit))) {
    LS_TRY_STATUS(call.charge(1 + text.size() / 1024));
    Match match(static_cast<std::size_t>(groups));
    if (!pattern.Match(whole, at, text.size(), RE2::UNANCHORED, match.data(), groups)) break;
    const auto start = static_cast<std::size_t>(match[0].data() - text.data());
    const std::size_t end = start + match[0].size();
    // An empty match right behind the last one does not count.
    const bool counts = end > start || start != last_end;
    at = end > start ? end : end + (end < text.size() ? decode_rune(text.substr(end)).width : 1);
    last_end = end;
    if (counts) out.push_back(std::move(match));
  }
  return out;
}

Result<bool> matches(Call& call, const RE2& pattern, std::string_view text) {
  LS_TRY_STATUS(call.charge(match_steps(pattern, text.size())));
  return pattern.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

Result<std::string> replace_all(Call& call, const RE2& pattern, std::string_view text, std::string_view replacement) {
  return replace<true>(call, pattern, text, replacement);
}
Result<std::string> replace_all_literal(Call& call, const RE2& pattern, std::string_view text,
                                        std::string_view replacement) {
  return replace<false>(call, pattern, text, replacement);
}

}  // namespace longshore::tmpl::regexp
