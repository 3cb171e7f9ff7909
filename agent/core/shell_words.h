// A command line taken apart as a POSIX shell would, for the part of the language that needs no shell. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longshore::agent {

// Words by white space; '…', "…" and backslashes quote. Nothing when only a shell can run it: an open quote, or
// unquoted | & ; < > ( ) $ ` * ? [ # ~ = in the first word, or $ and ` within double quotes.
std::optional<std::vector<std::string>> split_words(std::string_view line);

// What to run: the words, or /bin/sh -c with the whole line.
std::vector<std::string> command_of(std::string_view line);

}  // namespace longshore::agent
