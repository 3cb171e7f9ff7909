#include "tests/conformance/conformance_data.h"

#include <array>

#include "common/tmpl/bind.h"
#include "common/tmpl/eval.h"

namespace longshore::conformance {
struct Inner {
  std::string name;
  int port = 0;
  double weight = 0;
  bool on = false;
  std::vector<std::string> tags;
  std::map<std::string, std::string> meta;
};
}  // namespace longshore::conformance

template <>
struct longshore::tmpl::GoType<longshore::conformance::Inner>
    : longshore::tmpl::RecordBinding<longshore::conformance::Inner> {
  using Inner = longshore::conformance::Inner;
  static constexpr std::string_view kName = "main.Inner";
  static constexpr FieldOps kFields[] = {field<&Inner::name>("Name"),     field<&Inner::port>("Port"),
                                         field<&Inner::weight>("Weight"), field<&Inner::on>("On"),
                                         field<&Inner::tags>("Tags"),     field<&Inner::meta>("Meta")};
};

namespace longshore::conformance {
namespace {

using namespace tmpl;

// The struct T of data.go as a row of Values, with one getter per column.
using Row = std::vector<Value>;

template <std::size_t Column>
Value column(const void* object, const Owner&) {
  return (*static_cast<const Row*>(object))[Column];
}
// Only the zero value of a record needs the types of its fields, and T is never zero.
const Type& any_type() {
  return types::kAny;
}

constexpr std::string_view kColumns[] = {"B",      "I",    "I8",      "I16", "I32",   "I64",  "U",    "U8",   "U64",
                                         "F",      "F32",  "C",       "S",   "Empty", "SI",   "SS",   "SB",   "SNil",
                                         "AI",     "MSI",  "MSS",     "MIS", "MFS",   "MBS",  "MNil", "MAny", "Any",
                                         "AnyNil", "AnyS", "AnyList", "St",  "P",     "PNil", "L",    "LV",   "Level"};

template <std::size_t... Columns>
constexpr auto make_fields(std::index_sequence<Columns...>) {
  return std::array{FieldOps{kColumns[Columns], any_type, column<Columns>}...};
}
constexpr auto kFields = make_fields(std::make_index_sequence<std::size(kColumns)>());

constexpr const Type* kAddParams[] = {&types::kInt, &types::kInt};
constexpr const Type* kJoinParams[] = {&types::kString, &types::kString};
constexpr const Type* kFailParams[] = {&types::kBool};

Result<Value> method_zero(Call&, const Value&, Args) {
  return Value::string("zero");
}
Result<Value> method_add(Call&, const Value&, Args args) {
  return Value::integer(args[0].as_int() + args[1].as_int());
}
std::string joined(std::string_view separator, Args parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i].as_string();
  }
  return out;
}
Result<Value> method_join(Call&, const Value&, Args args) {
  return Value::string(joined(args[0].as_string(), args.subspan(1)));
}
Result<Value> method_fail(Call&, const Value&, Args args) {
  if (args[0].as_bool()) return fail(Errc::template_error, "failed as asked");
  return Value::string("fine");
}
Result<Value> method_self(Call&, const Value& self, Args) {
  return self;
}

constexpr MethodOps kMethods[] = {{"Zero", {}, method_zero},
                                  {"Add", kAddParams, method_add},
                                  {"Join", kJoinParams, method_join, true},
                                  {"Fail", kFailParams, method_fail},
                                  {"Self", {}, method_self}};

constexpr Type kT{.kind = Kind::record, .name = "*main.T", .fields = kFields, .methods = kMethods, .pointer = true};
constexpr Type kArray{
    .kind = Kind::list, .name = "[3]int", .elem = &types::kInt, .list = &types::kValueListOps, .array = true};
constexpr Type kMapStringInt = types::map_of("map[string]int", types::kString, types::kInt);
constexpr Type kMapIntString = types::map_of("map[int]string", types::kInt, types::kString);
constexpr Type kMapFloatString = types::map_of("map[float64]string", types::kFloat64, types::kString);
constexpr Type kMapBoolString = types::map_of("map[bool]string", types::kBool, types::kString);
constexpr Type kLevel{.kind = Kind::int_, .name = "main.Level", .text = [](const Value& self) {
                        return std::string(static_cast<std::size_t>(self.as_int()), '*');
                      }};
// Inner by value, for the fields that are not pointers.
constexpr Type kInnerByValue{
    .kind = Kind::record, .name = "main.Inner", .fields = GoType<Inner>::kFields, .pointer = false};
constexpr Type kInnerList = types::list_of("[]main.Inner", kInnerByValue);

Value text(std::string_view value) {
  return Value::string(std::string(value));
}

std::shared_ptr<const Inner> inner(std::string name, int port) {
  return std::make_shared<const Inner>(
      Inner{std::move(name), port, 0.5, true, {"a", "b"}, {{"k", "v"}, {"zone", "z1"}}});
}

Value integers(const Type& type, std::initializer_list<int> values) {
  std::vector<Value> out;
  for (const int value : values) out.push_back(Value::integer(value));
  return Value::list(type, std::move(out));
}

Value bytes(std::string_view value) {
  std::vector<Value> out;
  for (const char c : value) out.push_back(Value::unsigned_integer(static_cast<unsigned char>(c), types::kUint8));
  return Value::list(types::kBytes, std::move(out));
}

