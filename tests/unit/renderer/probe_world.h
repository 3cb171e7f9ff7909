// A world of backends for the probe machine: answers, refuses, hangs or speaks as told, on a clock of its own.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "renderer/probe/machine.h"

namespace longshore::render::test {

struct ProbeWorld {
  enum class Does {
    answers,
    refuses,
    hangs,
    accepts,
    closes,
    fails,
    frozen,  // its host, too: nobody even accepts connections
  };
  struct Pending {
    base::TimePoint at;
    std::uint64_t id;
    ProbeReply reply;
  };

  explicit ProbeWorld(ProbeMachine::Settings settings = {}) : machine(settings) {}

  static ProbeCandidate candidate(const std::string& node, int port, ProbeSpec spec = {}) {
    ProbeCandidate out;
    out.node = node;
    out.id = node + ":" + std::to_string(port);
    out.address = node;
    out.port = static_cast<std::uint16_t>(port);
    out.spec = std::make_shared<const ProbeSpec>(std::move(spec));
    return out;
  }

  void set(std::vector<ProbeCandidate> instances, bool young = false, const std::string& group = "web") {
    take(machine.step(ProbeMachine::Update{group, group, std::move(instances), young}, now));
  }
  Does& at(const std::string& node, int port) { return does[node + ":" + std::to_string(port)]; }

  void take(ProbeMachine::Outcome outcome) {
    for (const base::LogLine& line : outcome.lines) {
      std::string id;
      for (const auto& [key, value] : line.fields)
        if (key == "id") id = " " + value;
      lines.push_back(line.event + id);
    }
    for (const ProbeOrder& order : outcome.start) {
      ++asked;
      places.insert(order.address + ":" + std::to_string(order.port));
      most_in_flight = std::max(most_in_flight, machine.in_flight());
      const Does what = does[order.address + ":" + std::to_string(order.port)];
      ProbeReply reply;
      base::Duration after = latency;
      reply.connected = what != Does::refuses && what != Does::frozen;
      const bool tcp = order.mode == ProbeSpec::Mode::tcp;
      if (what == Does::refuses)
        reply.kind = ProbeReply::Kind::refused;
      else if (what == Does::answers || (tcp && what != Does::frozen))
        reply.kind = ProbeReply::Kind::passed;
      else if (what == Does::closes)
        reply.kind = ProbeReply::Kind::closed;
      else if (what == Does::fails)
        reply.kind = ProbeReply::Kind::wrong;
      else
        after = order.timeout;
      reply.took = after;
      pending.push_back({now + after, order.id, reply});
    }
  }

  // Lets time pass; each wake-up and each reply at its own moment.
  void run(base::Duration duration) {
    const base::TimePoint end = now + duration;
    for (;;) {
      const auto soonest = std::ranges::min_element(pending, {}, &Pending::at);
      const auto due = machine.next_due();
      base::TimePoint next = end;
      if (due) next = std::min(next, std::max(*due, now));
      if (soonest != pending.end()) next = std::min(next, soonest->at);
      if (next >= end) break;
      now = next;
      ++steps;
      if (soonest != pending.end() && soonest->at <= now) {
        const Pending told = *soonest;
        pending.erase(soonest);
        take(machine.step(ProbeMachine::Replied{told.id, told.reply}, now));
      } else {
        take(machine.step(ProbeMachine::Tick{}, now));
      }
    }
    now = end;
  }

  ProbeMachine::Verdict verdict(const std::string& node, int port, const std::string& group = "web") const {
    return machine.verdict(group, node, node + ":" + std::to_string(port));
  }
  bool in(const std::string& node, int port) const { return verdict(node, port) == ProbeMachine::Verdict::in; }
  // Time until it has that verdict; the limit if it never has.
  base::Duration until(const std::string& node, int port, ProbeMachine::Verdict wanted, base::Duration limit) {
    const base::TimePoint began = now;
    while (now - began < limit && verdict(node, port) != wanted) run(std::chrono::milliseconds(5));
    return now - began;
  }
  std::size_t said(const std::string& line) const { return static_cast<std::size_t>(std::ranges::count(lines, line)); }

  base::TimePoint now{std::chrono::hours(1)};
  base::Duration latency = std::chrono::milliseconds(2);
  ProbeMachine machine;
  std::map<std::string, Does> does;
  std::vector<Pending> pending;
  std::vector<std::string> lines;
  std::set<std::string> places;  // that were asked
  std::size_t asked = 0, most_in_flight = 0;
  std::size_t steps = 0;  // wake-ups and answers
};

}  // namespace longshore::render::test
