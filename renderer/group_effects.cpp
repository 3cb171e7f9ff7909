#include "renderer/group_effects.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/base/text.h"
#include "common/net/http_types.h"
#include "renderer/io/check_view.h"
#include "renderer/io/extra_file.h"
#include "renderer/io/generation_probe.h"
#include "renderer/io/proc.h"
#include "renderer/word_publisher.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;
using apply::Transaction;

// Without workers that can be looked at: so many fresh connections in a row to the new generation are its word.
constexpr int kInARow = 20;
// Workers that have answered already are seen at once.
constexpr base::Duration kAlreadyThere = std::chrono::milliseconds(50);

// A group's name as a file's: everything unusual becomes %XX.
std::string file_name(const std::string& group) {
  return net::percent_encode(group) + ".json";
}

}  // namespace

GroupEffects::GroupEffects(const RenderConfig& config, consul::Client& client, async::TaskGroup& tasks, Files& files,
                           Processes& processes, Post post)
    : config_(config),
      tasks_(tasks),
      files_(files),
      processes_(processes),
      post_(std::move(post)),
      disk_(config.state_dir),
      turns_(client, tasks, config.kv_prefix + "fleet/", config.renderer_id.empty() ? host_name() : config.renderer_id,
             [this](const std::string& group, Status status) {
               this->post(group, apply::input::Turn{std::move(status)});
             }) {}

async::Awaitable<void> GroupEffects::leave_turns(base::TimePoint until) {
  co_await turns_.leave_all(until);
}

void GroupEffects::post(const std::string& group, apply::Input news) {
  post_(input::GroupNews{group, std::move(news)});
}

apply::Transaction& GroupEffects::transaction(const std::string& group) {
  const auto found = transactions_.find(group);
  if (found != transactions_.end()) return found->second;
  const std::string journal = config_.state_dir.empty() ? "" : config_.state_dir + "/groups/" + file_name(group);
  return transactions_.try_emplace(group, disk_, journal).first->second;
}

void GroupEffects::carry_out(action::Group& order) {
  std::visit([&](auto& wanted) { on(order.group, wanted); }, order.what);
}

void GroupEffects::on(const std::string& group, apply::action::Recover&) {
  post(group, transaction(group).recover());
}

void GroupEffects::on(const std::string& group, apply::action::Stage& stage) {
  post(group, transaction(group).stage(stage.parts, stage.want_live));
}

void GroupEffects::on(const std::string& group, apply::action::Swap& swap) {
  // What templates write beside their files goes first, one by one.
  for (const Transaction::StagedFile& file : transaction(group).staged()) {
    Writer writer{.index = file.index};
    for (const ExtraFile& extra : file.extra) {
      ++writer.part;
      if (Status written = write_extra(files_, extra, writer); !written)
        return post(group, apply::input::Swapped{std::move(written)});
    }
  }
  post(group, apply::input::Swapped{transaction(group).swap(swap.keep)});
}

void GroupEffects::on(const std::string& group, apply::action::Restore&) {
  post(group, apply::input::Restored{transaction(group).restore()});
}

void GroupEffects::on(const std::string& group, apply::action::Discard&) {
  transaction(group).discard();
}

void GroupEffects::on(const std::string& group, apply::action::Commit&) {
  transaction(group).commit();
}

void GroupEffects::on(const std::string& group, apply::action::TakeTurn& turn) {
  turns_.take(group, turn.semaphore, turn.limit);
}

void GroupEffects::on(const std::string& group, apply::action::LeaveTurn&) {
  turns_.leave(group);
}

// ---- checks

// The command in a view in which the staged files have taken their places. `view`: what is to be removed afterwards.
Result<CommandRequest> GroupEffects::in_view(const std::string& group, const apply::action::Check& check,
                                             std::string& view) {
  CommandRequest request;
  request.command = check.command;
  request.timeout = check.timeout;
  std::vector<ViewFile> files;
  for (const Transaction::StagedFile& file : transaction(group).staged()) files.push_back({file.target, file.path});
  LS_TRY(mounts, make_check_view(files, view));
  request.view = std::move(mounts);
  return request;
}

void GroupEffects::on(const std::string& group, apply::action::Check& check) {
  std::vector<CommandRequest> checks;
  std::string view;
  if (names_path(check.command)) {
    for (const Transaction::StagedFile& file : transaction(group).staged()) {
      if (file.index == apply::kNoTemplate) continue;
      CommandRequest request;
      request.command = with_path(check.command, file.path);
      request.timeout = check.timeout;
      checks.push_back(std::move(request));
    }
  } else {
    auto request = in_view(group, check, view);
    if (!request) {
      remove_check_view(view);
      return post(group, apply::input::Checked{fail(request.error()), {}});
    }
    checks.push_back(std::move(*request));
  }
  tasks_.spawn("check of " + group, run_checks(group, std::move(checks), std::move(view)));
}

// The tree lives already: the command as it is, or nginx's own test with what its master was given.
void GroupEffects::on(const std::string& group, apply::action::Diagnose& check) {
  CommandRequest request;
  request.command = check.command;
  request.timeout = check.timeout;
  if (request.command.empty()) {
    const auto known = masters_.find(group);
    if (known == masters_.end()) return;
    request.command = Command(known->second);
  }
  if (names_path(request.command)) return;
  std::vector<CommandRequest> checks;
  checks.push_back(std::move(request));
  tasks_.spawn("diagnosis of " + group, run_checks(group, std::move(checks), ""));
}

