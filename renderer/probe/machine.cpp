#include "renderer/probe/machine.h"

#include <algorithm>

namespace longshore::render {
namespace {

// Later than that, and it was us who slept: a stopped process, a starved machine, a jump of a suspended one.
constexpr base::Duration kSlept = std::chrono::milliseconds(200);

}  // namespace

ProbeMachine::Outcome ProbeMachine::step(Input input, base::TimePoint now) {
  if (expected_ && now > *expected_ + kSlept)
    for (auto& [id, flight] : flights_) flight.tainted = true;
  std::visit([&](auto& told) { on(told, now); }, input);
  run(now);
  expected_ = next_due();
  return std::exchange(out_, {});
}

bool ProbeMachine::sibling_answers(const Group& group, const Backend* but) const {
  return std::ranges::any_of(group.backends, [&](const auto& entry) {
    const Backend& other = entry.second;
    return &other != but && other.ever_passed && other.state == State::calm && other.fails == 0;
  });
}

void ProbeMachine::on(Update& update, base::TimePoint now) {
  const bool fresh = !groups_.contains(update.group);
  Group& group = groups_[update.group];
  group.name = update.group;
  group.service = update.service;
  std::set<std::pair<std::string, std::string>> present;
  for (ProbeCandidate& candidate : update.instances) {
    if (!candidate.spec || candidate.spec->mode == ProbeSpec::Mode::off || candidate.port == 0) continue;
    present.emplace(candidate.node, candidate.id);
  }
  for (auto at = group.backends.begin(); at != group.backends.end();) {
    if (present.contains(at->first)) {
      ++at;
      continue;
    }
    remove(at->second);
    at = group.backends.erase(at);
  }
  for (ProbeCandidate& candidate : update.instances) {
    if (!present.contains({candidate.node, candidate.id})) continue;
    const auto known = group.backends.find({candidate.node, candidate.id});
    if (known != group.backends.end()) {
      Backend& backend = known->second;
      const bool same_place = backend.address == candidate.address && backend.port == candidate.port;
      // What was not in use and never asked successfully starts over as a new one.
      const bool woken = candidate.in_use && !backend.in_use && !backend.ever_passed;
      if (same_place && !woken) {
        const bool other_pace = backend.spec->interval != candidate.spec->interval;
        backend.spec = candidate.spec;
        if (other_pace) {
          backend.node->shortest = {};
          keep_pace(*backend.node, backend.spec->interval, now);
        }
        backend.in_use = candidate.in_use;
        if (candidate.doubted && !backend.doubted && backend.flights == 0) want(backend, now);
        backend.doubted = candidate.doubted;
        continue;
      }
      remove(backend);
      group.backends.erase(known);
    }
    add(group, candidate, fresh, update.young, now);
  }
}

void ProbeMachine::add(Group& group, ProbeCandidate& candidate, bool fresh, bool young, base::TimePoint now) {
  Backend& backend = group.backends[{candidate.node, candidate.id}];
  backend.group = &group;
  backend.number = next_number_++;
  backend.id = candidate.id;
  backend.address = std::move(candidate.address);
  backend.port = candidate.port;
  backend.spec = std::move(candidate.spec);
  backend.in_use = candidate.in_use;
  backend.doubted = candidate.doubted;
  by_number_[backend.number] = &backend;
  Node& node = nodes_[candidate.node];
  if (node.number == 0) {
    node.name = candidate.node;
    node.number = next_number_++;
    node_by_number_[node.number] = &node;
    // The first turns of all nodes are spread over an interval.
    const double spread = random_.chance() * static_cast<double>(backend.spec->interval.count());
    node.due = now + base::Duration(static_cast<std::int64_t>(spread));
    rings_.emplace(node.due, node.number);
  }
  backend.node = &node;
  node.ring.push_back(&backend);
  // Kept up to date where it is known: hundreds that come at once are not looked through for each of them.
  if (node.ring.size() == 1)
    node.shortest = backend.spec->interval;
  else if (node.shortest.count() != 0)
    node.shortest = std::min(node.shortest, backend.spec->interval);
  // One that was alone may be taken out now.
  if (group.backends.size() == 2)
    for (auto& [key, other] : group.backends)
      if (&other != &backend) hurry(*other.node, now);
  // Behind its first turn, not behind the pause of those it finds there.
  keep_pace(node, backend.spec->interval, now);
  const bool gated = backend.in_use && !backend.doubted && backend.spec->admission.count() > 0 &&
                     (fresh ? young && candidate.ours : candidate.ours || sibling_answers(group, &backend));
  if (gated) {
    backend.state = State::waiting;
    backend.since = now;
  }
  // A service that appeared while we run is looked at beside those that never answer, not behind them.
  const bool herald = young && fresh && group.backends.size() == 1;
  if (gated || !fresh || backend.doubted || herald) want(backend, now);
}

void ProbeMachine::remove(Backend& backend) {
  unwant(backend);
  for (auto& [id, flight] : flights_)
    if (flight.backend == &backend) flight.backend = nullptr;
  Node& node = *backend.node;
  std::erase(node.ring, &backend);
  node.shortest = {};
  by_number_.erase(backend.number);
  if (!node.ring.empty()) return;
  rings_.erase({node.due, node.number});
  node_by_number_.erase(node.number);
  nodes_.erase(std::string(node.name));
}

void ProbeMachine::on(Forget& forget, base::TimePoint) {
  const auto found = groups_.find(forget.group);
  if (found == groups_.end()) return;
  for (auto& [key, backend] : found->second.backends) remove(backend);
  groups_.erase(found);
}

void ProbeMachine::on(Replied& replied, base::TimePoint now) {
  const auto found = flights_.find(replied.id);
  if (found == flights_.end()) return;
  const Flight flight = found->second;
  flights_.erase(found);
  if (const auto node = node_by_number_.find(flight.node); node != node_by_number_.end()) --node->second->flights;
  if (flight.backend == nullptr) return;
  Backend& backend = *flight.backend;
  --backend.flights;
  const bool good = replied.reply.kind == ProbeReply::Kind::passed;
  ++(good ? counters_.passed : counters_.failed);
  if (flight.trial && !good) {
    // It proves nothing, but all that time the ring passed it over.
    if (backend.state != State::calm && backend.flights == 0 && !backend.due) want(backend, now);
    hurry(*backend.node, now);
    return;
  }
  if (good)
    passed(backend, flight, replied.reply.took, now);
  else
    failed(backend, flight, replied.reply, now);
}

const ProbeMachine::Backend* ProbeMachine::find(const std::string& group, const std::string& node,
                                                const std::string& id) const {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return nullptr;
  const auto backend = found->second.backends.find({node, id});
  return backend == found->second.backends.end() ? nullptr : &backend->second;
}

ProbeMachine::Verdict ProbeMachine::verdict(const std::string& group, const std::string& node,
                                            const std::string& id) const {
  const Backend* backend = find(group, node, id);
  if (backend == nullptr) return Verdict::in;
  if (backend->state == State::out) return Verdict::out;
  return backend->state == State::waiting ? Verdict::waiting : Verdict::in;
}

bool ProbeMachine::unproven(const std::string& group, const std::string& node, const std::string& id) const {
  const Backend* backend = find(group, node, id);
  return backend != nullptr && backend->exempt;
}

std::optional<base::TimePoint> ProbeMachine::returned_at(const std::string& group, const std::string& node,
                                                         const std::string& id) const {
  const Backend* backend = find(group, node, id);
  if (backend == nullptr || backend->state != State::calm) return std::nullopt;
  return backend->returned;
}

std::vector<ProbeMachine::View> ProbeMachine::remarkable() const {
  constexpr const char* kReasons[] = {"", "refused", "unreachable", "silent", "closed", "wrong answer"};
  std::vector<View> out;
  for (const auto& [name, group] : groups_)
    for (const auto& [key, backend] : group.backends) {
      if (backend.state == State::calm && !backend.exempt && !backend.floored) continue;
      View view{group.service, key.first, key.second, kReasons[static_cast<std::size_t>(backend.last)]};
      view.verdict = verdict(name, key.first, key.second);
      view.since = view.verdict == Verdict::in ? backend.first_fail : backend.since;
      view.fails = backend.fails;
      if (backend.floored) view.reason += ", kept by the floor";
      if (backend.exempt) view.reason += ", admitted without an answer";
      out.push_back(std::move(view));
    }
  return out;
}

std::vector<std::string> ProbeMachine::tcp_only() const {
  std::vector<std::string> out;
  for (const auto& [name, group] : groups_)
    if (group.tcp) out.push_back(group.service);
  return out;
}

void ProbeMachine::say(base::Level level, const char* event, const Backend& backend, std::string reason) {
  base::LogLine line{
      level, event, {{"service", backend.group->service}, {"id", backend.id}, {"node", backend.node->name}}};
  if (!reason.empty()) line.fields.emplace_back("reason", std::move(reason));
  out_.lines.push_back(std::move(line));
}

}  // namespace longshore::render
