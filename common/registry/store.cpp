#include "common/registry/store.h"

#include <algorithm>

#include "common/registry/rows.h"
#include "common/registry/uuid.h"

namespace longshore::registry {
namespace {

// A start after kill -9 begins above the last reserved index, so only every so many operations write it.
constexpr std::uint64_t kIndexBlock = 1000;
// Source: Consul multiplies session TTLs by two before it lets go (structs.SessionTTLMultiplier).
constexpr int kSessionGrace = 2;
// Source: the ring of the agent, agent.go.
constexpr std::size_t kEventsKept = 256;

}  // namespace

Store::Store(Identity identity, std::uint64_t random) : identity_(std::move(identity)), random_(random) {}

void Store::start() {
  const std::uint64_t index = next_index();
  consul::Node node;
  node.node = identity_.node;
  node.id = identity_.node_id;
  if (const auto before = catalog_.nodes().find(identity_.node); before != catalog_.nodes().end())
    node.id = before->second.value.id;
  if (node.id.empty()) node.id = make_uuid(random_);
  identity_.node_id = node.id;
  node.address = identity_.address;
  node.datacenter = identity_.datacenter;
  const bool ipv6 = identity_.address.find(':') != std::string::npos;
  for (const char* name : {"lan", "wan"}) {
    node.tagged_addresses[name] = identity_.address;
    node.tagged_addresses[std::string(name) + (ipv6 ? "_ipv6" : "_ipv4")] = identity_.address;
  }
  node.meta["consul-network-segment"] = "";
  catalog_.put_node(node, index, changes_);
  consul::HealthCheck alive;
  alive.node = identity_.node;
  alive.check_id = "serfHealth";
  alive.name = "Serf Health Status";
  alive.status = "passing";
  alive.output = "Agent alive and reachable";
  catalog_.put_check(alive, index, changes_);
  changes_.rows.push_back(Row{"meta", "node", identity_.node});
}

Changes Store::take_changes() {
  return std::exchange(changes_, Changes{});
}

std::uint64_t Store::next_index() {
  ++index_;
  if (index_ > reserved_) {
    reserved_ = index_ + kIndexBlock;
    changes_.rows.push_back(Row{"meta", "index", std::to_string(reserved_)});
  }
  return index_;
}

const std::string& Store::check_output(const CheckRecord& check) const {
  const auto local = local_checks_.find(check.value.check_id);
  const bool is_own = check.value.node == identity_.node && local != local_checks_.end();
  return is_own ? local->second.output : check.value.output;
}

Status Store::catalog_register(const CatalogRegistration& registration) {
  const std::string& node = registration.node.node;
  const bool known = catalog_.nodes().contains(node);
  const std::uint64_t index = next_index();
  // The own node is told by this registry alone. A node that is not known yet is made all the same.
  if (node != identity_.node && !(known && registration.skip_node_update))
    catalog_.put_node(registration.node, index, changes_);
  if (registration.service) catalog_.put_service(node, *registration.service, index, changes_);
  for (consul::HealthCheck check : registration.checks) {
    check.node = node;
    if (!check.service_id.empty() && catalog_.service({node, check.service_id}) == nullptr)
      return fail(Errc::rejected, "Missing service registration");
    catalog_.put_check(check, index, changes_);
  }
  return {};
}

void Store::catalog_deregister(const std::string& node, const std::string& service, const std::string& check) {
  const std::uint64_t index = next_index();
  if (!service.empty()) {
    if (node == identity_.node)
      remove_own_service(service, index);
    else
      catalog_.remove_service({node, service}, index, changes_);
  } else if (!check.empty()) {
    if (node == identity_.node)
      remove_own_check(check, index);
    else
      catalog_.remove_check({node, check}, index, changes_);
  } else if (node != identity_.node) {
    catalog_.remove_node(node, index, changes_);
  }
}

Result<std::string> Store::create_session(const consul::SessionRequest& request, std::string ttl_text,
                                          base::TimePoint now) {
  SessionRecord session;
  session.node = request.node.empty() ? identity_.node : request.node;
  session.name = request.name;
  session.behavior = request.behavior;
  session.ttl = request.ttl;
  session.ttl_text = std::move(ttl_text);
  if (session.ttl_text.empty() && session.ttl > base::Duration{}) session.ttl_text = base::format_duration(session.ttl);
  session.lock_delay = request.lock_delay.value_or(session.lock_delay);
  session.node_checks = request.node_checks.value_or(std::vector<std::string>{"serfHealth"});
  if (session.behavior != "release" && session.behavior != "delete")
    return fail(Errc::rejected, "Invalid Behavior setting '" + session.behavior + "'");
  const base::Duration most = std::chrono::hours(24);
  if (session.ttl != base::Duration{} && (session.ttl < std::chrono::seconds(10) || session.ttl > most))
    return fail(Errc::rejected,
                "Invalid Session TTL '" + std::to_string(session.ttl.count()) + "', must be between [10s=24h0m0s]");
  if (!catalog_.nodes().contains(session.node)) return fail(Errc::rejected, "Missing node registration");
  for (const std::string& id : session.node_checks) {
    const CheckRecord* check = catalog_.check({session.node, id});
    if (check == nullptr) return fail(Errc::rejected, "Missing check '" + id + "' registration");
    if (check->value.status == "critical") return fail(Errc::rejected, "Check '" + id + "' is in critical state");
  }
  session.id = make_uuid(random_);
  session.created = session.modified = sessions_index_ = next_index();
  session.expires = now + session.ttl * kSessionGrace;
  changes_.topics.push_back({Topic::Kind::sessions, ""});
  changes_.rows.push_back(session_row(session));
  const std::string id = session.id;
  sessions_[id] = std::move(session);
  return id;
}

const SessionRecord* Store::renew_session(const std::string& id, base::TimePoint now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return nullptr;
  found->second.expires = now + found->second.ttl * kSessionGrace;
  return &found->second;
}

void Store::destroy_session(const std::string& id, base::TimePoint now) {
  if (sessions_.contains(id)) end_session(id, next_index(), now);
}

void Store::end_session(const std::string& id, std::uint64_t index, base::TimePoint now) {
  const auto found = sessions_.find(id);
  const SessionRecord session = std::move(found->second);
  sessions_.erase(found);
  sessions_index_ = index;
  changes_.topics.push_back({Topic::Kind::sessions, ""});
  changes_.rows.push_back(Row{"session", id, std::nullopt});
  // Source: structs.MaxLockDelay.
  const base::Duration delay = std::min<base::Duration>(session.lock_delay, std::chrono::seconds(60));
  for (const std::string& key : kv_.end_session(id, session.behavior == "delete", index, changes_))
    if (delay > base::Duration{}) lock_delays_[key] = now + delay;
}

std::string Store::fire_event(Event event, bool listed) {
  event.id = make_uuid(random_);
  std::string id = event.id;
  if (!listed) return id;
  event.time = ++events_fired_;
  event.index = next_index();
  changes_.topics.push_back({Topic::Kind::events, ""});
  events_.push_back(std::move(event));
  if (events_.size() > kEventsKept) events_.pop_front();
  return id;
}

void Store::expire(base::TimePoint now) {
  std::vector<std::string> ended;
  for (const auto& [id, session] : sessions_)
    if (session.ttl > base::Duration{} && session.expires <= now) ended.push_back(id);
  for (const std::string& id : ended) {
    changes_.lines.push_back(
        base::LogLine{base::Level::info, "session_expired", {{"session", id}, {"name", sessions_.at(id).name}}});
    end_session(id, next_index(), now);
  }
  std::erase_if(lock_delays_, [now](const auto& delay) { return delay.second <= now; });
  expire_checks(now);
}

std::optional<base::TimePoint> Store::next_due() const {
  std::optional<base::TimePoint> due;
  const auto consider = [&due](base::TimePoint when) { due = due ? std::min(*due, when) : when; };
  for (const auto& [id, session] : sessions_)
    if (session.ttl > base::Duration{}) consider(session.expires);
  for (const auto& [key, until] : lock_delays_) consider(until);
  for (const auto& [id, local] : local_checks_) {
    if (local.ttl_until) consider(*local.ttl_until);
    if (local.output_due) consider(*local.output_due);
    if (const auto reap = reap_time(local)) consider(*reap);
  }
  return due;
}

}  // namespace longshore::registry
