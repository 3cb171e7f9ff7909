// Parts of a rendered file that can be replaced without the rest. A template marks them with comments, which nginx and
// haproxy have alike:
//
//   # longshore:part web
//   server { .. }
//   # longshore:else
//   # server { .. return 503; }
//   # longshore:end
//
// What follows `else` takes the part's place, without the leading "# ", when the part spoils the file and there was no
// good form of it before. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace longshore::render::apply {

struct Section {
  std::string name = {};
  std::string_view whole = {};  // from its first line to its last one, both included; points into the text
  std::string fallback = {};
  bool operator==(const Section&) const = default;
};

// Sections that do not end, begin within another one or have a name for the second time are no sections.
std::vector<Section> sections_of(std::string_view text);

// `text` with those sections replaced. `good` is the file as it was when it last worked, perhaps "".
std::string without_sections(std::string_view text, const std::vector<std::string>& names, std::string_view good);

// The text's line with that number, from 1; "" if there is none.
std::string_view line_at(std::string_view text, std::size_t number);
// The section that holds the line; nullptr: none.
const Section* section_at(const std::vector<Section>& sections, std::string_view text, std::size_t line);

}  // namespace longshore::render::apply
