// What the files of sockaddr share.
#pragma once
#include <string>
#include <string_view>

#include "common/tmpl/helper_tools.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::sockaddr {

// strings.ToLower
inline std::string lower(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    append_rune(out, to_lower(rune.value));
    text.remove_prefix(rune.width);
  }
  return out;
}

// An error of strconv as Go prints it.
inline std::string number_error(std::string_view function, std::string_view text, bool range) {
  return "strconv." + std::string(function) + ": parsing " + quote(text) +
         (range ? ": value out of range" : ": invalid syntax");
}

}  // namespace longshore::tmpl::sockaddr
