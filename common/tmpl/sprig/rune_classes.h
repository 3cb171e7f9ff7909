// Classes of characters that only the case functions need. Beyond ASCII upper and lower case are told by the case maps.
#pragma once
#include <cstdint>

namespace longshore::tmpl::sprig {

bool is_upper(std::int32_t rune);
bool is_lower(std::int32_t rune);
bool is_title(std::int32_t rune);
bool is_punctuation(std::int32_t rune);  // P
bool is_number(std::int32_t rune);       // N

}  // namespace longshore::tmpl::sprig
