// Owns every running task of one component. Nothing runs outside a group, so join() means: all of it has ended.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/async/executor.h"

namespace longshore::async {

class TaskGroup {
 public:
  using TaskId = std::uint64_t;
  // Told about a task that ended by an exception other than cancellation: a bug, but not a reason to stop the others.
  using OnFault = std::function<void(const std::string& task, const std::string& what)>;

  explicit TaskGroup(Executor executor, OnFault on_fault = {});
  // Every task must have ended (join), or have been destroyed with its io_context.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // After cancel() new tasks are dropped unstarted and 0 is returned.
  TaskId spawn(std::string name, Awaitable<void> task);
  // Terminal cancellation; unknown and ended ids are ignored.
  void cancel(TaskId id);
  void cancel_all();
  Awaitable<void> join();
  std::size_t size() const;
  Executor executor() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace longshore::async
