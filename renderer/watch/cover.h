// The dependencies of one place (datacenter, namespace, partition; of keys: a prefix) that have no query of their own,
// and the wide signals that say when to look at which of them.
//
// Measured on Consul 1.8.7 (README.md): a change of an instance ends the blocking query of its node; a check that
// becomes or ceases to be critical or warning ends that of its state; anything else about checks is invisible to
// templates that do not show checks. With few nodes each has a signal and its list of services tells which of them
// changed; with many, one signal tells that some service changed: those that changed last are probed, the rest is
// compared with one list of everything by fingerprints.
#pragma once
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "renderer/watch/entry.h"
#include "renderer/watch/signal.h"

namespace longshore::render {

struct NodeCover {
  Signal wake{.kind = Ask::Kind::node_wake};
  bool gone = false;              // not in the last list of nodes
  bool marks_due = false;         // its services are to be read
  std::uint64_t marks_asked = 0;  // id
  base::TimePoint marks_began = base::TimePoint::min(), marks_next = base::TimePoint::min();
  std::uint64_t marks_step = 0;   // when the last list was asked for
  std::uint64_t marks_index = 0;  // its X-Consul-Index
  bool marked = false;            // `marks` are its services at some moment
  std::uint64_t node_index = 0;
  std::vector<consul::ServiceMark> marks = {};  // by service ID
};

struct Cover {
  Dependency place = {};
  bool keys = false;         // of keys and prefixes, else of services
  bool with_checks = false;  // some member shows checks
  bool by_node = false;
  std::size_t nodes_known = 0;  // at the last count, 0 = not counted yet
  bool blind = false;           // a signal failed since the members were read
  std::vector<Signal> signals = {};
  std::map<std::string, NodeCover> nodes = {};
  std::set<consul::CheckMark, bool (*)(const consul::CheckMark&, const consul::CheckMark&)> critical{before},
      warning{before};
  std::vector<Entry*> members = {};
  std::unordered_multimap<std::string, Entry*> by_name = {};

  // Members that were asked for before this step may have changed.
  std::uint64_t suspect_step = 0;
  std::uint64_t last_suspicion = 0;  // of all or of single members
  std::uint64_t sweep_step = 0;      // when the last sweep began
  // The sweep under way: members to be probed, in order.
  std::vector<Entry*> sweep = {};
  std::size_t swept = 0;
  std::size_t batches = 0;  // under way, with the question for all prints
  // Prints that differed although nothing was new, less those that told the truth; too many, and probes are used.
  std::size_t false_prints = 0;
  base::TimePoint prints_next = base::TimePoint::min();
  base::TimePoint sweep_began = base::TimePoint::min();
  base::TimePoint sweep_next = base::TimePoint::min();

  Signal* find(Ask::Kind kind) {
    const auto found = std::ranges::find(signals, kind, &Signal::kind);
    return found == signals.end() ? nullptr : &*found;
  }
  static bool before(const consul::CheckMark& left, const consul::CheckMark& right) {
    return std::tie(left.node, left.check_id) < std::tie(right.node, right.check_id);
  }
};

// What two lists of services of one node differ in. `all`: the node itself changed or went, so every service on it.
struct NodeNews {
  struct Changed {
    std::string name;
    std::uint64_t modify_index = 0;  // 0 = gone from the node
    bool operator==(const Changed&) const = default;
  };
  std::vector<Changed> changed;
};
NodeNews take_marks(NodeCover& node, const consul::NodeMarks& fresh);

// The services whose checks came into a state or left it. Empty names: a check of a node, whose services `on_node`
// tells, if they are known.
struct CheckNews {
  std::set<std::string> services;
  std::set<std::string> nodes;
};
CheckNews take_checks(std::set<consul::CheckMark, bool (*)(const consul::CheckMark&, const consul::CheckMark&)>& known,
                      const std::vector<consul::CheckMark>& marks);

}  // namespace longshore::render
