// Which backends answer, from the load balancer's side. Pure: step(input, now) -> probes to start, groups whose
// instances are to be shown anew, log lines.
//
// Cost: each node has a ring of its instances and asks one after another, so that a node is asked at least once per
// interval whatever it carries, and everything together at most `per_second` times (four times that when there are many
// nodes). An instance that is silent makes its whole node suspect: all others there are asked at once, and once three
// of them fail and none answers, the rest goes with them.
//
// An instance is taken out after `fall` failures, if
// - it has answered before, or another instance of its service does: otherwise the probe may be what is wrong;
// - something else answered meanwhile (a refusal needs no such witness): otherwise it may be our own network;
// - its service stays at the floor. The last ones stay in traffic whatever probes say.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "common/base/log_line.h"
#include "common/policy/random.h"
#include "renderer/probe/spec.h"

namespace longshore::render {

struct ProbeReply {
  enum class Kind : std::uint8_t {
    passed,
    refused,      // nothing listens
    unreachable,  // no way there, no such name
    silent,       // not in time
    closed,       // accepted and closed without a byte
    wrong,        // another status than wanted, or no HTTP where it was wanted
  };
  Kind kind = Kind::silent;
  bool connected = false;
  int status = 0;  // of an HTTP answer
  base::Duration took{};
};

struct ProbeOrder {
  std::uint64_t id = 0;
  std::string address = {};
  std::uint16_t port = 0;
  std::shared_ptr<const ProbeSpec> spec = {};
  ProbeSpec::Mode mode = ProbeSpec::Mode::answer;  // instead of the spec's
  base::Duration timeout{};
  bool operator==(const ProbeOrder&) const = default;
};

struct ProbeCandidate {
  std::string node = {};
  std::string id = {};
  std::string address = {};
  std::uint16_t port = 0;
  std::shared_ptr<const ProbeSpec> spec = {};
  bool in_use = true;    // the registry would send traffic there
  bool doubted = false;  // the registry would not, we do until probes agree: no floor, no witness
  bool ours = false;     // registered by our agent: a container that may have just started
};

class ProbeMachine {
 public:
  struct Settings {
    int least = 1;    // instances of a service that stay in traffic
    int percent = 0;  // of those in use; the larger of the two counts
    std::size_t at_once = 128;
    double per_second = 100;
    std::uint64_t seed = 1;
    bool operator==(const Settings&) const = default;
  };
  // All instances of a service as they are now. young: the service appeared while we run.
  struct Update {
    std::string group = {};
    std::string service = {};
    std::vector<ProbeCandidate> instances = {};
    bool young = false;
  };
  struct Forget {
    std::string group = {};
  };
  struct Replied {
    std::uint64_t id = 0;
    ProbeReply reply = {};
  };
  struct Tick {};
  using Input = std::variant<Update, Forget, Replied, Tick>;

  struct Outcome {
    std::vector<ProbeOrder> start = {};
    std::set<std::string> changed = {};  // groups
    std::vector<base::LogLine> lines = {};
  };
  struct Counters {
    std::uint64_t started = 0, passed = 0, failed = 0;
    std::uint64_t ejected = 0, returned = 0, kept_by_floor = 0;
    std::uint64_t admitted = 0, admitted_unproven = 0, fallbacks = 0;
  };
  enum class Verdict : std::uint8_t { in, out, waiting };
  // For status pages.
  struct View {
    std::string service, node, id, reason;
    Verdict verdict = Verdict::in;
    base::TimePoint since = {};
    int fails = 0;
  };

  explicit ProbeMachine(Settings settings) : settings_(settings), random_(settings.seed) {}
  void configure(Settings settings) { settings_ = settings; }

  Outcome step(Input input, base::TimePoint now);
  // When to step with Tick if nothing else happens.
  std::optional<base::TimePoint> next_due() const;

  Verdict verdict(const std::string& group, const std::string& node, const std::string& id) const;
  // In traffic because its time to wait was over: it has not answered yet.
  bool unproven(const std::string& group, const std::string& node, const std::string& id) const;
  // It was out and passed again, since then.
  std::optional<base::TimePoint> returned_at(const std::string& group, const std::string& node,
                                             const std::string& id) const;
  const Counters& counters() const { return counters_; }
  std::size_t backends() const { return by_number_.size(); }
  std::size_t in_flight() const { return flights_.size(); }
  // Instances that are out, wait, or fail.
  std::vector<View> remarkable() const;
  // Services that are asked by TCP connections only because none of their instances answers HTTP.
  std::vector<std::string> tcp_only() const;

