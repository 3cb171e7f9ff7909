// What the files of sprig functions share: Go's conversions, and the texts of Go's panics, which text/template reports
// as errors of the call.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/tmpl/eval.h"
#include "common/tmpl/function_table.h"
#include "common/tmpl/sprig/groups.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::sprig {

inline std::unexpected<Error> bad(std::string text) {
  return base::fail(Errc::template_error, std::move(text));
}
// What Go's runtime says when a function asks the type of nil.
inline constexpr const char* kNilDereference = "runtime error: invalid memory address or nil pointer dereference";

inline bool is_nothing(const Value& value) {
  return !value.valid() || value.is_nil_interface();
}

// github.com/spf13/cast 1.7: ToInt64 and ToFloat64. Whatever has no meaning as a number is 0; so are named types.
std::int64_t to_int64(const Value& value);
double to_float64(const Value& value);

// sprig's strval: strings, bytes and Stringers as they are, anything else as %v.
Result<std::string> text_of(Call& call, const Value& value);
// fmt's %v.
Result<std::string> print_plain(Call& call, const Value& value);

// sprig's `empty`: nil, zero, false, and whatever has no elements.
bool is_empty(const Value& value);
// Go's reflect.DeepEqual on two interfaces: types must be the same. Charges for what it looks at.
Result<bool> deep_equal(Call& call, const Value& left, const Value& right);

// Go's reflect.Kind of a value: "slice", "ptr", "invalid".
std::string_view kind_name(const Value& value);
bool is_list(const Value& value);
// The elements of a list without boxes. Charges for them.
Result<std::vector<Value>> elements_of(Call& call, const Value& list);
// []interface {} from values; nothing inside becomes nil.
Value make_list(std::vector<Value> elements);
// Go's parts[:end] and parts[start:end] on something of that length: the panic's text if they do not fit.
Status check_bounds(std::int64_t start, std::int64_t end, std::size_t length);
Status check_end(std::int64_t end, std::size_t length);
Status check_start(std::int64_t start, std::size_t length);

// Adds a function under "sprig_" + name.
void add(FunctionTable& table, std::string_view name, std::vector<const Type*> params, FunctionBody body,
         bool variadic = false);

}  // namespace longshore::tmpl::sprig
