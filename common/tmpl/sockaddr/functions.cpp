#include "common/tmpl/sockaddr/functions.h"

#include <algorithm>

#include "common/tmpl/format.h"
#include "common/tmpl/sockaddr/attribute.h"
#include "common/tmpl/sockaddr/filter.h"
#include "common/tmpl/sockaddr/math.h"
#include "common/tmpl/sockaddr/order.h"
#include "common/tmpl/sockaddr/rfc.h"
#include "common/tmpl/sockaddr/tools.h"
#include "common/tmpl/sockaddr/values.h"

namespace longshore::tmpl::sockaddr {
namespace {

using types::kString;

const Interfaces& known(Call& call) {
  return call.host_as<InterfacesHost>().known();
}

Result<IfAddrs> every(Call& call) {
  LS_TRY_STATUS(call.charge(1 + known(call).addresses.size()));
  return known(call).addresses;
}

Result<IfAddrs> in_order(Call& call, std::string_view clauses, IfAddrs all) {
  // Comparisons look through tables of networks.
  LS_TRY_STATUS(call.charge(1 + 16 * all.size()));
  return sorted(clauses, std::move(all), known(call).default_interface);
}

Parted private_part(const IfAddrs& all) {
  return part_by_networks(networks_of_rfc(kSpecialPurpose).value(), all);
}

Result<Value> get_all(Call& call, Args) {
  LS_TRY(all, every(call));
  return value_of(std::move(all));
}

Result<Value> get_default(Call& call, Args) {
  LS_TRY(all, every(call));
  const std::string& name = known(call).default_interface;
  if (name.empty()) return bad("No default interface found");
  std::erase_if(all, [&](const IfAddr& address) { return address.interface->name != name; });
  return value_of(std::move(all));
}

// The forwardable addresses of interfaces that are up, those of the default route first.
template <bool Private>
Result<IfAddrs> reachable(Call& call) {
  LS_TRY(all, every(call));
  LS_TRY(forwardable, part_by_flag("forwardable", all));
  LS_TRY(up, part_by_flag("up", forwardable.matched));
  LS_TRY(ordered, in_order(call, "default,type,size", std::move(up.matched)));
  Parted parted = private_part(ordered);
  return std::move(Private ? parted.matched : parted.rest);
}

template <bool Private>
Result<Value> get_reachable(Call& call, Args) {
  LS_TRY(found, reachable<Private>(call));
  return value_of(std::move(found));
}

Value text_of_first(const IfAddrs& found) {
  return make_string(found.empty() ? "" : address_text(found.front().ip.address, found.front().ip.v6));
}

Value text_of_all(const IfAddrs& found) {
  std::string out;
  for (const IfAddr& address : found) {
    if (!out.empty()) out += ' ';
    out += address_text(address.ip.address, address.ip.v6);
  }
  return Value::string(std::move(out));
}

template <bool Private>
Result<Value> get_ip(Call& call, Args) {
  LS_TRY(found, reachable<Private>(call));
  return text_of_first(found);
}

// Of all interfaces, up or not; public ones need not even be forwardable.
template <bool Private>
Result<Value> get_ips(Call& call, Args) {
  LS_TRY(all, every(call));
  LS_TRY(ordered, in_order(call, "type,size", std::move(all)));
  Parted parted = private_part(ordered);
  if (!Private) return text_of_all(parted.rest);
  return text_of_all(part_by_networks(networks_of_rfc(kNotForwarded).value(), parted.matched).rest);
}

template <bool One>
Result<Value> get_interface_ips(Call& call, Args args) {
  LS_TRY(all, every(call));
  LS_TRY(named, part_by_name(call, args[0].as_string(), all));
  if (One) {
    LS_TRY(forwardable, part_by_flag("forwardable", named.matched));
    named.matched = std::move(forwardable.matched);
  }
  LS_TRY(ordered, in_order(call, "type,size", std::move(named.matched)));
  return One ? text_of_first(ordered) : text_of_all(ordered);
}

template <bool Include>
Result<Value> filter(Call& call, Args args) {
  LS_TRY(parted,
         part(call, Include ? "include" : "exclude", args[0].as_string(), args[1].as_string(), addresses_in(args[2])));
  return value_of(std::move(Include ? parted.matched : parted.rest));
}

Result<Value> sort(Call& call, Args args) {
  LS_TRY(ordered, in_order(call, args[0].as_string(), addresses_in(args[1])));
  return value_of(std::move(ordered));
}

// A list gives the attribute of its first element.
Result<Value> attr(Call&, Args args) {
  const Value from = args[1].unbox();
  if (const IfAddr* address = address_in(from)) {
    LS_TRY(text, attribute(*address, args[0].as_string()));
    return Value::string(std::move(text));
  }
  if (from.kind() == Kind::list && same_type(from.type(), list_type())) {
    if (from.is_nil() || from.size() == 0) return make_string("");
    LS_TRY(text, attribute(*address_in(from.at(0)), args[0].as_string()));
    return Value::string(std::move(text));
  }
  return bad("unable to obtain attribute " + text_of(args[0]) + " from type " + std::string(from.type_name()) + " (" +
             to_text(from) + ")");
}

Result<Value> join(Call& call, Args args) {
  std::string out;
  bool first = true;
  for (const IfAddr& address : addresses_in(args[2])) {
    LS_TRY(text, attribute(address, args[0].as_string()));
    if (!std::exchange(first, false)) out += args[1].as_string();
    LS_TRY_STATUS(call.check_size(out.size() + text.size()));
    out += text;
  }
  return Value::string(std::move(out));
}

Result<Value> limit(Call&, Args args) {
  IfAddrs all = addresses_in(args[1]);
  all.resize(static_cast<std::size_t>(std::min<std::uint64_t>(args[0].as_uint(), all.size())));
  return value_of(std::move(all));
}

// Negative: that many from the end.
Result<Value> offset(Call&, Args args) {
  IfAddrs all = addresses_in(args[1]);
  const std::int64_t given = args[0].as_int();
  const std::uint64_t count = given < 0 ? ~static_cast<std::uint64_t>(given) + 1 : static_cast<std::uint64_t>(given);
  if (count > all.size())
    return bad("unable to seek past the end of the interface array: offset (" + std::to_string(count) +
               ") exceeds the number of interfaces (" + std::to_string(all.size()) + ")");
  const auto drop = static_cast<std::ptrdiff_t>(given < 0 ? all.size() - count : count);
  all.erase(all.begin(), all.begin() + drop);
  return value_of(std::move(all));
}

// Neighbours only: the list should be sorted.
Result<Value> unique(Call&, Args args) {
  const std::string by = lower(args[0].as_string());
  IfAddrs out;
  std::string last;
  for (IfAddr& address : addresses_in(args[1])) {
    if (by != "address" && by != "name")
      return bad("unsupported unique constraint " + quote(args[0].as_string(), true));
    std::string own = by == "name" ? address.interface->name : to_string(address.ip);
    if (!last.empty() && last == own) continue;
    last = std::move(own);
    out.push_back(std::move(address));
  }
  return value_of(std::move(out));
}

Result<Value> math(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(1 + args[2].size()));
  LS_TRY(done, calculate(args[0].as_string(), args[1].as_string(), addresses_in(args[2])));
  return value_of(std::move(done));
}

}  // namespace

