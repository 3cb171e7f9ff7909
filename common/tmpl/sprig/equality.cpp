// Go's reflect.DeepEqual.
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

Result<bool> equal_lists(Call& call, const Value& left, const Value& right) {
  if (left.is_nil() != right.is_nil() || left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    LS_TRY(same, deep_equal(call, left.at(i), right.at(i)));
    if (!same) return false;
  }
  return true;
}

Result<bool> equal_maps(Call& call, const Value& left, const Value& right) {
  if (left.is_nil() != right.is_nil() || left.size() != right.size()) return false;
  for (const auto& [key, element] : left.entries()) {
    const auto other = right.find(key.unbox());
    if (!other) return false;
    LS_TRY(same, deep_equal(call, element, *other));
    if (!same) return false;
  }
  return true;
}

Result<bool> equal_records(Call& call, const Value& left, const Value& right) {
  if (left.object() == right.object()) return true;
  if (left.is_nil() || right.is_nil()) return false;
  // A record without fields to see (a version, a time) is what it prints.
  if (left.type().fields.empty() && left.type().text != nullptr)
    return left.type().text(left) == right.type().text(right);
  for (const FieldOps& field : left.type().fields) {
    LS_TRY(same, deep_equal(call, *left.field(field.name), *right.field(field.name)));
    if (!same) return false;
  }
  return true;
}

}  // namespace

Result<bool> deep_equal(Call& call, const Value& left, const Value& right) {
  LS_TRY_STATUS(call.charge(1));
  if (is_nothing(left) || is_nothing(right)) return is_nothing(left) && is_nothing(right);
  if (!same_type(left.type(), right.type())) return false;
  switch (left.kind()) {
    case Kind::boolean:
      return left.as_bool() == right.as_bool();
    case Kind::string:
      LS_TRY_STATUS(call.charge(left.size() / 64));
      return left.as_string() == right.as_string();
    case Kind::float32:
    case Kind::float64:
      return left.as_float() == right.as_float();
    case Kind::complex64:
    case Kind::complex128:
      return left.as_complex() == right.as_complex();
    case Kind::list:
      return equal_lists(call, left, right);
    case Kind::map:
      return equal_maps(call, left, right);
    case Kind::record:
      return equal_records(call, left, right);
    case Kind::function:
      return left.is_nil() && right.is_nil();
    case Kind::channel:
      return left.object() == right.object();
    default:
      return left.as_uint() == right.as_uint();
  }
}

}  // namespace longshore::tmpl::sprig
