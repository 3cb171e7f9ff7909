// What answers and failures mean.
#include <algorithm>

#include "renderer/probe/machine.h"

namespace longshore::render {
namespace {

using Kind = ProbeReply::Kind;
using std::chrono::milliseconds;

// A container that does not listen yet is asked this often.
constexpr base::Duration kAdmissionEvery = milliseconds(20);
// One that was admitted without an answer is asked as often as others for so long: its predecessors may stay for it.
constexpr base::Duration kProving = std::chrono::seconds(30);
// One whose probes may not fit is asked this seldom.
constexpr int kRestIntervals = 20;
// Twice as seldom each time, down to this: thousands that nobody can ask cost nothing.
constexpr base::Duration kLongestRest = std::chrono::minutes(30);
// Thousands that never answered: from one question in the first to one in the second of these, each failure half as
// long again; they are in traffic whatever is found. One that answers is a reason to look at all of them quickly.
constexpr base::Duration kQuickestPace = milliseconds(10);
constexpr base::Duration kSlowestPace = std::chrono::seconds(5);
// Out of traffic for longer than this: asked four times as seldom, at most every two seconds.
constexpr base::Duration kLongOut = std::chrono::minutes(1);

std::string words(Kind kind, int status) {
  switch (kind) {
    case Kind::refused:
      return "refuses connections";
    case Kind::unreachable:
      return "cannot be reached";
    case Kind::closed:
      return "closes connections without an answer";
    case Kind::wrong:
      return status == 0 ? "does not answer in HTTP" : "answers with status " + std::to_string(status);
    default:
      return "does not answer";
  }
}

}  // namespace

void ProbeMachine::passed(Backend& backend, const Flight& flight, base::Duration took, base::TimePoint now) {
  Group& group = *backend.group;
  const bool first = !backend.ever_passed || (flight.mode != ProbeSpec::Mode::tcp && !group.answered);
  if (flight.mode != ProbeSpec::Mode::tcp) group.answered = true;
  if (flight.trial) {
    group.tcp = false;
    out_.lines.push_back({base::Level::info, "probe_http", {{"service", group.service}}});
  }
  // One of the service answers: the others are worth asking again.
  if (first) {
    if (std::exchange(pace_, kQuickestPace) != kQuickestPace)
      for (auto& [name, node] : nodes_) hurry(node, now + backend.spec->interval);
    for (auto& [key, other] : group.backends) {
      other.rest = {};
      other.rests_until = {};
      hurry(*other.node, now);
    }
  }
  backend.last = Kind::passed;
  backend.slowest = std::max(took, backend.slowest * 7 / 8);
  backend.ever_passed = true;
  // Its predecessors may have waited for that.
  if (backend.exempt) out_.changed.insert(group.name);
  backend.exempt = backend.floored = false;
  backend.fails = 0;
  last_pass_ = now;
  backend.node->last_pass = now;
  backend.node->suspect_since.reset();
  if (backend.state == State::waiting) {
    ++counters_.admitted;
    say(base::Level::debug, "instance_admitted", backend, {});
    out_.changed.insert(group.name);
  } else if (backend.state == State::out) {
    if (backend.passes++ == 0)
      for (Backend* other : backend.node->ring)
        if (other != &backend && other->state == State::out && other->flights == 0) want(*other, now);
    if (backend.passes < backend.spec->rise && !backend.inferred) {
      want(backend, now + std::min<base::Duration>(backend.spec->interval / 2, milliseconds(250)));
      return;
    }
    ++counters_.returned;
    backend.returned = now;
    say(base::Level::info, "instance_taken_back", backend,
        "it answers again after " + base::format_duration(std::chrono::floor<milliseconds>(now - backend.since)));
    out_.changed.insert(group.name);
  }
  backend.inferred = false;
  backend.state = State::calm;
  unwant(backend);
  // As soon as its ring may ask it again, but behind those who have found no room.
  hurry(*backend.node, std::max<base::TimePoint>(now + kRoomEvery, backend.last_start + between(backend)));
}

void ProbeMachine::failed(Backend& backend, const Flight& flight, const ProbeReply& reply, base::TimePoint now) {
  const ProbeSpec& spec = *backend.spec;
  if (flight.tainted && reply.kind == Kind::silent && backend.state != State::waiting) {
    if (backend.flights == 0) want(backend, now);
    return;
  }
  backend.last = reply.kind;
  backend.passes = 0;
  backend.inferred = false;
  // Who has just come is asked out of turn, and often.
  if (backend.state != State::waiting && !backend.exempt && stranger(backend))
    pace_ = std::min<base::Duration>(pace_ * 3 / 2, kSlowestPace);
  if (backend.state == State::waiting) {
    // Docker's proxy closes what comes before its container listens: only silence speaks for another protocol.
    if (reply.kind == Kind::silent && !flight.beside) ++backend.fails;
    if (fall_back(backend, flight, reply, now)) return;
    want(backend, std::min(now + kAdmissionEvery, backend.since + spec.admission));
    return;
  }
  if (backend.fails++ == 0 || backend.first_fail > flight.started) backend.first_fail = flight.started;
  if (backend.state == State::out) {
    const bool long_out = now - backend.since > kLongOut;
    const base::Duration pause =
        long_out ? std::min<base::Duration>(spec.interval * 4, std::chrono::seconds(2)) : spec.interval;
    if (backend.flights == 0) want(backend, now + pause);
    return;
  }
  backend.state = State::failing;
  if (fall_back(backend, flight, reply, now)) return;
  const bool enough = backend.fails >= spec.fall || (backend.doubted && reply.kind == Kind::refused);
  if (enough && may_eject(backend)) {
    std::string reason = words(reply.kind, reply.status);
    if (backend.fails > 1) reason += ", " + std::to_string(backend.fails) + " probes";
    Node& node = *backend.node;
    eject(backend, std::move(reason), now);
    infer(node, now);
    return;
  }
  if (backend.flights > 0) return;
  // A failure that proves nothing needs no second one where there are thousands.
  const bool hopeless = !reply.connected && !backend.group->answered && by_number_.size() > kFleet;
  const bool proving = backend.exempt && now - backend.since < spec.admission + kProving;
  if ((enough || hopeless) && !proving && !backend.floored && !backend.ever_passed) {
    // Nothing says that the probe fits: it is asked seldom and stays.
    backend.state = State::calm;
    backend.rest = std::min(std::max(backend.rest * 2, spec.interval * kRestIntervals), kLongestRest);
    backend.rests_until = now + backend.rest;
    unwant(backend);
    hurry(*backend.node, backend.rests_until);
    return;
  }
  base::Duration pause =
      reply.kind == Kind::silent ? base::Duration{} : std::max<base::Duration>(kAdmissionEvery, spec.interval / 4);
  if (enough) pause = spec.interval;
  want(backend, now + pause);
}

// Nobody of this service ever answered, but they accept connections: it speaks something else.
bool ProbeMachine::fall_back(Backend& backend, const Flight& flight, const ProbeReply& reply, base::TimePoint now) {
  Group& group = *backend.group;
  if (flight.mode != ProbeSpec::Mode::answer || backend.spec->stated || group.answered || group.tcp || !reply.connected)
    return false;
  if (backend.fails < backend.spec->fall) return false;
  group.tcp = true;
  group.retry_at = now + kTrialEvery;
  ++counters_.fallbacks;
  out_.lines.push_back(
      {base::Level::info,
       "probe_fallback",
       {{"service", group.service},
        {"reason", "no instance answers GET: connections are all that is probed, a frozen process is not seen"}}});
  for (auto& [key, other] : group.backends) {
    other.fails = 0;
    if (other.state == State::failing) other.state = State::calm;
    if (other.flights == 0) want(other, now);
  }
  return true;
}

bool ProbeMachine::at_floor(const Group& group) const {
  int in_use = 0, in_traffic = 0;
  for (const auto& [key, other] : group.backends) {
    if (!other.in_use) continue;
    ++in_use;
    if (other.state == State::calm || other.state == State::failing) ++in_traffic;
  }
  const int least = std::max(settings_.least, (in_use * settings_.percent + 99) / 100);
  return in_traffic - 1 < least;
}

bool ProbeMachine::may_eject(Backend& backend) {
  if (backend.doubted) return true;
  if (backend.exempt) return false;
  if (!backend.ever_passed && !sibling_answers(*backend.group, &backend)) return false;
  if (backend.last != Kind::refused && last_pass_ <= backend.first_fail) return false;
  if (!backend.in_use || !at_floor(*backend.group)) return true;
  if (!backend.floored) {
    backend.floored = true;
    ++counters_.kept_by_floor;
    say(base::Level::warn, "instance_kept", backend, "it fails its probes, and the floor of its service is reached");
  }
  return false;
}

void ProbeMachine::eject(Backend& backend, std::string reason, base::TimePoint now) {
  ++counters_.ejected;
  backend.state = State::out;
  backend.since = now;
  backend.passes = 0;
  backend.floored = false;
  backend.returned.reset();
  say(base::Level::warn, "instance_ejected", backend, std::move(reason));
  out_.changed.insert(backend.group->name);
  want(backend, now + backend.spec->interval);
}

// Three failures, no answer since: the node, not its containers.
void ProbeMachine::infer(Node& node, base::TimePoint now) {
  if (!node.suspect_since || node.last_pass >= *node.suspect_since) return;
  const auto bad = std::ranges::count_if(
      node.ring, [](const Backend* one) { return one->state == State::out || one->fails >= one->spec->fall; });
  if (bad < 3) return;
  for (Backend* other : node.ring) {
    if (other->state != State::calm && other->state != State::failing) continue;
    if (!other->ever_passed || other->doubted) continue;
    if (other->in_use && at_floor(*other->group)) continue;
    if (last_pass_ <= *node.suspect_since) continue;
    other->last = Kind::silent;
    other->first_fail = *node.suspect_since;
    other->inferred = true;
    eject(*other, "nothing on its node answers", now);
  }
}

void ProbeMachine::admit_unproven(Backend& backend, base::TimePoint now) {
  ++counters_.admitted_unproven;
  backend.state = State::calm;
  backend.exempt = true;
  backend.fails = 0;
  backend.first_fail = backend.since;
  backend.rests_until = now + backend.spec->interval * 2;
  hurry(*backend.node, backend.rests_until);
  say(base::Level::warn, "instance_admitted_unproven", backend,
      "it did not answer within " + base::format_duration(backend.spec->admission) + ": " + words(backend.last, 0));
  out_.changed.insert(backend.group->name);
  unwant(backend);
}

}  // namespace longshore::render
