// The last changes of instances, for the question why something is or is not in a file. Bounded; newest last. Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <string>

#include "common/base/duration.h"
#include "renderer/core/data.h"

namespace longshore::render {

struct InstanceChange {
  enum class Kind : std::uint8_t {
    appeared,  // in Consul's answer for the first time since we watch
    health,    // what its checks come to changed
    changed,   // anything else of it
    left,      // out of the data that templates see
  };
  Kind kind = Kind::appeared;
  base::TimePoint at = {};
  std::uint64_t index = 0;  // of the answer that brought it; 0: it was our own decision
  std::string service = {};
  std::string node = {};
  std::string id = {};
  std::string address = {};  // host:port
  std::string detail = {};   // "passing -> critical"; of `left`: why
  bool operator==(const InstanceChange&) const = default;
};

std::string_view to_string(InstanceChange::Kind kind);

// Where templates send requests for it: the service's address or else the node's, IPv6 in brackets, and the port.
std::string address_of(const Instance& instance);

class History {
 public:
  static constexpr std::size_t kMost = 1024;

  // Two answers in a row for one service. The first answer of all is no news and is not told.
  void compare(const ServiceData& before, const ServiceData& after, std::uint64_t index, base::TimePoint now);
  void left(const Instance& instance, std::string why, std::uint64_t index, base::TimePoint now);

  const std::deque<InstanceChange>& entries() const { return entries_; }

 private:
  void add(InstanceChange change);

  std::deque<InstanceChange> entries_;
};

}  // namespace longshore::render
