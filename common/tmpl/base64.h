// Base64 with padding, as Go's base64.StdEncoding and URLEncoding.
#pragma once
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace longshore::tmpl {

std::string base64_encode(std::string_view bytes, bool url_alphabet = false);
// Line breaks are skipped; anything else outside the alphabet is "illegal base64 data at input byte N".
Result<std::string> base64_decode(std::string_view text, bool url_alphabet = false);

}  // namespace longshore::tmpl
