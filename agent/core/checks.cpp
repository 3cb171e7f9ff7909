#include "agent/core/checks.h"

#include <set>

#include "agent/core/check_builder.h"
#include "common/base/hash.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

// Numbers of CHECK_<number>_…; each further spelling and each number out of range is a note.
std::set<std::uint64_t> numbers_of(const Metadata& metadata, std::vector<std::string>& notes) {
  constexpr std::string_view kPrefix = "check_";
  constexpr std::uint64_t kHighest = 99;
  std::set<std::uint64_t> out;
  for (auto at = metadata.values.lower_bound(std::string(kPrefix)); at != metadata.values.end(); ++at) {
    std::string_view key = at->first;
    if (!key.starts_with(kPrefix)) break;
    key.remove_prefix(kPrefix.size());
    const std::string_view digits = key.substr(0, key.find('_'));
    const auto number = base::parse_uint(digits);
    if (!number || digits.size() == key.size()) continue;
    if (*number >= 1 && *number <= kHighest && digits == std::to_string(*number))
      out.insert(*number);
    else
      notes.push_back(at->first + ": checks are numbered 1 to 99");
  }
  return out;
}

// Unit separators keep neighbouring fields apart.
void add(std::uint64_t& hash, std::string_view field) {
  hash = base::fnv1a(field, hash);
  hash = base::fnv1a("\x1f", hash);
}
void add(std::uint64_t& hash, std::int64_t field) {
  add(hash, std::to_string(field));
}

void add(std::uint64_t& hash, const consul::CheckDefinition& check) {
  for (const std::string* text :
       {&check.check_id, &check.name, &check.notes, &check.http, &check.method, &check.body, &check.tcp, &check.udp,
        &check.grpc, &check.h2ping, &check.docker_container_id, &check.shell, &check.alias_node, &check.alias_service,
        &check.tls_server_name, &check.status})
    add(hash, *text);
  for (const auto& [name, values] : check.header) {
    add(hash, name);
    for (const std::string& value : values) add(hash, value);
  }
  for (const std::string& arg : check.args) add(hash, arg);
  for (const std::int64_t number :
       {std::int64_t{check.grpc_use_tls}, std::int64_t{check.h2ping_use_tls}, std::int64_t{check.tls_skip_verify},
        std::int64_t{check.success_before_passing}, std::int64_t{check.failures_before_warning},
        std::int64_t{check.failures_before_critical}, check.ttl.count(), check.interval.count(), check.timeout.count(),
        check.deregister_critical_after.count()})
    add(hash, number);
  // Younger fields count only where they are set: what earlier versions registered stays as it is.
  if (!check.os_service.empty()) add(hash, "os " + check.os_service);
  if (check.tcp_use_tls) add(hash, "tcp tls");
  if (check.disable_redirects) add(hash, "no redirects");
  if (check.output_max_size != 0) add(hash, "output " + std::to_string(check.output_max_size));
}

}  // namespace

CheckChoice choose_checks(const Metadata& metadata, const CheckTarget& target, const AgentOptions& options) {
  CheckChoice out;
  detail::CheckBuilder(metadata, target, options, "", out).build();
  if (options.compatible) return out;
  const bool unnumbered = !out.checks.empty();
  for (const std::uint64_t number : numbers_of(metadata, out.notes))
    detail::CheckBuilder(metadata, target, options, std::to_string(number), out).build();
  // Among several Consul would call it service:<ID>:1.
  if (unnumbered && out.checks.size() > 1 && !target.service_id.empty() && out.checks.front().check_id.empty())
    out.checks.front().check_id = "service:" + target.service_id;
  return out;
}

std::string checks_fingerprint(const std::vector<consul::CheckDefinition>& checks) {
  if (checks.empty()) return {};
  std::uint64_t hash = base::fnv1a("1");
  for (const consul::CheckDefinition& check : checks) add(hash, check);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) out[i] = kHex[hash & 15];
  return out;
}

bool at_least(std::string_view version, std::uint64_t major, std::uint64_t minor) {
  const std::vector<std::string> parts = base::split(version, '.');
  if (parts.size() < 2) return true;
  const auto first = base::parse_uint(parts[0]);
  const auto second = base::parse_uint(parts[1]);
  if (!first || !second) return true;
  return *first != major ? *first > major : *second >= minor;
}

}  // namespace longshore::agent
