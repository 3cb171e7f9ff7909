// A service as one key of the KV store: <prefix>/<name>/<id> = "address:port". Source: Registrator,
// consulkv/consulkv.go. What is not in there, owner and container, is in the key's flags, so that other readers see
// what Registrator writes. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/consul/model.h"

namespace longshore::agent {

std::string kv_key(std::string_view prefix, const std::string& name, const std::string& id);
// "10.0.0.5:80", "[fd00::1]:80"; ":80" without an address.
std::string kv_value(const std::string& address, std::uint16_t port);
// Owner's hash in the upper half, the container's first 8 digits in the lower. 0 = nobody's.
std::uint64_t kv_flags(std::string_view owner, std::string_view container_id);

// The only owner that a key can name: 8 hexadecimal digits.
std::string kv_owner(std::string_view owner);

// What of a registration a key can hold; the machine compares services in this form.
consul::Registration kv_shape(const consul::Registration& service);
// Why a service cannot be a key: an ID with a slash, or a name that would not come back from the key. "" = it can.
std::string kv_problem(const consul::Registration& service);
// The service that a key stands for; nothing when it is none. A name may have slashes, an ID has none.
std::optional<consul::Service> kv_service(std::string_view prefix, const consul::KvPair& pair);

}  // namespace longshore::agent
