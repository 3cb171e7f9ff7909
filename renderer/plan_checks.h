// The checks of groups over what a plan would write: copies below a directory of their own take the places of the files
// in a view that only the check has; nothing that is live is touched.
#pragma once
#include <string>
#include <vector>

#include "common/async/executor.h"
#include "common/base/duration.h"
#include "renderer/io/process.h"
#include "renderer/plan.h"

namespace longshore::render {

struct CheckVerdict {
  enum class Kind { passed, refused, broken };  // broken: it could not be run
  std::string group;
  std::string command;
  Kind kind = Kind::passed;
  bool quarantine = false;  // refused: a renderer would look for the part that spoils it and leave that out
  std::string output;       // what it said, or why it could not be run
};
const char* to_string(CheckVerdict::Kind kind);

// One verdict for each group with a check of which some file would change, in the order of the groups.
async::Awaitable<Result<std::vector<CheckVerdict>>> check_plan(std::shared_ptr<const Plan> plan,
                                                               std::shared_ptr<Processes> processes);

}  // namespace longshore::render
