// Drain requests in KV: who asks for which service, container or host to be taken out of all load balancers. One
// blocking query on the node's prefix; what it last said stays in force while Consul cannot be asked. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/agent_options.h"
#include "agent/core/messages.h"
#include "common/consul/blocking_query.h"

namespace longshore::agent {

// Keys below drains/<node>/ that are no service ID.
inline constexpr std::string_view kWholeNode = "*";
inline constexpr std::string_view kContainerDrain = "container:";  // followed by 12 or more digits of the ID, or a name

class DrainWatch {
 public:
  explicit DrainWatch(std::uint64_t seed);

  // Whose drains to follow; another name begins anew. "" = nobody's.
  void follow(const std::string& node, base::TimePoint now);
  // True when the records changed.
  bool loaded(const input::DrainsLoaded& said, base::TimePoint now, Actions& out);
  void tick(base::TimePoint now, Actions& out);
  std::optional<base::TimePoint> next_wake() const;
  // A new connection to Consul: ask at once, do not trust an index of before.
  void again(base::TimePoint now);

  // Nothing new is registered before the first answer, be it a refusal: a drained service must not appear for a moment.
  bool decided() const { return decided_; }
  // The narrowest record that applies: of the service, else of the container, else of the host.
  const DrainRecord* find(const std::string& service_id, std::string_view container_id,
                          const std::string& container_name) const;
  const std::map<std::string, DrainRecord>& records() const { return records_; }
  const std::string& error() const { return error_; }

 private:
  consul::BlockingQuery query_;
  consul::BlockingQuery::Ask ask_;
  std::string node_;
  std::map<std::string, DrainRecord> records_;  // by target
  std::uint64_t ticket_ = 0;                    // of the read in flight, 0 = none
  std::uint64_t tickets_ = 0;
  bool decided_ = false;
  std::string error_;
};

}  // namespace longshore::agent
