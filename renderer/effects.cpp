#include "renderer/effects.h"

#include <cstdio>

#include "common/base/text.h"

#include "renderer/io/docker_signal.h"
#include "renderer/io/extra_file.h"
#include "renderer/io/file_change.h"
#include "renderer/io/notifier.h"
#include "renderer/io/pid_file.h"

namespace longshore::render {
namespace {

// After a command that was no reload we look for new workers this long; nginx needs a second for thousands of servers.
constexpr base::Duration kReloadLimit = std::chrono::seconds(2);

}  // namespace

Effects::Effects(const RenderConfig& config, consul::Client& client, async::TaskGroup& tasks, Files& files,
                 Processes& processes, Prober& prober, Post post)
    : config_(config),
      client_(client),
      tasks_(tasks),
      files_(files),
      processes_(processes),
      prober_(prober),
      post_(std::move(post)),
      child_(tasks, post_),
      groups_(config, client, tasks, files, processes, post_) {
  if (config_.retire_workers) nginx_.look(async::now());
}

void Effects::carry_out(action::LoadTemplate& load) {
  post(input::TemplateLoaded{load.index, files_.read(load.path)});
}

void Effects::carry_out(action::WriteFile& write) {
  if (write.dry)
    print_dry(write);
  else
    post(input::FileDone{write.index, write_all(write)});
}

Result<FilePlan> Effects::write_all(const action::WriteFile& write) {
  Writer writer{.index = write.index};
  for (const ExtraFile& extra : write.extra) {
    ++writer.part;
    LS_TRY_STATUS(write_extra(files_, extra, writer));
  }
  return files_.replace(write.destination, write.text, write.options, {.index = write.index});
}

// consul-template's form: "> ", the destination, a newline, the text as it is; nothing if the file is right already.
void Effects::print_dry(const action::WriteFile& write) {
  std::optional<std::string> current;
  if (is_no_file(write.destination))
    current.emplace();
  else if (!write.destination.empty())
    if (auto bytes = files_.read(write.destination)) current = std::move(*bytes);
  const FilePlan plan = plan_file(current, write.text);
  if (plan != FilePlan::unchanged) {
    std::printf("> %s\n", write.destination.c_str());
    std::fwrite(write.text.data(), 1, write.text.size(), stdout);
    std::fflush(stdout);
  }
  post(input::FileDone{write.index, plan});
}

void Effects::carry_out(action::RunCommand& command) {
  tasks_.spawn("command", run_command(std::move(command)));
}

async::Awaitable<void> Effects::run_command(action::RunCommand command) {
  const base::TimePoint started = async::now();
  // A reload may give other variables: the command keeps those of its start.
  if (!command.environment) command.environment = std::make_shared<const Environment>(config_.command_environment);
  CommandRequest request{std::move(command.command), command.timeout, std::move(command.environment)};
  std::vector<WorkerGeneration> before;
  // A confirmation looks at workers: their masters have to be known.
  if (command.confirmation) nginx_.look(async::now());
  if (config_.retire_workers || command.confirmation) before = nginx_.generations();
  CommandResult result = co_await processes_.run(std::move(request));
  const bool done_well = result.status.has_value();
  input::FollowupDone done{std::move(result.status), async::now() - started, std::move(result.output)};
  post(std::move(done));
  if (command.confirmation) {
    // A command may have started it.
    NginxMasters again;
    if (before.empty()) again.look(async::now());
    const bool runs_now = !again.generations().empty();
    if (done_well) groups_.confirm(std::move(*command.confirmation), std::move(before), runs_now);
    co_return;
  }
  if (!config_.retire_workers) co_return;
  if (done_well) retire_old(std::move(before));
  nginx_.look(async::now());
}

void Effects::carry_out(action::SendReload& reload) {
  const PidFileTarget target{reload.pid_file, config_.reload_executable};
  std::vector<WorkerGeneration> before;
  if (config_.retire_workers || reload.confirmation)
    if (const auto master = read_pid_file(reload.pid_file)) before = workers_of_master(*master);
  Status sent = signal_pid_file(target, reload.signal);
  if (sent) confirm(reload.confirmation, std::move(before));
  post(input::FollowupDone{std::move(sent), {}, {}});
}

void Effects::carry_out(action::SendSignal& signal) {
  if (signal.kind == Followup::Kind::container)
    return void(tasks_.spawn("signal to " + signal.to, signal_container_of(std::move(signal))));
  const auto number = static_cast<pid_t>(base::parse_uint(signal.to).value_or(0));
  std::vector<WorkerGeneration> before = workers_of_master(number);
  Status sent = signal_pid(number, config_.reload_executable, signal.signal);
  if (sent) confirm(signal.confirmation, std::move(before));
  post(input::FollowupDone{std::move(sent), {}, {}});
}

async::Awaitable<void> Effects::signal_container_of(action::SendSignal signal) {
  const base::TimePoint started = async::now();
  const auto host = config_.command_environment.find("DOCKER_HOST");
  std::string where;
  if (host != config_.command_environment.end()) where = host->second;
  Status sent = co_await signal_container(std::move(where), signal.to, signal.signal);
  if (sent) confirm(signal.confirmation, {});
  input::FollowupDone done{std::move(sent), async::now() - started, {}};
  post(std::move(done));
}

std::vector<WorkerGeneration> Effects::workers_of_master(pid_t master) const {
  std::vector<WorkerGeneration> out;
  if (is_nginx_master(master)) out.push_back(workers_of(master));
  return out;
}

// After a followup that worked: for a group that waits for it, or only to end old workers early.
void Effects::confirm(std::optional<action::Confirmation>& confirmation, std::vector<WorkerGeneration> before) {
  const bool nothing_to_see = before.empty();
  if (confirmation)
    groups_.confirm(std::move(*confirmation), std::move(before), nothing_to_see);
  else if (config_.retire_workers)
    retire_old(std::move(before));
}

void Effects::retire_old(std::vector<WorkerGeneration> before) {
  for (WorkerGeneration& one : before) tasks_.spawn("old nginx workers", retire_one(std::move(one)));
}

async::Awaitable<void> Effects::retire_one(WorkerGeneration before) {
  const base::TimePoint started = async::now();
  input::WorkersRetired retired;
  retired.master = before.master;
  retired.workers = co_await retire(std::move(before), kReloadLimit);
  retired.took = async::now() - started;
  if (retired.workers > 0) post(std::move(retired));
}

void Effects::carry_out(action::StartChild& start) {
  child_.start(start.command, start.environment ? *start.environment : config_.command_environment);
}

void Effects::carry_out(action::SignalChild& signal) {
  child_.signal(signal.number);
}

void Effects::carry_out(action::ReadNotes& notes) {
  tasks_.spawn("withdrawals of " + notes.node, read_notes(notes.node, Note::Kind::withdrawn));
  tasks_.spawn("drains of " + notes.node, read_notes(notes.node, Note::Kind::drain));
}

async::Awaitable<void> Effects::read_notes(std::string node, Note::Kind kind) {
  const char* folder = kind == Note::Kind::drain ? "drains/" : "withdrawn/";
  const std::string prefix = config_.kv_prefix + folder + node + "/";
  // A server that replays its log after a crash would show notes of the past.
  consul::QueryOptions confirmed = consul::confirmed();
  auto answer = co_await client_.kv_list(prefix, confirmed);
  input::NotesLoaded loaded{std::move(node), kind, {}};
  if (answer) {
    std::vector<Note> notes;
    for (const consul::KvPair& pair : answer->value)
      if (pair.key.starts_with(prefix)) notes.push_back({pair.key.substr(prefix.size()), pair.modify_index});
    loaded.notes = std::move(notes);
  } else {
    loaded.notes = fail(std::move(answer.error()));
  }
  post(std::move(loaded));
}

void Effects::carry_out(action::Probe& probe) {
  probes_.push_back(std::move(probe.target));
  if (probing_ >= config_.probes_at_once) return;
  ++probing_;
  if (tasks_.spawn("probes", probe_queued()) == 0) --probing_;
}

async::Awaitable<void> Effects::probe_queued() {
  while (!probes_.empty()) {
    ProbeTarget target = std::move(probes_.front());
    probes_.pop_front();
    const ProbeResult result = co_await prober_.probe(target);
    input::Probed probed{std::move(target), result};
    post(std::move(probed));
  }
  --probing_;
}

void Effects::carry_out(action::StartProbe& start) {
  tasks_.spawn("active probe", ask(std::move(start.order)));
}

async::Awaitable<void> Effects::ask(ProbeOrder order) {
  const std::uint64_t id = order.id;
  ProbeReply reply = co_await active_.ask(std::move(order));
  input::ProbeReplied replied{id, reply};
  post(std::move(replied));
}

void Effects::carry_out(action::Tell& what) {
  tasks_.spawn("watch " + what.spec.service, tell(std::move(what)));
}

async::Awaitable<void> Effects::tell(action::Tell what) {
  const base::TimePoint started = async::now();
  input::Told told;
  told.number = what.number;
  if (what.spec.command.empty()) {
    told.to = to_log(what.spec.url);
    std::string body = notice_json(what.notice);
    told.status = co_await post_notice(std::move(what.spec), std::move(body));
  } else {
    told.to = to_string(what.spec.command);
    Environment variables = what.spec.environment ? *what.spec.environment : config_.command_environment;
    for (auto& [name, value] : notice_environment(what.notice)) variables[name] = std::move(value);
    CommandRequest request{std::move(what.spec.command), what.spec.timeout,
                           std::make_shared<const Environment>(std::move(variables))};
    CommandResult result = co_await processes_.run(std::move(request));
    told.status = std::move(result.status);
    told.output = std::move(result.output);
  }
  told.took = async::now() - started;
  post(std::move(told));
}

}  // namespace longshore::render
