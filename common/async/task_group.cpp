#include "common/async/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <unordered_map>
#include <vector>

namespace longshore::async {
namespace asio = boost::asio;

struct TaskGroup::State {
  struct Task {
    std::string name;
    asio::cancellation_signal signal;
  };

  explicit State(Executor executor_in, OnFault on_fault_in)
      : executor(std::move(executor_in)), on_fault(std::move(on_fault_in)), empty(executor) {
    empty.expires_at(asio::steady_timer::time_point::max());
  }

  void finished(TaskId id, const std::exception_ptr& problem) {
    const auto task = tasks.find(id);
    if (task == tasks.end()) return;
    const std::string name = task->second->name;
    tasks.erase(task);
    if (tasks.empty()) empty.cancel();
    if (problem == nullptr || !on_fault) return;
    try {
      std::rethrow_exception(problem);
    } catch (const boost::system::system_error& error) {
      if (error.code() != asio::error::operation_aborted) on_fault(name, error.what());
    } catch (const std::exception& error) {
      on_fault(name, error.what());
    } catch (...) {
      on_fault(name, "unknown exception");
    }
  }

  Executor executor;
  OnFault on_fault;
  std::unordered_map<TaskId, std::unique_ptr<Task>> tasks;
  TaskId next_id = 1;
  bool closed = false;
  asio::steady_timer empty;
};

namespace {

// Starts with a switch of context: a task cancelled before its first await would otherwise escape from run()
// (Asio 1.26).
Awaitable<void> run_task(Awaitable<void> task) {
  co_await asio::post(asio::use_awaitable);
  co_await std::move(task);
}

}  // namespace

TaskGroup::TaskGroup(Executor executor, OnFault on_fault)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_fault))) {}

TaskGroup::~TaskGroup() {
  state_->on_fault = nullptr;
}

TaskGroup::TaskId TaskGroup::spawn(std::string name, Awaitable<void> task) {
  if (state_->closed) return 0;
  const TaskId id = state_->next_id++;
  auto entry = std::make_unique<State::Task>();
  entry->name = std::move(name);
  State::Task& stored = *entry;
  state_->tasks.emplace(id, std::move(entry));
  auto done = [state = state_, id](const std::exception_ptr& problem) { state->finished(id, problem); };
  asio::co_spawn(state_->executor, run_task(std::move(task)),
                 asio::bind_cancellation_slot(stored.signal.slot(), std::move(done)));
  return id;
}

void TaskGroup::cancel(TaskId id) {
  const auto task = state_->tasks.find(id);
  if (task != state_->tasks.end()) task->second->signal.emit(asio::cancellation_type::terminal);
}

void TaskGroup::cancel_all() {
  state_->closed = true;
  std::vector<TaskId> ids;
  for (const auto& [id, task] : state_->tasks) ids.push_back(id);
  for (const TaskId id : ids) cancel(id);
}

Awaitable<void> TaskGroup::join() {
  while (!state_->tasks.empty()) {
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await state_->empty.async_wait(token);
  }
}

std::size_t TaskGroup::size() const {
  return state_->tasks.size();
}

Executor TaskGroup::executor() const {
  return state_->executor;
}

}  // namespace longshore::async
