// The part of the pool that divides its parked queries.
#include <algorithm>

#include "renderer/watch/pool.h"

namespace longshore::render {
namespace {

using Kind = Dependency::Kind;
using Mode = Entry::Mode;

bool is_service(const Entry& entry) {
  return entry.on->kind == Kind::service && entry.on->peer.empty() && entry.on->sameness_group.empty();
}
bool is_key(const Entry& entry) {
  return entry.on->kind == Kind::key || entry.on->kind == Kind::tree;
}

// Queries that members which change often get at least, whatever the signals take.
constexpr std::size_t kLeastHot = 8;

}  // namespace

void WatchPool::plan() {
  replan_ = false;
  std::size_t services = 0, keys = 0, others = 0;
  for (const auto& [on, entry] : entries_) {
    if (on.kind == Kind::datacenters) continue;
    ++(is_service(entry) ? services : is_key(entry) ? keys : others);
  }
  const std::size_t most = settings_.parked;
  const bool fits = settings_.once || services + keys + others <= most;
  // What nothing covers comes first; what finds no room is polled.
  const std::size_t room = std::max<std::size_t>(1, most - std::min(most, kLeastHot));
  const bool cover_keys = !fits && keys > (services == 0 ? most - std::min(most, others) : most / 4);
  const bool cover_services =
      !fits && services > 0 && services + (cover_keys ? 1 : keys) + std::min(others, room) > most;
  fixed_ = 0;
  for (auto& [on, entry] : entries_) {
    if (on.kind == Kind::datacenters) continue;
    if (is_service(entry) ? cover_services : is_key(entry) && cover_keys) {
      if (entry.cover == nullptr) join(entry);
      continue;
    }
    if (entry.cover != nullptr) leave(entry);
    const bool waits = fits || fixed_ < room;
    if (waits) ++fixed_;
    entry.mode = waits ? Mode::own : Mode::polled;
    if (!waits && entry.blocked) cancel(entry.asked), entry.blocked = false, want_read(entry);
    if (waits && entry.known && entry.asked == 0 && !entry.reading) to_park_.push_back(on);
  }
  std::erase_if(covers_, [&](auto& cover) {
    if (!cover->members.empty()) return false;
    drop_cover(*cover);
    return true;
  });
  for (auto& cover : covers_) {
    if (cover->keys)
      set_prefix(*cover);
    else
      set_signals(*cover);
  }
  recount();
}

void WatchPool::join(Entry& entry) {
  Cover& cover = cover_of(entry);
  entry.cover = &cover;
  cover.members.push_back(&entry);
  if (!cover.keys) cover.by_name.emplace(entry.on->name, &entry);
  cover.with_checks = cover.with_checks || entry.on->checks;
  // Until something is known of it, and while there is room, one that has a query keeps it: see recount.
  entry.mode = entry.blocked ? Mode::own : Mode::covered;
  if (entry.mode == Mode::covered && entry.known) want_read(entry);
}

void WatchPool::leave(Entry& entry) {
  Cover& cover = *entry.cover;
  std::erase(cover.members, &entry);
  std::ranges::replace(cover.sweep, &entry, static_cast<Entry*>(nullptr));
  const auto [begin, end] = cover.by_name.equal_range(entry.on->name);
  for (auto at = begin; at != end; ++at)
    if (at->second == &entry) {
      cover.by_name.erase(at);
      break;
    }
  entry.cover = nullptr;
  entry.mode = Mode::own;
}

Cover& WatchPool::cover_of(const Entry& entry) {
  const bool keys = is_key(entry);
  Dependency place{.kind = keys ? Kind::tree : Kind::services};
  place.datacenter = entry.on->datacenter;
  place.ns = entry.on->ns;
  place.partition = entry.on->partition;
  for (auto& cover : covers_) {
    Dependency same = cover->place;
    same.name.clear();
    if (same == place) return *cover;
  }
  covers_.push_back(std::make_unique<Cover>());
  covers_.back()->place = place;
  covers_.back()->keys = keys;
  return *covers_.back();
}

void WatchPool::drop_cover(Cover& cover) {
  for (auto at = pending_.begin(); at != pending_.end();) {
    if (at->second.cover != &cover) {
      ++at;
      continue;
    }
    act(pool::Cancel{at->first});
    at = pending_.erase(at);
  }
}

Signal& WatchPool::add(Cover& cover, Ask::Kind kind) {
  if (Signal* known = cover.find(kind)) return *known;
  cover.signals.push_back(Signal{.kind = kind});
  return cover.signals.back();
}

void WatchPool::remove(Cover& cover, Ask::Kind kind) {
  if (Signal* signal = cover.find(kind)) cancel(signal->asked);
  std::erase_if(cover.signals, [kind](const Signal& signal) { return signal.kind == kind; });
}

void WatchPool::set_signals(Cover& cover) {
  add(cover, Ask::Kind::nodes);
  add(cover, Ask::Kind::critical);
  add(cover, Ask::Kind::warning);
  if (cover.with_checks) add(cover, Ask::Kind::any_check);
  // Where a template watches the catalog, its query is the signal: see moved().
  const bool watched = entries_.contains(cover.place) && entries_.at(cover.place).mode == Mode::own;
  if (cover.by_node || cover.nodes_known == 0 || watched)
    remove(cover, Ask::Kind::any_service);
  else
    add(cover, Ask::Kind::any_service);
}

// The longest prefix of all members.
void WatchPool::set_prefix(Cover& cover) {
  std::string prefix = cover.members.front()->on->name;
  for (const Entry* member : cover.members) {
    const auto [left, right] = std::ranges::mismatch(prefix, member->on->name);
    prefix.erase(left, prefix.end());
  }
  if (cover.find(Ask::Kind::keys) != nullptr && cover.place.name == prefix) return;
  remove(cover, Ask::Kind::keys);
  cover.place.name = prefix;
  add(cover, Ask::Kind::keys);
}

void WatchPool::set_strategy(Cover& cover, const std::vector<std::string>& names) {
  const std::set<std::string> wanted(names.begin(), names.end());
  cover.nodes_known = std::max<std::size_t>(1, wanted.size());
  std::size_t taken = fixed_;
  for (const auto& other : covers_) taken += signals_of(*other);
  taken -= cover.nodes.size();
  const bool by_node = taken + wanted.size() + kLeastHot <= settings_.parked;
  for (auto at = cover.nodes.begin(); at != cover.nodes.end();) {
    const bool gone = !wanted.contains(at->first);
    // A node that is gone has to say so with an empty list first: only then its services have been looked at. It is
    // asked, because its removal does not end its parked query (seen on 1.8.7: an unknown node has index 1).
    if (by_node && (!gone || !at->second.marked || !at->second.marks.empty())) {
      at->second.gone = gone;
      at->second.marks_due = at->second.marks_due || gone;
      ++at;
      continue;
    }
    cancel(at->second.wake.asked);
    cancel(at->second.marks_asked);
    at = cover.nodes.erase(at);
  }
  if (by_node)
    for (const std::string& name : wanted) cover.nodes.try_emplace(name);
  if (by_node != cover.by_node) {
    cover.by_node = by_node;
    suspect(cover);
  }
  replan_ = true;
}

std::size_t WatchPool::signals_of(const Cover& cover) const {
  return cover.signals.size() + cover.nodes.size();
}

// How many members may have queries of their own; those that are too many lose theirs, the quietest first.
void WatchPool::recount() {
  std::size_t taken = fixed_;
  for (const auto& cover : covers_) taken += signals_of(*cover);
  hot_most_ = settings_.parked - std::min(settings_.parked, taken);
  std::vector<Entry*> hot;
  for (const auto& cover : covers_)
    for (Entry* member : cover->members)
      if (member->mode == Mode::own) hot.push_back(member);
  std::ranges::stable_sort(hot, std::ranges::greater{}, &Entry::changed_at);
  hot_ = std::min(hot.size(), hot_most_);
  for (std::size_t i = hot_; i < hot.size(); ++i) {
    hot[i]->mode = Mode::covered;
    if (hot[i]->blocked) cancel(hot[i]->asked), hot[i]->blocked = false;
    if (hot[i]->known) want_read(*hot[i]);
  }
}

std::size_t WatchPool::signals() const {
  std::size_t sum = 0;
  for (const auto& cover : covers_) sum += signals_of(*cover);
  return sum;
}

std::optional<base::TimePoint> WatchPool::oldest_answer() const {
  std::optional<base::TimePoint> oldest;
  const auto consider = [&](base::TimePoint at) {
    if (at != base::TimePoint::min() && (!oldest || at < *oldest)) oldest = at;
  };
  for (const auto& [on, entry] : entries_)
    if (entry.mode != Mode::covered && !entry.done && entry.answered_at) consider(*entry.answered_at);
  for (const auto& cover : covers_) {
    for (const Signal& signal : cover->signals) consider(signal.answered_at);
    for (const auto& [name, node] : cover->nodes)
      if (!node.gone) consider(node.wake.answered_at);
  }
  return oldest;
}

std::size_t WatchPool::own() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [](const auto& entry) { return entry.second.blocked; }));
}

std::string WatchPool::how(const Entry& entry) const {
  if (entry.done) return "read once";
  if (!entry.known) return "first read";
  if (entry.mode == Mode::polled) return "read every " + base::format_duration(settings_.poll);
  if (entry.mode == Mode::own) return entry.cover == nullptr ? "own query" : "own query, it changes often";
  if (entry.cover->keys) return "any key below \"" + entry.cover->place.name + "\", then its index";
  if (entry.cover->by_node)
    return "lists of " + std::to_string(entry.cover->nodes.size()) + " nodes, critical and warning checks";
  return "any service, then its index or a list of all; critical and warning checks";
}

}  // namespace longshore::render
