// What stands in Consul for instances that are away, who removes it and when. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/duration.h"

namespace longshore::proxy {

// An entry (placeholder.h) and the announcement that it is of. An instance that ends again has the same entry: it is
// the newest announcement's to remove.
struct StandIn {
  std::string id = {};
  std::uint64_t number = 0;
  bool operator==(const StandIn&) const = default;
};

// Of one service. A later end, before anybody saw it served, prolongs it.
struct Gap {
  base::TimePoint since{};
  base::TimePoint prolonged{};
  std::vector<StandIn> stand_ins = {};
};

class GapBook {
 public:
  // `time`: so long entries stand.
  explicit GapBook(base::Duration time) : time_(time) {}

  // Before Consul is asked: it may have the entry although its answer never came.
  StandIn announce(const std::string& id);
  bool knows(const std::string& id) const { return newest_.contains(id); }
  // false: a later announcement has it.
  bool is_ours(const StandIn& one) const;
  void removed(const StandIn& one);

  // Nobody serves since `at`. True: a new gap, which somebody has to measure.
  bool begin(const std::string& service, base::TimePoint at, std::vector<StandIn> stand_ins);
  // Those that have stood for their time, to be removed; what cannot be is given back.
  std::vector<StandIn> take_due(const std::string& service, base::TimePoint now);
  void give_back(const std::string& service, std::vector<StandIn> stand_ins);
  // No longer measured: who has not come back until then is gone for good.
  bool is_over(const std::string& service, base::TimePoint now) const;
  // What it was. The next one of this service is another one.
  Gap end(const std::string& service);

 private:
  base::Duration time_;
  std::uint64_t announced_ = 0;
  std::map<std::string, std::uint64_t> newest_;  // announcement by ID
  std::map<std::string, Gap> gaps_;              // by service
};

}  // namespace longshore::proxy
