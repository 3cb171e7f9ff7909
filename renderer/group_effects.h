// What groups want done: their files, their checks, and the word of nginx's new workers. Answers are posted as
// GroupNews.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/async/task_group.h"
#include "renderer/apply/transaction.h"
#include "renderer/config.h"
#include "renderer/io/file_store.h"
#include "renderer/io/group_disk.h"
#include "renderer/io/old_generations.h"
#include "renderer/io/process.h"
#include "renderer/io/turns.h"

namespace longshore::render {

class GroupEffects {
 public:
  using Post = std::function<void(Input)>;

  // What is referred to outlives this; `tasks` is cancelled and joined first.
  GroupEffects(const RenderConfig& config, consul::Client& client, async::TaskGroup& tasks, Files& files,
               Processes& processes, Post post);

  void carry_out(action::Group& order);
  // A followup worked; `before`: the workers that there were, for each master that it may have reloaded. word: it is
  // no nginx that could be looked at, and is taken at its word.
  void confirm(action::Confirmation confirmation, std::vector<WorkerGeneration> before, bool word);
  // Before the end: nobody is to wait for a turn that we had.
  async::Awaitable<void> leave_turns(base::TimePoint until);

 private:
  void on(const std::string& group, apply::action::Recover&);
  void on(const std::string& group, apply::action::Stage& stage);
  void on(const std::string& group, apply::action::Check& check);
  void on(const std::string& group, apply::action::Diagnose& check);
  void on(const std::string& group, apply::action::Swap& swap);
  void on(const std::string& group, apply::action::Restore&);
  void on(const std::string& group, apply::action::Discard&);
  void on(const std::string& group, apply::action::Commit&);
  void on(const std::string& group, apply::action::TakeTurn& turn);
  void on(const std::string& group, apply::action::LeaveTurn&);
  template <class Other>
  void on(const std::string&, Other&) {}

  apply::Transaction& transaction(const std::string& group);
  async::Awaitable<void> run_checks(std::string group, std::vector<CommandRequest> checks, std::string view);
  Result<CommandRequest> in_view(const std::string& group, const apply::action::Check& check, std::string& view);
  async::Awaitable<void> confirm_all(action::Confirmation confirmation, std::vector<WorkerGeneration> before,
                                     bool word);
  async::Awaitable<void> watch_old(std::vector<std::string> groups, std::size_t most, base::TimePoint since);
  void post(const std::string& group, apply::Input news);

  const RenderConfig& config_;
  async::TaskGroup& tasks_;
  Files& files_;
  Processes& processes_;
  Post post_;
  GroupDisk disk_;
  std::map<std::string, apply::Transaction> transactions_;
  std::map<std::string, std::vector<std::string>> masters_;  // how to check what the masters of a group were given
  OldGenerations old_;
  Turns turns_;
  std::uint64_t watching_ = 0;  // the number of the watch of old workers that counts
};

}  // namespace longshore::render
