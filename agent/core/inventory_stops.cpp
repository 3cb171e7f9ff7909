// The part of the inventory that follows stops: signals told before and after the first inspect, and what outlives
// them.
#include "agent/core/inventory.h"

namespace longshore::agent {
namespace {

using Phase = ContainerRecord::Phase;

std::string key_of(const docker::Event& event) {
  std::string key = event.type + " " + event.action + " " + event.id;
  if (const auto signal = event.attributes.find("signal"); signal != event.attributes.end())
    key += " " + signal->second;
  return key;
}

}  // namespace

// The engine's memory begins with the moment that was asked for, so that what was told then comes once more.
bool Inventory::is_repeated(const docker::Event& event) const {
  return event.time_nano > 0 && event.time_nano == since_.time_nano && since_.events.contains(key_of(event));
}

// Did it happen before this connection? Where the engine does not tell its time, what comes before the first list may
// have.
bool Inventory::is_history(const docker::Event& event) const {
  if (since_.time_nano == 0 || event.time_nano <= 0) return false;
  return engine_.time_nano == 0 ? !listed_ : event.time_nano < engine_.time_nano;
}

void Inventory::remember(const docker::Event& event) {
  constexpr std::size_t kMost = 64;  // of one nanosecond
  if (event.time_nano < heard_.time_nano || event.time_nano <= 0) return;
  if (event.time_nano > heard_.time_nano) heard_ = Heard{event.time_nano, {}};
  if (heard_.events.size() < kMost) heard_.events.insert(key_of(event));
}

// How long ago, by the engine's own clock; 0 for what is told as it happens.
base::Duration Inventory::age_of(const docker::Event& event, base::TimePoint now) const {
  if (!is_history(event) || engine_.time_nano == 0) return {};
  return std::chrono::nanoseconds(engine_.time_nano - event.time_nano) + (now - connected_at_);
}

// The signal has been delivered when Docker tells of it. One that does not end the container means nothing here.
void Inventory::killed(const std::string& id, ContainerRecord& record, const docker::Event& event, base::TimePoint now,
                       Effects effects) {
  const auto text = event.attributes.find("signal");
  const auto signal = text == event.attributes.end() ? std::nullopt : parse_signal(text->second);
  if (record.phase == Phase::unknown) remember_kill(event, now);
  if (record.phase != Phase::running || !signal || !ends_container(record.container, *signal)) return;
  const base::TimePoint until = now + stop_patience(record.container);
  // A second stop signal does not start the time anew for one that ignores it; SIGKILL does end it.
  if (record.stop && record.stop->signal == *signal) return;
  record.stop = StopSeen{*signal, until, false};
  stops_[id] = until;
  effects.changed.insert(id);
}

void Inventory::remember_kill(const docker::Event& event, base::TimePoint now) {
  constexpr std::size_t kMost = 8;
  const auto text = event.attributes.find("signal");
  const auto signal = text == event.attributes.end() ? std::nullopt : parse_signal(text->second);
  std::vector<EarlyKill>& known = early_kills_[event.id];
  if (signal && known.size() < kMost) known.push_back({*signal, event.time_nano, now - age_of(event, now)});
}

void Inventory::judge_early_kills(const std::string& id, ContainerRecord& record, base::TimePoint now) {
  const auto found = early_kills_.find(id);
  if (found == early_kills_.end()) return;
  for (const EarlyKill& kill : found->second) {
    // Of an earlier life.
    if (kill.time_nano > 0 && kill.time_nano < record.lives_since) continue;
    if (!ends_container(record.container, kill.signal)) continue;
    const base::TimePoint until = kill.at + stop_patience(record.container);
    // It has outlived that long ago.
    if (until <= now) continue;
    record.stop = StopSeen{kill.signal, until, false};
    stops_[id] = until;
  }
  early_kills_.erase(found);
}

void Inventory::inherit_stop(const std::string& id, int signal, base::TimePoint now) {
  const auto found = records_.find(id);
  if (found == records_.end() || found->second.phase != Phase::running || found->second.stop) return;
  const base::TimePoint until = now + stop_patience(found->second.container);
  found->second.stop = StopSeen{signal, until, false};
  stops_[id] = until;
}

// It runs: has it outlived its stop?
void Inventory::survived(const std::string& id, ContainerRecord& record, base::TimePoint now, Effects effects) {
  if (!record.stop || record.stop->until > now) return;
  effects.out.push_back(base::LogLine{base::Level::warn,
                                      "still_running",
                                      {{"container", record.container.name},
                                       {"signal", std::to_string(record.stop->signal)},
                                       {"reason", "it did not stop in its time: back into service"}}});
  record.stop.reset();
  stops_.erase(id);
}

void Inventory::stops_due(base::TimePoint now) {
  for (auto at = stops_.begin(); at != stops_.end();) {
    const auto found = records_.find(at->first);
    if (found == records_.end() || !found->second.stop) {
      at = stops_.erase(at);
      continue;
    }
    StopSeen& stop = *found->second.stop;
    if (stop.until <= now && !stop.asked) {
      stop.asked = true;
      want_inspect(at->first, found->second);
    }
    ++at;
  }
}

}  // namespace longshore::agent
