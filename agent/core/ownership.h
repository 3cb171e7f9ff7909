// Which registered services are ours. An owner is one agent on one engine on one Consul node; every service that it
// registers says so in Meta. IDs of the form <hostname>:<container>:<port>[:udp] without such a mark are
// Registrator's.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/consul/model.h"

namespace longshore::agent {

// "<node>/<engine id>/<nonce>", at most 512 bytes.
std::string owner_id(std::string_view node, std::string_view engine_id, std::string_view nonce);

// 16 hexadecimal digits: an owner's name in KV keys.
std::string owner_key(std::string_view owner);

// The parts of an ID that Registrator made.
struct ClassicId {
  std::string hostname;
  std::string container;
  std::uint16_t port = 0;
  bool udp = false;
  bool operator==(const ClassicId&) const = default;
};
// Nothing when the ID has another form. Host and container names have no colon.
std::optional<ClassicId> parse_classic_id(std::string_view id);

enum class Belongs {
  ours,       // marked by this owner
  lookalike,  // marked by what this process was before, or by an agent on the same node and engine with another nonce:
              // what is left of an agent whose state was lost, or a cloned machine
  classic,    // unmarked, of Registrator's form, with our host name: to be adopted, or removed with -cleanup
  foreign,    // everything else is none of our business; other environments included
};

struct Identity {
  std::string owner;             // the present one
  std::set<std::string> former;  // that this process had before
  std::string hostname;
  std::string env;
  bool operator==(const Identity&) const = default;
};

Belongs whose(const consul::Service& service, const Identity& identity);

// The owner that the entry names when it is another one than ours, former ones included; "" = ours or unmarked.
std::string rival_of(const consul::Service& service, const Identity& identity);

}  // namespace longshore::agent
