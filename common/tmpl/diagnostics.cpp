#include "common/tmpl/diagnostics.h"

#include <algorithm>

namespace longshore::tmpl {
namespace {

constexpr std::size_t kWidest = 120;  // of the source line shown
constexpr std::size_t kBefore = 80;   // kept in front of the column when the line is cut

bool continues_rune(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string caret(const Diagnostic& diagnostic) {
  if (diagnostic.location.line == 0) return {};
  std::string_view line = diagnostic.source_line;
  std::size_t column = std::min<std::size_t>(diagnostic.location.column, line.size());
  if (line.size() > kWidest && column > kBefore) {
    std::size_t cut = column - kBefore;
    while (cut > 0 && continues_rune(line[cut])) --cut;
    line.remove_prefix(cut);
    column -= cut;
  }
  if (line.size() > kWidest) {
    std::size_t end = kWidest;
    while (end > 0 && continues_rune(line[end])) --end;
    line = line.substr(0, std::max(end, column));
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  column = std::min(column, line.size());
  const std::string number = std::to_string(diagnostic.location.line);
  std::string out = "  " + number + " | ";
  for (const char c : line) out += static_cast<unsigned char>(c) < ' ' && c != '\t' ? ' ' : c;
  out += "\n  " + std::string(number.size(), ' ') + " | ";
  // Tabs stay tabs and a character is one column, so that the caret stands below its place.
  for (const char c : line.substr(0, column))
    if (!continues_rune(c)) out += c == '\t' ? '\t' : ' ';
  out += '^';
  if (!diagnostic.hint.empty()) out += ' ' + diagnostic.hint;
  return out;
}

base::Error to_error(const Diagnostic& diagnostic) {
  std::string text = diagnostic.text;
  if (!diagnostic.hint.empty()) text += " (" + diagnostic.hint + ")";
  return {diagnostic.limit ? base::Errc::limit : base::Errc::template_error, std::move(text)};
}

}  // namespace longshore::tmpl
