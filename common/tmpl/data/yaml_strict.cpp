#include "common/tmpl/data/yaml_strict.h"

#include <algorithm>

#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::yaml {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view line_from(std::string_view text, std::size_t at) {
  return text.substr(std::min(at, text.size())).substr(0, text.substr(std::min(at, text.size())).find('\n'));
}

std::size_t line_start(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

bool is_blank_or_comment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kBlanks);
  return first == std::string_view::npos || line[first] == '#';
}

// Three of that character, then white space or nothing.
bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) && (line.size() == 3 || kBlanks.find(line[3]) != std::string_view::npos);
}

bool has_colon(std::string_view line) {
  for (std::size_t at = line.find(':'); at != std::string_view::npos; at = line.find(':', at + 1))
    if (at + 1 == line.size() || kBlanks.find(line[at + 1]) != std::string_view::npos) return true;
  return false;
}

// Noticed at the next token, or at the end of the text; one line further as the scanner's words are.
std::string no_colon(std::string_view text, std::size_t key) {
  constexpr std::string_view kWords = "could not find expected ':'";
  const std::size_t column = column_at(text, key);
  std::size_t number = line_at(text, key);
  for (std::size_t at = line_start(text, key); at < text.size(); ++number) {
    const std::string_view line = line_from(text, at);
    if (at > key && !is_blank_or_comment(line) && line.find_first_not_of(' ') <= column)
      return numbered(number + 1, kWords);
    at += line.size() + 1;
  }
  const std::size_t lines = line_at(text, text.size()) + (text.ends_with('\n') ? 0 : 1);
  return numbered(lines + 1, kWords);
}

bool begins_block_scalar(std::string_view text, std::size_t at) {
  return at < text.size() && (text[at] == '|' || text[at] == '>');
}

// Only white space in front of it in its line.
bool begins_line(std::string_view text, std::size_t at) {
  return text.substr(line_start(text, at), column_at(text, at)).find_first_not_of(kBlanks) == std::string_view::npos;
}

}  // namespace

std::string numbered(std::size_t line, std::string_view text) {
  return "yaml: " + (line == 0 ? "" : "line " + std::to_string(line) + ": ") + std::string(text);
}

std::size_t line_at(std::string_view text, std::size_t at) {
  return static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n'));
}

std::size_t column_at(std::string_view text, std::size_t at) {
  return at - line_start(text, at);
}

std::optional<std::string> bad_directives(std::string_view text) {
  bool any = false, version = false;
  std::size_t at = 0;
  for (std::size_t number = 0; at < text.size(); ++number) {
    const std::string_view line = line_from(text, at);
    at += line.size() + 1;
    const auto scanner = [number](std::string_view words) { return numbered(number == 0 ? 0 : number + 1, words); };
    if (is_blank_or_comment(line)) continue;
    if (!line.starts_with('%')) {
      if (any && !is_marker(line, "---")) return numbered(number, "did not find expected <document start>");
      if (is_marker(line, "...")) return numbered(number, "did not find expected node content");
      return std::nullopt;
    }
    any = true;
    const std::string_view body = line.substr(1);
    const std::string_view name = body.substr(0, body.find_first_of(kBlanks));
    const auto is_name = [](char c) {
      return c == '_' || c == '-' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    };
    if (name.empty() || !is_name(name.front())) return scanner("could not find expected directive name");
    if (!std::ranges::all_of(name, is_name)) return scanner("found unexpected non-alphabetical character");
    if (name == "TAG") continue;
    if (name != "YAML") return scanner("found unknown directive name");
    std::string_view number_text = body.substr(name.size());
    number_text.remove_prefix(std::min(number_text.find_first_not_of(kBlanks), number_text.size()));
    number_text = number_text.substr(0, number_text.find_first_of(kBlanks));
    if (number_text.find_first_of("0123456789") != 0) return scanner("did not find expected version number");
    if (version) return numbered(number, "found duplicate %YAML directive");
    if (number_text != "1.1") return numbered(number, "found incompatible YAML document");
    version = true;
  }
  return std::nullopt;
}

std::string_view without_last_indentation(std::string_view text) {
  const std::size_t last = line_start(text, text.size());
  const std::size_t width = text.size() - last;
  if (last == 0 || width == 0 || text.substr(last).find_first_not_of(' ') != std::string_view::npos) return text;
  std::size_t indentation = 0;  // of the line looked at before, which is the text's first one in the end
  for (std::size_t end = last; end > 0;) {
    const std::size_t start = line_start(text, end - 1);
    const std::string_view line = text.substr(start, end - 1 - start);
    end = start;
    const std::size_t first = line.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) continue;
    if (first >= width) {
      indentation = first;
      continue;
    }
    const std::size_t mark = line.find_last_not_of("+-0123456789 \t\r");
    return mark != std::string_view::npos && line[mark] == '>' && indentation == width ? text.substr(0, last) : text;
  }
  return text;
}

