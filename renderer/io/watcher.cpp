#include "renderer/io/watcher.h"

#include <algorithm>

namespace longshore::render {
namespace {

using Kind = Dependency::Kind;

// May a template go on waiting although there is an answer: an absent key, an empty prefix?
bool may_not_do(const RawAnswer& answer) {
  if (const auto* key = std::get_if<std::optional<consul::KvPair>>(&answer)) return !*key;
  if (const auto* tree = std::get_if<std::vector<consul::KvPair>>(&answer)) return tree->empty();
  return false;
}

}  // namespace

Watcher::Watcher(consul::Client& client, async::TaskGroup& tasks, WatchSettings settings, Deliver deliver)
    : client_(client),
      tasks_(tasks),
      settings_(settings),
      deliver_(std::move(deliver)),
      reads_(tasks.executor(), settings.reads_at_once) {}

void Watcher::start(const Dependency& on) {
  if (running_.contains(on)) return;
  states_[on] = {};
  const std::uint64_t seed = settings_.seed + ++started_;
  running_[on] = on.kind == Kind::datacenters ? tasks_.spawn("datacenters", poll_datacenters(on))
                                              : tasks_.spawn(to_string(on), watch(on, seed));
}

void Watcher::stop(const Dependency& on) {
  const auto found = running_.find(on);
  if (found == running_.end()) return;
  tasks_.cancel(found->second);
  running_.erase(found);
  states_.erase(on);
}

void Watcher::failed(const Dependency& on, Error error) {
  ++states_[on].failures;
  input::WatchFailed input{on, std::move(error)};
  deliver_(std::move(input));
}

async::Awaitable<void> Watcher::watch(Dependency on, std::uint64_t seed) {
  consul::BlockingQuery query(settings_.query, seed);
  consul::BlockingQuery::Ask ask = query.start(async::now());
  std::string name = on.name;
  for (;;) {
    if (ask.at > async::now()) co_await async::sleep_until(ask.at);
    Slots::Slot slot;
    if (ask.index == 0) slot = co_await reads_.acquire();
    if (on.kind == Kind::node && name.empty()) {
      auto self = co_await client_.agent_self();
      if (!self) {
        failed(on, std::move(self.error()));
        ask = query.failed(async::now()).ask;
        continue;
      }
      name = self->node_name;
    }
    consul::QueryOptions options = query_options(on);
    options.index = ask.index;
    options.wait = ask.wait;
    auto fetched = co_await fetch_fresh(on, name, options);
    if (!fetched) {
      if (fetched.error().code == Errc::cancelled) co_return;
      failed(on, std::move(fetched.error()));
      ask = query.failed(async::now()).ask;
      continue;
    }
    const consul::BlockingQuery::Step step = query.answered(fetched->meta.index, false, async::now());
    WatchState& state = states_[on];
    state.index = fetched->meta.index;
    state.failures = 0;
    state.answered_at = async::now();
    ++state.answers;
    if (step.publish) {
      const bool enough = settings_.once && !may_not_do(fetched->answer);
      input::Answered input{on, std::move(fetched->answer), fetched->meta.index};
      deliver_(std::move(input));
      if (enough) co_return;
    }
    ask = step.ask;
    // An endpoint that cannot be waited for.
    if (fetched->meta.index == 0) ask.at = std::max(ask.at, async::now() + settings_.poll);
  }
}

async::Awaitable<void> Watcher::poll_datacenters(Dependency on) {
  policy::Backoff backoff(settings_.query.backoff_first, settings_.query.backoff_most);
  policy::Random random(settings_.seed);
  for (;;) {
    auto names = co_await client_.datacenters();
    if (names && !on.name.empty()) names = co_await answering(std::move(*names));
    base::Duration pause = settings_.poll;
    if (!names) {
      if (names.error().code == Errc::cancelled) co_return;
      pause = backoff.next(random.chance());
      failed(on, std::move(names.error()));
    } else {
      backoff.reset();
      WatchState& state = states_[on];
      state.failures = 0;
      state.answered_at = async::now();
      ++state.answers;
      input::Answered input{on, std::move(*names), 0};
      deliver_(std::move(input));
    }
    co_await async::sleep_for(pause);
  }
}

// A first read, and one after a failure, is confirmed by a quorum: a Consul that was killed answers plain reads from
// states that it is still replaying, with KnownLeader true (seen on 1.8.7: 10 to 120 ms of the past in 5 of 6
// restarts). Later ones may be stale, unless they turn out too old. A server that knows no leader is not believed at
// all.
async::Awaitable<Result<Watcher::Fetched>> Watcher::fetch_fresh(Dependency on, std::string name,
                                                                consul::QueryOptions options) {
  options.consistent = options.index == 0;
  options.stale = !options.consistent && settings_.max_stale.count() > 0;
  auto fetched = co_await fetch(on, name, options);
  if (fetched && options.stale && fetched->meta.last_contact > settings_.max_stale) {
    options.stale = false;
    fetched = co_await fetch(on, name, options);
  }
  if (fetched && !fetched->meta.known_leader) co_return fail(Errc::server_error, "no cluster leader");
  co_return fetched;
}

namespace {

template <class T, class Fetched>
Result<Fetched> carry(Result<consul::Answer<T>>& answer) {
  if (!answer) return fail(std::move(answer.error()));
  Fetched out;
  out.answer = std::move(answer->value);
  out.meta = answer->meta;
  return out;
}

template <class T>
Result<consul::Answer<T>> decode_with(Result<consul::Answer<std::string>>& answer, Result<T> (*decode)(std::string_view)) {
  if (!answer) return fail(std::move(answer.error()));
  LS_TRY(value, decode(answer->value));
  return consul::Answer<T>{std::move(value), answer->meta};
}

std::string path_of(const Dependency& on) {
  switch (on.kind) {
    case Kind::ca_roots:
      return "/v1/agent/connect/ca/roots";
    case Kind::ca_leaf:
      return "/v1/agent/connect/ca/leaf/" + net::percent_encode(on.name);
    case Kind::partitions:
      return "/v1/partitions";
    case Kind::peerings:
      return "/v1/peerings";
    case Kind::exported_services:
      return "/v1/exported-services";
    default:
      return "/v1/imported-services";
  }
}

}  // namespace

async::Awaitable<Result<Watcher::Fetched>> Watcher::fetch(Dependency on, std::string name,
                                                          consul::QueryOptions options) {
  std::vector<net::QueryItem> no_query;
  switch (on.kind) {
    case Kind::service: {
      const auto detail = on.checks ? consul::CheckDetail::full : consul::CheckDetail::status;
      // Without the server's tag and passing filters: vanished and critical must look different.
      auto answer = co_await client_.health_service(std::move(name), std::string(), false, options, detail);
      co_return carry<std::vector<consul::ServiceEntry>, Fetched>(answer);
    }
    case Kind::services: {
      auto answer = co_await client_.catalog_services(options);
      co_return carry<consul::ServiceNames, Fetched>(answer);
    }
    case Kind::nodes: {
      auto answer = co_await client_.catalog_nodes(options);
      co_return carry<std::vector<consul::Node>, Fetched>(answer);
    }
    case Kind::node: {
      auto answer = co_await client_.catalog_node(std::move(name), options);
      co_return carry<std::optional<consul::NodeServices>, Fetched>(answer);
    }
    case Kind::key: {
      auto answer = co_await client_.kv_get(std::move(name), options);
      co_return carry<std::optional<consul::KvPair>, Fetched>(answer);
    }
    case Kind::tree: {
      auto answer = co_await client_.kv_list(std::move(name), options);
      co_return carry<std::vector<consul::KvPair>, Fetched>(answer);
    }
    case Kind::connect: {
      std::string path = "/v1/health/connect/" + net::percent_encode(name);
      auto answer = co_await client_.read(std::move(path), std::move(no_query), options);
      auto decoded = decode_with(answer, consul::decode_health_service);
      co_return carry<std::vector<consul::ServiceEntry>, Fetched>(decoded);
    }
    case Kind::datacenters:
    case Kind::file:
    case Kind::plugin:
      co_return fail(Errc::invalid_input, "not a blocking query");
    default:
      break;
  }
  auto answer = co_await client_.read(path_of(on), std::move(no_query), options);
  if (!answer) co_return fail(std::move(answer.error()));
  auto json = read_consul_json(on.kind, std::move(answer->value));
  if (!json) co_return fail(std::move(json.error()));
  Fetched fetched;
  fetched.answer = std::move(*json);
  fetched.meta = answer->meta;
  co_return fetched;
}

// Those of which the servers can read the catalog: others are listed and down.
async::Awaitable<Result<std::vector<std::string>>> Watcher::answering(std::vector<std::string> names) {
  std::vector<std::string> up;
  for (std::string& name : names) {
    consul::QueryOptions options;
    options.datacenter = name;
    options.consistent = true;
    auto services = co_await client_.catalog_services(options);
    if (!services && services.error().code == Errc::cancelled) co_return fail(std::move(services.error()));
    if (services) up.push_back(std::move(name));
  }
  co_return up;
}

}  // namespace longshore::render
