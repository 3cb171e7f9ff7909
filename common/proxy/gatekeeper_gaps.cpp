// What stands for a service's only instance while that is away, and how long nobody serves it.
#include <algorithm>
#include <iterator>
#include <utility>

#include "common/async/deadline.h"
#include "common/async/executor.h"
#include "common/consul/gap_meta.h"
#include "common/proxy/gatekeeper.h"
#include "common/proxy/placeholder.h"

namespace longshore::proxy {
namespace {

// On top of a call's own limit, for a Consul that hangs; Docker's clients have theirs.
constexpr base::Duration kAnnounceLimit = std::chrono::seconds(1);

class Cancelling {
 public:
  Cancelling(async::TaskGroup& tasks, async::TaskGroup::TaskId task) : tasks_(tasks), task_(task) {}
  ~Cancelling() { tasks_.cancel(task_); }
  Cancelling(const Cancelling&) = delete;
  Cancelling& operator=(const Cancelling&) = delete;

 private:
  async::TaskGroup& tasks_;
  async::TaskGroup::TaskId task_;
};

}  // namespace

async::Awaitable<void> DrainGatekeeper::announce_in_time(Ticket ticket, std::string node, std::string container) {
  const Held* held = held_of(ticket);
  if (held == nullptr || held->gaps.empty() || settings_.gap_time <= base::Duration{}) co_return;
  const auto ended = std::make_shared<async::Gate>(tasks_.executor());
  const auto task = tasks_.spawn("announce", announce_gap(ticket, std::move(node), std::move(container), ended));
  const Cancelling cancelling(tasks_, task);
  const async::Deadline deadline(tasks_.executor(), kAnnounceLimit, [ended] { ended->open(); });
  co_await ended->wait();
  if (deadline.expired()) log_.write({base::Level::warn, "gap_not_announced", {{"error", "Consul does not answer"}}});
}

// While it still stands there itself: there is no moment at which nobody knows the service.
async::Awaitable<void> DrainGatekeeper::announce_gap(Ticket ticket, std::string node, std::string container,
                                                     std::shared_ptr<async::Gate> ended) {
  const consul::QueryOptions options = consul::confirmed();
  auto known = co_await consul_.catalog_node(std::move(node), options);
  std::string problem = known ? "" : known.error().text;
  const Held* asked = held_of(ticket);
  if (asked == nullptr) co_return;
  std::vector<consul::Service> services;
  if (known && known->value)
    for (auto& [id, service] : known->value->services)
      if (const auto meta = service.meta.find("longshore-container");
          meta != service.meta.end() && meta->second.starts_with(container) && asked->gaps.contains(service.name))
        services.push_back(std::move(service));
  for (const consul::Service& service : services) {
    consul::Registration stands_for = placeholder(service, settings_.by, settings_.gap_time);
    const async::Slots::Slot turn = co_await writer_.acquire();
    Held* held = held_of(ticket);
    if (held == nullptr) co_return;
    const StandIn one = book_.announce(stands_for.id);
    held->gaps[service.name].push_back(one);
    const Status done = co_await consul_.register_service(std::move(stands_for), true);
    if (done) continue;
    problem = done.error().text;
    // Anything else may have happened all the same.
    held = held_of(ticket);
    if (done.error().code != Errc::rejected || held == nullptr) continue;
    std::erase(held->gaps[service.name], one);
    book_.removed(one);
  }
  if (!problem.empty()) log_.write({base::Level::warn, "gap_not_announced", {{"error", problem}}});
  ended->open();
}

async::Awaitable<std::vector<StandIn>> DrainGatekeeper::remove(std::vector<StandIn> stand_ins) {
  std::vector<StandIn> left;
  for (const StandIn& one : stand_ins) {
    const async::Slots::Slot turn = co_await writer_.acquire();
    if (!book_.is_ours(one)) continue;
    std::string id = one.id;
    const Status done = co_await consul_.deregister_service(std::move(id));
    if (done || done.error().code == Errc::rejected)
      book_.removed(one);
    else
      left.push_back(one);
    // It is Consul's to remove, by its check.
    if (!done) log_.write({base::Level::warn, "gap_not_removed", {{"id", one.id}, {"error", done.error().text}}});
  }
  co_return left;
}

async::Awaitable<void> DrainGatekeeper::remove_all(std::vector<StandIn> stand_ins) {
  for (;;) {
    stand_ins = co_await remove(std::move(stand_ins));
    if (stand_ins.empty()) co_return;
    co_await async::sleep_for(kAskAgain);
  }
}

// The client went away, perhaps while an announcement was on its way: it arrives first.
async::Awaitable<void> DrainGatekeeper::take_back(std::vector<StandIn> stand_ins) {
  const Undoing undoing(undoing_);
  co_await async::sleep_for(kAskAgain);
  co_await remove_all(std::move(stand_ins));
}

void DrainGatekeeper::begin_gap(const std::string& service, base::TimePoint at, std::vector<StandIn> stand_ins) {
  if (book_.begin(service, at, std::move(stand_ins))) tasks_.spawn("gap", measure_gap(service));
}

// Those of a predecessor: the gaps may go on.
async::Awaitable<void> DrainGatekeeper::adopt_gaps(std::string node) {
  const consul::QueryOptions options = consul::confirmed();
  auto known = co_await consul_.catalog_node(std::move(node), options);
  if (!known || !known->value) co_return;
  std::map<std::string, std::vector<StandIn>> gaps;
  for (const auto& [id, service] : known->value->services)
    if (const auto meta = service.meta.find(consul::kGapMeta);
        meta != service.meta.end() && meta->second == settings_.by && !book_.knows(id))
      gaps[service.name].push_back(book_.announce(id));
  for (auto& [service, stand_ins] : gaps) begin_gap(service, async::now(), std::move(stand_ins));
}

// From the moment when the only one was out to the moment when another one serves at all load balancers.
async::Awaitable<void> DrainGatekeeper::measure_gap(std::string service) {
  drain::Drainer drainer(consul_, settings_.kv_prefix);
  drain::Instance nobody;
  nobody.service = service;
  const base::TimePoint begun = async::now();
  bool back = false;
  while (!back && !book_.is_over(service, async::now())) {
    auto serves = co_await drainer.another_serves(nobody);
    back = serves && *serves;
    if (back) break;
    std::vector<StandIn> due = book_.take_due(service, async::now());
    due = co_await remove(std::move(due));
    book_.give_back(service, std::move(due));
    // Who does not come back soon is looked for less often.
    const base::Duration pause = std::min<base::Duration>(std::chrono::seconds(1), (async::now() - begun) / 20);
    co_await async::sleep_for(std::max(kLookAgain, pause));
  }
  Gap gap = book_.end(service);
  if (back) {
    const base::Duration lasted = async::now() - gap.since;
    ++counts_.gaps;
    counts_.gap += lasted;
    log_.write(
        {base::Level::warn, "gap", {{"service", service}, {"nobody_served_for", base::format_duration(lasted)}}});
  }
  co_await remove_all(std::move(gap.stand_ins));
}

}  // namespace longshore::proxy
