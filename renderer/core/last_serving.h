// Who is taken out of traffic by somebody's word (maintenance: a drain) leaves at once, unless nobody else of its
// service serves and a successor is about to: one that passes for the registry and has not answered us yet. Then it
// stays in the file until the first of them has answered, until it does not answer itself, or until the limit; without
// a successor it leaves at once, however last it is. A successor that is in traffic only because its time to answer is
// over may be dead: it is still waited for. One that was so before the drain serves: its probes may not fit. Who has
// left does not come back by this. Pure.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/base/duration.h"
#include "renderer/core/data.h"

namespace longshore::render {

class LastServing {
 public:
  using Identity = std::pair<std::string, std::string>;  // node, service ID
  // What probes say of somebody that the registry shows in use.
  enum class Probe : std::uint8_t {
    in,
    out,
    waiting,
    unproven,  // in traffic, but it came while we watched and has not answered yet
  };
  using Probes = std::function<Probe(const Instance&)>;

  explicit LastServing(base::Duration limit) : limit_(limit) {}
  void configure(base::Duration limit) { limit_ = limit; }

  // Notes who of `before` (null = nothing known) served and is in maintenance now. `probes` is as of before. They may
  // stay as long as keep() says so.
  void answered(const Dependency& on, const ServiceData* before, const ServiceData& fresh, const Probes& probes,
                base::TimePoint now);
  // Whom `probes` lets stay; the number of those that leave now, with the reason. Those that are back do not leave.
  struct Gone {
    std::size_t count = 0;
    const char* reason = "";
  };
  Gone keep(const Dependency& on, const ServiceData& data, const Probes& probes, base::TimePoint now);
  bool kept(const Dependency& on, const Instance& instance) const;
  bool keeps(const Dependency& on) const { return kept_.contains(on); }
  std::set<Dependency> due(base::TimePoint now) const;
  std::optional<base::TimePoint> next_due() const;
  void forget(const Dependency& on) { kept_.erase(on); }

 private:
  base::Duration limit_;
  std::map<Dependency, std::map<Identity, base::TimePoint>> kept_;  // until when
};

}  // namespace longshore::render
