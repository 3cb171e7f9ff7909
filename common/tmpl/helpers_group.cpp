// byKey byTag byPort byMeta explode explodeMap. Records are recognised by their fields, not by their C++ type.
#include <algorithm>
#include <map>
#include <variant>

#include "common/tmpl/format.h"
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

using types::kAny;
using types::kString;

// ---- byKey: key pairs whose Key has lost its first part

struct Rekeyed {
  Value original;
  std::string key;
};

constexpr std::string_view kPairFields[] = {"Path",        "Key",       "Value", "CreateIndex",
                                            "ModifyIndex", "LockIndex", "Flags", "Session"};

const Type& string_type() {
  return kString;
}
const Type& index_type() {
  return types::kUint64;
}

template <std::size_t Field>
Value rekeyed_field(const void* object, const Owner& owner) {
  const auto& pair = *static_cast<const Rekeyed*>(object);
  if constexpr (kPairFields[Field] == "Key") return Value::string_view(pair.key, owner);
  constexpr bool kText = Field < 3 || Field == 7;
  return pair.original.field(kPairFields[Field]).value_or(Value::zero(kText ? string_type() : index_type()));
}

template <std::size_t Field>
constexpr FieldOps pair_field() {
  return {kPairFields[Field], Field < 3 || Field == 7 ? string_type : index_type, rekeyed_field<Field>};
}

constexpr FieldOps kRekeyedFields[] = {pair_field<0>(), pair_field<1>(), pair_field<2>(), pair_field<3>(),
                                       pair_field<4>(), pair_field<5>(), pair_field<6>(), pair_field<7>()};
constexpr Type kPair{.kind = Kind::record, .name = "*dependency.KeyPair", .fields = kRekeyedFields, .pointer = true};
constexpr Type kPairs = types::list_of("[]*dependency.KeyPair", kPair);
constexpr Type kPairMap = types::map_of("map[string]*dependency.KeyPair", kString, kPair);
constexpr Type kPairMaps = types::map_of("map[string]map[string]*dependency.KeyPair", kString, kPairMap);

std::string text_field(const Value& record, std::string_view name) {
  const auto field = record.field(name);
  return field && field->is_string() ? text_of(*field) : std::string();
}

Result<Value> by_key(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args[0].size()));
  std::map<std::string, std::vector<MapEntry>> groups;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value pair = args[0].at(i);
    const std::string key = text_field(pair, "Key");
    const std::size_t slash = key.find('/');
    if (slash == std::string::npos || slash + 1 == key.size()) continue;
    auto rest = std::make_shared<const Rekeyed>(Rekeyed{pair, key.substr(slash + 1)});
    Value name = make_string(rest->key);
    groups[key.substr(0, slash)].emplace_back(std::move(name), Value::view(kPair, std::move(rest)));
  }
  std::vector<MapEntry> out;
  for (auto& [top, entries] : groups) out.emplace_back(make_string(top), Value::map(kPairMap, std::move(entries)));
  return Value::map(kPairMaps, std::move(out));
}

// ---- byTag, byPort, byMeta

bool is_list_with(const Value& value, std::string_view field) {
  return value.kind() == Kind::list && value.type().elem->kind == Kind::record &&
         find_field(*value.type().elem, field) != nullptr;
}

std::unexpected<Error> wrong_argument(const Call& call, const Value& value) {
  return bad(std::string(call.name()) + ": wrong argument type " + std::string(value.type_name()));
}

bool is_none(const Value& value) {
  return !value.valid() || value.is_nil_interface();
}

template <class Key>
Value grouped(const Type& type, const Type& list, std::map<Key, std::vector<Value>> groups,
              Value (*to_value)(const Key&)) {
  std::vector<MapEntry> out;
  for (auto& [key, elements] : groups) out.emplace_back(to_value(key), Value::list(list, std::move(elements)));
  return Value::map(type, std::move(out));
}

Value string_key(const std::string& key) {
  return make_string(key);
}

