// Does something accept connections there? Asked about instances that vanished from the registry.
#pragma once
#include "common/async/executor.h"
#include "renderer/core/hold.h"

namespace longshore::render {

// The seam.
class Prober {
 public:
  virtual ~Prober() = default;
  virtual async::Awaitable<ProbeResult> probe(ProbeTarget target) = 0;
};

// A TCP connection, closed as soon as it stands.
class TcpProber final : public Prober {
 public:
  explicit TcpProber(base::Duration limit = std::chrono::milliseconds(500)) : limit_(limit) {}
  async::Awaitable<ProbeResult> probe(ProbeTarget target) override;

 private:
  base::Duration limit_;
};

}  // namespace longshore::render
