// What is wrong with a template, where, and what to do about it. A value: logs, HTTP pages and tests format it
// themselves.
#pragma once
#include <cstdint>
#include <string>

#include "common/base/error.h"

namespace longshore::tmpl {

struct Location {
  std::string name;          // of the template as it was parsed (usually its path)
  std::uint32_t line = 0;    // from 1; 0 = unknown
  std::uint32_t column = 0;  // bytes from the start of the line, from 0, as Go counts
  bool operator==(const Location&) const = default;
};

struct Diagnostic {
  std::string text;  // the whole message in Go's form: `template: NAME:LINE:COL: executing "X" at <.Y>: ...`
  Location location = {};
  std::string source_line = {};  // the line of the template, without its line feed
  std::string hint = {};         // what the author may have meant; empty if there is nothing to say
  bool limit = false;            // one of our bounds was hit (output, steps, depth), not a mistake of Go's rules
  bool operator==(const Diagnostic&) const = default;
};

// The source line and, under it, a caret below the column; long lines are cut around the caret and tabs kept:
//   <two spaces>  12 | server {{.Addres}};
//                    |          ^ did you mean "Address"?
// Empty when the source line is not known.
std::string caret(const Diagnostic& diagnostic);

// Text and hint in one line, for logs and as base::Error (code template_error or limit).
base::Error to_error(const Diagnostic& diagnostic);

}  // namespace longshore::tmpl
