#include "agent/core/inventory.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/docker/timestamp.h"

namespace longshore::agent {
namespace {

using Phase = ContainerRecord::Phase;

// A connection that lasted this long was a good one: the next outage starts with short waits again.
constexpr base::Duration kGoodConnection = std::chrono::seconds(10);

// What the agent cannot do without.
constexpr std::string_view kNeeded = "/events, /containers/json and /containers/<id>/json";

bool connection_problem(Errc code) {
  return code == Errc::unreachable || code == Errc::timeout || code == Errc::io;
}

base::LogLine outage_line(const Error& error) {
  base::LogLine line{base::Level::warn, "docker_lost", {{"error", error.text}}};
  // Whoever opened the socket may have looked whose it is.
  const bool told = error.text.find("run as root") != std::string::npos;
  if (!told && error.text.find("ermission denied") != std::string::npos)
    line.fields.emplace_back("fix", "run as a user of the group docker (usermod -aG docker USER), or as root");
  // Docker's word for a version in the path that it does not speak (any more).
  if (error.text.find("client version") != std::string::npos)
    line.fields.emplace_back("fix", "unset DOCKER_API_VERSION: the version is then agreed upon");
  else if (error.code == Errc::rejected)
    line.fields.emplace_back("fix", "a proxy before Docker must allow GET of " + std::string(kNeeded));
  return line;
}

bool runs(const docker::ContainerState& state) {
  return state.running && !state.restarting;
}

// "" is what engines before API 1.23 say.
bool row_runs(const std::string& state) {
  return state == "running" || state == "paused" || state == "restarting" || state.empty();
}

}  // namespace

Inventory::Inventory(const AgentOptions& options, std::uint64_t seed) : options_(options), random_(seed) {}

void Inventory::connect(Effects effects) {
  connecting_ = true;
  ++counts_.connections;
  since_ = heard_;
  effects.out.push_back(action::ConnectDocker{++session_, since_.time_nano});
}

void Inventory::start(base::TimePoint, Effects effects) {
  connect(effects);
}

void Inventory::connected(const input::DockerConnected& said, base::TimePoint now, Effects effects) {
  if (said.session != session_ || connected_) return;
  connecting_ = false;
  connected_ = true;
  connected_at_ = now;
  engine_ = said.engine;
  engine_known_ = true;
  // Its clock was set back, or it is another engine.
  if (engine_.time_nano > 0 && engine_.time_nano < heard_.time_nano) heard_ = Heard{engine_.time_nano, {}};
  error_.clear();
  logged_error_.clear();
  effects.out.push_back(
      base::LogLine{base::Level::info,
                    "docker_connected",
                    {{"engine", engine_.name}, {"version", engine_.version}, {"api", engine_.api_version}}});
  if (!engine_.refused.empty() && engine_.refused != logged_refusals_)
    effects.out.push_back(base::LogLine{base::Level::warn,
                                        "docker_refuses",
                                        {{"calls", base::join(engine_.refused, "; ")},
                                         {"effect", "the engine's ID is made up of its socket's address"},
                                         {"fix", "let the proxy allow GET of /version and /info"}}});
  logged_refusals_ = engine_.refused;
  inspect_all_ = true;
  // What failed before says nothing of this connection.
  for (auto& [id, record] : records_) {
    record.not_before = now;
    record.backoff.reset();
  }
  list(effects);
  inspect_due(now, effects);
}

void Inventory::lost(const input::DockerLost& said, base::TimePoint now, Effects effects) {
  if (said.session == session_) lose(said.error, now, effects);
}

void Inventory::lose(const Error& error, base::TimePoint now, Effects effects) {
  if (connected_ && now - connected_at_ >= kGoodConnection) backoff_.reset();
  connected_ = connecting_ = listed_ = false;
  list_ticket_ = 0;
  list_at_ = base::TimePoint::max();
  inspect_all_ = true;
  for (auto& [id, record] : records_) record.ticket = 0;
  retry_at_ = now + backoff_.next(random_.chance());
  error_ = error.text.empty() ? std::string(to_string(error.code)) : error.text;
  if (error_ == logged_error_) return;
  logged_error_ = error_;
  effects.out.push_back(outage_line(error));
}

void Inventory::list(Effects effects) {
  list_ticket_ = ++tickets_;
  list_news_ = news_;
  list_at_ = base::TimePoint::max();
  ++counts_.lists;
  effects.out.push_back(action::ListContainers{list_ticket_, options_.deregister == DeregisterWhen::on_success});
}

void Inventory::event(const input::DockerEvent& said, base::TimePoint now, Effects effects) {
  const docker::Event& event = said.event;
  if (said.session != session_ || event.id.empty() || is_repeated(event)) return;
  ++counts_.events;
  remember(event);
  const bool start = event.type == "container" && event.action == "start";
  auto found = records_.find(event.id);
  if (found == records_.end()) {
    // What precedes a start (create, connect) will be seen by the inspect that the start leads to. A stop is seen by
    // none.
    if (event.type == "container" && event.action == "kill") remember_kill(event, now);
    if (!start) return;
    found = records_.try_emplace(event.id).first;
  }
  ContainerRecord& record = found->second;
  record.heard = ++news_;
  if (start) record.lives_since = std::max(record.lives_since, event.time_nano);
  const bool ends = event.type == "container" && (event.action == "die" || event.action == "kill");
  const bool old_life = ends && event.time_nano > 0 && event.time_nano < record.lives_since;
  if (old_life || is_history(event)) {
    // The end of an earlier life, told late, or what happened while nobody listened, and more may have happened since.
    // Clocks may jump: an inspect says what is true.
    if (!old_life && event.type == "container" && event.action == "kill") remember_kill(event, now);
    if (start && record.phase != Phase::running) record.phase = Phase::unknown;
    want_inspect(event.id, record);
  } else if (event.type == "container" && event.action == "die") {
    const auto code = event.attributes.find("exitCode");
    const auto number = code == event.attributes.end() ? std::nullopt : base::parse_int(code->second);
    ended(event.id, record, number ? std::optional(static_cast<int>(*number)) : std::nullopt, effects);
  } else if (event.type == "container" && event.action == "destroy") {
    ended(event.id, record, std::nullopt, effects);
  } else if (event.type == "container" && event.action == "kill") {
    killed(event.id, record, event, now, effects);
  } else if (start || record.phase == Phase::running || record.phase == Phase::unknown) {
    if (record.phase == Phase::ended || record.phase == Phase::kept) record.phase = Phase::unknown;
    record.not_before = now;
    want_inspect(event.id, record);
  }
  inspect_due(now, effects);
}

bool Inventory::keeps(int exit_code) const {
  return options_.deregister == DeregisterWhen::on_success && exit_code != 0 && (exit_code & 128) == 0;
}

void Inventory::ended(const std::string& id, ContainerRecord& record, std::optional<int> exit_code, Effects effects) {
  record.ticket = 0;
  record.due = false;
  record.error.clear();
  record.backoff.reset();
  record.stop.reset();
  early_kills_.erase(id);
  record.phase = exit_code && keeps(*exit_code) ? Phase::kept : Phase::ended;
  effects.changed.insert(id);
}

void Inventory::want_inspect(const std::string& id, ContainerRecord& record) {
  if (record.due) return;
  record.due = true;
  due_.push_back(id);
}

void Inventory::inspect_due(base::TimePoint now, Effects effects) {
  if (!connected_) return;
  for (std::size_t left = due_.size(); left > 0 && inspecting_ < kInspectsAtOnce; --left) {
    const std::string id = std::move(due_.front());
    due_.pop_front();
    const auto found = records_.find(id);
    if (found == records_.end() || !found->second.due) continue;
    ContainerRecord& record = found->second;
    if (record.ticket != 0 || record.not_before > now) {
      due_.push_back(id);
      continue;
    }
    record.due = false;
    record.ticket = ++tickets_;
    ++inspecting_;
    ++counts_.inspects;
    effects.out.push_back(action::Inspect{id, record.ticket});
  }
}

void Inventory::inspected(const input::Inspected& said, base::TimePoint now, Effects effects) {
  if (inspecting_ > 0) --inspecting_;
  const auto found = records_.find(said.id);
  if (found != records_.end() && found->second.ticket == said.ticket && said.ticket != 0) {
    ContainerRecord& record = found->second;
    record.ticket = 0;
    record.heard = ++news_;
    if (said.container) {
      record.error.clear();
      record.backoff.reset();
      if (runs(said.container->state)) {
        // Another start: the stop was the former one's.
        if (record.phase == Phase::running && record.container.state.started_at != said.container->state.started_at)
          record.stop.reset();
        record.phase = Phase::running;
        record.container = *said.container;
        const auto since = docker::nanoseconds_of(record.container.state.started_at);
        record.lives_since = std::max(record.lives_since, since.value_or(0));
        survived(said.id, record, now, effects);
        judge_early_kills(said.id, record, now);
        effects.changed.insert(said.id);
      } else if (!record.due) {
        // With another inspect due this answer is older than an event; that one decides.
        ended(said.id, record, said.container->state.exit_code, effects);
      }
    } else if (said.container.error().code == Errc::not_found) {
      ended(said.id, record, std::nullopt, effects);
    } else {
      const Error& error = said.container.error();
      ++counts_.inspect_failures;
      if (record.error != error.text)
        effects.out.push_back(base::LogLine{
            base::Level::warn, "inspect_failed", {{"container", said.id.substr(0, 12)}, {"error", error.text}}});
      record.error = error.text;
      record.not_before = now + record.backoff.next(random_.chance());
      want_inspect(said.id, record);
    }
  }
  inspect_due(now, effects);
}

void Inventory::fold_row(const docker::ContainerSummary& row, Effects) {
  auto [found, is_new] = records_.try_emplace(row.id);
  ContainerRecord& record = found->second;
  const bool newer_news = !is_new && record.heard > list_news_;
  const bool same = record.row == row.fingerprint;
  record.row = row.fingerprint;
  if (row_runs(row.state)) {
    if (record.phase == Phase::ended || record.phase == Phase::kept) {
      if (newer_news) return;
      record.phase = Phase::unknown;  // its start was missed
    }
    if (is_new || inspect_all_ || !same || record.phase == Phase::unknown) want_inspect(row.id, record);
  } else if (record.phase != Phase::ended && record.phase != Phase::kept) {
    // Its exit code decides whether its entries stay.
    want_inspect(row.id, record);
  }
}

void Inventory::absent(const std::set<std::string>& listed, Effects effects) {
  for (auto at = records_.begin(); at != records_.end();) {
    ContainerRecord& record = at->second;
    if (listed.contains(at->first)) {
      ++at;
    } else if (record.heard > list_news_ && record.phase != Phase::ended) {
      // Heard of it after the list was asked for: the list may be older.
      want_inspect(at->first, record);
      ++at;
    } else {
      effects.changed.insert(at->first);
      at = records_.erase(at);
    }
  }
}

void Inventory::listed(const input::DockerListed& said, base::TimePoint now, Effects effects) {
  if (said.ticket != list_ticket_ || list_ticket_ == 0) return;
  list_ticket_ = 0;
  if (!said.rows) {
    if (connection_problem(said.rows.error().code)) return lose(said.rows.error(), now, effects);
    list_at_ = now + backoff_.next(random_.chance());
    error_ = said.rows.error().text;
    if (error_ == logged_error_) return;
    logged_error_ = error_;
    base::LogLine line{base::Level::warn, "docker_list_failed", {{"error", error_}}};
    if (said.rows.error().code == Errc::rejected)
      line.fields.emplace_back("fix", "a proxy before Docker must allow GET of " + std::string(kNeeded));
    effects.out.push_back(std::move(line));
    return;
  }
  std::set<std::string> ids;
  for (const docker::ContainerSummary& row : *said.rows) {
    const bool exited = row.state == "exited" || row.state == "dead";
    if (!row_runs(row.state) && !exited) continue;
    ids.insert(row.id);
    fold_row(row, effects);
  }
  if (options_.compatible && (inspect_all_ || options_.resync.count() > 0)) {
    const auto running = std::count_if(said.rows->begin(), said.rows->end(),
                                       [](const docker::ContainerSummary& row) { return row_runs(row.state); });
    effects.out.push_back(base::LogLine{base::Level::info, "syncing", {{"containers", std::to_string(running)}}});
  }
  absent(ids, effects);
  std::erase_if(early_kills_, [this](const auto& entry) { return !records_.contains(entry.first); });
  error_.clear();
  logged_error_.clear();
  inspect_all_ = false;
  if (engine_.time_nano > heard_.time_nano) heard_ = Heard{engine_.time_nano, {}};
  listed_ = listed_once_ = true;
  list_at_ = now + options_.reconcile_every();
  inspect_due(now, effects);
}

void Inventory::tick(base::TimePoint now, Effects effects) {
  if (!connected_ && !connecting_ && retry_at_ <= now) connect(effects);
  if (connected_ && list_ticket_ == 0 && list_at_ <= now) list(effects);
  stops_due(now);
  inspect_due(now, effects);
}

void Inventory::reload(base::TimePoint now, Effects effects) {
  inspect_all_ = true;
  if (!connected_) retry_at_ = now;
  if (list_ticket_ == 0) list_at_ = now;
  tick(now, effects);
}

std::optional<base::TimePoint> Inventory::next_wake() const {
  if (!connected_) return connecting_ ? std::nullopt : std::optional(retry_at_);
  std::optional<base::TimePoint> wake;
  const auto consider = [&](base::TimePoint when) { wake = wake ? std::min(*wake, when) : when; };
  if (list_ticket_ == 0) consider(list_at_);
  for (const auto& [id, until] : stops_) {
    const auto record = records_.find(id);
    if (record != records_.end() && record->second.stop && !record->second.stop->asked) consider(until);
  }
  if (inspecting_ < kInspectsAtOnce)
    for (const std::string& id : due_) {
      const auto record = records_.find(id);
      if (record != records_.end() && record->second.due && record->second.ticket == 0)
        consider(record->second.not_before);
    }
  return wake;
}

bool Inventory::complete() const {
  return listed_once_ && std::none_of(records_.begin(), records_.end(), [](const auto& entry) {
           return entry.second.phase == Phase::unknown && entry.second.error.empty();
         });
}

}  // namespace longshore::agent