FunctionTable functions() {
  const Type& list = list_type();
  FunctionTable table = builtin_functions();
  table.add("GetAllInterfaces", {}, get_all);
  table.add("GetDefaultInterfaces", {}, get_default);
  table.add("GetPrivateInterfaces", {}, get_reachable<true>);
  table.add("GetPublicInterfaces", {}, get_reachable<false>);
  table.add("GetPrivateIP", {}, get_ip<true>);
  table.add("GetPrivateIPs", {}, get_ips<true>);
  table.add("GetPublicIP", {}, get_ip<false>);
  table.add("GetPublicIPs", {}, get_ips<false>);
  table.add("GetInterfaceIP", {&kString}, get_interface_ips<true>);
  table.add("GetInterfaceIPs", {&kString}, get_interface_ips<false>);
  table.add("attr", {&kString, &types::kAny}, attr);
  table.add("exclude", {&kString, &kString, &list}, filter<false>);
  table.add("include", {&kString, &kString, &list}, filter<true>);
  table.add("join", {&kString, &kString, &list}, join);
  table.add("limit", {&types::kUint, &list}, limit);
  table.add("math", {&kString, &kString, &list}, math);
  table.add("offset", {&types::kInt, &list}, offset);
  table.add("sort", {&kString, &list}, sort);
  table.add("unique", {&kString, &list}, unique);
  return table;
}

}  // namespace longshore::tmpl::sockaddr
