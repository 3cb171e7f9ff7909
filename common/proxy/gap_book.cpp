#include "common/proxy/gap_book.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace longshore::proxy {
namespace {

// At least so long a gap is measured.
constexpr base::Duration kMeasured = std::chrono::minutes(10);

}  // namespace

StandIn GapBook::announce(const std::string& id) {
  newest_[id] = ++announced_;
  return {id, announced_};
}

bool GapBook::is_ours(const StandIn& one) const {
  const auto found = newest_.find(one.id);
  return found != newest_.end() && found->second == one.number;
}

void GapBook::removed(const StandIn& one) {
  if (is_ours(one)) newest_.erase(one.id);
}

bool GapBook::begin(const std::string& service, base::TimePoint at, std::vector<StandIn> stand_ins) {
  const auto [found, fresh] = gaps_.try_emplace(service);
  Gap& gap = found->second;
  if (fresh) gap.since = at;
  gap.prolonged = std::max(gap.prolonged, at);
  give_back(service, std::move(stand_ins));
  return fresh;
}

std::vector<StandIn> GapBook::take_due(const std::string& service, base::TimePoint now) {
  const auto found = gaps_.find(service);
  if (found == gaps_.end() || now < found->second.prolonged + time_) return {};
  return std::exchange(found->second.stand_ins, {});
}

void GapBook::give_back(const std::string& service, std::vector<StandIn> stand_ins) {
  std::vector<StandIn>& all = gaps_[service].stand_ins;
  std::ranges::move(stand_ins, std::back_inserter(all));
}

bool GapBook::is_over(const std::string& service, base::TimePoint now) const {
  const auto found = gaps_.find(service);
  return found == gaps_.end() || now >= found->second.prolonged + std::max(kMeasured, time_);
}

Gap GapBook::end(const std::string& service) {
  auto found = gaps_.extract(service);
  return found.empty() ? Gap() : std::move(found.mapped());
}

}  // namespace longshore::proxy
