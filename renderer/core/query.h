// The query strings that template functions take, e.g. service "blue.web@dc1~_agent|passing,warning".
// Grammar and error texts: consul-template, dependency/dependency.go (tag. name ?query @dc ~near |filter).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "renderer/core/dependency.h"

namespace longshore::render {

// Statuses that a template lets through, as bits; the worst check decides an instance's status.
enum class Health : std::uint8_t { unknown, passing, warning, critical, maintenance };
class HealthFilter {
 public:
  void add(Health health) { bits_ |= bit(health); }
  void add_any() { bits_ = 0xFF; }
  bool accepts(Health health) const { return (bits_ & bit(health)) != 0; }
  bool operator==(const HealthFilter&) const = default;

 private:
  static std::uint8_t bit(Health health) { return static_cast<std::uint8_t>(1u << static_cast<unsigned>(health)); }
  std::uint8_t bits_ = 0;
};

struct ServiceQuery {
  Dependency on;
  std::string tag;  // "" = all; compared without case, as Consul does
  HealthFilter filter;
  bool operator==(const ServiceQuery&) const = default;
};

// Each: Errc::template_error with the original's sentence, e.g. `health.service: invalid format: "@dc1"`.
Result<ServiceQuery> parse_service(std::string_view text);
Result<Dependency> parse_services(std::string_view text);
Result<Dependency> parse_nodes(std::string_view text);
Result<Dependency> parse_node(std::string_view text);
Result<Dependency> parse_key(std::string_view text);
Result<Dependency> parse_peerings(std::string_view text);
Result<Dependency> parse_prefix(std::string_view text);

}  // namespace longshore::render
