#include "common/tmpl/value_compare.h"

#include <cmath>

#include "common/tmpl/format.h"

namespace longshore::tmpl {
namespace {

template <class T>
int three_way(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

int compare_floats(double left, double right) {
  if (std::isnan(left)) return std::isnan(right) ? 0 : -1;
  if (std::isnan(right)) return 1;
  return three_way(left, right);
}

std::string types_of(const Value& left, const Value& right) {
  return std::string(left.type_name()) + " and " + std::string(right.type_name());
}

bool comparable(const Type& type) {
  if (type.kind == Kind::list) return type.array && comparable(*type.elem);
  if (type.kind == Kind::map || type.kind == Kind::function) return false;
  if (type.kind == Kind::record && !type.pointer)
    for (const FieldOps& field : type.fields)
      if (!comparable(field.type())) return false;
  return true;
}

// Both of one comparable Go type.
bool same_value(const Value& left, const Value& right) {
  if (!same_type(left.type(), right.type())) return false;
  if (left.kind() == Kind::record && !left.type().pointer) {
    for (const FieldOps& field : left.type().fields) {
      const auto a = left.field(field.name);
      const auto b = right.field(field.name);
      if (!a || !b || !equal(*a, *b).value_or(false)) return false;
    }
    return true;
  }
  if (left.kind() == Kind::list) {
    for (std::size_t i = 0; i < left.size(); ++i)
      if (i >= right.size() || !equal(left.at(i), right.at(i)).value_or(false)) return false;
    return left.size() == right.size();
  }
  return left.object() == right.object();
}

}  // namespace

bool truth(const Value& value) {
  switch (value.kind()) {
    case Kind::invalid:
    case Kind::interface_:
      return false;
    case Kind::boolean:
      return value.as_bool();
    case Kind::float32:
    case Kind::float64:
      return value.as_float() != 0;
    case Kind::complex64:
    case Kind::complex128:
      return value.as_complex() != std::complex<double>{};
    case Kind::string:
    case Kind::list:
    case Kind::map:
      return value.size() > 0;
    case Kind::record:
    case Kind::channel:
    case Kind::function:
      return !value.is_nil();
    default:
      return value.as_uint() != 0;
  }
}

BasicKind basic_kind(const Value& value) {
  if (value.is_signed()) return BasicKind::integer;
  if (value.is_unsigned()) return BasicKind::unsigned_integer;
  switch (value.kind()) {
    case Kind::boolean:
      return BasicKind::boolean;
    case Kind::string:
      return BasicKind::string;
    case Kind::float32:
    case Kind::float64:
      return BasicKind::floating;
    case Kind::complex64:
    case Kind::complex128:
      return BasicKind::complex;
    default:
      return BasicKind::invalid;
  }
}

std::expected<bool, std::string> equal(const Value& left, const Value& right) {
  const BasicKind a = basic_kind(left);
  const BasicKind b = basic_kind(right);
  const bool left_none = !left.valid() || left.is_nil_interface();
  const bool right_none = !right.valid() || right.is_nil_interface();
  if (a != b) {
    if (a == BasicKind::integer && b == BasicKind::unsigned_integer)
      return left.as_int() >= 0 && left.as_uint() == right.as_uint();
    if (a == BasicKind::unsigned_integer && b == BasicKind::integer)
      return right.as_int() >= 0 && left.as_uint() == right.as_uint();
    if (left_none || right_none) return false;
    return std::unexpected("incompatible types for comparison: " + types_of(left, right));
  }
  switch (a) {
    case BasicKind::boolean:
      return left.as_bool() == right.as_bool();
    case BasicKind::complex:
      return left.as_complex() == right.as_complex();
    case BasicKind::integer:
    case BasicKind::unsigned_integer:
      return left.as_uint() == right.as_uint();
    case BasicKind::floating:
      return left.as_float() == right.as_float();
    case BasicKind::string:
      return left.as_string() == right.as_string();
    case BasicKind::invalid:
      break;
  }
  // Go's reflect kinds: a pointer to a struct and a struct are different ones.
  const bool same_kind = left.kind() == right.kind() && left.is_pointer() == right.is_pointer();
  if (!left_none && !right_none && !same_kind)
    return std::unexpected("non-comparable types " + to_text(left, 's') + ": " + std::string(left.type_name()) + ", " +
                           std::string(right.type_name()) + ": " + to_text(right));
  const bool left_nil = left_none || left.is_nil();
  const bool right_nil = right_none || right.is_nil();
  if (left_nil || right_nil) return left_nil == right_nil;
  if (!comparable(right.type()))
    return std::unexpected("non-comparable type " + to_text(right, 's') + ": " + std::string(right.type_name()));
  return same_value(left, right);
}

std::expected<bool, std::string> less(const Value& left, const Value& right) {
  constexpr const char* kBadType = "invalid type for comparison";
  const BasicKind a = basic_kind(left);
  const BasicKind b = basic_kind(right);
  if (a == BasicKind::invalid || b == BasicKind::invalid) return std::unexpected(kBadType);
  if (a != b) {
    if (a == BasicKind::integer && b == BasicKind::unsigned_integer)
      return left.as_int() < 0 || left.as_uint() < right.as_uint();
    if (a == BasicKind::unsigned_integer && b == BasicKind::integer)
      return right.as_int() >= 0 && left.as_uint() < right.as_uint();
    return std::unexpected("incompatible types for comparison: " + types_of(left, right));
  }
  switch (a) {
    case BasicKind::floating:
      return left.as_float() < right.as_float();
    case BasicKind::integer:
      return left.as_int() < right.as_int();
    case BasicKind::unsigned_integer:
      return left.as_uint() < right.as_uint();
    case BasicKind::string:
      return left.as_string() < right.as_string();
    default:
      return std::unexpected(kBadType);
  }
}

int compare_keys(const Value& left, const Value& right) {
  // A nil comes first; keys of several types are ordered by type.
  if (left.is_nil_interface() != right.is_nil_interface()) return left.is_nil_interface() ? -1 : 1;
  if (left.kind() != right.kind()) return three_way(left.kind(), right.kind());
  if (left.is_signed()) return three_way(left.as_int(), right.as_int());
  if (left.is_unsigned()) return three_way(left.as_uint(), right.as_uint());
  switch (left.kind()) {
    case Kind::boolean:
      return three_way(left.as_bool(), right.as_bool());
    case Kind::string:
      return three_way(left.as_string(), right.as_string());
    case Kind::float32:
    case Kind::float64:
      return compare_floats(left.as_float(), right.as_float());
    case Kind::complex64:
    case Kind::complex128: {
      const int real = compare_floats(left.as_complex().real(), right.as_complex().real());
      return real != 0 ? real : compare_floats(left.as_complex().imag(), right.as_complex().imag());
    }
    case Kind::list:
      for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
        if (const int order = compare_keys(left.at(i), right.at(i)); order != 0) return order;
      return three_way(left.size(), right.size());
    default:
      return three_way(left.object(), right.object());
  }
}

}  // namespace longshore::tmpl
