// Values to YAML, byte for byte as gopkg.in/yaml.v2 2.4 writes them: block style, two spaces, lines of 80 columns.
#pragma once
#include "common/base/result.h"
#include "common/tmpl/format.h"

namespace longshore::tmpl::yaml {

// Fails on functions, channels and complex numbers (Go panics). Ends with a line feed.
Status write(BoundedText& out, const Value& value);

}  // namespace longshore::tmpl::yaml
