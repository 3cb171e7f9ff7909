#include "renderer/core/traffic.h"

#include <algorithm>
#include <utility>

#include "renderer/core/seen.h"

namespace longshore::render {
namespace {

// What probes took out and back is believed against gossip for so long: a thawed agent needs up to 12 s to rejoin.
constexpr base::Duration kVouch = std::chrono::seconds(30);
// The first answer of a new service waits so long for its containers: one reload instead of two.
constexpr base::Duration kPark = std::chrono::milliseconds(100);
constexpr std::size_t kMostComplaints = 1000;

// The same service asked in another order, or with its checks, is the same to probes.
std::string group_of(Dependency on) {
  on.near.clear();
  on.checks = false;
  return to_string(on);
}

InstancePtr with_health(const InstancePtr& instance, Health health) {
  if (instance->health == health) return instance;
  Instance copy{instance->entry};
  copy.health = health;
  copy.since_index = instance->since_index;
  copy.by_node = instance->by_node;
  copy.check_url = instance->check_url;
  return std::make_shared<const Instance>(std::move(copy));
}

const std::string& host_of(const Instance& instance) {
  const std::string& own = instance.entry.service.address;
  return own.empty() ? instance.entry.node.address : own;
}

}  // namespace

Traffic::Traffic(ProbeSettings settings, base::Duration hold)
    : settings_(std::move(settings)), probes_(settings_.machine), critical_(hold), last_(hold) {}

void Traffic::configure(ProbeSettings settings, base::Duration hold) {
  const bool enabled = settings_.enabled;
  settings_ = std::move(settings);
  settings_.enabled = enabled;
  probes_.configure(settings_.machine);
  critical_.configure(hold);
  last_.configure(hold);
  last_spec_.reset();
}

std::shared_ptr<const ProbeSpec> Traffic::spec_of(const Instance& instance, Outcome& out) {
  const consul::Service& service = instance.entry.service;
  ProbeSpec spec = settings_.spec;
  if (!instance.check_url.empty()) narrow(probe_of_url(instance.check_url, host_of(instance), service.port), spec);
  if (const auto named = settings_.services.find(service.name); named != settings_.services.end())
    narrow(named->second, spec);
  std::vector<std::string> complaints;
  narrow(probe_of_meta(service.meta, complaints), spec);
  for (const std::string& complaint : complaints)
    if (complained_.size() < kMostComplaints && complained_.insert(service.id + " " + complaint).second)
      out.lines.push_back({base::Level::warn,
                           "probe_setting_ignored",
                           {{"service", service.name}, {"id", service.id}, {"error", complaint}}});
  // Registrator's form of the ID of a UDP port, and its tag.
  const bool udp = service.id.ends_with(":udp") || std::ranges::find(service.tags, "udp") != service.tags.end();
  if (udp && !(spec.stated && spec.port != 0)) spec.mode = ProbeSpec::Mode::off;
  if (!last_spec_ || *last_spec_ != spec) last_spec_ = std::make_shared<const ProbeSpec>(std::move(spec));
  return last_spec_;
}

void Traffic::tell(const Dependency& on, Known& known, bool young, base::TimePoint now, Outcome& out) {
  // Proxies of the mesh want certificates that we do not have.
  if (on.kind != Dependency::Kind::service) return;
  ProbeMachine::Update update;
  update.group = known.group;
  update.service = on.name;
  update.young = young;
  for (const InstancePtr& one : known.raw->instances) {
    const bool kept = critical_.kept(on, *one) || last_.kept(on, *one);
    if (!kept && !in_use(one->health) && !one->by_node) continue;
    ProbeCandidate candidate;
    candidate.node = one->entry.node.node;
    candidate.id = one->entry.service.id;
    candidate.address = host_of(*one);
    candidate.port = one->entry.service.port;
    candidate.spec = spec_of(*one, out);
    candidate.in_use = kept || in_use(one->health);
    candidate.doubted = kept;
    candidate.ours = one->entry.service.meta.contains("longshore-owner");
    update.instances.push_back(std::move(candidate));
  }
  merge(probes_.step(std::move(update), now), now, out);
}

LastServing::Probes Traffic::asked(const Known& known) const {
  return [this, group = known.group](const Instance& one) {
    switch (probes_.verdict(group, one.entry.node.node, one.entry.service.id)) {
      case ProbeMachine::Verdict::out:
        return LastServing::Probe::out;
      case ProbeMachine::Verdict::waiting:
        return LastServing::Probe::waiting;
      default:
        return probes_.unproven(group, one.entry.node.node, one.entry.service.id) ? LastServing::Probe::unproven
                                                                                  : LastServing::Probe::in;
    }
  };
}

void Traffic::let_go(const Dependency& on, Known& known, base::TimePoint now, Outcome& out) {
  if (!last_.keeps(on)) return;
  const LastServing::Gone gone = last_.keep(on, *known.raw, asked(known), now);
  const bool announced = std::exchange(known.announced, known.announced && last_.keeps(on));
  if (gone.count == 0) return;
  if (announced)
    out.lines.push_back({base::Level::info,
                         "last_ones_leave",
                         {{"service", on.name}, {"instances", std::to_string(gone.count)}, {"reason", gone.reason}}});
  out.changed.insert(on);
  tell(on, known, false, now, out);
  note_complete(on, known);
}

bool Traffic::in_between(const Dependency& on, const Known& known) const {
  return anybody_waits(known) || last_.keeps(on);
}

void Traffic::note_complete(const Dependency& on, Known& known) const {
  if (!in_between(on, known)) known.complete = known.raw->index;
}

void Traffic::merge(ProbeMachine::Outcome outcome, base::TimePoint now, Outcome& out) {
  std::ranges::move(outcome.start, std::back_inserter(out.start));
  std::ranges::move(outcome.lines, std::back_inserter(out.lines));
  if (outcome.changed.empty()) return;
  for (auto& [on, known] : known_) {
    if (!outcome.changed.contains(known.group)) continue;
    known.parked_until.reset();
    known.vouched_until.reset();
    for (const InstancePtr& one : known.raw->instances)
      if (vouched(known, *one, now)) known.vouched_until = now + kVouch;
    note_times(on, known);
    out.changed.insert(on);
    let_go(on, known, now, out);
    note_complete(on, known);
  }
}

Traffic::Outcome Traffic::known(const Dependency& on, ServicePtr data, bool young, base::TimePoint now) {
  Outcome out;
  const auto found = known_.find(on);
  const bool first = found == known_.end();
  const ServicePtr before = first ? nullptr : found->second.raw;
  Known& known = first ? known_[on] : found->second;
  if (first) known.group = group_of(on);
  if (const std::size_t kept = critical_.answered(on, before.get(), *data, now); kept > 0)
    out.lines.push_back(
        {base::Level::warn,
         "instances_kept",
         {{"service", on.name},
          {"instances", std::to_string(kept)},
          {"reason", "all of them turned critical at once; they stay until probes say that they are dead"}}});
  last_.answered(on, before.get(), *data, asked(known), now);
  known.raw = std::move(data);
  tell(on, known, young && first, now, out);
  let_go(on, known, now, out);
  if (last_.keeps(on) && !std::exchange(known.announced, true))
    out.lines.push_back({base::Level::info,
                         "last_ones_stay",
                         {{"service", on.name},
                          {"reason", "they are taken out and nobody else serves: they stay until a new one answers"}}});
  if (first && young && anybody_waits(known)) known.parked_until = now + kPark;
  note_complete(on, known);
  note_times(on, known);
  return out;
}

Traffic::Outcome Traffic::released(const Dependency& on, ServicePtr data, base::TimePoint now) {
  Outcome out;
  const auto found = known_.find(on);
  if (found == known_.end()) return out;
  found->second.raw = std::move(data);
  tell(on, found->second, false, now, out);
  let_go(on, found->second, now, out);
  note_complete(on, found->second);
  out.changed.insert(on);
  return out;
}

bool Traffic::waits(const Known& known, const Instance& instance) const {
  return probes_.verdict(known.group, instance.entry.node.node, instance.entry.service.id) ==
         ProbeMachine::Verdict::waiting;
}

bool Traffic::anybody_waits(const Known& known) const {
  return std::ranges::any_of(known.raw->instances, [&](const InstancePtr& one) { return waits(known, *one); });
}

void Traffic::note_times(const Dependency& on, const Known& known) {
  if (known.parked_until || known.vouched_until)
    timed_.insert(on);
  else
    timed_.erase(on);
}

Traffic::Outcome Traffic::replied(std::uint64_t id, const ProbeReply& reply, base::TimePoint now) {
  Outcome out;
  merge(probes_.step(ProbeMachine::Replied{id, reply}, now), now, out);
  return out;
}

Traffic::Outcome Traffic::tick(base::TimePoint now) {
  Outcome out;
  if (!settings_.enabled) return out;
  for (const Dependency& on : critical_.tick(now)) {
    const auto found = known_.find(on);
    if (found == known_.end()) continue;
    out.lines.push_back({base::Level::warn, "instances_kept_no_longer", {{"service", on.name}}});
    tell(on, found->second, false, now, out);
    out.changed.insert(on);
  }
  for (const Dependency& on : last_.due(now))
    if (const auto found = known_.find(on); found != known_.end()) let_go(on, found->second, now, out);
  merge(probes_.step(ProbeMachine::Tick{}, now), now, out);
  for (const Dependency& on : Dependencies(timed_)) {
    Known& known = known_.at(on);
    for (auto* when : {&known.parked_until, &known.vouched_until}) {
      if (!*when || **when > now) continue;
      when->reset();
      out.changed.insert(on);
    }
    note_times(on, known);
  }
  return out;
}

std::optional<base::TimePoint> Traffic::next_due() const {
  if (!settings_.enabled) return std::nullopt;
  std::optional<base::TimePoint> due;
  const auto at = [&](std::optional<base::TimePoint> when) {
    if (when && (!due || *when < *due)) due = when;
  };
  at(probes_.next_due());
  at(critical_.next_due());
  at(last_.next_due());
  for (const Dependency& on : timed_) {
    const Known& known = known_.at(on);
    at(known.parked_until);
    at(known.vouched_until);
  }
  return due;
}

Traffic::Outcome Traffic::forget(const Dependency& on, base::TimePoint now) {
  Outcome out;
  const auto found = known_.find(on);
  if (found == known_.end()) return out;
  const std::string group = found->second.group;
  known_.erase(found);
  timed_.erase(on);
  critical_.forget(on);
  last_.forget(on);
  const bool used = std::ranges::any_of(known_, [&](const auto& entry) { return entry.second.group == group; });
  if (!used) merge(probes_.step(ProbeMachine::Forget{group}, now), now, out);
  return out;
}

Traffic::ServicePtr Traffic::raw(const Dependency& on) const {
  const auto found = known_.find(on);
  return found == known_.end() ? nullptr : found->second.raw;
}

Traffic::ServicePtr Traffic::without_waiting(const Dependency& on, ServicePtr data) const {
  const auto found = known_.find(on);
  // Somebody stays for those who wait: they had better be missed.
  if (found == known_.end() || !data || last_.keeps(on) || !anybody_waits(found->second)) return data;
  ServiceData out = *data;
  std::erase_if(out.instances, [&](const InstancePtr& one) { return waits(found->second, *one); });
  return std::make_shared<const ServiceData>(std::move(out));
}

bool Traffic::vouched(const Known& known, const Instance& instance, base::TimePoint now) const {
  if (!instance.by_node) return false;
  const auto returned = probes_.returned_at(known.group, instance.entry.node.node, instance.entry.service.id);
  return returned && now < *returned + kVouch;
}

std::vector<std::string> Traffic::kept_out(const Dependency& on) const {
  std::vector<std::string> out;
  const auto found = known_.find(on);
  if (found == known_.end() || !found->second.raw) return out;
  for (const InstancePtr& one : found->second.raw->instances) {
    if (!in_use(one->health)) continue;
    const std::string& node = one->entry.node.node;
    if (probes_.verdict(found->second.group, node, one->entry.service.id) == ProbeMachine::Verdict::out)
      out.push_back(node + "/" + one->entry.service.id);
  }
  return out;
}

Traffic::ServicePtr Traffic::view(const Dependency& on, base::TimePoint now) const {
  const auto found = known_.find(on);
  if (found == known_.end()) return nullptr;
  const Known& known = found->second;
  if (known.parked_until) return nullptr;
  ServiceData shown;
  shown.instances.reserve(known.raw->instances.size());
  for (const InstancePtr& one : known.raw->instances) {
    const auto verdict = probes_.verdict(known.group, one->entry.node.node, one->entry.service.id);
    if (verdict == ProbeMachine::Verdict::waiting) continue;
    Health health = one->health;
    if (!in_use(health) && (critical_.kept(on, *one) || last_.kept(on, *one) || vouched(known, *one, now)))
      health = Health::passing;
    if (verdict == ProbeMachine::Verdict::out && in_use(health)) health = Health::critical;
    shown.instances.push_back(with_health(one, health));
  }
  if (shown.instances == known.raw->instances) return known.raw;
  // What others are told is which answer of the registry this is. It is not yet one whose new instances still wait, or
  // whose drained ones still serve: somebody may be about to stop the old ones.
  if (in_between(on, known)) {
    stamp(shown, known.complete, nullptr, false);
  } else {
    shown.index = known.raw->index;
    shown.set_hash = known.raw->set_hash;
  }
  return std::make_shared<const ServiceData>(std::move(shown));
}

}  // namespace longshore::render
