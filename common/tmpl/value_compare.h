// Truth, order and equality by Go's rules.
#pragma once
#include <expected>
#include <string>

#include "common/tmpl/value.h"

namespace longshore::tmpl {

// What `if`, `and`, `or` and `not` think of a value: empty things and zeros are false, structs are true.
bool truth(const Value& value);

// The classes within which `eq`, `lt` and so on compare.
enum class BasicKind { invalid, boolean, complex, integer, floating, string, unsigned_integer };
BasicKind basic_kind(const Value& value);

// Errors are Go's texts.
std::expected<bool, std::string> equal(const Value& left, const Value& right);
std::expected<bool, std::string> less(const Value& left, const Value& right);

// The order of map keys in print and range: -1, 0, 1. Keys of one type compare by value, others by kind and type name.
int compare_keys(const Value& left, const Value& right);

}  // namespace longshore::tmpl
