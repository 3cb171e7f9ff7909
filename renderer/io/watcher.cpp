#include "renderer/io/watcher.h"

#include "renderer/io/signal_request.h"

namespace longshore::render {
namespace {

// May a template go on waiting although there is an answer: an absent key, an empty prefix?
bool may_not_do(const RawAnswer& answer) {
  if (const auto* key = std::get_if<std::optional<consul::KvPair>>(&answer)) return !*key;
  if (const auto* tree = std::get_if<std::vector<consul::KvPair>>(&answer)) return tree->empty();
  return false;
}

PoolSettings pool_settings(const WatchSettings& settings) {
  PoolSettings pool;
  pool.parked = parked_of(settings.max_connections);
  pool.reads_at_once = std::min(settings.reads_at_once, settings.max_connections);
  pool.wait = settings.wait;
  pool.poll = settings.poll;
  pool.backoff_first = settings.backoff_first;
  pool.backoff_most = settings.backoff_most;
  pool.once = settings.once;
  pool.seed = settings.seed;
  return pool;
}

template <class T, class Fetched>
Result<Fetched> carry(Result<consul::Answer<T>>& answer) {
  if (!answer) return fail(std::move(answer.error()));
  Fetched out;
  out.answer = std::move(answer->value);
  out.meta = answer->meta;
  return out;
}

template <class T>
Result<consul::Answer<T>> decode_with(Result<consul::Answer<std::string>>& answer,
                                      Result<T> (*decode)(std::string_view)) {
  if (!answer) return fail(std::move(answer.error()));
  LS_TRY(value, decode(answer->value));
  return consul::Answer<T>{std::move(value), answer->meta};
}

Result<std::vector<consul::ServiceEntry>> decode_instances(std::string_view text) {
  return consul::decode_health_service(text);
}

std::string path_of(const Dependency& on) {
  switch (on.kind) {
    case Dependency::Kind::ca_roots:
      return "/v1/agent/connect/ca/roots";
    case Dependency::Kind::ca_leaf:
      return "/v1/agent/connect/ca/leaf/" + net::percent_encode(on.name);
    case Dependency::Kind::partitions:
      return "/v1/partitions";
    case Dependency::Kind::peerings:
      return "/v1/peerings";
    case Dependency::Kind::exported_services:
      return "/v1/exported-services";
    default:
      return "/v1/imported-services";
  }
}

// Certificates come out of the agent's cache, whose answers always deny that there is a leader (seen on 1.8.7).
bool without_leader(const Dependency& on, const consul::AnswerMeta& meta) {
  return !meta.known_leader && on.kind != Dependency::Kind::ca_roots && on.kind != Dependency::Kind::ca_leaf;
}

}  // namespace

std::size_t parked_of(std::size_t max_connections) {
  const std::size_t spare = std::clamp<std::size_t>(max_connections / 8, 2, 8);
  return std::max<std::size_t>(2, max_connections - std::min(max_connections, spare));
}

std::size_t parked_of(std::size_t max_connections, std::size_t streams_per_connection) {
  // Each parked query costs us and the server some kilobytes.
  constexpr std::size_t kMost = 16384;
  return std::min(kMost, parked_of(max_connections) * streams_per_connection);
}

Watcher::Watcher(consul::Client& client, async::TaskGroup& tasks, WatchSettings settings, Deliver deliver)
    : client_(client),
      tasks_(tasks),
      settings_(settings),
      deliver_(std::move(deliver)),
      pool_(pool_settings(settings)),
      wake_(tasks.executor()) {}

void Watcher::start(const Dependency& on) {
  if (!driven_) {
    driven_ = true;
    tasks_.spawn("watch pool", drive());
  }
  carry_out(pool_.start(on, async::now()), nullptr);
}

void Watcher::stop(const Dependency& on) {
  texts_.erase(on);
  carry_out(pool_.stop(on, async::now()), nullptr);
}

// With HTTP/2 every dependency may have a query of its own.
void Watcher::adapt() {
  const std::size_t streams = client_.http().streams_per_connection();
  if (streams == std::exchange(streams_, streams)) return;
  carry_out(pool_.set_parked(parked_of(settings_.max_connections, streams), async::now()), nullptr);
}

// What is written as it was before is still so, whatever its index.
void Watcher::publish(pool::Publish news, Fetched fetched) {
  if (fetched.same) return deliver_(input::Confirmed{std::move(news.on)});
  if (fetched.text_print != 0) texts_[news.on] = fetched.text_print;
  deliver_(input::Answered{std::move(news.on), std::move(fetched.answer), news.index});
}

void Watcher::carry_out(pool::Actions actions, Fetched* fetched) {
  for (pool::Action& action : actions) {
    if (auto* start = std::get_if<pool::Start>(&action)) {
      const std::uint64_t id = start->ask.id;
      const Ask::Kind kind = start->ask.kind;
      if (kind == Ask::Kind::data)
        running_[id] = tasks_.spawn(to_string(start->ask.on), ask_data(std::move(start->ask)));
      else if (kind == Ask::Kind::probes)
        running_[id] = tasks_.spawn("probes", ask_probes(std::move(start->ask)));
      else if (kind == Ask::Kind::prints)
        running_[id] = tasks_.spawn("prints", ask_prints(std::move(start->ask)));
      else
        running_[id] = tasks_.spawn("signal", ask_signal(std::move(start->ask)));
    } else if (const auto* cancel = std::get_if<pool::Cancel>(&action)) {
      if (const auto found = running_.find(cancel->id); found != running_.end()) {
        tasks_.cancel(found->second);
        running_.erase(found);
      }
    } else if (auto* news = std::get_if<pool::Publish>(&action)) {
      if (fetched == nullptr) continue;
      publish(std::move(*news), std::move(*fetched));
      fetched = nullptr;
    } else if (auto* trouble = std::get_if<pool::Failed>(&action)) {
      deliver_(input::WatchFailed{std::move(trouble->on), std::move(trouble->error)});
    } else if (auto* confirm = std::get_if<pool::Confirm>(&action)) {
      deliver_(input::Confirmed{std::move(confirm->on)});
    }
  }
  if (const auto next = pool_.next_wake(); next && *next < sleeps_until_) wake_.push(true);
}

async::Awaitable<void> Watcher::drive() {
  for (;;) {
    const auto next = pool_.next_wake();
    sleeps_until_ = next.value_or(async::now() + std::chrono::hours(1));
    if (sleeps_until_ > async::now()) {
      co_await wake_.pop_until(sleeps_until_);
      while (wake_.try_pop()) continue;
    }
    const auto due = pool_.next_wake();
    if (due && *due <= async::now()) carry_out(pool_.tick(async::now()), nullptr);
  }
}

void Watcher::failed(std::uint64_t id, const Error& error) {
  running_.erase(id);
  if (error.code != Errc::cancelled) carry_out(pool_.failed(id, error, async::now()), nullptr);
}

consul::QueryOptions Watcher::options_of(const Ask& ask) const {
  consul::QueryOptions options = query_options(ask.on);
  options.index = ask.index;
  options.wait = ask.wait;
  options.consistent = ask.confirmed;
  options.stale = !ask.confirmed && !ask.leader && settings_.max_stale.count() > 0;
  return options;
}

async::Awaitable<void> Watcher::ask_data(Ask ask) {
  const std::uint64_t id = ask.id;
  auto fetched = co_await fetch(std::move(ask));
  if (!fetched) {
    failed(id, fetched.error());
    co_return;
  }
  running_.erase(id);
  adapt();
  const bool enough = !may_not_do(fetched->answer);
  carry_out(pool_.answered(id, fetched->meta.index, enough, fetched->marks, async::now()), &*fetched);
}

async::Awaitable<void> Watcher::ask_signal(Ask ask) {
  const consul::QueryOptions options = options_of(ask);
  SignalRequest request = signal_request(ask);
  if (ask.kind == Ask::Kind::keys) {
    // Below a prefix without keys there is nothing (404), with an index.
    auto meta = co_await client_.probe(std::move(request.path), std::move(request.query), options);
    if (!meta) {
      failed(ask.id, meta.error());
      co_return;
    }
    running_.erase(ask.id);
    carry_out(pool_.answered(ask.id, meta->index, false, Marks(), async::now()), nullptr);
    co_return;
  }
  consul::QueryOptions filtered = options_with(options, request);
  auto text = co_await client_.read(std::move(request.path), std::move(request.query), std::move(filtered));
  if (text && !text->meta.known_leader) text = fail(Errc::server_error, "no cluster leader");
  if (!text) {
    failed(ask.id, text.error());
    co_return;
  }
  const auto marks = decode_signal(ask.kind, text->value, pool_.marks_of(ask.id));
  if (!marks) {
    failed(ask.id, marks.error());
    co_return;
  }
  running_.erase(ask.id);
  carry_out(pool_.answered(ask.id, text->meta.index, false, *marks, async::now()), nullptr);
}

// A list of megabytes, of which little is new and nothing is kept: see PrintBook. One that breaks off ends its book.
async::Awaitable<void> Watcher::ask_prints(Ask ask) {
  const consul::QueryOptions options = options_of(ask);
  SignalRequest request = signal_request(ask);
  std::unique_ptr<consul::PrintBook> book = std::move(books_[ask.on]);
  const auto detail = ask.on.checks ? consul::CheckDetail::full : consul::CheckDetail::status;
  if (!book) book = std::make_unique<consul::PrintBook>(detail);
  net::BodySink sink = [into = book.get()](std::string_view piece) { into->feed(piece); };
  auto meta = co_await client_.read_into(std::move(request.path), std::move(request.query), options, std::move(sink));
  if (meta && !meta->known_leader) meta = fail(Errc::server_error, "no cluster leader");
  if (!meta) {
    failed(ask.id, meta.error());
    co_return;
  }
  auto prints = book->finish();
  if (!prints) {
    failed(ask.id, prints.error());
    co_return;
  }
  books_[ask.on] = std::move(book);
  running_.erase(ask.id);
  const Marks marks(std::move(*prints));
  carry_out(pool_.answered(ask.id, meta->index, false, marks, async::now()), nullptr);
}

// One after another, on one connection: what is saved is ours and Consul's work per request.
async::Awaitable<void> Watcher::ask_probes(Ask ask) {
  std::vector<std::uint64_t> indexes;
  for (const Dependency& on : ask.probes) {
    SignalRequest request = probe_request(on);
    consul::QueryOptions options = query_options(on);
    options.near.clear();
    auto meta = co_await client_.probe(std::move(request.path), std::move(request.query), std::move(options));
    if (meta && without_leader(on, *meta)) meta = fail(Errc::server_error, "no cluster leader");
    if (!meta) {
      failed(ask.id, meta.error());
      co_return;
    }
    indexes.push_back(meta->index);
  }
  running_.erase(ask.id);
  carry_out(pool_.probed(ask.id, indexes, async::now()), nullptr);
}

// A first read, and one after a failure, is confirmed by a quorum: a Consul that was killed answers plain reads from
// states that it is still replaying, with KnownLeader true (seen on 1.8.7: 10 to 120 ms of the past in 5 of 6
// restarts). Later ones may be stale, unless they turn out too old. A server that knows no leader is not believed at
// all.
async::Awaitable<Result<Watcher::Fetched>> Watcher::fetch(Ask ask) {
  std::string name = ask.on.name;
  if (ask.on.kind == Dependency::Kind::node && name.empty()) {
    if (own_node_.empty()) {
      auto self = co_await client_.agent_self();
      if (!self) co_return fail(std::move(self.error()));
      own_node_ = self->node_name;
    }
    name = own_node_;
  }
  consul::QueryOptions options = options_of(ask);
  auto fetched = co_await fetch_once(ask, name, options);
  if (fetched && options.stale && fetched->meta.last_contact > settings_.max_stale) {
    options.stale = false;
    fetched = co_await fetch_once(ask, name, options);
  }
  if (fetched && without_leader(ask.on, fetched->meta)) co_return fail(Errc::server_error, "no cluster leader");
  co_return fetched;
}

// Apart, because a coroutine's frame has room for all its branches, and of services thousands may wait.
async::Awaitable<Result<Watcher::Fetched>> Watcher::fetch_once(Ask ask, std::string name,
                                                               consul::QueryOptions options) {
  if (ask.on.kind == Dependency::Kind::service)
    return fetch_service(std::move(ask), std::move(name), std::move(options));
  return fetch_other(std::move(ask), std::move(name), std::move(options));
}

async::Awaitable<Result<Watcher::Fetched>> Watcher::fetch_service(Ask ask, std::string name,
                                                                  consul::QueryOptions options) {
  // Without the server's tag and passing filters: vanished and critical must look different.
  const auto detail = ask.on.checks ? consul::CheckDetail::full : consul::CheckDetail::status;
  std::string path = "/v1/health/service/" + net::percent_encode(name);
  auto text = co_await client_.read(std::move(path), std::vector<net::QueryItem>(), std::move(options));
  if (!text) co_return fail(std::move(text.error()));
  auto instances = consul::decode_health_service(text->value, detail);
  if (!instances) co_return fail(instances.error().with("Consul"));
  Fetched out;
  if (ask.print)
    if (const auto print = consul::print_of_instances(text->value, detail)) out.marks = *print;
  out.answer = std::move(*instances);
  out.meta = text->meta;
  co_return std::move(out);
}

async::Awaitable<Result<Watcher::Fetched>> Watcher::fetch_other(Ask ask, std::string name,
                                                                consul::QueryOptions options) {
  std::vector<net::QueryItem> no_query;
  switch (ask.on.kind) {
    case Dependency::Kind::services: {
      auto text = co_await client_.read("/v1/catalog/services", std::move(no_query), options);
      if (!text) co_return fail(std::move(text.error()));
      Fetched out;
      out.meta = text->meta;
      // Every change of an instance ends this query, and hardly any changes a name or a tag.
      out.text_print = std::hash<std::string>()(text->value);
      const auto known = texts_.find(ask.on);
      out.same = ask.index != 0 && known != texts_.end() && known->second == out.text_print;
      if (out.same) co_return std::move(out);
      auto names = consul::decode_catalog_services(text->value);
      if (!names) co_return fail(names.error().with("Consul"));
      out.answer = std::move(*names);
      co_return std::move(out);
    }
    case Dependency::Kind::nodes: {
      auto answer = co_await client_.catalog_nodes(options);
      co_return carry<std::vector<consul::Node>, Fetched>(answer);
    }
    case Dependency::Kind::node: {
      auto answer = co_await client_.catalog_node(std::move(name), options);
      co_return carry<std::optional<consul::NodeServices>, Fetched>(answer);
    }
    case Dependency::Kind::key: {
      auto answer = co_await client_.kv_get(std::move(name), options);
      co_return carry<std::optional<consul::KvPair>, Fetched>(answer);
    }
    case Dependency::Kind::tree: {
      auto answer = co_await client_.kv_list(std::move(name), options);
      co_return carry<std::vector<consul::KvPair>, Fetched>(answer);
    }
    case Dependency::Kind::connect: {
      std::string path = "/v1/health/connect/" + net::percent_encode(name);
      auto answer = co_await client_.read(std::move(path), std::move(no_query), options);
      auto decoded = decode_with(answer, decode_instances);
      co_return carry<std::vector<consul::ServiceEntry>, Fetched>(decoded);
    }
    case Dependency::Kind::datacenters: {
      auto names = co_await client_.datacenters();
      if (names && !name.empty()) names = co_await answering(std::move(*names));
      if (!names) co_return fail(std::move(names.error()));
      Fetched out;
      out.answer = std::move(*names);
      co_return std::move(out);
    }
    case Dependency::Kind::file:
    case Dependency::Kind::plugin:
    case Dependency::Kind::nginx:
    case Dependency::Kind::interfaces:
    case Dependency::Kind::certificates:
      co_return fail(Errc::invalid_input, "nothing that Consul knows");
    default:
      break;
  }
  auto answer = co_await client_.read(path_of(ask.on), std::move(no_query), options);
  if (!answer) co_return fail(std::move(answer.error()));
  auto json = read_consul_json(ask.on.kind, std::move(answer->value));
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
