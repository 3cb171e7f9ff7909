// What a rolling change adds and takes away, worked out of what there is. Pure.
#pragma once
#include <string>
#include <vector>

#include "common/deploy/messages.h"

namespace longshore::deploy {

struct RollPlan {
  enum class Kind {
    replace,  // all that runs by new ones of `image`
    back,     // what the last rolling change has made by what it replaced
    scale,    // to `instances`
  };
  Kind kind = Kind::replace;
  std::string service;
  std::string image;               // "": as those that run
  std::vector<std::string> hosts;  // engines, at least one
  int instances = 0;               // replace: 0 = as many as run, at least one
  int batch = 1;                   // at least 1
  bool pull = false;
  bool smoke = false;
  bool undo = true;                                        // a failure puts the old ones back
  std::string run;                                         // a name for this change, unlike those before
  std::string spec;                                        // equal for changes that make equal containers
  base::Duration healthy_limit = std::chrono::minutes(2);  // of each batch
  base::Duration healthy_time{};                           // new ones must pass so long before old ones go
  base::Duration pause{};                                  // between batches
};

struct Addition {
  std::string host;
  Box box = {};  // one that is there and is started; without an ID one is made
  bool operator==(const Addition&) const = default;
};

struct RollSteps {
  std::vector<Addition> additions;
  std::vector<Box> removals;           // those that run and go
  std::vector<Box> leftovers;          // stopped ones of earlier changes: removed first
  std::vector<Box> fresh;              // those of this change that an earlier run has made already
  std::vector<Box> gone;               // those that an earlier run has stopped already
  std::vector<std::string> old;        // IDs of all that are replaced
  std::vector<std::string> rest = {};  // scale: IDs of those that are stopped afterwards and can be started again
  std::string run;
  std::size_t wanted = 0;
  bool continued = false;  // an earlier run of the same change was broken off
};

// invalid_input: why there is nothing to do it with. New containers take the place of old ones on the same engine;
// further ones go where the fewest are, and a smaller number is taken from where the most are.
Result<RollSteps> steps_for(const RollPlan& plan, const input::World& world);

// "1 container", "3 containers".
std::string count(std::size_t number, const char* what);
void append(Actions& out, Actions more);

// All of both, each once.
std::vector<std::string> joined(std::vector<std::string> list, const std::vector<std::string>& more);

// The lowest number whose container name is free.
int free_number(const std::string& service, const std::string& color, const std::set<std::string>& names);

}  // namespace longshore::deploy
