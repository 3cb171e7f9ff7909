// What Go's regular expressions have and Debian's RE2 does not: named groups without P (Go 1.22), long and loosely
// written names of Unicode's categories (Go 1.25). Pure text to text.
#pragma once
#include <string>
#include <string_view>

namespace longshore::tmpl::regexp {

// The same expression as RE2 reads it. What is unknown or malformed stays as it is: RE2 refuses it.
std::string for_re2(std::string_view pattern);

}  // namespace longshore::tmpl::regexp
