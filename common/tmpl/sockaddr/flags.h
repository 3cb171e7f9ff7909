// include "flag": flags of the interface, or what kind of address it is.
#pragma once
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

// An address is accepted if its interface has all the interface flags that are named, or if any of the address flags
// that are named is true of it. `loopback` and `multicast` count as both. `down` names no flag: every interface has it.
class FlagFilter {
 public:
  // "up|forwardable", in any case.
  static Result<FlagFilter> parse(std::string_view text);
  bool accepts(const IfAddr& address) const;

 private:
  bool looks_at_interface_ = false;
  unsigned interface_ = 0;
  std::vector<bool (*)(const Ip& ip)> address_;
  std::vector<Ip> not_forwarded_;  // filled if `forwardable` is named
};

}  // namespace longshore::tmpl::sockaddr
