// One option of each kind, for the tests of this folder.
#pragma once
#include <string_view>

#include "common/cli/options.h"

namespace longshore::cli {

inline Status check_even_length(std::string_view text) {
  if (text.size() % 2 == 0) return {};
  return fail(Errc::invalid_input, "odd length");
}

inline OptionTable sample_table() {
  return OptionTable({
      {.names = {"b", "bool"}, .kind = Kind::boolean, .help = "A switch."},
      {.names = {"on"}, .kind = Kind::boolean, .help = "A switch that is on.", .fallback = "true"},
      {.names = {"n", "number"}, .kind = Kind::integer, .help = "A number.", .fallback = "7"},
      {.names = {"i32"}, .kind = Kind::integer, .help = "Bounded.", .min = -2147483648, .max = 2147483647},
      {.names = {"t", "text"},
       .kind = Kind::text,
       .help = "Some text.",
       .fallback = "none",
       .env = {"T_FIRST", "T_SECOND"}},
      {.names = {"d"}, .kind = Kind::duration, .help = "Some time.", .fallback = "5s", .env = {"D_TIME"}},
      {.names = {"l"}, .kind = Kind::list, .help = "Many.", .env = {"L_MANY"}},
      {.names = {"even"}, .kind = Kind::text, .help = "Checked.", .check = check_even_length},
      {.names = {"token"}, .kind = Kind::integer, .help = "Secret.", .secret = true},
      {.names = {"buried"}, .kind = Kind::boolean, .help = "Not in help.", .hidden = true},
  });
}

}  // namespace longshore::cli
