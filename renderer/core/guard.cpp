#include "renderer/core/guard.h"

#include <algorithm>
#include <set>

#include "renderer/core/critical_hold.h"
#include "renderer/core/seen.h"

namespace longshore::render {
namespace {

// Whoever is held may still say that it has gone.
constexpr base::Duration kAskAgain = std::chrono::seconds(5);

GuardBook::Key key_of(const Instance& instance) {
  return {instance.entry.node.node, instance.entry.service.id};
}

std::map<GuardBook::Key, InstancePtr> in_use_of(const ServiceData& data) {
  std::map<GuardBook::Key, InstancePtr> out;
  for (const InstancePtr& one : data.instances)
    if (in_use(one->health)) out.emplace(key_of(*one), one);
  return out;
}

// The most that were in use at one time within the window.
std::size_t most_of(GuardBook::Entry& entry, base::TimePoint now) {
  // The first one counts as long as the second has not been there for the whole window.
  while (entry.counts.size() > 1 && entry.counts[1].first + entry.rule.within <= now) entry.counts.pop_front();
  std::size_t most = 0;
  for (const auto& [at, count] : entry.counts) most = std::max(most, count);
  return most;
}

std::string why_of(const GuardRule& rule, std::size_t most, std::size_t left) {
  const std::string gone = std::to_string(most - left) + " of " + std::to_string(most);
  if (left < std::min(rule.min_instances, most))
    return gone + " would go, min_instances is " + std::to_string(rule.min_instances);
  if (rule.max_shrink < 100 && left < rule.floor_of(most) && !(left == 0 && rule.floor_of(most) == 1))
    return gone + " would go, max_shrink is " + std::to_string(rule.max_shrink) + "%";
  return "the last of them would go, keep_on_empty is set";
}

}  // namespace

GuardBook::Outcome GuardBook::told(const Dependency& on, const GuardRule& rule, ServicePtr data,
                                   const ServicePtr& before, base::TimePoint now) {
  Outcome out;
  const auto [at, fresh] = entries_.try_emplace(on);
  Entry& entry = at->second;
  if (fresh && before) {
    entry.serving = in_use_of(*before);
    entry.counts.emplace_back(now - rule.within, entry.serving.size());
  }
  entry.rule = rule;
  entry.below = std::move(data);
  if (!rule.active()) {
    if (entry.since) ended(on, entry, "off", now, out);
    entries_.erase(at);
    return out;
  }
  judge(on, entry, now, out);
  return out;
}

void GuardBook::judge(const Dependency& on, Entry& entry, base::TimePoint now, Outcome& out) {
  const std::map<Key, InstancePtr> using_now = in_use_of(*entry.below);
  std::set<Key> maintained;
  for (const InstancePtr& one : entry.below->instances)
    if (one->health == Health::maintenance) maintained.insert(key_of(*one));
  for (const auto& [key, instance] : entry.serving)
    if (!using_now.contains(key)) entry.lost.try_emplace(key, Lost{instance, now});
  for (auto lost = entry.lost.begin(); lost != entry.lost.end();) {
    const Key key = lost->first;
    const bool said_so = maintained.contains(key);
    const bool old = !entry.since && !entry.serving.contains(key) && lost->second.at + entry.rule.within <= now;
    lost = said_so || old || using_now.contains(key) ? entry.lost.erase(lost) : std::next(lost);
    if (said_so)
      for (auto& [when, count] : entry.counts) count -= std::min<std::size_t>(count, 1);
  }
  const std::size_t most = most_of(entry, now);
  const std::size_t left = using_now.size();
  const bool hold = left < entry.rule.floor_of(most) && !entry.lost.empty();
  if (entry.since && !hold) std::erase_if(entry.kept, [&](const auto& one) { return using_now.contains(one.first); });
  if (entry.since && !hold) ended(on, entry, left > entry.left ? "returned" : "said", now, out);
  entry.left = left;
  const std::size_t kept_before = entry.kept.size();
  entry.kept.clear();
  if (hold) {
    // Those that went last: whoever was replaced before that is not wanted back.
    std::vector<std::pair<Key, Lost>> newest(entry.lost.begin(), entry.lost.end());
    std::ranges::stable_sort(newest,
                             [](const auto& one, const auto& other) { return one.second.at > other.second.at; });
    newest.resize(std::min(newest.size(), most - left));
    std::set<std::string> nodes;
    for (auto& [key, lost] : newest) {
      nodes.insert(key.first);
      entry.kept.emplace(key, std::move(lost.instance));
    }
    const bool begins = !entry.since;
    entry.reason = why_of(entry.rule, most, left);
    if (begins) {
      entry.since = now;
      ++counters_.holds;
    }
    if (entry.kept.size() > kept_before) {
      counters_.instances += entry.kept.size() - kept_before;
      entry.notes_due = now + kAskAgain;
      out.read_notes.insert(out.read_notes.end(), nodes.begin(), nodes.end());
      out.lines.push_back(
          {begins ? base::Level::warn : base::Level::debug,
           "guard_holds",
           {{"service", on.name},
            {"instances", std::to_string(entry.kept.size())},
            {"left", std::to_string(left)},
            {"reason", entry.reason},
            {"until", entry.rule.limit.count() == 0 ? "somebody says so" : base::format_duration(entry.rule.limit)}}});
    }
  }
  const std::size_t count = left + entry.kept.size();
  if (entry.counts.empty() || entry.counts.back().second != count) entry.counts.emplace_back(now, count);
  show(on, entry);
  entry.serving = in_use_of(*entry.shown);
}

void GuardBook::show(const Dependency& on, Entry& entry) {
  entry.shown = entry.below;
  if (entry.kept.empty()) return;
  ServiceData shown;
  std::map<Key, InstancePtr> absent = entry.kept;
  for (const InstancePtr& one : entry.below->instances) {
    const auto kept = absent.find(key_of(*one));
    shown.instances.push_back(kept == absent.end() ? one : kept->second);
    if (kept != absent.end()) absent.erase(kept);
  }
  for (const auto& [key, instance] : absent) insert_in_order(on, shown, instance);
  // Who waits for our word waits for what was said, and all of that has been heeded.
  stamp(shown, entry.below->index, nullptr, false);
  entry.shown = std::make_shared<const ServiceData>(std::move(shown));
}

void GuardBook::ended(const Dependency& on, Entry& entry, const char* why, base::TimePoint now, Outcome& out) {
  const std::string_view reason = why;
  ++(reason == "returned"   ? counters_.returned
     : reason == "released" ? counters_.released
     : reason == "limit"    ? counters_.limit
                            : counters_.said);
  out.lines.push_back({reason == "limit" ? base::Level::warn : base::Level::info,
                       "guard_holds_no_longer",
                       {{"service", on.name},
                        {"instances", std::to_string(entry.kept.size())},
                        {"reason", why},
                        {"after", base::format_duration(now - *entry.since)}}});
  entry.since.reset();
  entry.reason.clear();
}

void GuardBook::let_go(const Dependency& on, Entry& entry, const char* why, base::TimePoint now, Outcome& out) {
  ended(on, entry, why, now, out);
  entry.lost.clear();
  entry.kept.clear();
  entry.serving = in_use_of(*entry.below);
  entry.counts.assign(1, {now, entry.serving.size()});
  show(on, entry);
  out.changed.insert(on);
}

void GuardBook::said(const Dependency& on, const Instance& instance) {
  const auto found = entries_.find(on);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  const Key key = key_of(instance);
  if (entry.serving.erase(key) + entry.lost.erase(key) == 0) return;
  for (auto& [when, count] : entry.counts) count -= std::min<std::size_t>(count, 1);
}

GuardBook::Outcome GuardBook::notes(const std::string& node, Note::Kind kind, const Result<std::vector<Note>>& notes,
                                    base::TimePoint now) {
  Outcome out;
  if (!notes || notes->empty()) return out;
  for (auto& [on, entry] : entries_) {
    std::vector<InstancePtr> gone;
    for (const auto& [key, instance] : entry.kept) {
      const auto tells = [&](const Note& note) { return tells_of(note, kind, *instance); };
      if (key.first == node && std::ranges::any_of(*notes, tells)) gone.push_back(instance);
    }
    if (gone.empty()) continue;
    for (const InstancePtr& instance : gone) said(on, *instance);
    judge(on, entry, now, out);
    out.changed.insert(on);
  }
  return out;
}

GuardBook::Outcome GuardBook::release(const std::string& service, base::TimePoint now) {
  Outcome out;
  for (auto& [on, entry] : entries_)
    if (entry.since && (service == "*" || service == on.name)) let_go(on, entry, "released", now, out);
  return out;
}

GuardBook::Outcome GuardBook::tick(base::TimePoint now) {
  Outcome out;
  std::set<std::string> nodes;
  for (auto& [on, entry] : entries_) {
    if (!entry.since) continue;
    if (entry.rule.limit.count() > 0 && *entry.since + entry.rule.limit <= now) {
      let_go(on, entry, "limit", now, out);
      continue;
    }
    if (entry.notes_due > now) continue;
    entry.notes_due = now + kAskAgain;
    for (const auto& [key, instance] : entry.kept) nodes.insert(key.first);
  }
  out.read_notes.assign(nodes.begin(), nodes.end());
  return out;
}

std::optional<base::TimePoint> GuardBook::next_due() const {
  std::optional<base::TimePoint> due;
  for (const auto& [on, entry] : entries_) {
    if (!entry.since) continue;
    base::TimePoint next = entry.notes_due;
    if (entry.rule.limit.count() > 0) next = std::min(next, *entry.since + entry.rule.limit);
    if (!due || next < *due) due = next;
  }
  return due;
}

GuardBook::ServicePtr GuardBook::below(const Dependency& on) const {
  const auto found = entries_.find(on);
  return found == entries_.end() ? nullptr : found->second.below;
}

GuardBook::ServicePtr GuardBook::shown(const Dependency& on) const {
  const auto found = entries_.find(on);
  return found == entries_.end() ? nullptr : found->second.shown;
}

bool GuardBook::holding() const {
  return std::ranges::any_of(entries_, [](const auto& one) { return one.second.since.has_value(); });
}

bool GuardBook::keeps(const Dependency& on, const Instance& instance) const {
  const auto found = entries_.find(on);
  return found != entries_.end() && found->second.kept.contains(key_of(instance));
}

std::size_t GuardBook::kept() const {
  std::size_t out = 0;
  for (const auto& [on, entry] : entries_) out += entry.kept.size();
  return out;
}

}  // namespace longshore::render
