// Reads HCL 1 or JSON: the language of consul-template's and Consul's configuration files.
#pragma once
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/hcl/node.h"

namespace longshore::hcl {

// Objects and lists within one another; more is an error (limit), as tree walks recurse.
inline constexpr int kMaxDepth = 128;

// A text whose first visible character is '{' is JSON, anything else HCL (as HashiCorp's hcl.Parse decides).
// `file` names the text in errors. Errors are invalid_input (or limit) "FILE:LINE:COLUMN: TEXT".
Result<Document> parse(std::string_view text, std::string file);

// "FILE:LINE:COLUMN: TEXT"
std::string located(std::string_view file, Position position, std::string_view text);

}  // namespace longshore::hcl
