#include "agent/core/kv_entry.h"

#include "agent/core/meta.h"
#include "common/base/hash.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

constexpr std::size_t kDigits = 8;

std::string hex(std::uint32_t value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out(kDigits, '0');
  for (std::size_t i = kDigits; i-- > 0; value >>= 4) out[i] = kHex[value & 15];
  return out;
}

std::uint32_t parse_hex(std::string_view text) {
  std::uint32_t out = 0;
  for (const char c : text.substr(0, kDigits)) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return 0;
    out = (out << 4) | static_cast<std::uint32_t>(digit);
  }
  return out;
}

// Consul's path would lose an empty part.
bool is_key_part(std::string_view name) {
  return !name.empty() && !name.starts_with('/') && !name.ends_with('/') && name.find("//") == std::string_view::npos;
}

std::string meta_value(const consul::StringMap& meta, std::string_view key) {
  const auto found = meta.find(std::string(key));
  return found == meta.end() ? std::string() : found->second;
}

}  // namespace

std::string kv_key(std::string_view prefix, const std::string& name, const std::string& id) {
  return std::string(prefix) + "/" + name + "/" + id;
}

std::string kv_value(const std::string& address, std::uint16_t port) {
  const bool bare_ipv6 = address.find(':') != std::string::npos && !address.starts_with('[');
  return (bare_ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

std::uint64_t kv_flags(std::string_view owner, std::string_view container_id) {
  return (std::uint64_t{parse_hex(owner)} << 32) | parse_hex(container_id);
}

std::string kv_owner(std::string_view owner) {
  const std::uint64_t hash = base::fnv1a(owner);
  const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  // 0 means that there is none.
  return hex(folded == 0 ? 1 : folded);
}

consul::Registration kv_shape(const consul::Registration& service) {
  consul::Registration out;
  out.id = service.id;
  out.name = service.name;
  out.address = service.address;
  out.port = service.port;
  for (const std::string_view key : {kMetaOwner, kMetaContainer})
    if (const std::string value = meta_value(service.meta, key); !value.empty())
      out.meta.emplace(key, value.substr(0, kDigits));
  return out;
}

std::string kv_problem(const consul::Registration& service) {
  if (service.id.find('/') != std::string::npos) return "a slash in the ID " + service.id + " has no place in a key";
  if (!is_key_part(service.name)) return "the name " + base::log_value(service.name) + " would make another key";
  return {};
}

std::optional<consul::Service> kv_service(std::string_view prefix, const consul::KvPair& pair) {
  std::string_view key = pair.key;
  if (!key.starts_with(prefix) || !key.substr(prefix.size()).starts_with('/')) return std::nullopt;
  key.remove_prefix(prefix.size() + 1);
  const std::size_t slash = key.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == key.size() || !is_key_part(key.substr(0, slash)))
    return std::nullopt;
  consul::Service out;
  out.name = key.substr(0, slash);
  out.id = key.substr(slash + 1);
  const std::size_t colon = pair.value.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : base::parse_uint(pair.value.substr(colon + 1));
  // Somebody changed it by hand: the difference is seen, the entry is ours or not all the same.
  if (!port || *port > 65535) {
    out.address = pair.value;
  } else {
    out.port = static_cast<std::uint16_t>(*port);
    out.address = pair.value.substr(0, colon);
    if (out.address.starts_with('[') && out.address.ends_with(']'))
      out.address = out.address.substr(1, out.address.size() - 2);
  }
  if (const auto owner = static_cast<std::uint32_t>(pair.flags >> 32); owner != 0) {
    out.meta.emplace(kMetaOwner, hex(owner));
    out.meta.emplace(kMetaContainer, hex(static_cast<std::uint32_t>(pair.flags)));
  }
  return out;
}

}  // namespace longshore::agent
