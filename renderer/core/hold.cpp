#include "renderer/core/hold.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace longshore::render {
namespace {

using Identity = std::pair<std::string_view, std::string_view>;

Identity identity(const Instance& instance) {
  return {instance.entry.node.node, instance.entry.service.id};
}

bool was_in_use(const Instance& instance) {
  return instance.health == Health::passing || instance.health == Health::warning;
}

// Whether a drain's target is this service: by its ID, with its host, or by its container. The container's name is the
// middle one of the three parts of IDs that Registrator and our agent derive.
bool is_target(std::string_view target, const consul::Service& service) {
  constexpr std::string_view kContainer = "container:";
  constexpr std::size_t kShortId = 12;
  if (target == service.id || target == "*") return true;
  if (!target.starts_with(kContainer)) return false;
  target.remove_prefix(kContainer.size());
  const auto id = service.meta.find("longshore-container");
  if (id != service.meta.end() && target.size() >= kShortId && target.starts_with(id->second) && !id->second.empty())
    return true;
  const std::size_t host = service.id.find(':');
  return host != std::string::npos && !target.empty() &&
         std::string_view(service.id).substr(host + 1).starts_with(std::string(target) + ":");
}

}  // namespace

void insert_in_order(const Dependency& on, ServiceData& data, const InstancePtr& instance) {
  auto place = data.instances.end();
  if (on.near.empty())
    place = std::ranges::upper_bound(data.instances, identity(*instance), {},
                                     [](const InstancePtr& other) { return identity(*other); });
  data.instances.insert(place, instance);
}

bool tells_of(const Note& note, Note::Kind kind, const Instance& instance) {
  if (kind == Note::Kind::drain) return is_target(note.service_id, instance.entry.service);
  if (note.service_id != instance.entry.service.id) return false;
  // A withdrawal that is older than the instance's first sight was left behind by a predecessor of the same ID.
  return note.modify_index == 0 || note.modify_index > instance.since_index;
}

ProbeTarget probe_target(const Instance& instance) {
  const std::string& own = instance.entry.service.address;
  return {own.empty() ? instance.entry.node.address : own, instance.entry.service.port};
}

HoldBook::Outcome HoldBook::answered(const Dependency& on, const ServiceData* before, ServiceData& answer,
                                     base::TimePoint now) {
  Outcome out;
  std::set<Identity> present;
  for (const InstancePtr& instance : answer.instances) present.insert(identity(*instance));
  if (before != nullptr && settings_.hold.count() > 0) {
    std::set<std::string> nodes;
    std::set<ProbeTarget> targets;
    for (const InstancePtr& instance : before->instances) {
      if (present.contains(identity(*instance)) || !was_in_use(*instance)) continue;
      Key key{on, instance->entry.node.node, instance->entry.service.id};
      const auto [at, fresh] = held_.try_emplace(std::move(key));
      if (!fresh) continue;
      ++held_total_;
      // A probe is on its way at once; `probe_due` is for the next one.
      const ProbeTarget target = probe_target(*instance);
      at->second = Held{.instance = instance,
                        .since = now,
                        .until = now + settings_.hold,
                        .probe_due = now + settings_.probe_every,
                        .probing = target.port != 0};
      nodes.insert(instance->entry.node.node);
      if (target.port != 0) targets.insert(target);
      out.reports.push_back({Event::vanished, on, instance, {}});
    }
    out.read_notes.assign(nodes.begin(), nodes.end());
    out.probes.assign(targets.begin(), targets.end());
  }
  for (auto at = held_.lower_bound(Key{on, "", ""}); at != held_.end() && at->first.on == on;) {
    if (present.contains(identity(*at->second.instance))) {
      out.reports.push_back({Event::returned, on, at->second.instance, {}});
      at = held_.erase(at);
      continue;
    }
    insert_in_order(on, answer, at->second.instance);
    ++at;
  }
  return out;
}

