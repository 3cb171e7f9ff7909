// When whom to ask.
#include <algorithm>

#include "renderer/probe/machine.h"

namespace longshore::render {
namespace {

using std::chrono::milliseconds;

// Whoever answered within this of late gets half the patience.
constexpr base::Duration kQuick = milliseconds(50);
// A ring in which nobody is to be asked is looked through again after this at the latest.
constexpr base::Duration kLongestPause = std::chrono::minutes(10);
// A new instance that is silent for so long is asked again beside that question: a lost SYN is sent anew after a whole
// second only, and all that time nothing is routed to it.
constexpr base::Duration kAdmissionPatience = milliseconds(100);
constexpr int kAdmissionFlights = 3;
// Who stays in traffic whatever is found is asked no more often than this while it answers.
constexpr base::Duration kStaysInterval = std::chrono::seconds(5);

base::Duration seconds_of(double seconds) {
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

base::Duration ProbeMachine::patience(const Backend& backend) const {
  const base::Duration whole = backend.spec->timeout;
  return backend.ever_passed && backend.slowest <= kQuick ? whole / 2 : whole;
}

void ProbeMachine::want(Backend& backend, base::TimePoint when) {
  unwant(backend);
  backend.due = when;
  wanted_.emplace(when, backend.number);
}

void ProbeMachine::unwant(Backend& backend) {
  if (!backend.due) return;
  wanted_.erase({*backend.due, backend.number});
  backend.due.reset();
}

// One dead node leaves room for the others, and for the witness against it.
bool ProbeMachine::crowded(const Node& node) const {
  return node.flights >= std::max<std::size_t>(settings_.at_once / 4, 1);
}

bool ProbeMachine::start(Backend& backend, base::TimePoint now, bool trial) {
  if (flights_.size() >= settings_.at_once || crowded(*backend.node)) return false;
  const ProbeSpec& spec = *backend.spec;
  ProbeSpec::Mode mode = spec.mode;
  if (backend.group->tcp && !spec.stated && !trial) mode = ProbeSpec::Mode::tcp;
  const base::Duration limit = patience(backend);
  const bool waiting = backend.state == State::waiting;
  const base::Duration half = waiting ? std::min<base::Duration>(limit / 2, kAdmissionPatience) : limit / 2;
  const std::uint64_t id = next_flight_++;
  const bool beside = waiting && backend.flights > 0;
  flights_.emplace(id, Flight{&backend, backend.node->number, now, now + half, mode, false, false, trial, beside});
  ++backend.flights;
  ++backend.node->flights;
  ++counters_.started;
  backend.last_start = now;
  const std::uint16_t port = spec.port == 0 ? backend.port : spec.port;
  out_.start.push_back({id, backend.address, port, backend.spec, mode, limit});
  return true;
}

// Half its patience is over: it is asked again beside the first question, its neighbours are asked, and somebody
// elsewhere, who tells a dead node from a dead network of ours.
void ProbeMachine::suspect(Flight& flight, base::TimePoint now) {
  flight.suspected = true;
  if (flight.backend == nullptr || flight.trial) return;
  Backend& backend = *flight.backend;
  if (backend.state == State::waiting && backend.flights < kAdmissionFlights) start(backend, now);
  // Nor does silence of one that never answered say anything of its node.
  if (backend.state == State::out || backend.state == State::waiting || backend.exempt) return;
  if (!backend.ever_passed && !sibling_answers(*backend.group, &backend)) return;
  if (backend.flights < backend.spec->fall - backend.fails) start(backend, now);
  Node& node = *backend.node;
  if (node.suspect_since) return;
  node.suspect_since = flight.started;
  for (Backend* other : node.ring)
    if (other != &backend && other->state == State::calm && other->flights == 0) want(*other, now);
  for (auto& [name, elsewhere] : nodes_) {
    if (&elsewhere == &node || elsewhere.ring.empty()) continue;
    const auto witness = std::ranges::find_if(elsewhere.ring, [](const Backend* one) {
      return one->state == State::calm && one->ever_passed && one->flights == 0;
    });
    if (witness == elsewhere.ring.end()) continue;
    want(**witness, now);
    return;
  }
}

base::Duration ProbeMachine::gap(Node& node) const {
  if (node.shortest.count() == 0) {
    node.shortest = base::Duration::max();
    for (const Backend* one : node.ring) node.shortest = std::min(node.shortest, one->spec->interval);
  }
  const base::Duration interval = node.shortest;
  const auto count = static_cast<double>(node.ring.size());
  const base::Duration stretched =
      std::max(interval, seconds_of(static_cast<double>(by_number_.size()) / settings_.per_second));
  const base::Duration own = std::min(interval, seconds_of(std::chrono::duration<double>(stretched).count() / count));
  return std::max(own, seconds_of(static_cast<double>(nodes_.size()) / (settings_.per_second * 4)));
}

bool ProbeMachine::stranger(const Backend& backend) const {
  return !backend.ever_passed && !backend.group->answered && by_number_.size() > kFleet;
}

bool ProbeMachine::stays_anyway(const Backend& backend) const {
  if (backend.group->backends.size() != 1 || !backend.in_use || backend.doubted || backend.exempt) return false;
  return backend.ever_passed && at_floor(*backend.group);
}

base::Duration ProbeMachine::between(const Backend& backend) const {
  const base::Duration interval = backend.spec->interval;
  return (stays_anyway(backend) ? std::max(interval, kStaysInterval) : interval) * 4 / 5;
}

void ProbeMachine::hurry(Node& node, base::TimePoint when) {
  if (!node.rests || node.ring.empty() || node.due <= when) return;
  rings_.erase({node.due, node.number});
  node.due = when;
  rings_.emplace(node.due, node.number);
}

void ProbeMachine::keep_pace(Node& node, base::Duration interval, base::TimePoint now) {
  if (node.due <= now + interval) return;
  rings_.erase({node.due, node.number});
  node.due = std::min(node.due, now + (node.rests ? interval : gap(node)));
  rings_.emplace(node.due, node.number);
}

void ProbeMachine::run_ring(Node& node, base::TimePoint now) {
  base::Duration pause = gap(node);
  base::TimePoint sooner = now + kLongestPause;  // when the first of those that are passed over may be asked
  bool asked = false;
  for (std::size_t i = 0; i < node.ring.size() && !asked; ++i) {
    Backend& backend = *node.ring[node.next++ % node.ring.size()];
    // Those that are out, fail or are being asked have times of their own; when they are calm again, see hurry().
    if (backend.state != State::calm || backend.due) continue;
    if (backend.flights > 0) {
      // Whatever comes of that question: no ring rests for minutes because of it.
      sooner = std::min<base::TimePoint>(sooner, backend.last_start + backend.spec->timeout + backend.spec->interval);
      continue;
    }
    base::TimePoint open = backend.rests_until;
    if (backend.last_start != base::TimePoint{})
      open = std::max<base::TimePoint>(open, backend.last_start + between(backend));
    const bool unknown = stranger(backend);
    // Rings take turns: where only strangers wait, not all of them look through thousands for one question.
    if (unknown && now < explore_at_) open = std::max(open, explore_at_ + pace_ * static_cast<int>(nodes_.size() - 1));
    if (now < open) {
      sooner = std::min(sooner, open);
      continue;
    }
    Group& group = *backend.group;
    const bool trial = group.tcp && !backend.spec->stated && now >= group.retry_at;
    asked = start(backend, now, trial);
    if (asked && trial) group.retry_at = now + kTrialEvery;
    if (asked && unknown) explore_at_ = now + pace_;
    if (!asked) sooner = now;  // too many are under way
  }
  node.next %= node.ring.size();
  node.rests = !asked;
  // Looking through many of whom none is to be asked costs, too.
  if (!asked) pause = std::max<base::Duration>({pause, sooner - now, milliseconds(100)});
  rings_.erase({node.due, node.number});
  // 90 to 110 %.
  node.due = now + seconds_of(std::chrono::duration<double>(pause).count() * (0.9 + 0.2 * random_.chance()));
  rings_.emplace(node.due, node.number);
}

void ProbeMachine::run(base::TimePoint now) {
  for (auto& [id, flight] : flights_)
    if (!flight.suspected && !flight.tainted && flight.half <= now) suspect(flight, now);
  while (!wanted_.empty() && wanted_.begin()->first <= now) {
    Backend& backend = *by_number_.at(wanted_.begin()->second);
    if (backend.state == State::waiting && now >= backend.since + backend.spec->admission) {
      admit_unproven(backend, now);
      continue;
    }
    if (backend.flights == 0 && crowded(*backend.node)) {
      want(backend, now + (backend.node->suspect_since ? milliseconds(250) : kRoomEvery));
      continue;
    }
    if (backend.flights == 0 && !start(backend, now)) break;
    unwant(backend);
    if (backend.state == State::waiting) want(backend, backend.since + backend.spec->admission);
  }
  while (flights_.size() < settings_.at_once && !rings_.empty() && rings_.begin()->first <= now)
    run_ring(*node_by_number_.at(rings_.begin()->second), now);
}

std::optional<base::TimePoint> ProbeMachine::next_due() const {
  std::optional<base::TimePoint> due;
  const auto at = [&](base::TimePoint when) {
    if (!due || when < *due) due = when;
  };
  for (const auto& [id, flight] : flights_)
    if (!flight.suspected && !flight.tainted) at(flight.half);
  if (flights_.size() >= settings_.at_once) return due;
  if (!wanted_.empty()) at(wanted_.begin()->first);
  if (!rings_.empty()) at(rings_.begin()->first);
  return due;
}

}  // namespace longshore::render