 private:
  // With more backends than this, those of services that never answered share a pace: they may well be out of our reach
  // for good.
  static constexpr std::size_t kFleet = 1000;
  // Does a service that only accepts connections speak HTTP by now?
  static constexpr base::Duration kTrialEvery = std::chrono::seconds(30);
  // Whose time has come and whose node has too many questions under way tries again after this.
  static constexpr base::Duration kRoomEvery = std::chrono::milliseconds(20);
  enum class State : std::uint8_t { calm, failing, out, waiting };
  struct Group;
  struct Node;
  struct Backend {
    Group* group = nullptr;
    Node* node = nullptr;
    std::uint64_t number = 0;
    std::string id = {};
    std::string address = {};
    std::uint16_t port = 0;
    std::shared_ptr<const ProbeSpec> spec = {};
    State state = State::calm;
    ProbeReply::Kind last = ProbeReply::Kind::passed;
    bool in_use = true, doubted = false;
    bool ever_passed = false;
    bool exempt = false;   // admitted without having answered: stays until it has
    bool floored = false;  // failed, and only the floor keeps it
    bool inferred = false;
    int flights = 0, passes = 0, fails = 0;
    base::TimePoint since = {};       // out or waiting since
    base::TimePoint first_fail = {};  // start of the first failed probe
    base::TimePoint last_start = {};
    base::TimePoint rests_until = {};  // the ring leaves it alone
    base::Duration rest{};             // the last such time
    std::optional<base::TimePoint> due = {};
    std::optional<base::TimePoint> returned = {};
    base::Duration slowest{};  // of late
  };
  struct Group {
    std::string name, service;
    std::map<std::pair<std::string, std::string>, Backend> backends;  // by node and ID
    bool answered = false;  // some instance once answered more than a connection
    bool tcp = false;       // fallen back
    base::TimePoint retry_at = {};
  };
  struct Node {
    std::string name;
    std::uint64_t number = 0;
    std::vector<Backend*> ring;
    base::Duration shortest{};  // interval in the ring; 0: to be looked up
    std::size_t next = 0;
    bool rests = false;  // nobody was to be asked at its last turn
    std::size_t flights = 0;
    base::TimePoint due = {};
    std::optional<base::TimePoint> suspect_since;
    base::TimePoint last_pass = {};
  };
  struct Flight {
    Backend* backend = nullptr;  // null: it is gone
    std::uint64_t node = 0;      // its number
    base::TimePoint started = {};
    base::TimePoint half = {};
    ProbeSpec::Mode mode = ProbeSpec::Mode::answer;
    bool suspected = false;
    bool tainted = false;  // we slept meanwhile: its silence proves nothing
    bool trial = false;    // would the service answer HTTP by now?
    bool beside = false;   // of a new instance that has not answered another one yet: its silence counts once
  };

  // machine.cpp
  void on(Update& update, base::TimePoint now);
  void on(Forget& forget, base::TimePoint now);
  void on(Replied& replied, base::TimePoint now);
  void on(Tick&, base::TimePoint) {}
  void add(Group& group, ProbeCandidate& candidate, bool fresh, bool young, base::TimePoint now);
  void remove(Backend& backend);
  bool sibling_answers(const Group& group, const Backend* but) const;
  void say(base::Level level, const char* event, const Backend& backend, std::string reason);

  // machine_verdicts.cpp
  void passed(Backend& backend, const Flight& flight, base::Duration took, base::TimePoint now);
  void failed(Backend& backend, const Flight& flight, const ProbeReply& reply, base::TimePoint now);
  bool fall_back(Backend& backend, const Flight& flight, const ProbeReply& reply, base::TimePoint now);
  bool may_eject(Backend& backend);
  bool at_floor(const Group& group) const;
  void eject(Backend& backend, std::string reason, base::TimePoint now);
  void infer(Node& node, base::TimePoint now);
  void admit_unproven(Backend& backend, base::TimePoint now);

  // machine_schedule.cpp
  void run(base::TimePoint now);
  bool crowded(const Node& node) const;
  bool start(Backend& backend, base::TimePoint now, bool trial = false);
  void want(Backend& backend, base::TimePoint when);
  void unwant(Backend& backend);
  void suspect(Flight& flight, base::TimePoint now);
  void run_ring(Node& node, base::TimePoint now);
  bool stranger(const Backend& backend) const;
  // The only one of its service, which stays in traffic whatever is found.
  bool stays_anyway(const Backend& backend) const;
  // From one question of its ring to the next at least.
  base::Duration between(const Backend& backend) const;
  // Somebody in its ring may be asked sooner than was thought at its last turn.
  void hurry(Node& node, base::TimePoint when);
  // Somebody in its ring is to be asked that often: its next turn is not further away than that, even if somebody with
  // a longer interval was asked at the last one.
  void keep_pace(Node& node, base::Duration interval, base::TimePoint now);
  base::Duration gap(Node& node) const;
  base::Duration patience(const Backend& backend) const;

  const Backend* find(const std::string& group, const std::string& node, const std::string& id) const;

  Settings settings_;
  policy::Random random_;
  std::map<std::string, Group> groups_;
  std::map<std::string, Node> nodes_;
  std::unordered_map<std::uint64_t, Backend*> by_number_;
  std::unordered_map<std::uint64_t, Node*> node_by_number_;
  std::set<std::pair<base::TimePoint, std::uint64_t>> wanted_;  // backends with a time of their own
  std::set<std::pair<base::TimePoint, std::uint64_t>> rings_;   // nodes
  std::map<std::uint64_t, Flight> flights_;
  std::uint64_t next_number_ = 1;
  std::uint64_t next_flight_ = 1;
  base::TimePoint explore_at_{};  // when the next stranger may be asked, where there are thousands
  base::Duration pace_ = std::chrono::milliseconds(10);  // between two of them
  base::TimePoint last_pass_ = {};
  std::optional<base::TimePoint> expected_;
  Counters counters_;
  Outcome out_;
};

}  // namespace longshore::render
