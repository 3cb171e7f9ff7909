// in contains containsAll containsAny containsNone containsNotAll loop
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

using types::kAny;

// Integers compare with integers, floats with floats, strings with strings of the same type.
bool same_scalar(const Value& element, const Value& wanted) {
  if (element.is_signed()) return wanted.is_signed() && element.as_int() == wanted.as_int();
  if (element.is_float()) return wanted.is_float() && element.as_float() == wanted.as_float();
  return element.is_string() && wanted.is_string() && same_type(element.type(), wanted.type()) &&
         element.as_string() == wanted.as_string();
}

// A nil compares with nothing, but the original asks for its type as soon as there is a string to compare it with.
Result<bool> is_in(const Value& list, const Value& wanted) {
  const bool nothing = !wanted.valid() || wanted.is_nil_interface();
  const auto no_type = [] { return bad("reflect: call of reflect.Value.Type on zero Value"); };
  if (list.is_string()) {
    if (nothing) return no_type();
    return wanted.is_string() && find_text(list.as_string(), wanted.as_string()) != std::string_view::npos;
  }
  if (list.kind() != Kind::list) return false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value element = list.at(i);
    if (nothing && element.is_string()) return no_type();
    if (!nothing && same_scalar(element, wanted)) return true;
  }
  return false;
}

Result<Value> in(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args[0].size()));
  LS_TRY(found, is_in(args[0], args[1]));
  return Value::boolean(found);
}

Result<Value> contains(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args[1].size()));
  LS_TRY(found, is_in(args[1], args[0]));
  return Value::boolean(found);
}

// The needles come first. `AtEnd` is the answer when no needle decided, `Decides` the finding that decides.
template <bool AtEnd, bool Decides>
Result<Value> contains_some(Call& call, Args args) {
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    LS_TRY_STATUS(call.charge(1 + args[1].size()));
    LS_TRY(found, is_in(args[1], args[0].at(i).unbox()));
    if (found == Decides) return Value::boolean(!AtEnd);
  }
  return Value::boolean(AtEnd);
}

Result<std::int64_t> loop_bound(const Value& value) {
  if (value.is_integer() && value.kind() != Kind::uintptr) return value.as_int();
  if (!value.is_string()) return bad("loop: bad argument type: " + std::string(value.type_name()));
  if (value.size() == 0) return 0;
  const auto number = parse_int(value.as_string(), 10);
  if (number) return *number;
  return bad(parse_error("parseInt", "ParseInt", value.as_string(), number.error() == NumberError::range));
}

Result<Value> loop(Call&, Args args) {
  if (args.empty() || args.size() > 2)
    return bad("loop: wrong number of arguments, expected 1 or 2, but got " + std::to_string(args.size()));
  LS_TRY(first, loop_bound(args[0]));
  if (args.size() == 1) return Value::sequence(0, first);
  LS_TRY(end, loop_bound(args[1]));
  return Value::sequence(first, end);
}

}  // namespace

void add_list_helpers(FunctionTable& table) {
  table.add("in", {&kAny, &kAny}, in);
  table.add("contains", {&kAny, &kAny}, contains);
  table.add("containsAll", {&types::kListOfAny, &kAny}, contains_some<true, false>);
  table.add("containsAny", {&types::kListOfAny, &kAny}, contains_some<false, true>);
  table.add("containsNone", {&types::kListOfAny, &kAny}, contains_some<true, true>);
  table.add("containsNotAll", {&types::kListOfAny, &kAny}, contains_some<false, false>);
  table.add("loop", {&kAny}, loop, true);
}

}  // namespace longshore::tmpl
