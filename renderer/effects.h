// Carries out what the machine asks for, and posts each outcome as one input.
#pragma once
#include <csignal>
#include <deque>
#include <functional>
#include <memory>

#include "common/async/task_group.h"
#include "common/consul/client.h"
#include "renderer/config.h"
#include "renderer/group_effects.h"
#include "renderer/io/active_probe.h"
#include "renderer/io/child.h"
#include "renderer/io/file_store.h"
#include "renderer/io/nginx_workers.h"
#include "renderer/io/probe.h"
#include "renderer/io/process.h"

namespace longshore::render {

class Effects {
 public:
  using Post = std::function<void(Input)>;

  // What is referred to outlives this; `tasks` is cancelled and joined first.
  Effects(const RenderConfig& config, consul::Client& client, async::TaskGroup& tasks, Files& files,
          Processes& processes, Prober& prober, Post post);

  void carry_out(action::LoadTemplate& load);
  void carry_out(action::WriteFile& write);
  void carry_out(action::RunCommand& command);
  void carry_out(action::SendReload& reload);
  void carry_out(action::SendSignal& signal);
  void carry_out(action::Group& order) { groups_.carry_out(order); }
  void carry_out(action::ReadNotes& notes);
  void carry_out(action::Probe& probe);
  void carry_out(action::StartProbe& start);
  void carry_out(action::Tell& tell);
  void carry_out(action::StartChild& start);
  void carry_out(action::SignalChild& signal);
  async::Awaitable<void> leave_turns(base::TimePoint until) { return groups_.leave_turns(until); }

 private:
  async::Awaitable<void> signal_container_of(action::SendSignal signal);
  void confirm(std::optional<action::Confirmation>& confirmation, std::vector<WorkerGeneration> before);
  std::vector<WorkerGeneration> workers_of_master(pid_t master) const;
  async::Awaitable<void> run_command(action::RunCommand command);
  void retire_old(std::vector<WorkerGeneration> before);
  async::Awaitable<void> retire_one(WorkerGeneration before);
  async::Awaitable<void> read_notes(std::string node, Note::Kind kind);
  async::Awaitable<void> probe_queued();
  async::Awaitable<void> ask(ProbeOrder order);
  async::Awaitable<void> tell(action::Tell what);
  void print_dry(const action::WriteFile& write);
  Result<FilePlan> write_all(const action::WriteFile& write);
  void post(Input input) { post_(std::move(input)); }

  const RenderConfig& config_;
  consul::Client& client_;
  async::TaskGroup& tasks_;
  Files& files_;
  Processes& processes_;
  Prober& prober_;
  Post post_;
  Child child_;
  NginxMasters nginx_;
  GroupEffects groups_;
  std::deque<ProbeTarget> probes_;
  std::size_t probing_ = 0;
  ActiveProber active_;
};

}  // namespace longshore::render
