#include "agent/core/diff.h"

#include <algorithm>

#include "agent/core/ip_range.h"
#include "agent/core/meta.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

std::string meta_value(const consul::StringMap& meta, std::string_view key) {
  const auto found = meta.find(std::string(key));
  return found == meta.end() ? std::string() : found->second;
}

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

// The first key that differs; keys only, values may be anything.
std::string meta_difference(const consul::StringMap& desired, const consul::StringMap& actual) {
  if (desired == actual) return {};
  if (meta_value(actual, kMetaOwner).empty() && !meta_value(desired, kMetaOwner).empty()) return "adopted";
  if (meta_value(actual, kMetaOwner) != meta_value(desired, kMetaOwner)) return "taken over from another owner";
  if (meta_value(actual, kMetaChecks) != meta_value(desired, kMetaChecks)) return "checks changed";
  for (const auto& [key, value] : desired)
    if (!actual.contains(key) || actual.at(key) != value) return "meta " + key + " changed";
  for (const auto& [key, value] : actual)
    if (!desired.contains(key)) return "meta " + key + " is not asked for any more";
  return "meta changed";
}

// The agent adds those of the main address's family by itself. One of the other family is left from before.
bool is_leftover(const std::string& name, const consul::Registration& desired) {
  const bool ipv6 = name == "lan_ipv6" || name == "wan_ipv6";
  const bool ipv4 = name == "lan_ipv4" || name == "wan_ipv4";
  return (is_ipv6(desired.address) ? ipv4 : ipv6) && !desired.tagged_addresses.contains(name);
}

bool addresses_differ(const consul::Registration& desired, const consul::Service& actual) {
  for (const auto& [name, tagged] : actual.tagged_addresses)
    if (is_leftover(name, desired)) return true;
  return std::any_of(desired.tagged_addresses.begin(), desired.tagged_addresses.end(), [&](const auto& wanted) {
    const auto found = actual.tagged_addresses.find(wanted.first);
    return found == actual.tagged_addresses.end() || found->second != wanted.second;
  });
}

}  // namespace

std::string difference(const consul::Registration& desired, const consul::Service& actual) {
  if (desired.name != actual.name) return "name " + actual.name + " -> " + desired.name;
  if (desired.address != actual.address)
    return "address " + base::log_value(actual.address) + " -> " + base::log_value(desired.address);
  if (desired.port != actual.port) return "port " + std::to_string(actual.port) + " -> " + std::to_string(desired.port);
  if (desired.enable_tag_override != actual.enable_tag_override) return "tag override changed";
  if (!actual.enable_tag_override && sorted(desired.tags) != sorted(actual.tags)) return "tags changed";
  if (std::string meta = meta_difference(desired.meta, actual.meta); !meta.empty()) return meta;
  if (addresses_differ(desired, actual)) return "tagged addresses changed";
  if (desired.weights && *desired.weights != actual.weights) return "weights changed";
  return {};
}

std::string container_of(const consul::Service& service) {
  return meta_value(service.meta, kMetaContainer);
}

consul::Service as_registered(const consul::Registration& registration) {
  consul::Service service;
  service.id = registration.id;
  service.name = registration.name;
  service.tags = registration.tags;
  service.port = registration.port;
  service.address = registration.address;
  service.meta = registration.meta;
  service.tagged_addresses = registration.tagged_addresses;
  service.enable_tag_override = registration.enable_tag_override;
  if (registration.weights) service.weights = *registration.weights;
  return service;
}

std::optional<Step> decide(const std::string& id, const IdState& state, const Identity& identity, bool cleanup) {
  if (state.desired != nullptr) {
    const bool held_back = state.withhold != nullptr;
    if (state.actual == nullptr) {
      if (held_back) return std::nullopt;
      return Step{Step::Kind::register_service, id, "not registered", false, false};
    }
    if (held_back && state.withhold->by == LeaveBy::deregister)
      return Step{Step::Kind::deregister, id, state.withhold->reason, false, false};
    if (held_back && state.maintenance == nullptr)
      return Step{Step::Kind::maintain, id, state.withhold->reason, false, false};
    std::string why = difference(*state.desired, *state.actual);
    if (!why.empty()) {
      // Unmarked entries may have any checks.
      const bool marked = !meta_value(state.actual->meta, kMetaOwner).empty();
      const bool same_checks =
          meta_value(state.actual->meta, kMetaChecks) == meta_value(state.desired->meta, kMetaChecks);
      return Step{Step::Kind::register_service, id, std::move(why), !marked || !same_checks, false};
    }
    if (!held_back && state.maintenance != nullptr && is_our_maintenance(*state.maintenance))
      return Step{Step::Kind::release, id, "no reason for " + base::log_value(*state.maintenance) + " any more", false,
                  false};
    return std::nullopt;
  }
  if (state.actual == nullptr || state.fate == Fate::undecided) return std::nullopt;
  const Belongs belongs = whose(*state.actual, identity);
  if (belongs == Belongs::foreign || (belongs == Belongs::classic && !cleanup)) return std::nullopt;
  std::string why = state.fate == Fate::gone ? "its container does not run" : "its container does not ask for it";
  return Step{Step::Kind::deregister, id, std::move(why), false, belongs != Belongs::ours};
}

std::vector<Step> plan(const DesiredServices& desired, const ActualServices& actual,
                       const std::map<std::string, Fate>& fate, const Identity& identity, bool cleanup) {
  std::vector<Step> steps;
  for (const auto& [id, registration] : desired) {
    const auto found = actual.find(id);
    const IdState state{&registration, found == actual.end() ? nullptr : &found->second, Fate::undecided, nullptr,
                        nullptr};
    if (auto step = decide(id, state, identity, cleanup)) steps.push_back(std::move(*step));
  }
  for (const auto& [id, service] : actual) {
    if (desired.contains(id)) continue;
    const auto classic = parse_classic_id(id);
    const std::string container = container_of(service);
    const auto known = fate.find(container.empty() && classic ? classic->container : container);
    const IdState state{nullptr, &service, known == fate.end() ? Fate::undecided : known->second, nullptr, nullptr};
    if (auto step = decide(id, state, identity, cleanup)) steps.push_back(std::move(*step));
  }
  return steps;
}

}  // namespace longshore::agent
