// Any text through the lexer alone, with usual and with odd delimiters: it ends, and its tokens lie in order inside the
// text. The first byte picks the delimiters.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/tmpl/lexer.h"

namespace {

using namespace longshore::tmpl;

void scan(std::string_view text, std::string_view left, std::string_view right, bool names) {
  Lexer lexer(text, left, right, names, names);
  std::uint32_t offset = 0;
  // Each token but the last takes at least a byte, or is one of the few empty ones between two that do.
  for (std::size_t count = 0;; ++count) {
    if (count > 3 * text.size() + 3) std::abort();
    const Token token = lexer.next();
    if (token.kind == TokenKind::error || token.kind == TokenKind::end_of_file) return;
    if (token.offset < offset || token.offset + token.text.size() > text.size()) std::abort();
    offset = token.offset;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      scan(text, "", "", false);
      break;
    case 1:
      scan(text, "[[", "]]", true);
      break;
    case 2:
      scan(text, "-", "-", false);
      break;
    default:
      scan(text, "/*", ")", true);
  }
  return 0;
}
