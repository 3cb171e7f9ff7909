// The options once more, at HUP: what was typed, the environment and the files as they are now, compared with what is
// in force.
#pragma once
#include <functional>
#include <map>
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

// Small while nothing is read: what was typed is parsed anew each time.
class OptionReader {
 public:
  using Typed = std::function<cli::Parsed()>;  // options and environment, no file read yet
  using Known = cli::OptionTable (*)();        // as for read_config_files
  using Values = std::map<std::string, std::string>;

  // at_start: what is typed and the files, from which `options` were made; paths: of those files. A fixed URI is that
  // of at_start, whatever files say.
  OptionReader(Typed typed, const cli::Parsed& at_start, AgentOptions options, std::vector<std::string> paths,
               Known known, cli::Environment environment, bool fixed_uri);

  // An error (a file that cannot be read, a wrong value) leaves everything as it is.
  Result<Reread> read();

 private:
  Typed typed_;
  Values at_start_;
  Values now_;
  std::vector<std::string> uri_;
  AgentOptions options_;
  std::vector<std::string> paths_;
  Known known_;
  cli::Environment environment_;
  bool fixed_uri_;
};

}  // namespace longshore::agent
