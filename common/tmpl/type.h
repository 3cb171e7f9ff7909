// Go types as the template language shows them: names for %T and error texts, kinds for comparison and printing, and
// the table of functions through which a value of the type is read. Types are immutable tables with static life time;
// two types with the same Go name are the same type, whatever C++ object is behind them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace longshore::tmpl {

class Call;
class Value;
struct Type;

// The order is that of Go's reflect.Kind where it matters (runs of integer kinds).
enum class Kind : std::uint8_t {
  invalid,  // no value at all, printed as <no value>
  boolean,
  int_,
  int8,
  int16,
  int32,
  int64,
  uint_,
  uint8,
  uint16,
  uint32,
  uint64,
  uintptr,
  float32,
  float64,
  complex64,
  complex128,
  string,
  list,  // Go slice; `Type::array` marks Go arrays
  map,
  record,  // Go struct, or pointer to one if `Type::pointer`
  channel,
  function,
  interface_,  // as the kind of a value: a nil interface; as a parameter type: interface {}
};

// Keeps the object behind a view alive. Empty for objects with static life time.
using Owner = std::shared_ptr<const void>;

// How to read a C++ object as a Go list. `list` is the object, `owner` keeps it alive and is handed on to elements.
struct ListOps {
  std::size_t (*size)(const void* list);
  Value (*at)(const void* list, std::size_t index, const Owner& owner);  // index < size
};

using MapEntry = std::pair<Value, Value>;

// How to read a C++ object as a Go map.
struct MapOps {
  std::size_t (*size)(const void* map);
  std::optional<Value> (*find)(const void* map, const Value& key, const Owner& owner);
  // Appends every entry, in the order in which Go prints and ranges over maps (sorted by key).
  void (*entries)(const void* map, const Owner& owner, std::vector<MapEntry>& out);
};

struct FieldOps {
  std::string_view name;  // Go's exported name
  const Type& (*type)();
  Value (*get)(const void* object, const Owner& owner);
  std::string_view json_name = {};  // the name in toJSON, "-" to leave out; empty = `name`
  bool omit_empty = false;          // toJSON leaves it out when it is "", 0, false or nil
};

struct MethodOps {
  std::string_view name;
  std::span<const Type* const> params;  // Go parameter types; with `variadic` the last one is that of all further ones
  Result<Value> (*call)(Call& call, const Value& self, std::span<const Value> args);
  bool variadic = false;
  // Why Go does not let templates call it: what it returns is not one value, or one and an error. `call` is not used.
  std::string_view refused = {};
};

struct Type {
  Kind kind = Kind::invalid;
  std::string_view name;          // as %T prints it: "[]string", "*dependency.HealthService"
  const Type* elem = nullptr;     // of list, map, channel
  const Type* key = nullptr;      // of map
  const Type* unnamed = nullptr;  // a named list, map or function type: what it is made of; assignable both ways
  const Type* plain = nullptr;    // a view over a C++ container: the same Go type held as Values. nullptr = this one
  const ListOps* list = nullptr;
  const MapOps* map = nullptr;
  std::span<const FieldOps> fields = {};
  std::span<const MethodOps> methods = {};
  bool pointer = false;  // record: pointer to struct (an empty reference is then a nil pointer)
  bool array = false;    // list: Go array
  std::string (*text)(const Value& self) = nullptr;     // Go's String() method: used wherever Go prints with %v or %s
  std::string (*go_text)(const Value& self) = nullptr;  // Go's GoString() method: %#v
  // String() has a pointer receiver: it is used where {{.Field}} itself prints, not within other values nor by printf.
  bool text_by_address = false;
  std::span<const FieldOps> json_fields = {};  // what MarshalJSON shows instead of `fields`
};

// Same Go type? Names decide.
bool same_type(const Type& left, const Type& right);
// Go's assignability: same type, or one side unnamed with the same make, or `to` is interface {}.
bool assignable(const Type& from, const Type& to);
const FieldOps* find_field(const Type& type, std::string_view name);
const MethodOps* find_method(const Type& type, std::string_view name);

namespace types {
inline constexpr Type kAny{Kind::interface_, "interface {}"};
// A parameter that takes anything, invalid and nil included, with no check: Go's reflect.Value.
inline constexpr Type kReflectValue{Kind::interface_, "reflect.Value"};
inline constexpr Type kBool{Kind::boolean, "bool"};
inline constexpr Type kInt{Kind::int_, "int"};
inline constexpr Type kInt8{Kind::int8, "int8"};
inline constexpr Type kInt16{Kind::int16, "int16"};
inline constexpr Type kInt32{Kind::int32, "int32"};
inline constexpr Type kInt64{Kind::int64, "int64"};
inline constexpr Type kUint{Kind::uint_, "uint"};
inline constexpr Type kUint8{Kind::uint8, "uint8"};
inline constexpr Type kUint16{Kind::uint16, "uint16"};
inline constexpr Type kUint32{Kind::uint32, "uint32"};
inline constexpr Type kUint64{Kind::uint64, "uint64"};
inline constexpr Type kUintptr{Kind::uintptr, "uintptr"};
inline constexpr Type kFloat32{Kind::float32, "float32"};
inline constexpr Type kFloat64{Kind::float64, "float64"};
inline constexpr Type kComplex64{Kind::complex64, "complex64"};
inline constexpr Type kComplex128{Kind::complex128, "complex128"};
inline constexpr Type kString{Kind::string, "string"};
inline constexpr Type kFunction{Kind::function, "func(...interface {}) interface {}"};
inline constexpr Type kChanInt64{Kind::channel, "<-chan int64", &kInt64};

// Containers of Values (see Value::list and Value::map).
extern const ListOps kValueListOps;
extern const MapOps kValueMapOps;
constexpr Type list_of(std::string_view name, const Type& elem) {
  return Type{.kind = Kind::list, .name = name, .elem = &elem, .list = &kValueListOps};
}
constexpr Type map_of(std::string_view name, const Type& key, const Type& elem) {
  return Type{.kind = Kind::map, .name = name, .elem = &elem, .key = &key, .map = &kValueMapOps};
}
inline constexpr Type kListOfAny = list_of("[]interface {}", kAny);
inline constexpr Type kListOfString = list_of("[]string", kString);
inline constexpr Type kListOfInt = list_of("[]int", kInt);
inline constexpr Type kBytes = list_of("[]uint8", kUint8);
inline constexpr Type kMapOfAny = map_of("map[string]interface {}", kString, kAny);
inline constexpr Type kMapOfString = map_of("map[string]string", kString, kString);
inline constexpr Type kMapOfLists = map_of("map[string][]interface {}", kString, kListOfAny);
inline constexpr Type kMapOfIntToLists = map_of("map[int][]interface {}", kInt, kListOfAny);
}  // namespace types

}  // namespace longshore::tmpl
