// A verb as users see it: its options and the words around them. Help, man page and completions are made from it.
#pragma once
#include <string>
#include <vector>

#include "common/cli/options.h"

namespace longshore::cli {

struct Paragraphs {
  std::string title;              // "Exit codes"
  std::vector<std::string> text;  // each is wrapped on its own; a line that starts with a space is kept as it is
};

struct Command {
  std::string name;                // "agent"
  std::string summary;             // one line
  std::vector<std::string> usage;  // "longshore agent [options] [URI]"
  std::vector<std::string> about;  // paragraphs before the options
  OptionTable options;
  std::vector<Paragraphs> sections;  // after the options
};

}  // namespace longshore::cli
