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
  ours,     // marked by this owner, or by one that this process was before
  classic,  // unmarked, of Registrator's form, with our host name: to be adopted, or removed with -cleanup
  foreign,  // everything else is none of our business
};

struct Identity {
  std::set<std::string> owners;  // the present one and former ones of this process
  std::string hostname;
  bool operator==(const Identity&) const = default;
};

Belongs whose(const consul::Service& service, const Identity& identity);

}  // namespace longshore::agent
