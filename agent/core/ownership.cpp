#include "agent/core/ownership.h"

#include "agent/core/meta.h"
#include "common/base/hash.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

std::string value_of(const consul::Service& service, std::string_view key) {
  const auto found = service.meta.find(std::string(key));
  return found == service.meta.end() ? std::string() : found->second;
}

// "<node>/<engine>/" of an owner; "" when there is no engine in it.
std::string_view node_and_engine(std::string_view owner) {
  const std::size_t nonce = owner.rfind('/');
  if (nonce == std::string_view::npos || nonce == 0 || owner[nonce - 1] == '/') return {};
  return owner.substr(0, nonce + 1);
}

}  // namespace

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

std::string owner_key(std::string_view owner) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::uint64_t hash = base::fnv1a(owner);
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) out[i] = kHex[hash & 15];
  return out;
}

Belongs whose(const consul::Service& service, const Identity& identity) {
  const std::string owner = value_of(service, kMetaOwner);
  if (owner.empty()) {
    const auto classic = parse_classic_id(service.id);
    return classic && classic->hostname == identity.hostname ? Belongs::classic : Belongs::foreign;
  }
  if (value_of(service, kMetaEnv) != identity.env) return Belongs::foreign;
  if (owner == identity.owner) return Belongs::ours;
  const std::string_view here = node_and_engine(identity.owner);
  if (identity.former.contains(owner) || (!here.empty() && node_and_engine(owner) == here)) return Belongs::lookalike;
  return Belongs::foreign;
}

std::string rival_of(const consul::Service& service, const Identity& identity) {
  std::string owner = value_of(service, kMetaOwner);
  return owner == identity.owner ? std::string() : owner;
}

}  // namespace longshore::agent
