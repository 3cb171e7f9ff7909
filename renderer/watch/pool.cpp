#include "renderer/watch/pool.h"

#include <algorithm>

namespace longshore::render {

using Kind = Dependency::Kind;
using Mode = Entry::Mode;

pool::Actions WatchPool::start(const Dependency& on, base::TimePoint now) {
  const auto [at, fresh] = entries_.try_emplace(on, on);
  if (!fresh) return {};
  at->second.on = &at->first;
  if (on.kind == Kind::datacenters) at->second.mode = Mode::polled;
  replan_ = true;
  // Signals that begin before the first reads make those reads clean: plan when the whole batch of starts is in.
  later_.emplace(now, on);
  return {};
}

pool::Actions WatchPool::stop(const Dependency& on, base::TimePoint now) {
  const auto at = entries_.find(on);
  if (at == entries_.end()) return {};
  Entry& entry = at->second;
  if (entry.asked != 0 && !entry.blocked) --reading_;
  cancel(entry.asked);
  for (auto& [id, pending] : pending_) std::ranges::replace(pending.probes, &entry, static_cast<Entry*>(nullptr));
  if (entry.cover != nullptr) leave(entry);
  entries_.erase(at);
  replan_ = true;
  later_.emplace(now, Dependency{});
  return std::exchange(actions_, {});
}

pool::Actions WatchPool::answered(std::uint64_t id, std::uint64_t index, bool enough, const Marks& marks,
                                  base::TimePoint now) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return {};
  const Pending pending = std::move(at->second);
  pending_.erase(at);
  if (pending.kind == Ask::Kind::data) {
    data_answered(*pending.entry, pending, index, enough, marks, now);
  } else if (pending.kind == Ask::Kind::prints) {
    prints_answered(pending, marks, now);
  } else if (pending.kind == Ask::Kind::node_marks) {
    marks_answered(pending, index, marks, now);
  } else {
    Signal* signal = pending.cover->find(pending.kind);
    if (pending.kind == Ask::Kind::node_wake) signal = &pending.cover->nodes.at(pending.node).wake;
    signal_answered(*pending.cover, *signal, pending.node, index, marks, now);
  }
  return finish(now);
}

pool::Actions WatchPool::probed(std::uint64_t id, const std::vector<std::uint64_t>& indexes, base::TimePoint now) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return {};
  const Pending pending = std::move(at->second);
  pending_.erase(at);
  --pending.cover->batches;
  for (std::size_t i = 0; i < std::min(indexes.size(), pending.probes.size()); ++i) {
    Entry* entry = pending.probes[i];
    if (entry == nullptr) continue;
    const std::uint64_t told = std::max<std::uint64_t>(indexes[i], 1);
    if (told == entry->index || told == entry->probe_index) {
      entry->clear_step = std::max(entry->clear_step, pending.step);
      entry->answered_at = now;
    } else {
      entry->probe_index = told;
      want_read(*entry);
    }
  }
  return finish(now);
}

pool::Actions WatchPool::failed(std::uint64_t id, const Error& error, base::TimePoint now) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return {};
  const Pending pending = std::move(at->second);
  pending_.erase(at);
  if (error.code == Errc::unreachable) doubt();
  if (pending.kind == Ask::Kind::data) {
    data_failed(*pending.entry, error, now);
    return finish(now);
  }
  Cover& cover = *pending.cover;
  const double chance = random_.chance();
  if (pending.kind == Ask::Kind::probes || pending.kind == Ask::Kind::prints) {
    --cover.batches;
    // Not allowed, not known, too large: probes do it too.
    if (pending.kind == Ask::Kind::prints && error.code != Errc::unreachable)
      cover.prints_next = now + std::chrono::minutes(1);
    // The sweep begins anew: whoever was in it is still suspect.
    cover.sweep.clear();
    cover.swept = 0;
    cover.sweep_step = 0;
    cover.sweep_next = now + settings_.backoff_first;
    later_.emplace(cover.sweep_next, Dependency{});
    return finish(now);
  }
  Signal* signal = cover.find(pending.kind);
  if (pending.kind == Ask::Kind::node_wake || pending.kind == Ask::Kind::node_marks) {
    const auto node = cover.nodes.find(pending.node);
    if (node == cover.nodes.end()) return finish(now);
    signal = &node->second.wake;
    if (pending.kind == Ask::Kind::node_marks) {
      node->second.marks_asked = 0;
      node->second.marks_due = true;
      signal->next = std::max(signal->next, now + settings_.backoff_first);
      later_.emplace(signal->next, Dependency{});
      return finish(now);
    }
    node->second.marked = false;
    node->second.marks.clear();
  }
  signal->failed(now, chance);
  later_.emplace(signal->next, Dependency{});
  // Nobody would tell if a member changed now.
  cover.blind = true;
  for (Entry* member : cover.members)
    if (member->known && member->mode == Mode::covered && !member->failing) told_failed(*member, error);
  return finish(now);
}

