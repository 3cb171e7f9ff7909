#include "renderer/io/turns.h"

#include <algorithm>

namespace longshore::render {
namespace {

// Consul frees the places of a dead one up to twice this after its last word; 10 s is its least.
constexpr base::Duration kSessionTtl = std::chrono::seconds(10);
constexpr base::Duration kRenewEvery = std::chrono::seconds(3);
constexpr base::Duration kAskEvery = std::chrono::milliseconds(200);

}  // namespace

Turns::Turns(consul::Client& client, async::TaskGroup& tasks, std::string prefix, std::string who, Post post)
    : client_(client),
      tasks_(tasks),
      prefix_(std::move(prefix)),
      who_(std::move(who)),
      post_(std::move(post)),
      ended_(tasks.executor()) {}

void Turns::take(const std::string& group, const std::string& semaphore, int limit) {
  leave(group);
  auto ticket = std::make_shared<Ticket>(tasks_.executor(), group, prefix_ + semaphore + "/", limit);
  tickets_[group] = ticket;
  if (tasks_.spawn("turn of " + group, run(ticket)) != 0) ++running_;
}

void Turns::leave(const std::string& group) {
  const auto known = tickets_.find(group);
  if (known == tickets_.end()) return;
  known->second->left = true;
  known->second->wake.push({});
  tickets_.erase(known);
}

async::Awaitable<void> Turns::leave_all(base::TimePoint until) {
  while (!tickets_.empty()) leave(tickets_.begin()->first);
  while (running_ > 0 && async::now() < until) co_await ended_.pop_until(until);
}

async::Awaitable<void> Turns::run(Shared ticket) {
  consul::SessionRequest request;
  request.name = "longshore turn of " + who_;
  request.ttl = kSessionTtl;
  request.lock_delay = base::Duration{};
  request.behavior = "delete";
  auto session = co_await client_.session_create(std::move(request));
  Status had;
  if (!session) had = fail(std::move(session.error()));
  if (had) had = co_await wait_for_place(ticket, *session);
  if (!ticket->left) post_(ticket->group, had);
  if (had) co_await keep_place(ticket, *session);
  // The place goes with its session.
  if (session) {
    [[maybe_unused]] const Status ended = co_await client_.session_destroy(*session);
  }
  --running_;
  ended_.push({});
}

// An error, a place, or nobody wants it any more. Asked for again and again: a parked query for each waiting group
// would take the connections that templates' data needs.
async::Awaitable<Status> Turns::wait_for_place(Shared ticket, std::string session) {
  base::TimePoint renew_at = async::now() + kRenewEvery;
  while (!ticket->left) {
    auto got = co_await try_places(ticket, session);
    if (!got) co_return fail(std::move(got.error()));
    if (*got) co_return Status();
    if (async::now() >= renew_at) {
      auto renewed = co_await client_.session_renew(session);
      if (!renewed) co_return fail(std::move(renewed.error()));
      renew_at = async::now() + kRenewEvery;
    }
    const base::TimePoint again = async::now() + kAskEvery;
    co_await ticket->wake.pop_until(again);
  }
  co_return Status();
}

async::Awaitable<Result<bool>> Turns::try_places(Shared ticket, std::string session) {
  consul::QueryOptions confirmed = consul::confirmed();
  auto known = co_await client_.kv_list(ticket->folder, confirmed);
  if (!known) co_return fail(std::move(known.error()));
  for (int place = 0; place < ticket->limit; ++place) {
    std::string key = ticket->folder + std::to_string(place);
    const auto held = [&](const consul::KvPair& pair) { return pair.key == key && !pair.session.empty(); };
    if (std::ranges::any_of(known->value, held)) continue;
    consul::KvWrite how;
    how.acquire = session;
    auto taken = co_await client_.kv_put(std::move(key), who_, std::move(how));
    if (!taken) co_return fail(std::move(taken.error()));
    if (*taken) co_return true;
  }
  co_return false;
}

// The place is ours: its session lives until somebody says that it is given up. One that lapsed is not renewed: what it
// was for is done as it was begun.
async::Awaitable<void> Turns::keep_place(Shared ticket, std::string session) {
  while (!ticket->left) {
    const base::TimePoint until = async::now() + kRenewEvery;
    co_await ticket->wake.pop_until(until);
    if (ticket->left) co_return;
    [[maybe_unused]] const auto renewed = co_await client_.session_renew(session);
  }
}

}  // namespace longshore::render
