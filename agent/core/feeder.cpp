#include "agent/core/feeder.h"

#include <algorithm>
#include <utility>

namespace longshore::agent {
namespace {

// Two tries may fail before the TTL is over.
base::Duration period(const Feed& feed) {
  return feed.ttl / 3;
}

}  // namespace

Feeder::Feeder(std::uint64_t seed) : random_(seed) {}

void Feeder::want(const std::string& container, std::vector<Feed> feeds, base::TimePoint now) {
  const std::set<std::string> before = std::exchange(of_[container], {});
  std::set<std::string>& mine = of_[container];
  for (Feed& feed : feeds) {
    mine.insert(feed.check_id);
    Entry& entry = entries_[feed.check_id];
    entry.container = container;
    if (entry.feed == feed) continue;
    entry.feed = std::move(feed);
    entry.due = now;
    entry.changed = true;
    entry.backoff.reset();
  }
  for (const std::string& id : before) {
    const auto gone = entries_.find(id);
    if (!mine.contains(id) && gone != entries_.end() && gone->second.container == container) entries_.erase(gone);
  }
  if (mine.empty()) of_.erase(container);
}

void Feeder::forget(const std::string& container) {
  want(container, {}, {});
}

void Feeder::service_written(const std::string& service_id, base::TimePoint now) {
  for (auto& [id, entry] : entries_)
    if (entry.feed.service_id == service_id) {
      entry.due = now;
      entry.changed = true;
    }
}

void Feeder::again(base::TimePoint now) {
  for (auto& [id, entry] : entries_) {
    entry.due = now;
    entry.backoff.reset();
  }
}

std::string Feeder::fed(const input::CheckFed& said, base::TimePoint now, Actions& out) {
  if (in_flight_ > 0) --in_flight_;
  const auto found = entries_.find(said.check_id);
  if (found == entries_.end()) return {};
  Entry& entry = found->second;
  entry.in_flight = false;
  if (said.status) {
    ++heartbeats_;
    entry.error.clear();
    entry.backoff.reset();
    // 90 to 100 % of the period: checks that began together drift apart.
    const auto jitter =
        static_cast<std::int64_t>(static_cast<double>(period(entry.feed).count()) * 0.1 * random_.chance());
    entry.due = entry.changed ? now : now + period(entry.feed) - base::Duration(jitter);
    return {};
  }
  ++failures_;
  const Error& error = said.status.error();
  base::Duration wait = std::min(entry.backoff.next(random_.chance()), period(entry.feed));
  entry.due = now + wait;
  const bool quiet = error.code == Errc::unreachable || error.code == Errc::cancelled || error.code == Errc::not_found;
  if (error.text != entry.error && !quiet)
    out.push_back(base::LogLine{base::Level::warn,
                                "heartbeat_failed",
                                {{"check", said.check_id}, {"service", entry.feed.service_id}, {"error", error.text}}});
  entry.error = error.text;
  return error.code == Errc::not_found ? entry.feed.service_id : std::string();
}

void Feeder::tick(const std::set<std::string>& standing, base::TimePoint now, Actions& out) {
  for (auto& [id, entry] : entries_) {
    if (in_flight_ >= kFeedsAtOnce) return;
    if (entry.in_flight || entry.due > now || !standing.contains(entry.feed.service_id)) continue;
    entry.in_flight = true;
    entry.changed = false;
    ++in_flight_;
    out.push_back(action::FeedCheck{id, entry.feed.service_id, entry.feed.status, entry.feed.output});
  }
}

std::optional<base::TimePoint> Feeder::next_wake(const std::set<std::string>& standing) const {
  if (in_flight_ >= kFeedsAtOnce) return std::nullopt;
  std::optional<base::TimePoint> wake;
  for (const auto& [id, entry] : entries_) {
    if (entry.in_flight || !standing.contains(entry.feed.service_id)) continue;
    wake = wake ? std::min(*wake, entry.due) : entry.due;
  }
  return wake;
}

}  // namespace longshore::agent
