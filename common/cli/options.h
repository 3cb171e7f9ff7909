// One table per verb says all there is to know about its options. Parsing, help, man page and completions are made
// from it; nothing else names an option. Pure values.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace longshore::cli {

enum class Kind {
  boolean,   // "-x" is true; a value only as "-x=false"
  text,      // any string
  integer,   // in Go's forms, within min and max
  duration,  // Go's durations: "250ms", "1m30s", "0"
  list,      // strings; each use of the option adds one
};

// Defaults everywhere, so that designated initialisers may leave members out.
struct Option {
  std::vector<std::string> names;  // without dashes, at least one; the first is the one that help and errors show
  Kind kind = Kind::text;
  std::string value_name = {};        // what help calls the value: "ADDR"; "" = by kind
  std::string help = {};              // one or more sentences
  std::string fallback = {};          // the default, written as a user would write it; "" = empty, false, 0
  std::string fallback_text = {};     // what help says of the default instead, e.g. "the host name"
  std::vector<std::string> env = {};  // environment variables, the first that is set and not empty wins
  char env_separator = ',';           // list only: between its items there; '\n': one per line, empty ones are skipped
  std::string group = {};             // heading in help
  bool hidden = false;                // works, but is not in help
  bool secret = false;                // errors do not repeat the value
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  // integer only
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  // A further check of one value (text, list, and after the kind's own rules); its error becomes the reason in
  // `invalid value "x" for flag -n: reason`. Without captures.
  Status (*check)(std::string_view value) = nullptr;
};

class OptionTable {
 public:
  OptionTable() = default;
  // Names must be unique within the table, fallbacks valid: anything else is a bug and asserts.
  explicit OptionTable(std::vector<Option> options);

  const std::vector<Option>& all() const { return options_; }
  // By any of its names; nullptr when there is none.
  const Option* find(std::string_view name) const;
  // Every name of every option that is not hidden; for suggestions.
  std::vector<std::string> visible_names() const;
  // A table with the options of both.
  OptionTable with(const OptionTable& more) const;
  // Every name becomes prefix + name ("agent." for longshore up).
  OptionTable prefixed(std::string_view prefix) const;
  // Without the options of these primary names.
  OptionTable without(const std::vector<std::string>& names) const;

 private:
  std::vector<Option> options_;
};

}  // namespace longshore::cli
