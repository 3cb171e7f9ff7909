// Between what the registry says of a service's instances and what templates see: probes take out and back, new
// instances wait for their first answer, instances that all turned critical at once are kept for a while, and so are
// the last ones that serve while their successors wait.
//
// An instance that probes took out looks critical to templates; one that waits is not there yet. Pure.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "renderer/core/critical_hold.h"
#include "renderer/core/last_serving.h"
#include "renderer/probe/machine.h"

namespace longshore::render {

struct ProbeSettings {
  bool enabled = false;
  ProbeSpec spec = {};                                 // what nothing narrower says
  std::map<std::string, ProbeOverride> services = {};  // by name
  ProbeMachine::Settings machine = {};
  bool operator==(const ProbeSettings&) const = default;
};

class Traffic {
 public:
  using ServicePtr = std::shared_ptr<const ServiceData>;
  struct Outcome {
    std::vector<ProbeOrder> start = {};
    std::vector<base::LogLine> lines = {};
    Dependencies changed = {};  // to be shown anew
  };

  Traffic(ProbeSettings settings, base::Duration hold);
  void configure(ProbeSettings settings, base::Duration hold);
  bool enabled() const { return settings_.enabled; }

  // What the registry says, held instances included. young: the dependency appeared while files were in use.
  Outcome known(const Dependency& on, ServicePtr data, bool young, base::TimePoint now);
  // The same with instances gone that are not held any longer.
  Outcome released(const Dependency& on, ServicePtr data, base::TimePoint now);
  Outcome replied(std::uint64_t id, const ProbeReply& reply, base::TimePoint now);
  Outcome tick(base::TimePoint now);
  std::optional<base::TimePoint> next_due() const;
  Outcome forget(const Dependency& on, base::TimePoint now);

  // What was last told; null = nothing.
  ServicePtr raw(const Dependency& on) const;
  // `data` without those that still wait for their first answer: nothing was routed to them. Where the last ones that
  // serve stay for them, it is `data` itself. Null stays null.
  ServicePtr without_waiting(const Dependency& on, ServicePtr data) const;
  // What templates see of it; null: not yet, the first answers of new containers come in a moment.
  ServicePtr view(const Dependency& on, base::TimePoint now) const;

  // "node/ID" of those that the registry shows in use and that are out because they do not answer us.
  std::vector<std::string> kept_out(const Dependency& on) const;

  const ProbeMachine& probes() const { return probes_; }
  const CriticalHold& critical() const { return critical_; }
  const LastServing& last_serving() const { return last_; }

 private:
  struct Known {
    ServicePtr raw;
    std::string group;
    std::optional<base::TimePoint> parked_until;
    std::optional<base::TimePoint> vouched_until;  // somebody in it is shown against gossip's word
    std::uint64_t complete = 0;                    // index of the last answer that is shown as it is
    bool announced = false;                        // that the last ones stay
  };

  LastServing::Probes asked(const Known& known) const;
  // Lets those go that need not stay any longer.
  void let_go(const Dependency& on, Known& known, base::TimePoint now, Outcome& out);
  void tell(const Dependency& on, Known& known, bool young, base::TimePoint now, Outcome& out);
  void merge(ProbeMachine::Outcome outcome, base::TimePoint now, Outcome& out);
  std::shared_ptr<const ProbeSpec> spec_of(const Instance& instance, Outcome& out);
  bool vouched(const Known& known, const Instance& instance, base::TimePoint now) const;
  bool waits(const Known& known, const Instance& instance) const;
  bool anybody_waits(const Known& known) const;
  // Somebody of the answer waits, or stays although it is to leave.
  bool in_between(const Dependency& on, const Known& known) const;
  void note_complete(const Dependency& on, Known& known) const;
  // To be called after each change of the two times of `known`.
  void note_times(const Dependency& on, const Known& known);

  ProbeSettings settings_;
  ProbeMachine probes_;
  CriticalHold critical_;
  LastServing last_;
  std::map<Dependency, Known> known_;
  Dependencies timed_;  // those with a time to come; thousands have none
  std::shared_ptr<const ProbeSpec> last_spec_;
  std::set<std::string> complained_;
};

}  // namespace longshore::render
