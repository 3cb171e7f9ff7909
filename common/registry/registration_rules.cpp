#include "common/registry/registration_rules.h"

#include <algorithm>

#include "common/registry/local_check.h"

namespace longshore::registry {
namespace {

constexpr std::size_t kMostPairs = 64;
constexpr std::size_t kLongestKey = 128;
constexpr std::size_t kLongestValue = 512;
constexpr std::string_view kReserved = "consul-";

bool meta_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::optional<std::string> pair_problem(const std::string& key, const std::string& value) {
  if (key.empty()) return "Key cannot be blank";
  if (!std::all_of(key.begin(), key.end(), meta_character)) return "Key contains invalid characters";
  if (key.size() > kLongestKey) return "Key is too long (limit: 128 characters)";
  if (key.starts_with(kReserved)) return "Key prefix 'consul-' is reserved for internal use";
  if (value.size() > kLongestValue) return "Value is too long (limit: 512 characters)";
  return std::nullopt;
}

std::optional<std::string> meta_problem(const consul::StringMap& meta) {
  if (meta.size() > kMostPairs) return "Node metadata cannot contain more than 64 key/value pairs";
  for (const auto& [key, value] : meta)
    if (const auto problem = pair_problem(key, value))
      return "Couldn't load metadata pair ('" + key + "', '" + value + "'): " + *problem;
  return std::nullopt;
}

bool is_ipv4(const std::string& text) {
  return !text.empty() && std::count(text.begin(), text.end(), '.') == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

std::optional<std::string> registration_problem(const consul::Registration& registration) {
  if (registration.name.empty()) return "Missing service name";
  if (const auto problem = meta_problem(registration.meta)) return "Invalid Service Meta: " + *problem;
  if (registration.weights) {
    if (registration.weights->passing < 1) return "Invalid Weights: Passing must be greater than 0";
    if (registration.weights->warning < 0) return "Invalid Weights: Warning must be greater or equal than 0";
  }
  for (const consul::CheckDefinition& check : registration.checks) {
    // The same fault has other words than in a check of its own.
    if (!check.status.empty() && !parse_check_status(check.status))
      return "Status for checks must 'passing', 'warning', 'critical'";
    if (const auto problem = check_problem(check)) return problem;
  }
  if (registration.address == "0.0.0.0" || registration.address == "::" || registration.address == "[::]")
    return "Invalid service address";
  return std::nullopt;
}

consul::Service service_of(const consul::Registration& registration) {
  consul::Service service;
  service.id = registration.id.empty() ? registration.name : registration.id;
  service.name = registration.name;
  service.tags = registration.tags;
  service.port = registration.port;
  service.address = registration.address;
  service.meta = registration.meta;
  service.tagged_addresses = registration.tagged_addresses;
  service.enable_tag_override = registration.enable_tag_override;
  service.weights = registration.weights.value_or(consul::Weights{});
  const bool ipv4 = is_ipv4(service.address);
  if (ipv4 || service.address.find(':') != std::string::npos)
    for (const char* side : {"lan", "wan"})
      service.tagged_addresses.emplace(std::string(side) + (ipv4 ? "_ipv4" : "_ipv6"),
                                       consul::TaggedAddress{service.address, service.port});
  return service;
}

std::optional<std::string> uuid_problem(const std::string& id, std::string_view of) {
  const std::string problem = "failed " + std::string(of) + " lookup: index error: ";
  if (id.size() != 36) return problem + "UUID must be 36 characters";
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? id[i] != '-' : !is_hex(id[i])) return problem + "Invalid UUID";
  }
  return std::nullopt;
}

}  // namespace longshore::registry
