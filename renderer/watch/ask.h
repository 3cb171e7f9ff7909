// What the watch pool asks of Consul, and what it hears. All values.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/consul/prints.h"
#include "renderer/core/dependency.h"

namespace longshore::render {

// One request, or several of one kind after another on one connection (probes).
struct Ask {
  enum class Kind : std::uint8_t {
    data,         // `on` itself
    probes,       // the indexes of `probes`, without their data
    nodes,        // names of the nodes of a place
    node_wake,    // ends when a service of node `on.name` changes
    node_marks,   // that node's services with their ModifyIndex
    any_service,  // ends when any service of a place changes
    critical,     // the critical checks of a place
    warning,      // its warning checks
    any_check,    // ends when any check of a place changes
    prints,       // fingerprints of all services of a place; of whole checks, if on.checks
    keys,         // ends when a key below `on.name` changes
  };
  std::uint64_t id = 0;
  Kind kind = Kind::data;
  // Everything but data: where, with `name` as above.
  Dependency on = {};
  std::vector<Dependency> probes = {};
  std::uint64_t index = 0;  // 0 = do not block
  base::Duration wait{};    // with an index
  bool confirmed = false;   // by a quorum
  bool leader = false;      // not from a follower, although -max-stale would let it
  bool print = false;       // data of a service: its fingerprint is wanted too
  bool operator==(const Ask&) const = default;
};

// The part of an answer that the pool looks at; data stays with whoever asked.
using Marks = std::variant<std::monostate, std::vector<std::string>, consul::NodeMarks, std::vector<consul::CheckMark>,
                           consul::Print, std::vector<consul::ServicePrint>>;

namespace pool {
// What is to be done. Ids are those of asks.
struct Start {
  Ask ask = {};
  bool operator==(const Start&) const = default;
};
// Its answer is not wanted any more.
struct Cancel {
  std::uint64_t id = 0;
  bool operator==(const Cancel&) const = default;
};
// Hand the answer at hand on as news of `on`.
struct Publish {
  Dependency on = {};
  std::uint64_t index = 0;
  bool operator==(const Publish&) const = default;
};
// `on` could not be asked; what was known stays.
struct Failed {
  Dependency on = {};
  Error error = {};
  bool operator==(const Failed&) const = default;
};
// After a failure: asked again, and what was known still holds.
struct Confirm {
  Dependency on = {};
  bool operator==(const Confirm&) const = default;
};
using Action = std::variant<Start, Cancel, Publish, Failed, Confirm>;
using Actions = std::vector<Action>;
}  // namespace pool

}  // namespace longshore::render