Result<Value> by_tag(Call& call, Args args) {
  std::map<std::string, std::vector<Value>> groups;
  const char* field = is_list_with(args[0], "Tags") ? "Tags" : "ServiceTags";
  if (!is_none(args[0]) && !is_list_with(args[0], field)) return wrong_argument(call, args[0]);
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value element = args[0].at(i);
    const Value tags = element.field(field).value_or(Value());
    LS_TRY_STATUS(call.charge(1 + tags.size()));
    for (std::size_t k = 0; k < tags.size(); ++k) groups[text_of(tags.at(k))].push_back(element);
  }
  return grouped(types::kMapOfLists, types::kListOfAny, std::move(groups), string_key);
}

Result<Value> by_port(Call& call, Args args) {
  std::map<std::int64_t, std::vector<Value>> groups;
  const char* field = is_list_with(args[0], "Port") ? "Port" : "ServicePort";
  if (!is_none(args[0]) && !is_list_with(args[0], field)) return wrong_argument(call, args[0]);
  LS_TRY_STATUS(call.charge(args[0].size()));
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value element = args[0].at(i);
    groups[element.field(field).value_or(Value::integer(0)).as_int()].push_back(element);
  }
  return grouped<std::int64_t>(types::kMapOfIntToLists, types::kListOfAny, std::move(groups),
                               [](const std::int64_t& port) { return Value::integer(port); });
}

constexpr Type kService{.kind = Kind::record, .name = "*dependency.HealthService", .pointer = true};
constexpr Type kServices = types::list_of("[]*dependency.HealthService", kService);
constexpr Type kServiceGroups = types::map_of("map[string][]*dependency.HealthService", kString, kServices);

// The part of a group's name that one meta key contributes.
Result<std::string> meta_part(const Value& meta, std::string_view key) {
  const bool integer = key.ends_with("|int");
  const std::string_view name = integer ? key.substr(0, key.size() - 4) : key;
  const auto found = meta.kind() == Kind::map ? meta.find(name) : std::nullopt;
  std::string value = found && found->is_string() ? text_of(*found) : std::string();
  if (value.empty()) value = integer ? "0" : "_no_" + std::string(name) + "_";
  if (integer) {
    const auto number = parse_int(value, 10);
    if (!number)
      return bad(
          parse_error("cannot parse " + value + " as number ", "Atoi", value, number.error() == NumberError::range));
    std::string digits =
        std::to_string(*number < 0 ? 0 - static_cast<std::uint64_t>(*number) : static_cast<std::uint64_t>(*number));
    const std::size_t width = *number < 0 ? 4 : 5;
    if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
    value = *number < 0 ? "-" + digits : digits;
  }
  std::string out;
  for (std::string_view rest = value; !rest.empty(); rest.remove_prefix(decode_rune(rest).width)) {
    const char c = rest[0];
    const bool keep =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    out += keep ? c : '_';
  }
  return out;
}

Result<Value> by_meta(Call& call, Args args) {
  std::vector<std::string> keys;
  std::string_view rest = args[0].as_string();
  for (;;) {
    const std::size_t comma = rest.find(',');
    keys.emplace_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  std::map<std::string, std::vector<Value>> groups;
  for (std::size_t i = 0; i < args[1].size(); ++i) {
    LS_TRY_STATUS(call.charge(keys.size()));
    const Value service = args[1].at(i);
    const Value meta = service.field("ServiceMeta").value_or(Value());
    std::string name;
    for (std::size_t k = 0; k < keys.size(); ++k) {
      LS_TRY(part, meta_part(meta, keys[k]));
      if (k > 0) name += '_';
      name += part;
    }
    groups[name].push_back(service);
  }
  return grouped(kServiceGroups, args[1].type(), std::move(groups), string_key);
}

}  // namespace

void add_group_helpers(FunctionTable& table) {
  table.add("byKey", {&kPairs}, by_key);
  table.add("byTag", {&kAny}, by_tag);
  table.add("byPort", {&kAny}, by_port);
  table.add("byMeta", {&kString, &kServices}, by_meta);
  add_explode_helpers(table);
}

}  // namespace longshore::tmpl
