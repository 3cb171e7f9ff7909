// What `longshore registry` can be told.
#pragma once
#include <string>

#include "common/net/endpoint.h"

namespace longshore::registry {

struct Options {
  net::Endpoint listen;   // 127.0.0.1:8500
  std::string data_dir;   // "" = memory only
  std::string node_name;  // "" = the host's name
  std::string datacenter = "dc1";
  std::string token_file;  // needed for an address that is not loopback
  std::string own_token;   // accepted beside the file's: of the parts of the same process; "" = none

  Options() { listen.host = "127.0.0.1", listen.port = 8500; }
  bool operator==(const Options&) const = default;
};

}  // namespace longshore::registry