pool::Actions WatchPool::tick(base::TimePoint now) {
  return finish(now);
}

pool::Actions WatchPool::set_parked(std::size_t parked, base::TimePoint now) {
  settings_.parked = parked;
  replan_ = true;
  return finish(now);
}

std::optional<base::TimePoint> WatchPool::next_wake() const {
  if (later_.empty()) return std::nullopt;
  return later_.begin()->first;
}

pool::Actions WatchPool::finish(base::TimePoint now) {
  schedule(now);
  return std::exchange(actions_, {});
}

void WatchPool::act(pool::Action action) {
  actions_.push_back(std::move(action));
}

std::uint64_t WatchPool::ask(Ask ask, Pending pending) {
  ask.id = ++last_id_;
  pending.kind = ask.kind;
  pending.step = ++step_;
  pending_.emplace(ask.id, std::move(pending));
  act(pool::Start{std::move(ask)});
  return last_id_;
}

base::Duration WatchPool::wait() {
  const auto part =
      static_cast<base::Duration::rep>(static_cast<double>(settings_.wait.count()) * 0.1 * random_.chance());
  return settings_.wait - base::Duration(part);
}

void WatchPool::cancel(std::uint64_t& id) {
  if (id != 0 && pending_.erase(id) != 0) act(pool::Cancel{id});
  id = 0;
}

void WatchPool::want_read(Entry& entry) {
  entry.reading = true;
  if (entry.queued || entry.done) return;
  entry.queued = true;
  lines_.push_back(*entry.on);
}

void WatchPool::schedule(base::TimePoint now) {
  if (replan_) plan();
  while (!later_.empty() && later_.begin()->first <= now) {
    const auto found = entries_.find(later_.begin()->second);
    later_.erase(later_.begin());
    if (found == entries_.end()) continue;
    Entry& entry = found->second;
    if (entry.asked != 0 || entry.done) continue;
    if (entry.reading || entry.mode == Mode::polled)
      want_read(entry);
    else
      to_park_.push_back(*entry.on);
  }
  for (auto& cover : covers_) drive(*cover, now);
  for (const Dependency& on : std::exchange(to_park_, {}))
    if (const auto found = entries_.find(on); found != entries_.end()) park(found->second, now);
  start_reads(now);
}

namespace {

// One of those that a list of everything may be compared with, or the services of a node: also before it is known
// which. What is read without a print is probed in each sweep until it changes.
bool is_printed(const Entry& entry) {
  return entry.cover != nullptr && !entry.cover->keys;
}

}  // namespace

void WatchPool::start_reads(base::TimePoint now) {
  for (std::size_t left = lines_.size(); left > 0 && reading_ < settings_.reads_at_once; --left) {
    const auto found = entries_.find(lines_.front());
    lines_.pop_front();
    if (found == entries_.end()) continue;
    Entry& entry = found->second;
    entry.queued = false;
    if (!entry.reading) continue;
    if (entry.not_before > now) {
      later_.emplace(entry.not_before, *entry.on);
      continue;
    }
    // A parked query will not tell what is already known to have changed elsewhere; a read beside it will.
    if (entry.asked != 0) continue;
    Ask request{.kind = Ask::Kind::data, .on = *entry.on};
    request.confirmed = !entry.known || entry.failing;
    request.leader = true;
    request.print = is_printed(entry);
    entry.reading = false;
    entry.blocked = false;
    entry.asked = ask(std::move(request), {.entry = &entry});
    entry.asked_step = step_;
    ++reading_;
    ++reads_total_;
  }
}

void WatchPool::park(Entry& entry, base::TimePoint now) {
  if (entry.mode != Mode::own || entry.asked != 0 || entry.done || !entry.known) return;
  if (entry.not_before > now) {
    later_.emplace(entry.not_before, *entry.on);
    return;
  }
  Ask request{.kind = Ask::Kind::data, .on = *entry.on, .index = entry.index, .wait = wait()};
  request.print = is_printed(entry);
  entry.blocked = true;
  entry.asked = ask(std::move(request), {.entry = &entry});
  entry.asked_step = step_;
}

