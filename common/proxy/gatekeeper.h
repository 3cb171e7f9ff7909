// Takes a container out of all load balancers before a call may end it, one instance of a service at a time, also among
// the proxies of several hosts.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/async/gate.h"
#include "common/async/slots.h"
#include "common/async/task_group.h"
#include "common/docker/client.h"
#include "common/drain/drainer.h"
#include "common/proxy/gap_book.h"
#include "common/proxy/relay.h"
#include "common/status/log.h"

namespace longshore::proxy {

struct GatekeeperSettings {
  std::string kv_prefix = "longshore/";
  std::string by = "docker-proxy";                  // in the records; a predecessor's are found by it
  base::Duration limit = std::chrono::seconds(30);  // a call waits at most this long, whatever Consul says
  base::Duration finish = std::chrono::seconds(5);  // of it, for requests that older workers still have
  bool finish_chosen = false;                       // by a person: SERVICE_DRAIN does not matter
  // So long a service whose only instance was ended stays in Consul, critical: its sites answer 503, not 404.
  base::Duration gap_time = std::chrono::minutes(1);
};

struct GatekeeperCounts {
  std::uint64_t calls = 0;      // that end a running container
  std::uint64_t drained = 0;    // of them: every load balancer has settled without it
  std::uint64_t unserved = 0;   // of them: nothing of it is registered
  std::uint64_t timed_out = 0;  // of them: passed because their time was over
  std::uint64_t refused = 0;    // of them: we ended
  std::uint64_t gone = 0;       // of them: the client went away before they passed
  std::uint64_t gaps = 0;       // stops of a service's only instance that were followed by another one
  base::Duration gap{};         // how long nobody served them, in all
  std::size_t holding = 0;      // now
};

class DrainGatekeeper final : public Gatekeeper {
 public:
  // What is referred to outlives this; `tasks` is joined first.
  DrainGatekeeper(async::TaskGroup& tasks, docker::Client& engine, consul::Client& consul, GatekeeperSettings settings,
                  status::Log& log);

  async::Awaitable<std::string> before(Ticket ticket, EndingCall call) override;
  void after(Ticket ticket) override;
  // Ends the drains that a predecessor left behind. Until Consul answers.
  async::Awaitable<void> clean_up();
  // From now on held calls are refused. quiet(): all of them have been, and what they left is undone.
  void close() { closing_ = true; }
  bool quiet() const { return held_.empty() && undoing_ == 0; }
  const GatekeeperCounts& counts() const { return counts_; }

 private:
  static constexpr base::Duration kLookAgain = std::chrono::milliseconds(50);
  static constexpr base::Duration kAskAgain = std::chrono::milliseconds(500);

  // What is undone when the call has its answer.
  struct Held {
    std::optional<drain::Target> asked = {};
    std::vector<drain::Ticket> records = {};
    std::string turn = {};  // session that holds the turns of its services
    // Services that nobody else serves, and what stands for them in Consul.
    std::map<std::string, std::vector<StandIn>> gaps = {};
    std::optional<base::TimePoint> out_at = {};
    bool counted = false;  // among the calls: it ends a running container
    bool passed = false;
    bool refused = false;
  };
  // Counts down when it ends, however.
  class Undoing {
   public:
    explicit Undoing(std::size_t& count) : count_(count) {}
    ~Undoing() { --count_; }
    Undoing(const Undoing&) = delete;
    Undoing& operator=(const Undoing&) = delete;

   private:
    std::size_t& count_;
  };

  enum class Verdict { drained, unserved, timed_out, refused, gone };

  async::Awaitable<Verdict> drain(Ticket ticket, std::string container, std::string name, base::TimePoint until);
  async::Awaitable<Status> take_turns(Ticket ticket, std::set<std::string> services, base::TimePoint until);
  async::Awaitable<Status> await_another(std::vector<drain::Instance> instances, base::TimePoint until);
  async::Awaitable<void> undo(Held held);
  async::Awaitable<Status> remove_own(drain::Target target);
  // null: the call has its answer or its client is gone, and its ticket may be another one's soon. Until the next
  // await.
  Held* held_of(Ticket ticket);

  // gatekeeper_gaps.cpp
  async::Awaitable<void> announce_in_time(Ticket ticket, std::string node, std::string container);
  async::Awaitable<void> announce_gap(Ticket ticket, std::string node, std::string container,
                                      std::shared_ptr<async::Gate> ended);
  void begin_gap(const std::string& service, base::TimePoint at, std::vector<StandIn> stand_ins);
  async::Awaitable<void> measure_gap(std::string service);
  // Those that could not be removed.
  async::Awaitable<std::vector<StandIn>> remove(std::vector<StandIn> stand_ins);
  async::Awaitable<void> remove_all(std::vector<StandIn> stand_ins);
  async::Awaitable<void> take_back(std::vector<StandIn> stand_ins);
  async::Awaitable<void> adopt_gaps(std::string node);
  bool over(base::TimePoint until) const { return closing_ || async::now() >= until; }

  async::TaskGroup& tasks_;
  docker::Client& engine_;
  consul::Client& consul_;
  GatekeeperSettings settings_;
  status::Log& log_;
  std::map<Ticket, Held> held_;
  GapBook book_;
  async::Slots writer_;  // one at a time writes entries, so that they arrive in our order
  std::size_t undoing_ = 0;
  bool closing_ = false;
  bool connected_ = false;
  GatekeeperCounts counts_;
};

}  // namespace longshore::proxy
