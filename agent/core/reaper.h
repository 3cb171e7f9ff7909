// Removal of lost nodes from Consul's catalog. Every agent with -reap-after stands for it; one holds the key (a Consul
// session's) and looks, every few seconds, at what Consul's failure detector says of all nodes. One that was failed
// without a break for -reap-after, seen by this agent itself, is removed: at most three per look, one after the other,
// never this agent's own node, and none at all while more than -reap-limit percent of the nodes are failed, for then it
// is rather this side that is cut off. A new reaper counts from its own beginning: no clock of another host is trusted.
// Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "agent/core/agent_options.h"
#include "agent/core/messages.h"
#include "common/policy/backoff.h"
#include "common/policy/random.h"

namespace longshore::agent {

struct FailedNode {
  std::uint64_t index = 0;  // of its check's last change
  base::TimePoint since{};  // first seen failed
  base::TimePoint ask_at{};
  std::string verdict;  // why it was not removed yet, "" = its time is not over
};

struct ReaperCounts {
  std::uint64_t reaped = 0;
  std::uint64_t spared = 0;    // its time was over, and it was not removed
  std::uint64_t refusals = 0;  // looks at which too many nodes were failed
};

class Reaper {
 public:
  static constexpr base::Duration kLeadEvery = std::chrono::seconds(10);
  static constexpr base::Duration kAskAgain = std::chrono::minutes(1);
  static constexpr std::size_t kAtOnce = 3;

  Reaper(const AgentOptions& options, std::uint64_t seed);

  void led(const input::ReapLed& said, base::TimePoint now, Actions& out);
  void nodes_loaded(const input::NodesLoaded& said, const std::string& own_node, base::TimePoint now, Actions& out);
  void reaped(const input::NodeReaped& said, base::TimePoint now, Actions& out);
  // session: that holds this agent's owner key; "" = none, and then nothing is reaped.
  void tick(const std::string& session, base::TimePoint now, Actions& out);
  std::optional<base::TimePoint> next_wake() const;

  bool on() const { return options_.reap_after.count() > 0; }
  bool leading() const { return leading_; }
  const std::string& holder() const { return holder_; }  // not leading: who is, as far as known
  const std::string& problem() const { return problem_; }
  const std::map<std::string, FailedNode>& failed() const { return failed_; }  // leading only
  std::size_t nodes() const { return nodes_; }
  const ReaperCounts& counts() const { return counts_; }

 private:
  void stand_down();
  void reap_next(base::TimePoint now, Actions& out);
  void report(const std::string& problem, base::LogLine line, Actions& out);

  const AgentOptions options_;
  const base::Duration look_every_;
  policy::Random random_;
  policy::Backoff backoff_{std::chrono::seconds(1), std::chrono::seconds(30)};
  std::string session_;
  bool leading_ = false;
  std::string holder_;
  std::string problem_;
  std::uint64_t tickets_ = 0;
  std::uint64_t lead_ticket_ = 0;  // of the calls in flight, 0 = none
  std::uint64_t look_ticket_ = 0;
  std::uint64_t reap_ticket_ = 0;
  base::TimePoint lead_at_{};
  base::TimePoint look_at_{};
  std::map<std::string, FailedNode> failed_;
  std::deque<std::string> doomed_;
  std::size_t nodes_ = 0;
  ReaperCounts counts_;
};

}  // namespace longshore::agent
