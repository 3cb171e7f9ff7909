// The supervised program as a process: one at a time, with our stdin, stdout and stderr.
#pragma once
#include <functional>

#include "common/async/task_group.h"
#include "renderer/core/messages.h"

namespace longshore::render {

class Child {
 public:
  // Gets ChildStarted and ChildExited, never from within start(). `tasks` outlives this.
  using Post = std::function<void(Input)>;
  Child(async::TaskGroup& tasks, Post post) : tasks_(tasks), post_(std::move(post)) {}

  void start(const Command& command, const Environment& environment);
  // To the process, or to the group of the shell that runs it. Nobody there: nothing happens.
  void signal(int number);

 private:
  async::Awaitable<void> wait(int pidfd);

  async::TaskGroup& tasks_;
  Post post_;
  pid_t pid_ = -1;  // not reaped: the number means this process
  bool group_ = false;
};

}  // namespace longshore::render
