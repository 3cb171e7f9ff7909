#include "common/tmpl/sockaddr/filter.h"

#include <iterator>
#include <optional>

#include "common/tmpl/go_strings.h"
#include "common/tmpl/regexp.h"
#include "common/tmpl/sockaddr/flags.h"
#include "common/tmpl/sockaddr/rfc.h"
#include "common/tmpl/sockaddr/tools.h"

namespace longshore::tmpl::sockaddr {
namespace {

template <class Matches>
Parted part_by(const IfAddrs& all, Matches matches) {
  Parted out;
  for (const IfAddr& address : all) (matches(address) ? out.matched : out.rest).push_back(address);
  return out;
}

void append(Parted& out, Parted more) {
  std::ranges::move(more.matched, std::back_inserter(out.matched));
  std::ranges::move(more.rest, std::back_inserter(out.rest));
}

Result<Parted> part_by_pattern(Call& call, std::string_view what, std::string_view text, const IfAddrs& all,
                               std::string (*seen)(const IfAddr& address)) {
  const auto pattern = regexp::compile(call, text);
  if (!pattern)
    return bad("Unable to compile " + std::string(what) + " regexp " + quote(text, true) + ": " + pattern.error().text);
  Parted out;
  for (const IfAddr& address : all) {
    LS_TRY(found, regexp::matches(call, **pattern, seen(address)));
    (found ? out.matched : out.rest).push_back(address);
  }
  return out;
}

Result<Parted> part_by_network(Call& call, std::string_view texts, const IfAddrs& all) {
  Parted out;
  for (const std::string_view text : strings::split(texts, "|")) {
    const auto network = parse_ip(text);
    if (!network)
      return bad("unable to create an IP address from " + quote(text, true) + ": invalid IPAddr " + std::string(text));
    LS_TRY_STATUS(call.charge(all.size()));
    append(out, part_by_networks({*network}, all));
  }
  return out;
}

Result<Parted> part_by_rfc(Call& call, std::string_view numbers, const IfAddrs& all) {
  Parted out;
  for (const std::string_view text : strings::split(numbers, "|")) {
    const std::string failed = "unable to lookup RFC number " + quote(text) + ": ";
    const auto number = parse_uint(text, 10);
    if (!number)
      return bad(failed + "unable to parse RFC number " + quote(text) + ": " +
                 number_error("ParseUint", text, number.error() == NumberError::range));
    const auto networks = networks_of_rfc(*number);
    if (!networks) return bad(failed + "unsupported RFC " + std::to_string(*number));
    LS_TRY_STATUS(call.charge(all.size()));
    append(out, part_by_networks(*networks, all));
  }
  return out;
}

Result<Parted> part_by_size(std::string_view text, const IfAddrs& all) {
  const auto size = parse_uint(text, 10);
  if (!size)
    return bad("invalid exclude size argument (" + quote(text) +
               "): " + number_error("ParseUint", text, size.error() == NumberError::range));
  for (const IfAddr& address : all)
    if (*size > static_cast<std::uint64_t>(width(address.ip.v6)))
      return bad("mask size out of bounds for " + std::string(address.ip.v6 ? "IPv6" : "IPv4") +
                 " address: " + std::to_string(*size));
  return part_by(all,
                 [&](const IfAddr& address) { return static_cast<std::uint64_t>(mask_bits(address.ip)) == *size; });
}

Result<Parted> part_by_type(Call& call, std::string_view texts, const IfAddrs& all) {
  const std::string low = lower(texts);
  const auto types = strings::split(low, "|");
  for (const std::string_view type : types)
    if (type != "ip" && type != "ipv4" && type != "ipv6" && type != "unix")
      return bad("unsupported type " + quote(type) + " " + quote(texts));
  LS_TRY_STATUS(call.charge(all.size() * types.size()));
  Parted out;
  for (const IfAddr& address : all)
    for (const std::string_view type : types)
      (type == "ip" || type == (address.ip.v6 ? "ipv6" : "ipv4") ? out.matched : out.rest).push_back(address);
  return out;
}

}  // namespace

Parted part_by_networks(const std::vector<Ip>& networks, const IfAddrs& all) {
  return part_by(all, [&](const IfAddr& address) { return any_contains(networks, address.ip); });
}

Result<Parted> part_by_flag(std::string_view flags, const IfAddrs& all) {
  LS_TRY(wanted, FlagFilter::parse(flags));
  return part_by(all, [&](const IfAddr& address) { return wanted.accepts(address); });
}

Result<Parted> part_by_name(Call& call, std::string_view pattern, const IfAddrs& all) {
  return part_by_pattern(call, "name", pattern, all, [](const IfAddr& address) { return address.interface->name; });
}

Result<Parted> part(Call& call, std::string_view verb, std::string_view by, std::string_view value,
                    const IfAddrs& all) {
  LS_TRY_STATUS(call.charge(1 + all.size()));
  const std::string what = lower(by);
  if (what == "flag" || what == "flags") return part_by_flag(value, all);
  if (what == "name") return part_by_name(call, value, all);
  if (what == "network") return part_by_network(call, value, all);
  if (what == "rfc" || what == "rfcs") return part_by_rfc(call, value, all);
  if (what == "size") return part_by_size(value, all);
  if (what == "type") return part_by_type(call, value, all);
  if (what == "address")
    return part_by_pattern(call, "address", value, all, [](const IfAddr& address) { return to_string(address.ip); });
  if (what == "port")
    return part_by_pattern(call, "port", value, all,
                           [](const IfAddr& address) { return std::to_string(address.ip.port); });
  return bad("invalid " + std::string(verb) + " selector " + quote(by));
}

}  // namespace longshore::tmpl::sockaddr
