// What a transaction is about to do, written down before it does it. As long as it is there somebody has to be told.
// Pure but for the text.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace longshore::render::apply {

struct Journal {
  struct File {
    std::string target = {};
    std::string staged = {};    // its new form, until it has taken its place
    std::string previous = {};  // its old form; "" = it was not kept
    bool created = false;       // there was no file: undone by its removal
    std::uint64_t hash = 0;     // of the new text
    bool operator==(const File&) const = default;
  };
  enum class Phase : std::uint8_t {
    swapping,   // forward: staged files take their places
    restoring,  // backward: previous files take their places again
  };
  Phase phase = Phase::swapping;
  std::vector<File> files = {};
  bool operator==(const Journal&) const = default;
};

std::string to_text(const Journal& journal);
Result<Journal> parse_journal(std::string_view text);

}  // namespace longshore::render::apply
