// include and exclude of sockaddr.
#pragma once
#include <string_view>

#include "common/tmpl/eval.h"
#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

struct Parted {
  IfAddrs matched;
  IfAddrs rest;
};

// By: address name port (regular expressions), flag flags, network, rfc rfcs, size, type, in any case. Several values
// of type, rfc or network are parted by |; as in the original an address then is in the result once for each of them.
// `verb` is include or exclude, for the error text.
Result<Parted> part(Call& call, std::string_view verb, std::string_view by, std::string_view value, const IfAddrs& all);

Result<Parted> part_by_flag(std::string_view flags, const IfAddrs& all);
Result<Parted> part_by_name(Call& call, std::string_view pattern, const IfAddrs& all);
Parted part_by_networks(const std::vector<Ip>& networks, const IfAddrs& all);

}  // namespace longshore::tmpl::sockaddr
