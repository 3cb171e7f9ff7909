#include "common/tmpl/sockaddr/values.h"

#include "common/tmpl/bind.h"
#include "common/tmpl/function_table.h"
#include "common/tmpl/sockaddr/attribute.h"

namespace longshore::tmpl {

using sockaddr::Bits;
using sockaddr::IfAddr;
using sockaddr::Interface;
using sockaddr::Ip;

namespace {

constexpr const Type* kOneString[] = {&types::kString};

std::string flags_of(const Value& self) {
  return sockaddr::flags_text(static_cast<unsigned>(self.as_uint()));
}
constexpr Type kFlags{.kind = Kind::uint_, .name = "net.Flags", .text = flags_of};
const Type& flags_type() {
  return kFlags;
}
const Type& string_type() {
  return types::kString;
}
const Type& int_type() {
  return types::kInt;
}

template <class T>
const T& object(const Value& self) {
  return *static_cast<const T*>(self.object());
}

template <std::string (*Text)(const Ip& ip)>
Result<Value> text_of_ip(Call&, const Value& self, Args) {
  return Value::string(Text(object<Ip>(self)));
}
template <Bits (*Address)(const Ip& ip)>
std::string host_text(const Ip& ip) {
  return sockaddr::address_text(Address(ip), ip.v6);
}
std::string own_text(const Ip& ip) {
  return sockaddr::address_text(ip.address, ip.v6);
}
std::string network_text(const Ip& ip) {
  return sockaddr::to_string(Ip{ip.v6, sockaddr::network_of(ip), ip.mask, 0});
}
std::string name_of_type(const Ip& ip) {
  return std::string(sockaddr::type_text(ip));
}
Result<Value> mask_bits(Call&, const Value& self, Args) {
  return Value::integer(sockaddr::mask_bits(object<Ip>(self)));
}
std::string printed_ip(const Value& self) {
  return sockaddr::to_string(object<Ip>(self));
}

constexpr MethodOps kIpMethods[] = {
    {"AddressBinString", {}, text_of_ip<sockaddr::binary_text>},
    {"AddressHexString", {}, text_of_ip<sockaddr::hex_text>},
    {"FirstUsable", {}, text_of_ip<host_text<sockaddr::first_usable>>},
    {"LastUsable", {}, text_of_ip<host_text<sockaddr::last_usable>>},
    {"Maskbits", {}, mask_bits},
    {"NetIP", {}, text_of_ip<own_text>},
    {"Network", {}, text_of_ip<network_text>},
    {"String", {}, text_of_ip<sockaddr::to_string>},
    {"Type", {}, text_of_ip<name_of_type>},
};
const Type& ip_type(bool v6) {
  static const Type four{.kind = Kind::record, .name = "sockaddr.IPv4Addr", .methods = kIpMethods, .text = printed_ip};
  static const Type six{.kind = Kind::record, .name = "sockaddr.IPv6Addr", .methods = kIpMethods, .text = printed_ip};
  return v6 ? six : four;
}

const Type& any_type() {
  return types::kAny;
}

}  // namespace

template <>
struct GoType<Interface> : RecordBinding<Interface> {
  static constexpr std::string_view kName = "net.Interface";
  static constexpr bool kPointer = false;
  static constexpr FieldOps kFields[] = {field<&Interface::index>("Index"),
                                         field<&Interface::mtu>("MTU"),
                                         field<&Interface::name>("Name"),
                                         field<&Interface::hardware>("HardwareAddr"),
                                         {"Flags", flags_type, [](const void* object, const Owner&) {
                                            return Value::unsigned_integer(static_cast<const Interface*>(object)->flags,
                                                                           kFlags);
                                          }}};
};

namespace {

const Interface& interface_of(const void* object) {
  return *static_cast<const IfAddr*>(object)->interface;
}

Result<Value> attribute_of(Call&, const Value& self, Args args) {
  LS_TRY(text, sockaddr::attribute(object<IfAddr>(self), args[0].as_string()));
  return Value::string(std::move(text));
}
Result<Value> printed(Call&, const Value& self, Args) {
  return Value::string(sockaddr::to_string(object<IfAddr>(self)));
}
Result<Value> type_of(Call&, const Value& self, Args) {
  return Value::string(name_of_type(object<IfAddr>(self).ip));
}

}  // namespace

template <>
struct GoType<IfAddr> : RecordBinding<IfAddr> {
  static constexpr std::string_view kName = "sockaddr.IfAddr";
  static constexpr bool kPointer = false;
  static constexpr FieldOps kFields[] = {
      {"SockAddr", any_type,
       [](const void* object, const Owner& owner) {
         const Ip& ip = static_cast<const IfAddr*>(object)->ip;
         return Value::view(ip_type(ip.v6), &ip, owner);
       }},
      {"Interface", GoType<Interface>::type,
       [](const void* object, const Owner& owner) { return view_of(interface_of(object), owner); }},
      {"Index", int_type, [](const void* object, const Owner&) { return Value::integer(interface_of(object).index); }},
      {"MTU", int_type, [](const void* object, const Owner&) { return Value::integer(interface_of(object).mtu); }},
      {"Name", string_type,
       [](const void* object, const Owner& owner) { return Value::string_view(interface_of(object).name, owner); }},
      {"HardwareAddr", string_type,
       [](const void* object, const Owner& owner) { return Value::string_view(interface_of(object).hardware, owner); }},
      {"Flags", flags_type,
       [](const void* object, const Owner&) { return Value::unsigned_integer(interface_of(object).flags, kFlags); }}};
  static constexpr MethodOps kMethods[] = {
      {"Attr", kOneString, attribute_of}, {"String", {}, printed}, {"Type", {}, type_of}};
  static std::string kText(const Value& self) { return sockaddr::to_string(object<IfAddr>(self)); }
};

namespace sockaddr {

const Type& list_type() {
  static const Type plain = types::list_of("sockaddr.IfAddrs", GoType<IfAddr>::type());
  static const Type list{.kind = Kind::list,
                         .name = plain.name,
                         .elem = plain.elem,
                         .plain = &plain,
                         .list = &GoType<std::vector<IfAddr>>::kOps};
  return list;
}

Value value_of(IfAddrs addresses) {
  return Value::view(list_type(), std::make_shared<const IfAddrs>(std::move(addresses)));
}

IfAddrs addresses_in(const Value& list) {
  IfAddrs out;
  const std::size_t size = list.is_nil() ? 0 : list.size();
  out.reserve(size);
  for (std::size_t i = 0; i < size; ++i) out.push_back(*address_in(list.at(i)));
  return out;
}

const IfAddr* address_in(const Value& value) {
  const bool is_one = value.kind() == Kind::record && same_type(value.type(), GoType<IfAddr>::type());
  return is_one ? static_cast<const IfAddr*>(value.object()) : nullptr;
}

}  // namespace sockaddr
}  // namespace longshore::tmpl