std::optional<std::string> bad_indentation(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(line_start(text, at), column_at(text, at));
  if (before.find('\t') == std::string_view::npos || before.find_first_not_of(kBlanks) != std::string_view::npos)
    return std::nullopt;
  const std::size_t line = line_at(text, at);
  return numbered(line == 0 ? 0 : line + 1, "found character that cannot start any token");
}

std::optional<std::string> bad_lone_key(std::string_view text, std::size_t key) {
  if (key >= text.size() || text[key] == '?' || character_before(text, key) == '?') return std::nullopt;
  if (has_colon(line_from(text, key))) return std::nullopt;
  return no_colon(text, key);
}

std::optional<std::string> bad_quotes(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return std::nullopt;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\')
      ++at;
    else if (text[at] == quote && quote == '\'' && text.substr(at + 1).starts_with('\''))
      ++at;
    else if (text[at] == quote)
      return std::nullopt;
  }
  const std::size_t line = line_at(text, text.size());
  return numbered(line == 0 ? 0 : line + 1, "found unexpected end of stream");
}

bool has_control_characters(std::string_view text) {
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    const auto c = rune.value;
    const bool allowed = c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) || c == 0x85 ||
                         (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF) || c >= 0x10000;
    if (!allowed) return true;
    text.remove_prefix(rune.width);
  }
  return false;
}

std::string no_key(std::string_view text, std::size_t at, std::size_t column) {
  if (at < text.size() && begins_line(text, at) && column_at(text, at) == column && !has_colon(line_from(text, at)) &&
      !begins_block_scalar(text, at) && !line_from(text, at).starts_with("- "))
    return no_colon(text, at);
  return numbered(line_at(text, at), "did not find expected key");
}

bool key_goes_on(std::string_view text, std::size_t at, std::size_t map) {
  const std::size_t start = line_start(text, at);
  if (start == 0) return false;
  const std::size_t before = line_start(text, start - 1);
  if (map >= before) return false;
  const std::size_t column = column_at(text, map);
  const std::string_view line = line_from(text, before);
  return line.find_first_not_of(' ') == column && !has_colon(line) && !is_blank_or_comment(line) &&
         !line.substr(column).starts_with("- ");
}

std::optional<std::string> bad_anchor(std::string_view text, std::size_t at, std::string_view name) {
  constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const std::size_t end = name.find_first_not_of(kName);
  // Some marks may follow a name at once.
  if (end == std::string_view::npos ||
      (end > 0 && std::string_view("?:,]}%@`").find(name[end]) != std::string_view::npos))
    return std::nullopt;
  const std::size_t line = line_at(text, at);
  return numbered(line == 0 ? 0 : line + 1, "did not find expected alphabetic or numeric character");
}

std::optional<std::string> bad_tag(std::string_view text, std::size_t at, std::string_view tag) {
  if (!tag.starts_with('!') || tag.find('!', 1) == std::string_view::npos) return std::nullopt;
  return numbered(line_at(text, at), "found undefined tag handle");
}

std::optional<std::string> bad_rest(std::string_view text, std::size_t at, std::size_t column) {
  if (at >= text.size() || column_at(text, at) != column) return std::nullopt;
  const std::size_t start = line_start(text, at);
  const std::string_view line = line_from(text, start);
  if (is_marker(line, "---")) return std::nullopt;
  // Had the document been ended by three dots, what follows would be another one.
  for (std::size_t end = start; end > 0;) {
    const std::size_t before = line_start(text, end - 1);
    const std::string_view previous = line_from(text, before);
    if (is_marker(previous, "...")) return std::nullopt;
    if (!is_blank_or_comment(previous)) break;
    end = before;
  }
  if (!has_colon(line) && !begins_block_scalar(text, at)) return no_colon(text, at);
  return numbered(line_at(text, at), "did not find expected '-' indicator");
}

char character_before(std::string_view text, std::size_t at) {
  const std::size_t found = text.substr(0, at).find_last_not_of(" \t\r\n");
  return found == std::string_view::npos ? '\0' : text[found];
}

}  // namespace longshore::tmpl::yaml
