#include "common/main/deploy_run.h"

#include <csignal>
#include <cstdlib>

#include "common/async/signals.h"
#include "common/base/text.h"
#include "common/main/blocking_call.h"
#include "common/main/deploy_facts.h"
#include "renderer/io/process.h"

namespace longshore::app {
namespace {

using namespace deploy;
using namespace facts;

constexpr base::Duration kSessionTtl = std::chrono::seconds(10);
constexpr base::Duration kRenewEvery = std::chrono::seconds(3);
constexpr base::Duration kCallLimit = std::chrono::seconds(30);
constexpr base::Duration kStopLimit = std::chrono::minutes(2);

}  // namespace

DeployRun::DeployRun(DrainCall& call, EngineCalls& engines, Teller& tell, DeployOrder order)
    : call_(call),
      engines_(engines),
      tell_(tell),
      order_(std::move(order)),
      tasks_(call.context.get_executor()),
      machine_(std::in_place_type<Machine>, order_.plan) {
  if (order_.roll) machine_.emplace<RollMachine>(*order_.roll);
}

int DeployRun::run() {
  const Result<int> code = run_to_end(call_.context, play());
  return code ? *code : tell_.complain("longshore: " + code.error().text, 1);
}

void DeployRun::interrupt() {
  std::visit([](auto& machine) { machine.interrupt(); }, machine_);
  interrupted_ = true;
  if (waiting_ != nullptr) waiting_->cancel_all();
}

async::Awaitable<Status> DeployRun::unless_interrupted(async::Awaitable<Status> work) {
  std::optional<Status> said;
  async::TaskGroup alone(tasks_.executor());
  alone.spawn("work", keep_result(std::move(work), said));
  waiting_ = &alone;
  co_await alone.join();
  waiting_ = nullptr;
  if (said && (*said || said->error().code != Errc::cancelled)) co_return std::move(*said);
  // What ended without a word was cancelled, or there is a fault in it.
  if (!interrupted_) co_return fail(Errc::io, "it ended without a word, which is a fault of this program");
  co_return fail(Errc::cancelled, "interrupted");
}

bool DeployRun::gives_up() const {
  const auto* roll = std::get_if<RollMachine>(&machine_);
  return roll != nullptr && roll->gives_up();
}

async::Awaitable<Result<int>> DeployRun::play() {
  tasks_.spawn("signals", obey_signals());
  Actions todo = std::visit([](auto& machine) { return machine.start(); }, machine_);
  std::optional<int> code;
  while (!code) {
    std::optional<Action> ask;
    for (Action& next : todo) {
      if (const auto* said = std::get_if<action::Say>(&next)) {
        json::Value more = {{"service", order_.plan.service}};
        if (said->took.count() > 0) more["seconds"] = std::chrono::duration<double>(said->took).count();
        tell_.say(said->event, said->text, std::move(more));
      } else if (const auto* state = std::get_if<action::Record>(&next)) {
        co_await record(*state);
      } else if (const auto* end = std::get_if<action::Finish>(&next)) {
        code = end->code;
      } else {
        ask = std::move(next);
      }
    }
    if (code || !ask) break;
    Input said = co_await perform(std::move(*ask));
    const base::TimePoint now = async::now();
    todo = std::visit([&](auto& machine) { return machine.step(said, now); }, machine_);
  }
  Status ended = co_await end_drains();
  if (!ended) tell_.say("warning", "the drain's record could not be removed: " + ended.error().text);
  co_await unlock();
  tasks_.cancel_all();
  co_await tasks_.join();
  co_return code.value_or(1);
}

async::Awaitable<Input> DeployRun::perform(Action ask) {
  input::Done done;
  if (std::holds_alternative<action::Lock>(ask)) {
    done.status = co_await lock();
  } else if (std::holds_alternative<action::Look>(ask)) {
    input::Looked out;
    out.world = co_await look();
    co_return out;
  } else if (const auto* pulled = std::get_if<action::Pull>(&ask)) {
    async::Awaitable<Status> work = pull(pulled->host, pulled->image);
    done.status = co_await unless_interrupted(std::move(work));
  } else if (const auto* made = std::get_if<action::Create>(&ask)) {
    Result<Box> box = co_await create(*made);
    co_return input::Created{std::move(box)};
  } else if (const auto* started = std::get_if<action::Start>(&ask)) {
    done.status = co_await start(started->box);
  } else if (const auto* checked = std::get_if<action::Check>(&ask)) {
    Result<input::Checks> checks = co_await check(checked->boxes);
    co_return input::Checked{std::move(checks)};
  } else if (const auto* smoked = std::get_if<action::Smoke>(&ask)) {
    async::Awaitable<Status> work = smoke(smoked->instances);
    done.status = co_await unless_interrupted(std::move(work));
  } else if (const auto* written = std::get_if<action::Write>(&ask)) {
    Result<input::Written::Color> now = co_await write(*written);
    co_return input::Written{std::move(now)};
  } else if (const auto* part = std::get_if<action::Share>(&ask)) {
    done.status = co_await share(*part);
  } else if (std::holds_alternative<action::Follow>(ask)) {
    Result<Following> following = co_await follow();
    co_return input::Followed{std::move(following)};
  } else if (const auto* settled = std::get_if<action::Settle>(&ask)) {
    std::string name = registered(settled->boxes.front().color);
    std::vector<drain::Instance> nobody;
    done.status = co_await wait_until_known(std::move(name), std::move(nobody));
  } else if (const auto* drained = std::get_if<action::Drain>(&ask)) {
    done.status = co_await drain_boxes(drained->boxes);
  } else if (const auto* stopped = std::get_if<action::Stop>(&ask)) {
    std::string target = "/containers/" + stopped->box.id + "/stop";
    auto answer = co_await engines_.call(stopped->box.host, "POST", std::move(target), "", kStopLimit);
    if (!answer) done.status = fail(std::move(answer.error()));
  } else if (const auto* removed = std::get_if<action::Remove>(&ask)) {
    std::string target = "/containers/" + removed->box.id + "?force=1&v=1";
    auto answer = co_await engines_.call(removed->box.host, "DELETE", std::move(target), "", kStopLimit);
    if (!answer && answer.error().code != Errc::not_found) done.status = fail(std::move(answer.error()));
  } else if (const auto* slept = std::get_if<action::Sleep>(&ask)) {
    co_await async::sleep_for(slept->time);
  }
  co_return done;
}

async::Awaitable<void> DeployRun::obey_signals() {
  const std::vector<int> numbers = {SIGINT, SIGTERM, SIGHUP};
  async::Signals signals(tasks_.executor(), numbers);
  co_await signals.next();
  tell_.say("interrupted", order_.plan.service + ": interrupted, once more ends at once");
  interrupt();
  co_await signals.next();
  std::_Exit(1);
}

void DeployRun::obey(const std::string& text) {
  const Result<json::Value> value = json::parse(text, "an order");
  if (!value) return;
  const std::string order = text_at(*value, "order");
  auto* roll = std::get_if<RollMachine>(&machine_);
  if (order == "abort" && roll == nullptr) interrupt();
  if (roll != nullptr && (order == "pause" || order == "resume" || order == "abort"))
    roll->order(order == "pause" ? Order::pause : order == "resume" ? Order::resume : Order::abort);
  if (roll != nullptr && order == "abort" && waiting_ != nullptr) waiting_->cancel_all();
  std::string by = text_at(*value, "by");
  tell_.say("asked", order_.plan.service + ": " + order + " asked for by " + (by.empty() ? "somebody" : by));
}

async::Awaitable<void> DeployRun::obey_orders() {
  const std::string key = call_.kv_prefix + "deploys/" + order_.plan.service + "/order";
  consul::QueryOptions options;
  options.wait = std::chrono::seconds(30);
  std::uint64_t seen = 0;
  for (;;) {
    auto order = co_await call_.client.kv_get(key, options);
    if (!order) {
      options.index = 0;
      co_await async::sleep_for(std::chrono::seconds(1));
      continue;
    }
    options.index = order->meta.index;
    if (order->value && order->value->modify_index != seen) {
      seen = order->value->modify_index;
      obey(order->value->value);
    }
  }
}

async::Awaitable<void> DeployRun::renew() {
  for (;;) {
    co_await async::sleep_for(kRenewEvery);
    auto renewed = co_await call_.client.session_renew(session_);
    if (renewed || renewed.error().code != Errc::not_found) continue;
    auto ours = co_await lock_again();
    if (!ours || *ours) continue;
    tell_.say("lock_lost", order_.plan.service + ": somebody else has begun meanwhile");
    session_.clear();
    interrupt();
    co_return;
  }
}

// The session has ended: Consul was away for longer than it lasts, or somebody ended it. False: another run has begun.
async::Awaitable<Result<bool>> DeployRun::lock_again() {
  consul::SessionRequest request = session_request();
  auto session = co_await call_.client.session_create(std::move(request));
  if (!session) co_return fail(std::move(session.error()));
  consul::KvWrite how;
  how.acquire = *session;
  std::string key = call_.kv_prefix + "deploys/" + order_.plan.service;
  std::string text = record_text(last_record_);
  auto taken = co_await call_.client.kv_put(std::move(key), std::move(text), std::move(how));
  if (taken && *taken) {
    session_ = std::move(*session);
    co_return true;
  }
  [[maybe_unused]] const Status ended = co_await call_.client.session_destroy(std::move(*session));
  co_return taken;
}

consul::SessionRequest DeployRun::session_request() const {
  consul::SessionRequest request;
  request.name = "longshore deploy " + order_.plan.service;
  request.ttl = kSessionTtl;
  request.lock_delay = base::Duration();
  return request;
}

async::Awaitable<Status> DeployRun::lock() {
  const std::string not_begun = order_.plan.service + ": nothing was begun";
  consul::SessionRequest request = session_request();
  auto session = co_await call_.client.session_create(std::move(request));
  if (!session) co_return fail(session.error().with(not_begun));
  session_ = std::move(*session);
  const std::string key = call_.kv_prefix + "deploys/" + order_.plan.service;
  const consul::QueryOptions options = consul::confirmed();
  auto before = co_await call_.client.kv_get(key, options);
  if (!before) co_return fail(before.error().with(not_begun));
  if (before->value) last_text_ = before->value->value;
  consul::KvWrite how;
  how.acquire = session_;
  auto taken = co_await call_.client.kv_put(key, locked_text(), how);
  if (!taken) co_return fail(taken.error().with(not_begun));
  if (*taken) {
    // An order that an earlier run did not see is not for this one.
    std::string order = key + "/order";
    [[maybe_unused]] const auto deleted = co_await call_.client.kv_delete(std::move(order), std::nullopt, false);
    tasks_.spawn("session", renew());
    tasks_.spawn("orders", obey_orders());
    co_return Status();
  }
  [[maybe_unused]] const Status ended = co_await call_.client.session_destroy(session_);
  session_.clear();
  std::string who = "somebody";
  auto held = co_await call_.client.kv_get(key, options);
  if (held && held->value) {
    const Result<json::Value> value = json::parse(held->value->value, key);
    if (value && !text_at(*value, "by").empty()) who = text_at(*value, "by") + " since " + text_at(*value, "at");
  }
  co_return fail(Errc::rejected, order_.plan.service + " is being deployed by " + who);
}

async::Awaitable<void> DeployRun::unlock() {
  if (session_.empty()) co_return;
  consul::KvWrite how;
  how.release = session_;
  const std::string key = call_.kv_prefix + "deploys/" + order_.plan.service;
  std::string text = last_record_.stage.empty() && !last_text_.empty() ? last_text_ : record_text(last_record_);
  auto released = co_await call_.client.kv_put(key, std::move(text), how);
  Status ended = co_await call_.client.session_destroy(session_);
  // The session's end releases it too, after a while.
  if (!released || !ended) tell_.say("warning", order_.plan.service + ": the lock stays until its session ends");
}

async::Awaitable<void> DeployRun::record(action::Record what) {
  last_record_ = what;
  if (session_.empty()) co_return;
  consul::KvWrite how;
  how.acquire = session_;
  // For people: a deploy goes on without it.
  std::string key = call_.kv_prefix + "deploys/" + order_.plan.service;
  std::string text = record_text(what);
  [[maybe_unused]] const auto written = co_await call_.client.kv_put(std::move(key), std::move(text), std::move(how));
}

// What the last rolling change has replaced must not get lost by a run that is killed before it has looked.
std::string DeployRun::locked_text() const {
  Result<json::Value> last = json::parse(last_text_.empty() ? "{}" : last_text_, "the last record");
  if (!order_.roll || !last || !last->is_object() || last->empty()) {
    action::Record first;
    first.stage = "locked";
    return record_text(first);
  }
  (*last)["by"] = order_.by;
  (*last)["at"] = drain::rfc3339_now();
  return json::dump(*last);
}

std::string DeployRun::record_text(const action::Record& what) const {
  json::Value out = {{"version", 1},
                     {"service", order_.plan.service},
                     {"stage", what.stage},
                     {"by", order_.by},
                     {"at", drain::rfc3339_now()}};
  if (!order_.plan.image.empty()) out["image"] = order_.plan.image;
  if (!order_.roll) {
    out["from"] = what.from;
    out["to"] = what.to;
  } else if (!what.roll.strategy.empty()) {
    out["strategy"] = what.roll.strategy;
    out["run"] = what.roll.run;
    out["spec"] = what.roll.spec;
    out["instances"] = what.roll.instances;
    out["replaced"] = what.replaced;
    out["old"] = what.roll.old;
  }
  if (!what.roll.rest.empty()) out["rest"] = what.roll.rest;
  if (!order_.reason.empty()) out["reason"] = order_.reason;
  return json::dump(out);
}

async::Awaitable<Status> DeployRun::smoke(std::vector<Passing> instances) {
  for (const Passing& instance : instances) {
    render::ProcessSettings settings;
    settings.environment = order_.environment;
    settings.environment["SERVICE"] = order_.plan.service;
    settings.environment["ADDRESS"] = instance.address;
    settings.environment["URL"] = "http://" + instance.address;
    render::RealProcesses processes(tasks_, std::move(settings));
    render::CommandRequest request;
    std::vector<std::string> words = {"/bin/sh", "-c", order_.smoke};
    request.command = render::Command(std::move(words));
    request.timeout = order_.smoke_limit;
    render::CommandResult result = co_await processes.run(std::move(request));
    if (!result.status) {
      const std::string_view said = base::trim(result.output);
      co_return fail(result.status.error().code, instance.address + ": " + result.status.error().text +
                                                     (said.empty() ? std::string() : ": ") + std::string(said));
    }
    tell_.say("smoke", order_.plan.service + ": " + instance.address + " passed the smoke command");
  }
  co_return Status();
}

}  // namespace longshore::app
