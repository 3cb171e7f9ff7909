#include "common/tmpl/sockaddr/order.h"

#include <algorithm>

#include "common/tmpl/go_strings.h"
#include "common/tmpl/sockaddr/rfc.h"
#include "common/tmpl/sockaddr/tools.h"

namespace longshore::tmpl::sockaddr {
namespace {

// Go's sort takes insertion up to this many elements. The comparisons are not always a strict order (IPv4 and IPv6 are
// neither before nor after each other), so the algorithm decides what comes out.
constexpr std::size_t kInsertion = 12;

struct World {
  std::string_view default_interface;
  std::vector<Ip> special;
};

using Compare = int (*)(const World& world, const IfAddr& left, const IfAddr& right);

int sign(bool less, bool greater) {
  return less ? -1 : greater ? 1 : 0;
}

int by_address(const World&, const IfAddr& left, const IfAddr& right) {
  if (left.ip.v6 != right.ip.v6) return 0;
  return sign(left.ip.address<right.ip.address, left.ip.address> right.ip.address);
}

int by_default(const World& world, const IfAddr& left, const IfAddr& right) {
  if (world.default_interface.empty()) return 0;
  const bool first = left.interface->name == world.default_interface;
  const bool second = right.interface->name == world.default_interface;
  return sign(first && !second, second && !first);
}

int by_name(const World&, const IfAddr& left, const IfAddr& right) {
  const int order = left.interface->name.compare(right.interface->name);
  return sign(order<0, order> 0);
}

int by_port(const World&, const IfAddr& left, const IfAddr& right) {
  return sign(left.ip.port<right.ip.port, left.ip.port> right.ip.port);
}

int by_private(const World& world, const IfAddr& left, const IfAddr& right) {
  const bool first = any_contains(world.special, left.ip);
  if (left.ip.v6 != right.ip.v6) return first ? -1 : 0;
  const bool second = any_contains(world.special, right.ip);
  return sign(first && !second, second && !first);
}

int by_size(const World&, const IfAddr& left, const IfAddr& right) {
  if (left.ip.v6 != right.ip.v6) return 0;
  return sign(left.ip.mask<right.ip.mask, left.ip.mask> right.ip.mask);
}

int by_type(const World&, const IfAddr& left, const IfAddr& right) {
  return sign(!left.ip.v6 && right.ip.v6, left.ip.v6 && !right.ip.v6);
}

struct NamedOrder {
  std::string_view name;
  Compare compare;
};
constexpr NamedOrder kOrders[] = {{"address", by_address}, {"default", by_default}, {"name", by_name},
                                  {"port", by_port},       {"private", by_private}, {"size", by_size},
                                  {"type", by_type}};

struct Clause {
  Compare compare;
  int factor;  // -1: the other way round
};

Result<std::vector<Clause>> parse_clauses(std::string_view text) {
  std::vector<Clause> out;
  for (const std::string_view clause : strings::split(text, ",")) {
    const std::string low = lower(clause);
    std::string_view name = strings::trim_space(low);
    const bool descending = name.starts_with('-');
    if (descending || name.starts_with('+')) name.remove_prefix(1);
    const NamedOrder* order = std::ranges::find(kOrders, name, &NamedOrder::name);
    if (order == std::end(kOrders)) return bad("unknown sort type: " + quote(clause));
    out.push_back({order->compare, descending ? -1 : 1});
  }
  return out;
}

template <class Less>
void insertion_sort(IfAddrs& all, Less less) {
  for (std::size_t i = 1; i < all.size(); ++i)
    for (std::size_t j = i; j > 0 && less(all[j], all[j - 1]); --j) std::swap(all[j], all[j - 1]);
}

}  // namespace

Result<IfAddrs> sorted(std::string_view clauses, IfAddrs all, std::string_view default_interface) {
  LS_TRY(order, parse_clauses(clauses));
  const World world{default_interface, networks_of_rfc(kSpecialPurpose).value()};
  const auto less = [&](const IfAddr& left, const IfAddr& right) {
    for (const Clause& clause : order)
      if (const int result = clause.factor * clause.compare(world, left, right); result != 0) return result < 0;
    return false;
  };
  if (all.size() <= kInsertion)
    insertion_sort(all, less);
  else
    std::ranges::stable_sort(all, less);
  return all;
}

}  // namespace longshore::tmpl::sockaddr
