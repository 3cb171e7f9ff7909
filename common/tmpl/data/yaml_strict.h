// What yaml-cpp lets pass and libyaml, which yaml.v2 is a port of, refuses. Pure functions on the text and on positions
// in it (bytes from 0); each returns yaml.v2's words for the mistake, or nothing.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace longshore::tmpl::yaml {

// "yaml: line N: text". yaml.v2 counts lines from 0 and leaves out the first one; words of its scanner are one line
// further.
std::string numbered(std::size_t line, std::string_view text);
std::size_t line_at(std::string_view text, std::size_t at);
std::size_t column_at(std::string_view text, std::size_t at);

// Directives in front of the first document: only %YAML 1.1 and %TAG, then a line of three dashes.
std::optional<std::string> bad_directives(std::string_view text);
// Without the indentation in a last line that has no more than that and no end, behind a folded text (>): yaml-cpp
// takes it for a part of the text.
std::string_view without_last_indentation(std::string_view text);
// A tab in front of what stands at `at`, which is not within brackets.
std::optional<std::string> bad_indentation(std::string_view text, std::size_t at);
// The text ends within quotes that open at `at`.
std::optional<std::string> bad_quotes(std::string_view text, std::size_t at);
// Characters that libyaml does not read.
bool has_control_characters(std::string_view text);
// A key of a block map at `key` that has no value: the colon must be there, or a question mark in front.
std::optional<std::string> bad_lone_key(std::string_view text, std::size_t key);
// The name of an anchor as yaml-cpp reads it: letters, digits, _ and - of ASCII.
std::optional<std::string> bad_anchor(std::string_view text, std::size_t at, std::string_view name);
// A tag as yaml-cpp tells it, whose handle no directive has explained.
std::optional<std::string> bad_tag(std::string_view text, std::size_t at, std::string_view tag);
// Text at `at` behind the first document, whose root was a block sequence in column `column`.
std::optional<std::string> bad_rest(std::string_view text, std::size_t at, std::size_t column);
// The words for what stands at `at` where a block map in column `column` expects a key.
std::string no_key(std::string_view text, std::size_t at, std::size_t column);
// A plain key of the block map that begins at `map` goes on in the line of `at`, instead of a colon.
bool key_goes_on(std::string_view text, std::size_t at, std::size_t map);
// The last character before `at` that is no white space; 0 if there is none.
char character_before(std::string_view text, std::size_t at);

}  // namespace longshore::tmpl::yaml
