// Is this node still in Consul's catalog? A node that was cut off or frozen for long may have been removed there, with
// all of its services, while its own Consul agent goes on listing them. Its agent would tell the servers of them within
// a minute or more; this notices within seconds. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "agent/core/messages.h"

namespace longshore::agent {

class NodeWatch {
 public:
  // One small read. Whoever returns is in the catalog again at most this much later, plus one registration.
  static constexpr base::Duration kEvery = std::chrono::seconds(3);

  void follow(const std::string& node);
  // True when the catalog lost the node since the last look, and with it what was registered there.
  bool loaded(const input::OwnNodeLoaded& said, base::TimePoint now);
  void tick(base::TimePoint now, Actions& out);
  std::optional<base::TimePoint> next_wake() const;
  // How often that happened.
  std::uint64_t losses() const { return losses_; }

 private:
  std::string node_;
  std::optional<std::uint64_t> created_;  // as last seen
  std::uint64_t ticket_ = 0;              // of the read in flight, 0 = none
  std::uint64_t tickets_ = 0;
  base::TimePoint due_{};
  std::uint64_t losses_ = 0;
};

}  // namespace longshore::agent
