// The options once more, at HUP: what was typed, the environment and the files as they are now, compared with what is
// in force.
#pragma once
#include <string>
#include <vector>

#include "agent/options.h"
#include "common/cli/parser.h"

namespace longshore::agent {

struct Reread {
  AgentOptions options;                    // in force from now on; what only a start can change is as it was
  std::vector<std::string> changed;        // options that are others now
  std::vector<std::string> restart;        // others that differ, and count with the next start only
  std::vector<std::string> remarks;        // of reading the files
  cli::Parsed parsed{cli::OptionTable()};  // all of it, for those who have options beside the agent's
};

// Names that count with the next start only; "uri" for the registry's URI.
const std::vector<std::string>& restart_options();

class OptionReader {
 public:
  // typed: options and environment, no file read yet. at_start: the same with the files, from which `options` were
  // made. paths, known: as for read_config_files. A fixed URI is that of at_start, whatever files say.
  OptionReader(cli::Parsed typed, cli::Parsed at_start, AgentOptions options, std::vector<std::string> paths,
               cli::OptionTable known, cli::Environment environment, bool fixed_uri);

  // An error (a file that cannot be read, a wrong value) leaves everything as it is.
  Result<Reread> read();

 private:
  cli::Parsed typed_;
  cli::Parsed at_start_;
  cli::Parsed now_;
  AgentOptions options_;
  std::vector<std::string> paths_;
  cli::OptionTable known_;
  cli::Environment environment_;
  bool fixed_uri_;
};

}  // namespace longshore::agent