void WatchPool::data_answered(Entry& entry, const Pending& pending, std::uint64_t index, bool enough,
                              const Marks& marks, base::TimePoint now) {
  const bool blocked = entry.blocked;
  if (!blocked) --reading_;
  entry.asked = 0;
  entry.blocked = false;
  const bool first = !entry.known;
  const bool was_failing = std::exchange(entry.failing, false);
  const std::uint64_t told = std::max<std::uint64_t>(index, 1);
  const std::uint64_t before = std::exchange(entry.index, told);
  entry.heard_step = ++step_;
  print_read(entry, marks, told != before, now);
  if (told != before) entry.probe_index = 0;
  entry.known = true;
  entry.failures = 0;
  entry.answered_at = now;
  ++entry.answers;
  entry.clear_step = std::max(entry.clear_step, pending.step);
  // A sweep passed it over because this read was under way; the read was sent before the suspicion.
  if (entry.cover != nullptr && is_suspect(*entry.cover, entry)) entry.cover->last_suspicion = ++step_;
  if (blocked && told < before) {
    // Restored snapshot, swapped server: what the answer shows is to be confirmed first.
    want_read(entry);
    return;
  }
  if (!blocked || told != before) {
    act(pool::Publish{*entry.on, index});
    if (!first && told != before) moved(entry, now);
  } else if (was_failing) {
    act(pool::Confirm{*entry.on});
  }
  if (settings_.once && enough) {
    entry.done = true;
    return;
  }
  if (entry.reading) {
    entry.queued = false;
    want_read(entry);
    return;
  }
  // An endpoint without an index cannot be waited for.
  if (index == 0 && entry.cover == nullptr) entry.mode = Mode::polled;
  if (entry.mode == Mode::polled) {
    later_.emplace(now + settings_.poll, *entry.on);
    return;
  }
  // A query whose wait is over gives its place to whatever changed more recently.
  if (blocked && told == before && candidate_ && entry.cover != nullptr && entry.mode == Mode::own) {
    const auto other = entries_.find(*candidate_);
    const bool better =
        other != entries_.end() && other->second.mode == Mode::covered && other->second.changed_at > entry.changed_at;
    candidate_.reset();
    if (better) {
      // What its signals told while it had its own query was not for it.
      entry.mode = Mode::covered;
      want_read(entry);
      other->second.mode = Mode::own;
      to_park_.push_back(*other->second.on);
      return;
    }
  }
  // One that answers without end costs a bounded amount: 10 at once, then one per 50 ms.
  constexpr base::Duration kRefill = std::chrono::milliseconds(50);
  entry.bucket_full_at = std::max(entry.bucket_full_at, now) + kRefill;
  entry.not_before = std::max(now, entry.bucket_full_at - 10 * kRefill);
  if (entry.mode == Mode::own) to_park_.push_back(*entry.on);
}

// The data of this dependency changed: it may have earned a query of its own.
void WatchPool::moved(Entry& entry, base::TimePoint now) {
  entry.changed_at = now;
  if (entry.on->kind == Kind::services)
    for (auto& cover : covers_)
      if (!cover->keys && !cover->by_node && cover->place == *entry.on) suspect(*cover);
  if (entry.mode != Mode::covered) return;
  if (hot_ < hot_most_) {
    ++hot_;
    entry.mode = Mode::own;
  } else {
    candidate_ = *entry.on;
  }
}

void WatchPool::data_failed(Entry& entry, const Error& error, base::TimePoint now) {
  if (!entry.blocked) --reading_;
  entry.asked = 0;
  entry.blocked = false;
  policy::Backoff backoff(settings_.backoff_first, settings_.backoff_most);
  base::Duration pause{};
  ++entry.failures;
  for (int i = 0; i < std::min(entry.failures, 20); ++i) pause = backoff.next(random_.chance());
  entry.not_before = now + pause;
  told_failed(entry, error);
  entry.failing = true;
  entry.reading = true;
  later_.emplace(entry.not_before, *entry.on);
}

// A connection broke: the server may be another one. What is under way breaks too if so; what was just not under way
// must not go on with an index of the old one.
void WatchPool::doubt() {
  for (auto& cover : covers_) {
    const auto forget = [&](Signal& signal) {
      if (signal.asked != 0 || signal.index == 0) return;
      signal.index = 0;
      cover->blind = true;
    };
    std::ranges::for_each(cover->signals, forget);
    for (auto& [name, node] : cover->nodes) forget(node.wake);
  }
  for (auto& [on, entry] : entries_)
    if (entry.mode == Mode::own && entry.known && entry.asked == 0) want_read(entry);
}

void WatchPool::told_failed(Entry& entry, const Error& error) {
  act(pool::Failed{*entry.on, error});
  entry.failing = true;
}

}  // namespace longshore::render
