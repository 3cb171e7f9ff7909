// Any text as a template: it parses or says why, at a place inside the text; what parses prints back to something that
// parses and prints the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/tmpl/source.h"
#include "common/tmpl/template_set.h"
#include "tests/fuzz/template_functions.h"

namespace {

using namespace longshore::tmpl;

// Comments and trim marks join texts, which may then read as a delimiter.
bool joins_texts(std::string_view text) {
  return text.contains("/*") || text.contains("{{-") || text.contains("-}}");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Functions functions = longshore::fuzz::all_functions();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const ParseResult set = parse("f", text, functions);
  if (!set) {
    const Location& place = set.error().location;
    if (place.line < 1 || place.line > size + 1 || !set.error().text.starts_with("template: f:")) std::abort();
    return 0;
  }
  if (joins_texts(text)) return 0;
  for (const std::string& name : (*set)->names()) {
    const std::string printed = (*set)->unparse(name);
    ParseOptions deeper;  // {{else if}} prints as two levels
    deeper.max_nesting = 1100;
    const ParseResult again = parse("f", printed, functions, deeper);
    if (!again || (*again)->unparse("f") != printed) std::abort();
  }
  return 0;
}
