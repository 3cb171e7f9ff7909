#include "agent/core/consul_link.h"

#include <algorithm>
#include <utility>

namespace longshore::agent {
namespace {

// Asked for only to see whether Consul answers.
constexpr const char* kNobody = "longshore-nobody";

// IDs that fit into a filter expression without quoting trouble.
bool plain_id(const std::string& id) {
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '.' ||
           c == '_' || c == '-';
  });
}

// What was believed of the touched IDs counts more than a read that may be older.
template <class Value>
void keep_touched(std::map<std::string, Value>& fresh, const std::map<std::string, Value>& believed,
                  const std::set<std::string>& touched) {
  for (const std::string& id : touched) {
    fresh.erase(id);
    if (const auto found = believed.find(id); found != believed.end()) fresh.insert(*found);
  }
}

// What we registered, without what the agent adds to it.
bool same_entry(const consul::Service& left, const consul::Service& right) {
  return left.name == right.name && left.address == right.address && left.port == right.port &&
         left.tags == right.tags && left.meta == right.meta;
}

}  // namespace

ConsulLink::ConsulLink(const AgentOptions& options, std::string fallback_node, std::uint64_t seed)
    : options_(options), fallback_node_(std::move(fallback_node)), random_(seed) {}

void ConsulLink::start(Actions& out) {
  loading_self_ = true;
  out.push_back(action::LoadSelf{});
  load({}, out);
}

void ConsulLink::load(std::string only_id, Actions& out) {
  ticket_ = ++tickets_;
  looking_at_ = only_id;
  touched_.clear();
  ++reads_;
  out.push_back(action::LoadServices{ticket_, std::move(only_id)});
}

void ConsulLink::self_loaded(const input::SelfLoaded& said, base::TimePoint now, Actions& out) {
  loading_self_ = false;
  if (said.self) {
    self_ = *said.self;
    self_stale_ = false;
    self_backoff_.reset();
    logged_self_error_.clear();
    return;
  }
  const Error& error = said.self.error();
  if (error.code == Errc::rejected) {
    // Registering needs no right to read the agent; the node's name is then a guess that a human can check.
    out.push_back(
        base::LogLine{base::Level::warn, "consul_self_denied", {{"error", error.text}, {"node", fallback_node_}}});
    if (!self_) self_ = consul::AgentSelf{fallback_node_, {}, {}, {}, {}};
    self_stale_ = false;
    return;
  }
  self_at_ = now + self_backoff_.next(random_.chance());
  // An outage has its own line already.
  if (down_ || !known_ || error.text == logged_self_error_) return;
  logged_self_error_ = error.text;
  out.push_back(base::LogLine{base::Level::warn, "consul_self_failed", {{"error", error.text}}});
}

void ConsulLink::failed(const Error& error, base::TimePoint now, Actions& out) {
  ++read_failures_;
  down_ = true;
  full_at_ = now + backoff_.next(random_.chance());
  error_ = error.text.empty() ? std::string(to_string(error.code)) : error.text;
  if (error_ == logged_error_) return;
  logged_error_ = error_;
  out.push_back(base::LogLine{base::Level::warn, "consul_lost", {{"error", error_}}});
}

ConsulLink::News ConsulLink::services_loaded(const input::ServicesLoaded& said, base::TimePoint now, Actions& out) {
  if (said.ticket != ticket_ || ticket_ == 0) return News::none;
  ticket_ = 0;
  const std::string looked_at = std::exchange(looking_at_, {});
  if (!said.listing) {
    failed(said.listing.error(), now, out);
    return News::none;
  }
  look_at_ = now + options_.watch_interval;
  if (!looked_at.empty()) {
    if (touched_.contains(looked_at)) return News::none;
    const auto before = actual_.find(looked_at);
    const std::map<std::string, consul::Service>& seen = said.listing->services;
    const auto after = seen.find(looked_at);
    const bool same = before != actual_.end() && after != seen.end() && same_entry(before->second, after->second);
    const bool both_missing = before == actual_.end() && after == seen.end();
    if (!same && !both_missing) full_at_ = now;
    return News::none;
  }
  AgentListing fresh = *said.listing;
  keep_touched(fresh.services, actual_, touched_);
  keep_touched(fresh.maintenance, maintenance_, touched_);
  actual_ = std::move(fresh.services);
  maintenance_ = std::move(fresh.maintenance);
  full_at_ = now + options_.reconcile_every();
  backoff_.reset();
  if (down_ || !known_) {
    ++recoveries_;
    if (down_ && known_) self_stale_ = true;  // it may be another agent now
    if (!known_ || !logged_error_.empty())
      out.push_back(
          base::LogLine{base::Level::info, "consul_connected", {{"services", std::to_string(actual_.size())}}});
  }
  known_ = true;
  down_ = false;
  error_.clear();
  logged_error_.clear();
  return News::all;
}

void ConsulLink::suspect(Errc code, base::TimePoint now) {
  if (code == Errc::cancelled) return;
  if (code == Errc::unreachable) down_ = true;
  // While an outage lasts the reads' own backoff decides.
  if (error_.empty()) full_at_ = now;
}

void ConsulLink::reload(base::TimePoint now) {
  full_at_ = now;
  self_stale_ = true;
}

void ConsulLink::put(consul::Service service) {
  std::string id = service.id;
  actual_.insert_or_assign(std::move(id), std::move(service));
}

void ConsulLink::erase(const std::string& id) {
  actual_.erase(id);
  maintenance_.erase(id);
}

void ConsulLink::put_maintenance(const std::string& id, const std::optional<std::string>& reason) {
  maintenance_.erase(id);
  if (reason) maintenance_.emplace(id, *reason);
}

std::string ConsulLink::next_look(const std::set<std::string>& ours) {
  auto at = ours.upper_bound(cursor_);
  for (std::size_t tried = 0; tried < ours.size(); ++tried, ++at) {
    if (at == ours.end()) at = ours.begin();
    if (!plain_id(*at)) continue;
    cursor_ = *at;
    return cursor_;
  }
  return {};
}

void ConsulLink::tick(const std::set<std::string>& ours, base::TimePoint now, Actions& out) {
  if (!loading_self_ && (!self_ || (self_stale_ && !down_)) && self_at_ <= now) {
    loading_self_ = true;
    out.push_back(action::LoadSelf{});
  }
  if (ticket_ != 0) return;
  if (full_at_ <= now) return load({}, out);
  if (down_ || look_at_ > now) return;
  look_at_ = now + options_.watch_interval;
  std::string id = next_look(ours);
  // With nothing of ours there is still to know whether Consul answers.
  if (id.empty()) id = kNobody;
  load(std::move(id), out);
}

std::optional<base::TimePoint> ConsulLink::next_wake() const {
  std::optional<base::TimePoint> wake;
  const auto consider = [&](base::TimePoint when) { wake = wake ? std::min(*wake, when) : when; };
  if (!loading_self_ && (!self_ || (self_stale_ && !down_))) consider(self_at_);
  if (ticket_ == 0) {
    consider(full_at_);
    if (!down_) consider(look_at_);
  }
  return wake;
}

}  // namespace longshore::agent