Value make_t() {
  const Type& kInnerPointer = GoType<Inner>::type();
  static const Type kPointerList = types::list_of("[]*main.Inner", kInnerPointer);
  Row row{Value::boolean(true),
          Value::integer(17),
          Value::integer(-8, types::kInt8),
          Value::integer(1600, types::kInt16),
          Value::integer(-320000, types::kInt32),
          Value::integer(64000000000, types::kInt64),
          Value::unsigned_integer(18),
          Value::unsigned_integer(200, types::kUint8),
          Value::unsigned_integer(1ULL << 63, types::kUint64),
          Value::floating(3.25),
          Value::floating(static_cast<double>(0.1F), types::kFloat32),
          Value::complex({1, -2}),
          text("xyz"),
          text(""),
          integers(types::kListOfInt, {3, 4, 5}),
          Value::strings({"one", "two", "three"}),
          bytes("byte"),
          Value::nil_of(types::kListOfString),
          integers(kArray, {7, 8, 9}),
          Value::map(
              kMapStringInt,
              {{text("one"), Value::integer(1)}, {text("two"), Value::integer(2)}, {text("three"), Value::integer(3)}}),
          Value::map(types::kMapOfString, {{text("a"), text("1")}, {text("b"), text("2")}}),
          Value::map(kMapIntString, {{Value::integer(10), text("ten")},
                                     {Value::integer(-1), text("minus")},
                                     {Value::integer(2), text("two")}}),
          Value::map(kMapFloatString, {{Value::floating(1.5), text("x")}, {Value::floating(-2), text("y")}}),
          Value::map(kMapBoolString, {{Value::boolean(true), text("t")}, {Value::boolean(false), text("f")}}),
          Value::nil_of(kMapStringInt),
          any_map({{"n", Value::integer(1)},
                   {"s", text("str")},
                   {"nil", Value::nil()},
                   {"l", any_list({Value::integer(1), text("two"), Value::floating(3.5)})},
                   {"m", any_map({{"k", text("v")}})}}),
          Value::integer(7).box(),
          Value::nil(),
          text("seven").box(),
          any_list({Value::integer(1), Value::floating(-2.5), text("x"), Value::nil(), Value::boolean(true),
                    any_list({text("in")})}),
          Value::view(kInnerByValue, inner("st", 1)),
          view_of(inner("p", 2)),
          Value::nil_of(kInnerPointer),
          Value::list(kPointerList, {view_of(inner("l0", 10)), view_of(inner("l1", 11))}),
          Value::list(kInnerList, {Value::view(kInnerByValue, inner("v0", 20))}),
          Value::integer(3, kLevel)};
  return Value::view(kT, std::make_shared<const Row>(std::move(row)));
}

Result<Value> echo(Call&, Args args) {
  return args[0];
}
Result<Value> count(Call&, Args args) {
  return Value::integer(static_cast<std::int64_t>(args[0].size()));
}
Result<Value> brackets(Call&, Args args) {
  return Value::string("<" + std::string(args[0].as_string()) + ">");
}
Result<Value> my_error(Call&, Args) {
  return fail(Errc::template_error, "my error");
}
Result<Value> nothing(Call&, Args) {
  return Value::nil();
}
Result<Value> repeat(Call& call, Args args) {
  std::string out;
  for (std::int64_t i = 0; i < args[0].as_int(); ++i) {
    LS_TRY_STATUS(call.charge(1));
    out += joined("-", args.subspan(1));
    LS_TRY_STATUS(call.check_size(out.size()));
  }
  return Value::string(std::move(out));
}
Result<Value> make_function(Call&, Args) {
  static constexpr Type kType{Kind::function, "func(int, ...string) string"};
  static const Function kRepeat{
      .name = "func", .params = {&types::kInt, &types::kString}, .variadic = true, .body = repeat, .unsupported = {}};
  return Value::function(kRepeat, kType);
}

}  // namespace

std::optional<Value> data_set(std::string_view name) {
  if (name.empty()) return Value();
  if (name == "T") return make_t();
  if (name == "str") return text("hello");
  if (name == "int") return Value::integer(42);
  if (name == "list") return Value::strings({"a", "b", "c"});
  if (name == "map")
    return any_map(
        {{"x", Value::integer(1)}, {"y", text("two")}, {"z", any_list({Value::integer(1), Value::integer(2)})}});
  return std::nullopt;
}

Functions functions() {
  FunctionTable table = builtin_functions();
  table.merge(helper_functions());
  table.add("tString", {&types::kString}, brackets);
  table.add("tInt", {&types::kInt}, echo);
  table.add("tUint", {&types::kUint}, echo);
  table.add("tFloat", {&types::kFloat64}, echo);
  table.add("tBool", {&types::kBool}, echo);
  table.add("tAny", {&types::kAny}, echo);
  table.add("tList", {&types::kListOfString}, count);
  table.add("tMap", {&types::kMapOfAny}, count);
  table.add("tError", {}, my_error);
  table.add("tNil", {}, nothing);
  table.add("tFunc", {}, make_function);
  return std::make_shared<const FunctionTable>(std::move(table));
}

}  // namespace longshore::conformance
