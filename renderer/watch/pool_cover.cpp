// The part of the pool that drives wide signals and follows them up.
#include <algorithm>

#include "renderer/watch/pool.h"

namespace longshore::render {

using Mode = Entry::Mode;

void WatchPool::drive(Cover& cover, base::TimePoint now) {
  see_again(cover);
  const auto later = [&](base::TimePoint when) {
    if (when > now) later_.emplace(when, Dependency{});
  };
  for (Signal& signal : cover.signals)
    if (signal.due(now)) ask_signal(cover, signal, {}, now);
  for (auto& [name, node] : cover.nodes) {
    if (node.wake.due(now)) ask_signal(cover, node.wake, name, now);
    if (!node.marks_due || node.marks_asked != 0) continue;
    if (node.marks_next > now) {
      later(node.marks_next);
      continue;
    }
    node.marks_due = false;
    node.marks_began = now;
    Ask request{.kind = Ask::Kind::node_marks, .on = cover.place, .leader = true};
    request.on.name = name;
    node.marks_asked = ask(std::move(request), {.cover = &cover, .node = name});
  }
  sweep(cover, now);
}

void WatchPool::ask_signal(Cover& cover, Signal& signal, const std::string& node, base::TimePoint) {
  Ask request{.kind = signal.kind, .on = cover.place, .index = signal.index};
  if (signal.kind == Ask::Kind::node_wake) request.on.name = node;
  if (signal.index != 0)
    request.wait = wait();
  else
    request.leader = true;
  signal.asked = ask(std::move(request), {.cover = &cover, .node = node});
}

void WatchPool::signal_answered(Cover& cover, Signal& signal, const std::string& node, std::uint64_t index,
                                const Marks& marks, base::TimePoint now) {
  const Signal::News news = signal.answered(index, now);
  if (signal.next > now) later_.emplace(signal.next, Dependency{});
  const Ask::Kind kind = signal.kind;
  switch (news) {
    case Signal::News::none:
      return;
    case Signal::News::fell:
      woke(cover, signal, node, marks);
      read_all(cover);
      return;
    case Signal::News::woke:
      woke(cover, signal, node, marks);
      return;
    case Signal::News::baseline:
      break;
  }
  woke(cover, signal, node, marks);
  // What was read before this answer may be older than it. A node says so with its marks.
  if (kind != Ask::Kind::node_wake && kind != Ask::Kind::nodes) suspect(cover);
}

// Once every signal answers again, the members are read: an equal index proves nothing about another store.
void WatchPool::see_again(Cover& cover) {
  const auto answers = [](const Signal& other) { return other.index != 0; };
  if (!cover.blind || !std::ranges::all_of(cover.signals, answers) ||
      !std::ranges::all_of(cover.nodes, [&](const auto& other) { return answers(other.second.wake); }))
    return;
  cover.blind = false;
  read_all(cover);
}

// `signal` may be gone after this.
void WatchPool::woke(Cover& cover, Signal& signal, const std::string& node, const Marks& marks) {
  switch (signal.kind) {
    case Ask::Kind::nodes:
      if (const auto* names = std::get_if<std::vector<std::string>>(&marks)) set_strategy(cover, *names);
      return;
    case Ask::Kind::node_wake:
      cover.nodes.at(node).marks_due = true;
      return;
    case Ask::Kind::critical:
    case Ask::Kind::warning: {
      const auto* checks = std::get_if<std::vector<consul::CheckMark>>(&marks);
      if (checks == nullptr) return suspect(cover);
      const CheckNews news = take_checks(signal.kind == Ask::Kind::critical ? cover.critical : cover.warning, *checks);
      for (const std::string& name : news.services) read_named(cover, name, 0);
      for (const std::string& name : news.nodes) {
        const auto known = cover.nodes.find(name);
        if (known == cover.nodes.end() || !known->second.marked) {
          suspect(cover);
          continue;
        }
        std::set<std::string> services;
        for (const consul::ServiceMark& mark : known->second.marks) services.insert(mark.name);
        for (const std::string& service : services) read_named(cover, service, 0);
      }
      return;
    }
    default:
      suspect(cover);
  }
}

void WatchPool::marks_answered(const Pending& pending, std::uint64_t index, const Marks& marks, base::TimePoint now) {
  Cover& cover = *pending.cover;
  NodeCover& node = cover.nodes.at(pending.node);
  node.marks_asked = 0;
  // Lists of nodes with thousands of services are dear: rest as long as one took.
  node.marks_next = now + (now - node.marks_began);
  const bool first = !node.marked;
  static const consul::NodeMarks kNone;
  const auto* list = std::get_if<consul::NodeMarks>(&marks);
  const NodeNews news = take_marks(node, list == nullptr ? kNone : *list);
  for (const NodeNews::Changed& changed : news.changed) read_named(cover, changed.name, changed.modify_index);
  if (first) suspect(cover);
  // An instance that came and went between two lists is in neither. Members that were read in between, and know more
  // than the older list, may have seen it.
  // Who shows none on this node has not.
  const std::uint64_t name = std::hash<std::string>()(pending.node);
  const auto may_show = [name](const Entry& member) {
    return !member.nodes || std::ranges::find(*member.nodes, name) != member.nodes->end();
  };
  for (Entry* member : cover.members)
    if (member->asked != 0 ||
        (member->heard_step > node.marks_step && member->index > node.marks_index && may_show(*member)))
      member->suspect_step = cover.last_suspicion = ++step_;
  node.marks_step = pending.step;
  node.marks_index = index;
  if (!node.gone || !node.marks.empty() || node.marks_due) return;
  cancel(node.wake.asked);
  cover.nodes.erase(pending.node);
  replan_ = true;
}

const std::vector<consul::ServiceMark>& WatchPool::marks_of(std::uint64_t id) const {
  static const std::vector<consul::ServiceMark> kNone;
  const auto pending = pending_.find(id);
  if (pending == pending_.end() || pending->second.cover == nullptr) return kNone;
  const auto node = pending->second.cover->nodes.find(pending->second.node);
  return node == pending->second.cover->nodes.end() ? kNone : node->second.marks;
}

void WatchPool::read_all(Cover& cover) {
  for (Entry* member : cover.members)
    if (member->mode == Mode::covered) want_read(*member);
}

// index: that of the change, 0 = not known. Members with a query of their own hear of it themselves.
void WatchPool::read_named(Cover& cover, const std::string& name, std::uint64_t index) {
  const auto [begin, end] = cover.by_name.equal_range(name);
  for (auto at = begin; at != end; ++at) {
    Entry& member = *at->second;
    if (member.mode != Mode::covered) continue;
    if (index != 0 && member.known && member.asked == 0 && member.index >= index) continue;
    want_read(member);
  }
}

bool WatchPool::is_suspect(const Cover& cover, const Entry& entry) const {
  return entry.mode == Mode::covered && entry.known && !entry.reading && entry.asked == 0 &&
         entry.clear_step < std::max(cover.suspect_step, entry.suspect_step);
}

// One question instead of many. What has no print yet is probed, and so are the first, beside it: they are told sooner.
// Of those that never changed none is more likely than another.
void WatchPool::compare_prints(Cover& cover) {
  const auto changed = [](const Entry& member) { return member.changed_at != base::TimePoint::min(); };
  std::vector<Entry*> probed;
  for (Entry* member : cover.sweep)
    if (!member->print || (changed(*member) && probed.size() < settings_.probes_beside)) probed.push_back(member);
  cover.sweep = std::move(probed);
  ++cover.batches;
  ++prints_;
  Ask request{.kind = Ask::Kind::prints, .on = cover.place, .leader = true};
  request.on.checks = cover.with_checks;
  ask(std::move(request), {.cover = &cover});
}

void WatchPool::prints_answered(const Pending& pending, const Marks& marks, base::TimePoint now) {
  Cover& cover = *pending.cover;
  --cover.batches;
  const auto* prints = std::get_if<std::vector<consul::ServicePrint>>(&marks);
  if (prints == nullptr) return;
  for (Entry* member : cover.members) {
    if (!is_suspect(cover, *member) || !member->print) continue;
    const auto found = std::ranges::lower_bound(*prints, member->on->name, {}, &consul::ServicePrint::name);
    const bool listed = found != prints->end() && found->name == member->on->name;
    if (*member->print == (listed ? found->print : 0)) {
      member->clear_step = std::max(member->clear_step, pending.step);
      member->answered_at = now;
    } else {
      member->print_differed = true;
      want_read(*member);
    }
  }
}

// Prints of answers that are written in another way than the list would have everything read at every change.
void WatchPool::print_read(Entry& entry, const Marks& marks, bool news, base::TimePoint now) {
  const auto* print = std::get_if<consul::Print>(&marks);
  entry.print = print == nullptr ? std::nullopt : std::optional(print->value);
  entry.nodes.reset();
  const bool lists_nodes = entry.cover != nullptr && (entry.cover->by_node || entry.cover->nodes_known == 0);
  if (print != nullptr && lists_nodes) entry.nodes = print->nodes;
  if (!std::exchange(entry.print_differed, false) || entry.cover == nullptr) return;
  constexpr std::size_t kMostFalse = 64;
  std::size_t& count = entry.cover->false_prints;
  if (news) {
    count -= std::min<std::size_t>(count, 4);
  } else if (++count >= kMostFalse) {
    count = 0;
    entry.cover->prints_next = now + std::chrono::minutes(10);
  }
}

void WatchPool::sweep(Cover& cover, base::TimePoint now) {
  if (cover.swept == cover.sweep.size() && cover.batches == 0) {
    if (!cover.sweep.empty()) {
      cover.sweep.clear();
      cover.swept = 0;
      cover.sweep_next = now + 2 * (now - cover.sweep_began);
    }
    if (cover.last_suspicion <= cover.sweep_step || cover.blind) return;
    if (cover.sweep_next > now) {
      later_.emplace(cover.sweep_next, Dependency{});
      return;
    }
    cover.sweep_step = step_;
    cover.sweep_began = now;
    for (Entry* member : cover.members)
      if (is_suspect(cover, *member)) cover.sweep.push_back(member);
    // What changed last is what changes next.
    std::ranges::stable_sort(cover.sweep, std::ranges::greater{}, &Entry::changed_at);
    if (!cover.keys && !cover.by_node && cover.prints_next <= now && cover.sweep.size() >= settings_.prints_from)
      compare_prints(cover);
  }
  while (cover.swept < cover.sweep.size() && cover.batches < settings_.probe_asks) {
    Ask request{.kind = Ask::Kind::probes, .on = cover.place, .leader = true};
    Pending pending{.cover = &cover};
    for (; cover.swept < cover.sweep.size() && request.probes.size() < settings_.probes_per_ask; ++cover.swept) {
      Entry* member = cover.sweep[cover.swept];
      if (member == nullptr || !is_suspect(cover, *member)) continue;
      request.probes.push_back(*member->on);
      pending.probes.push_back(member);
    }
    if (request.probes.empty()) break;
    probes_ += request.probes.size();
    ++cover.batches;
    ask(std::move(request), std::move(pending));
  }
  // Nothing was left to ask for: the next look at it ends the sweep.
  if (cover.batches == 0 && cover.swept == cover.sweep.size() && !cover.sweep.empty())
    cover.sweep.clear(), cover.swept = 0;
}

}  // namespace longshore::render
