// A command as the user gave it: one line or a list of words.
#pragma once
#include <string>
#include <vector>

namespace longshore::render {

struct Command {
  Command() = default;
  Command(std::string line) {  // NOLINT: a line is a command
    if (!line.empty()) words.push_back(std::move(line));
  }
  Command(const char* line) : Command(std::string(line)) {}  // NOLINT
  explicit Command(std::vector<std::string> list) : words(std::move(list)) {}

  bool empty() const { return words.empty(); }
  // consul-template's rule: one string with white space is a line for the shell; a word or a list is run directly.
  bool through_shell() const;
  bool operator==(const Command&) const = default;

  std::vector<std::string> words;
};

// For logs: the line, or the list with the words quoted where they need it.
std::string to_string(const Command& command);

}  // namespace longshore::render
