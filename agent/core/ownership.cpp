#include "agent/core/ownership.h"

#include "agent/core/meta.h"
#include "common/base/text.h"

namespace longshore::agent {

std::string owner_id(std::string_view node, std::string_view engine_id, std::string_view nonce) {
  return cut_value(std::string(node) + "/" + std::string(engine_id) + "/" + std::string(nonce));
}

std::optional<ClassicId> parse_classic_id(std::string_view id) {
  const std::vector<std::string> parts = base::split(id, ':');
  const bool udp = parts.size() == 4 && parts[3] == "udp";
  if ((parts.size() != 3 && !udp) || parts[0].empty() || parts[1].empty()) return std::nullopt;
  const auto port = base::parse_uint(parts[2]);
  if (!port || *port > 65535) return std::nullopt;
  return ClassicId{parts[0], parts[1], static_cast<std::uint16_t>(*port), udp};
}

Belongs whose(const consul::Service& service, const Identity& identity) {
  const auto mark = service.meta.find(std::string(kMetaOwner));
  if (mark != service.meta.end()) return identity.owners.contains(mark->second) ? Belongs::ours : Belongs::foreign;
  const auto classic = parse_classic_id(service.id);
  return classic && classic->hostname == identity.hostname ? Belongs::classic : Belongs::foreign;
}

}  // namespace longshore::agent
