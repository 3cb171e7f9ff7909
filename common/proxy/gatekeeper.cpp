#include "common/proxy/gatekeeper.h"

#include <algorithm>
#include <utility>

#include "common/async/executor.h"
#include "common/base/text.h"

namespace longshore::proxy {
namespace {

// Longer than a call is held and Docker waits; a session that nobody ends goes by itself.
constexpr base::Duration kTurnTtl = std::chrono::minutes(2);

// Counts while it lives, however that ends.
class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

DrainGatekeeper::DrainGatekeeper(async::TaskGroup& tasks, docker::Client& engine, consul::Client& consul,
                                 GatekeeperSettings settings, status::Log& log)
    : tasks_(tasks),
      engine_(engine),
      consul_(consul),
      settings_(std::move(settings)),
      log_(log),
      book_(settings_.gap_time),
      writer_(tasks.executor(), 1) {}

DrainGatekeeper::Held* DrainGatekeeper::held_of(Ticket ticket) {
  const auto found = held_.find(ticket);
  return found == held_.end() ? nullptr : &found->second;
}

async::Awaitable<std::string> DrainGatekeeper::before(Ticket ticket, EndingCall call) {
  const base::TimePoint started = async::now();
  // Before anything is waited for: without it the client is gone.
  held_.try_emplace(ticket);
  if (!connected_) {
    const auto connected = co_await engine_.connect();
    connected_ = connected.has_value();
  }
  std::string asked = call.container;
  auto container = co_await engine_.inspect(std::move(asked));
  Held* held = held_of(ticket);
  if (held == nullptr) co_return "";
  // The engine's own answer says best what is wrong.
  if (!container || !container->state.running || !ends_container(call, container->stop_signal)) {
    held_.erase(ticket);
    co_return "";
  }
  held->counted = true;
  ++counts_.calls;
  const Counted holding(counts_.holding);
  const std::string name = container->name;
  const Verdict result = co_await drain(ticket, container->id.substr(0, 12), name, started + settings_.limit);
  held = held_of(ticket);
  if (held == nullptr || result == Verdict::gone) co_return "";
  held->passed = true;
  held->refused = result == Verdict::refused;
  if (result == Verdict::refused) {
    ++counts_.refused;
    co_return "the proxy ends: " + name + " goes on as before, ask again";
  }
  const char* how = "timed_out";
  if (result == Verdict::drained) how = "drained";
  if (result == Verdict::unserved) how = "unserved";
  log_.write({base::Level::info,
              "call_passed",
              {{"call", to_string(call.kind)},
               {"container", name},
               {"how", how},
               {"held", base::format_duration(async::now() - started)}}});
  co_return "";
}

void DrainGatekeeper::after(Ticket ticket) {
  auto found = held_.extract(ticket);
  if (found.empty()) return;
  Held held = std::move(found.mapped());
  if (held.counted && !held.passed) ++counts_.gone;
  const bool goes_on = !held.passed || held.refused;
  for (auto& [service, stand_ins] : held.gaps) {
    // What we leave is the next one's.
    if (!goes_on && !closing_ && held.out_at) begin_gap(service, *held.out_at, std::exchange(stand_ins, {}));
    if (goes_on && !stand_ins.empty()) {
      ++undoing_;
      tasks_.spawn("take back", take_back(std::exchange(stand_ins, {})));
    }
  }
  if (!held.asked && held.turn.empty()) return;
  ++undoing_;
  tasks_.spawn("undo", undo(std::move(held)));
}

async::Awaitable<void> DrainGatekeeper::undo(Held held) {
  const Undoing undoing(undoing_);
  drain::Drainer drainer(consul_, settings_.kv_prefix);
  if (!held.turn.empty()) {
    [[maybe_unused]] const Status ended = co_await consul_.session_destroy(std::move(held.turn));
  }
  // The client went away while the request was on its way: it arrives first.
  if (held.asked && held.records.empty()) co_await async::sleep_for(kAskAgain);
  for (int tries = 0; held.asked && tries < 20; ++tries) {
    Status done;
    if (held.records.empty()) {
      drain::Target target = *held.asked;
      done = co_await remove_own(std::move(target));
    } else {
      std::vector<drain::Ticket> records = held.records;
      done = co_await drainer.end(std::move(records));
    }
    if (done) co_return;
    log_.write({base::Level::warn, "drain_not_ended", {{"error", done.error().text}}});
    co_await async::sleep_for(kAskAgain);
  }
}

// The order: a turn, so that no other instance of the service goes meanwhile; another instance that serves; the drain.
async::Awaitable<DrainGatekeeper::Verdict> DrainGatekeeper::drain(Ticket ticket, std::string container,
                                                                  std::string name, base::TimePoint until) {
  drain::Drainer drainer(consul_, settings_.kv_prefix);
  std::string problem = "nobody answers";
  while (!over(until)) {
    auto node = co_await drainer.own_node();
    Result<std::vector<drain::Instance>> all = std::vector<drain::Instance>();
    if (node) all = co_await drainer.on_node(*node);
    if (!node || !all) {
      problem = node ? all.error().text : node.error().text;
      co_await async::sleep_for(kAskAgain);
      continue;
    }
    std::vector<drain::Instance> instances;
    std::set<std::string> services;
    for (drain::Instance& one : *all) {
      if (one.container != container) continue;
      services.insert(one.service);
      instances.push_back(std::move(one));
    }
    if (instances.empty()) {
      ++counts_.unserved;
      co_return Verdict::unserved;
    }
    // Who has company now waits for it later too: several are often stopped at once.
    std::vector<drain::Instance> accompanied;
    for (const drain::Instance& one : instances) {
      auto with = co_await drainer.of_service(one.service);
      const bool alone = with && std::ranges::all_of(*with, [&](const drain::Instance& other) {
                           return other.node == one.node && other.container == container;
                         });
      Held* held = held_of(ticket);
      if (held == nullptr) co_return Verdict::gone;
      if (alone)
        held->gaps.try_emplace(one.service);
      else
        accompanied.push_back(one);
    }
    Status ready = co_await take_turns(ticket, services, until);
    if (ready) ready = co_await await_another(std::move(accompanied), until);
    if (!ready) problem = ready.error().text;
    if (!ready) break;
    Held* held = held_of(ticket);
    if (held == nullptr) co_return Verdict::gone;
    std::vector<drain::Target> targets;
    targets.push_back({*node, "container:" + container});
    held->asked = targets.front();
    drain::Request request;
    request.reason = "Docker is asked to end " + name;
    request.by = settings_.by;
    auto records = co_await drainer.ask(std::move(targets), std::move(request));
    if (!records) {
      problem = records.error().text;
      break;
    }
    held = held_of(ticket);
    if (held == nullptr) co_return Verdict::gone;
    held->records = std::move(*records);
    drain::Limits limits;
    limits.all = until - async::now();
    limits.finish = settings_.finish;
    limits.finish_chosen = settings_.finish_chosen;
    limits.given_up = [this] { return closing_; };
    auto outcome = co_await drainer.wait_until_out(std::move(instances), std::move(limits), nullptr);
    held = held_of(ticket);
    if (held == nullptr) co_return Verdict::gone;
    held->out_at = async::now();
    if (!closing_) co_await announce_in_time(ticket, *node, container);
    if (outcome && outcome->done) {
      ++counts_.drained;
      co_return Verdict::drained;
    }
    problem = outcome ? drain::to_string(outcome->last) : outcome.error().text;
    break;
  }
  if (closing_) co_return Verdict::refused;
  if (held_of(ticket) == nullptr) co_return Verdict::gone;
  ++counts_.timed_out;
  log_.write({base::Level::warn, "call_not_drained", {{"container", name}, {"reason", problem}}});
  co_return Verdict::timed_out;
}

// In the order of the names, so that two calls never wait for each other.
async::Awaitable<Status> DrainGatekeeper::take_turns(Ticket ticket, std::set<std::string> services,
                                                     base::TimePoint until) {
  consul::SessionRequest request;
  request.name = "longshore " + settings_.by;
  request.ttl = kTurnTtl;
  request.lock_delay = base::Duration{};
  request.behavior = "delete";
  auto session = co_await consul_.session_create(std::move(request));
  if (!session) co_return fail(std::move(session.error()));
  Held* held = held_of(ticket);
  if (held == nullptr) co_return fail(Errc::cancelled, "the client is gone");
  held->turn = *session;
  for (const std::string& service : services) {
    for (;;) {
      consul::KvWrite how;
      how.acquire = *session;
      std::string key = settings_.kv_prefix + "turns/" + service;
      std::string value = "{\"version\":1,\"by\":\"docker-proxy\"}";
      auto taken = co_await consul_.kv_put(std::move(key), std::move(value), std::move(how));
      if (!taken) co_return fail(std::move(taken.error()));
      if (*taken) break;
      if (over(until)) co_return fail(Errc::timeout, "another instance of " + service + " is being ended");
      co_await async::sleep_for(kLookAgain);
    }
  }
  co_return Status();
}

async::Awaitable<Status> DrainGatekeeper::await_another(std::vector<drain::Instance> instances, base::TimePoint until) {
  drain::Drainer drainer(consul_, settings_.kv_prefix);
  for (const drain::Instance& one : instances) {
    for (;;) {
      auto serves = co_await drainer.another_serves(one);
      if (serves && *serves) break;
      if (over(until))
        co_return fail(Errc::timeout, "no other instance of " + one.service + " passes at all load balancers");
      co_await async::sleep_for(kLookAgain);
    }
  }
  co_return Status();
}

async::Awaitable<Status> DrainGatekeeper::remove_own(drain::Target target) {
  drain::Drainer drainer(consul_, settings_.kv_prefix);
  auto records = co_await drainer.records();
  if (!records) co_return fail(std::move(records.error()));
  std::vector<drain::Target> ours;
  for (const drain::Record& record : *records)
    if (record.by == settings_.by && record.target == target) ours.push_back(record.target);
  co_return co_await drainer.remove(std::move(ours));
}

async::Awaitable<void> DrainGatekeeper::clean_up() {
  drain::Drainer drainer(consul_, settings_.kv_prefix);
  for (;;) {
    auto node = co_await drainer.own_node();
    Result<std::vector<drain::Record>> records = std::vector<drain::Record>();
    if (node) records = co_await drainer.records();
    if (node && records) {
      std::vector<drain::Target> left;
      for (const drain::Record& record : *records)
        if (record.by == settings_.by && record.target.node == *node) left.push_back(record.target);
      const std::size_t count = left.size();
      const Status removed = co_await drainer.remove(std::move(left));
      if (removed && count != 0)
        log_.write({base::Level::warn, "drains_of_predecessor_ended", {{"records", std::to_string(count)}}});
      if (removed) {
        std::string own = *node;
        co_await adopt_gaps(std::move(own));
        co_return;
      }
    }
    co_await async::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace longshore::proxy
