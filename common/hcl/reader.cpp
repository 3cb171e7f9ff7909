#include "common/hcl/reader.h"

#include "common/base/text.h"
#include "common/hcl/json_reader.h"
#include "common/hcl/parser.h"

namespace longshore::hcl {
namespace {

// The first place that is not UTF-8, or a NUL.
Parsed<void> check_characters(std::string_view text) {
  if (base::valid_utf8(text) && text.find('\0') == std::string_view::npos) return {};
  Position position{1, 1};
  std::size_t line_start = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool nul = text[index] == '\0';
    if (text[index] != '\n' && !nul) continue;
    if (nul || !base::valid_utf8(text.substr(line_start, index - line_start))) break;
    ++position.line;
    line_start = index + 1;
  }
  for (std::size_t start = line_start; start < text.size(); ++position.column) {
    if (text[start] == '\0') return syntax_error(position, "this file has a NUL byte: is it text?");
    std::size_t end = start + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    if (!base::valid_utf8(text.substr(start, end - start))) break;
    start = end;
  }
  return syntax_error(position, "this file is not UTF-8 text here");
}

}  // namespace

std::string located(std::string_view file, Position position, std::string_view text) {
  std::string out(file);
  out += ':' + std::to_string(position.line) + ':' + std::to_string(position.column) + ": ";
  return out += text;
}

Result<Document> parse(std::string_view text, std::string file) {
  const auto failed = [&file](const SyntaxError& error) {
    return fail(error.limit ? Errc::limit : Errc::invalid_input, located(file, error.position, error.text));
  };
  if (const auto checked = check_characters(text); !checked) return failed(checked.error());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // what some editors put in front
  const auto first = text.find_first_not_of(" \t\r\n\v\f");
  const bool json = first != std::string_view::npos && text[first] == '{';
  auto root = json ? JsonReader(text).file() : Parser(text).file();
  if (!root) return failed(root.error());
  return Document{std::move(file), std::move(*root)};
}

}  // namespace longshore::hcl
