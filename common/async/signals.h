// Signals as values on the event loop. One set per process at a time.
#pragma once
#include <memory>
#include <vector>

#include "common/async/executor.h"

namespace longshore::async {

class Signals {
 public:
  // From now on these signals no longer end the process, not even those that are faults: as long as somebody sent them.
  // A fault of our own, abort() and a pipe that broke do what they did before. Numbers that nobody can catch are left
  // out.
  Signals(const Executor& executor, const std::vector<int>& numbers);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The number of the next one; those that came meanwhile are not lost. One waiter. Ends by exception when cancelled.
  Awaitable<int> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A write to a closed pipe or socket becomes EPIPE. A handler, not SIG_IGN: programs that we start get the default
// back at exec, and a shell pipeline in them ends as it should.
void ignore_broken_pipes();

}  // namespace longshore::async
