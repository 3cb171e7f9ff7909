#include "renderer/core/last_serving.h"

#include <algorithm>

#include "renderer/core/critical_hold.h"

namespace longshore::render {
namespace {

LastServing::Identity who_is(const Instance& instance) {
  return {instance.entry.node.node, instance.entry.service.id};
}

}  // namespace

void LastServing::answered(const Dependency& on, const ServiceData* before, const ServiceData& fresh,
                           const Probes& probes, base::TimePoint now) {
  const auto is_drained = [](const InstancePtr& one) { return one->health == Health::maintenance; };
  if (before == nullptr || limit_.count() <= 0 || std::ranges::none_of(fresh.instances, is_drained)) return;
  std::set<Identity> served;
  for (const InstancePtr& one : before->instances) {
    if (!in_use(one->health)) continue;
    const Probe probe = probes(*one);
    if (probe == Probe::in || probe == Probe::unproven) served.insert(who_is(*one));
  }
  for (const InstancePtr& one : fresh.instances) {
    const Identity identity = who_is(*one);
    if (!served.contains(identity)) continue;
    // Another that served goes on serving.
    if (in_use(one->health)) return;
  }
  for (const InstancePtr& one : fresh.instances)
    if (is_drained(one) && served.contains(who_is(*one))) kept_[on].try_emplace(who_is(*one), now + limit_);
}

LastServing::Gone LastServing::keep(const Dependency& on, const ServiceData& data, const Probes& probes,
                                    base::TimePoint now) {
  const auto found = kept_.find(on);
  if (found == kept_.end()) return {};
  bool waiting = false, serving = false;
  std::set<Identity> leaving, back;
  for (const InstancePtr& one : data.instances) {
    if (one->health == Health::maintenance && probes(*one) != Probe::out) leaving.insert(who_is(*one));
    if (!in_use(one->health)) continue;
    const Probe probe = probes(*one);
    back.insert(who_is(*one));
    waiting = waiting || probe == Probe::waiting || probe == Probe::unproven;
    serving = serving || probe == Probe::in;
  }
  Gone gone;
  std::erase_if(found->second, [&](const auto& entry) {
    if (back.contains(entry.first)) return true;
    const char* reason = nullptr;
    if (serving)
      reason = "another one serves";
    else if (!waiting)
      reason = "no other one is about to serve";
    else if (!leaving.contains(entry.first))
      reason = "it does not answer, or is gone";
    else if (entry.second <= now)
      reason = "its time is over";
    if (reason == nullptr) return false;
    ++gone.count;
    gone.reason = reason;
    return true;
  });
  if (found->second.empty()) kept_.erase(found);
  return gone;
}

bool LastServing::kept(const Dependency& on, const Instance& instance) const {
  const auto found = kept_.find(on);
  return found != kept_.end() && instance.health == Health::maintenance && found->second.contains(who_is(instance));
}

std::set<Dependency> LastServing::due(base::TimePoint now) const {
  std::set<Dependency> out;
  for (const auto& [on, kept] : kept_)
    if (std::ranges::any_of(kept, [&](const auto& entry) { return entry.second <= now; })) out.insert(on);
  return out;
}

std::optional<base::TimePoint> LastServing::next_due() const {
  std::optional<base::TimePoint> due;
  for (const auto& [on, kept] : kept_)
    for (const auto& [identity, until] : kept)
      if (!due || until < *due) due = until;
  return due;
}

}  // namespace longshore::render