async::Awaitable<void> GroupEffects::run_checks(std::string group, std::vector<CommandRequest> checks,
                                                std::string view) {
  apply::input::Checked answer;
  for (CommandRequest& request : checks) {
    // Not that of commands with inherited output: what it says is read.
    CommandResult result = co_await processes_.run(std::move(request));
    answer.output = std::move(result.output);
    answer.status = std::move(result.status);
    if (!answer.status) break;
  }
  remove_check_view(view);
  if (!answer.status && answer.output.starts_with("longshore: cannot make a private view"))
    answer.status = fail(Errc::io, answer.output);
  post(group, std::move(answer));
}

// ---- confirmation

namespace {

// nginx's test of what a master was started with: its title is "nginx: master process WORDS".
std::vector<std::string> test_command_of(pid_t master) {
  std::error_code error;
  std::string title = process_title(master);
  constexpr std::string_view kTitle = "nginx: master process ";
  if (!title.starts_with(kTitle)) return {};
  title.erase(0, kTitle.size());
  const std::string executable = fs::read_symlink("/proc/" + std::to_string(master) + "/exe", error).string();
  if (error || executable.ends_with(" (deleted)")) return {};
  // The words lost their quotes: what follows -g is text with blanks, and the test can do without it.
  std::vector<std::string> out{executable, "-t"};
  const std::vector<std::string> words = base::split(title, ' ');
  for (std::size_t i = 1; i + 1 < words.size(); ++i)
    if (words[i] == "-c" || words[i] == "-p" || words[i] == "-e") {
      out.push_back(words[i]);
      out.push_back(words[++i]);
    }
  return out;
}

}  // namespace

void GroupEffects::confirm(action::Confirmation confirmation, std::vector<WorkerGeneration> before, bool word) {
  for (const auto& waiting : confirmation.groups) {
    masters_.erase(waiting.group);
    for (const WorkerGeneration& one : before)
      if (auto command = test_command_of(one.master); !command.empty()) masters_[waiting.group] = std::move(command);
  }
  tasks_.spawn("confirmation", confirm_all(std::move(confirmation), std::move(before), word));
}

async::Awaitable<void> GroupEffects::confirm_all(action::Confirmation confirmation,
                                                 std::vector<WorkerGeneration> before, bool word) {
  const base::TimePoint since = async::now();
  Status renewed;
  bool look = false;
  for (const auto& waiting : confirmation.groups) {
    if (waiting.address.empty()) look = !word;
    if (waiting.address.empty() || !renewed) continue;
    renewed = co_await await_generation(waiting.address, waiting.token, confirmation.limit);
  }
  if (look && renewed && before.empty())
    renewed = fail(Errc::check_failed, "no nginx was found whose workers could confirm the reload");
  // One of the masters is the one; those that were not reloaded keep their workers.
  const base::Duration limit = look ? confirmation.limit : kAlreadyThere;
  const base::Duration share = limit / static_cast<int>(std::max<std::size_t>(before.size(), 1));
  std::optional<std::size_t> reloaded;
  for (std::size_t i = 0; i < before.size() && !reloaded; ++i) {
    const Status fresh = co_await await_new_workers(before[i], share);
    if (fresh) reloaded = i;
    if (look && !fresh) renewed = fresh;
  }
  if (look && reloaded) renewed = Status();
  const base::Duration took = async::now() - since;
  if (renewed && reloaded) {
    WorkerGeneration& one = before[*reloaded];
    if (config_.retire_workers) {
      input::WorkersRetired retired;
      retired.master = one.master;
      retired.workers = retire_now(one);
      retired.took = took;
      if (retired.workers > 0) post_(std::move(retired));
    }
    old_.add(std::move(one));
  }
  std::vector<std::string> groups;
  for (const auto& waiting : confirmation.groups) {
    apply::input::Confirmed answer;
    answer.status = renewed;
    answer.took = took;
    answer.generations = old_.living();
    post(waiting.group, std::move(answer));
    groups.push_back(waiting.group);
  }
  if (!renewed) co_return;
  // Workers that nobody sees here: the generation's own word, often enough in a row.
  const bool blind = before.empty() && !confirmation.groups.front().address.empty();
  if (blind) {
    std::string address = confirmation.groups.front().address;
    std::string token = confirmation.groups.front().token;
    const Status only = co_await await_only_generation(address, token, kInARow, confirmation.limit);
    if (!only) co_return;
  }
  co_await watch_old(std::move(groups), confirmation.generations, since);
}

// Tells of the older workers until the last one has ended, or the next reload has a watch of its own.
async::Awaitable<void> GroupEffects::watch_old(std::vector<std::string> groups, std::size_t most,
                                               base::TimePoint since) {
  const std::uint64_t mine = ++watching_;
  bool settled = false;
  std::size_t told = 0;
  std::size_t requests = 0;
  while (mine == watching_) {
    apply::input::Settled news;
    news.generations = old_.living();
    news.settled = old_.settled();
    if (news.generations > most) news.ended = old_.end_oldest(news.generations - most);
    // Those who wait for the last request of an instance hear of it while its workers go on with others.
    if (news.settled) news.requests = old_.connections();
    if (news.settled != settled || news.generations != told || news.ended > 0 || news.requests != requests) {
      requests = news.requests;
      news.took = async::now() - since;
      for (const std::string& group : groups) post(group, news);
    }
    settled = news.settled;
    told = news.generations;
    if (settled && told == 1) co_return;
    base::Duration pause = std::chrono::milliseconds(100);
    if (!settled) pause = std::chrono::milliseconds(2);
    co_await async::sleep_for(pause);
  }
}

}  // namespace longshore::render
