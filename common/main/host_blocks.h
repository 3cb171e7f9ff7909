// Docker engines that the configuration files name:
//
//   host "a" {
//     address   = "tcp://10.0.0.1:2376"     # or unix:///path
//     cert_path = "/etc/longshore/docker"   # ca.pem, cert.pem, key.pem: TLS
//   }
//
// All other blocks are for others and left alone.
#pragma once
#include <string>
#include <vector>

#include "common/hcl/node.h"
#include "common/main/engine_calls.h"
#include "common/main/invocation.h"

namespace longshore::app {

struct HostBlock {
  std::string name;
  std::string address;
  std::string cert_path;  // "" = as the DOCKER_ variables say; else TLS, verified
  bool operator==(const HostBlock&) const = default;
};

// Of one file, in its order; a later block of a name replaces an earlier one in `into`. Errors (invalid_input) name
// file, line and the nearest key.
Status take_host_blocks(const hcl::Document& document, std::vector<HostBlock>& into);

// Of all files and directories; without any, of /etc/longshore/longshore.hcl if it is there and may be read.
Result<std::vector<HostBlock>> read_host_blocks(const std::vector<std::string>& paths);

}  // namespace longshore::app