bool HoldBook::holds(const Dependency& on) const {
  const auto at = held_.lower_bound(Key{on, "", ""});
  return at != held_.end() && at->first.on == on;
}

template <class Decide>
HoldBook::Outcome HoldBook::release_if(Decide decide) {
  Outcome out;
  for (auto at = held_.begin(); at != held_.end();) {
    const char* reason = decide(at->first, at->second);
    if (reason == nullptr) {
      ++at;
      continue;
    }
    out.reports.push_back({Event::released, at->first.on, at->second.instance, reason});
    at = held_.erase(at);
  }
  return out;
}

void HoldBook::announce(const Key& key, Held& held, Outcome& out) {
  if (held.announced) return;
  held.announced = true;
  out.reports.push_back({Event::held, key.on, held.instance, {}});
}

HoldBook::Outcome HoldBook::notes(const std::string& node, Note::Kind kind, const Result<std::vector<Note>>& notes) {
  if (!notes) return {};
  const bool drain = kind == Note::Kind::drain;
  Outcome out = release_if([&](const Key& key, Held& held) -> const char* {
    if (key.node != node) return nullptr;
    (drain ? held.drains_known : held.withdrawals_known) = true;
    const auto applies = [&](const Note& note) { return tells_of(note, kind, *held.instance); };
    if (std::ranges::none_of(*notes, applies)) return nullptr;
    return drain ? "drained" : "withdrawn";
  });
  for (auto& [key, held] : held_)
    if (key.node == node && held.withdrawals_known && held.drains_known && probe_target(*held.instance).port == 0)
      announce(key, held, out);
  return out;
}

HoldBook::Outcome HoldBook::probed(const ProbeTarget& target, ProbeResult result, base::TimePoint now) {
  Outcome out = release_if([&](const Key&, Held& held) -> const char* {
    if (!held.probing || probe_target(*held.instance) != target) return nullptr;
    held.probing = false;
    held.probe_due = std::max(held.probe_due, now);
    return result == ProbeResult::refused ? "refused" : nullptr;
  });
  for (auto& [key, held] : held_)
    if (probe_target(*held.instance) == target) announce(key, held, out);
  return out;
}

HoldBook::Outcome HoldBook::tick(base::TimePoint now) {
  Outcome out = release_if([&](const Key&, const Held& held) { return held.until <= now ? "hold_over" : nullptr; });
  std::set<std::string> nodes;
  std::set<ProbeTarget> targets;
  for (auto& [key, held] : held_) {
    if (held.probing || held.probe_due > now) continue;
    held.probe_due = now + settings_.probe_every;
    if (!held.withdrawals_known || !held.drains_known) nodes.insert(key.node);
    const ProbeTarget target = probe_target(*held.instance);
    if (target.port == 0) continue;
    held.probing = true;
    targets.insert(target);
  }
  out.read_notes.assign(nodes.begin(), nodes.end());
  out.probes.assign(targets.begin(), targets.end());
  return out;
}

std::optional<base::TimePoint> HoldBook::next_due() const {
  std::optional<base::TimePoint> due;
  for (const auto& [key, held] : held_) {
    const base::TimePoint next = held.probing ? held.until : std::min(held.until, held.probe_due);
    if (!due || next < *due) due = next;
  }
  return due;
}

void HoldBook::forget(const Dependency& on) {
  for (auto at = held_.lower_bound(Key{on, "", ""}); at != held_.end() && at->first.on == on;) at = held_.erase(at);
}

ServiceData HoldBook::without(const ServiceData& data, const Dependency& on, const Outcome& outcome) {
  std::set<Identity> released;
  for (const Report& report : outcome.reports)
    if (report.event == Event::released && report.on == on) released.insert(identity(*report.instance));
  ServiceData kept;
  kept.index = data.index;
  for (const InstancePtr& instance : data.instances)
    if (!released.contains(identity(*instance))) kept.instances.push_back(instance);
  return kept;
}

}  // namespace longshore::render
