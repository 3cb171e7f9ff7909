// Value: the only data type that templates and functions see. 32 bytes, cheap to copy: containers, strings and records
// are shared and never change. Every value knows its Go type, so that printing, comparison and error texts can be Go's.
//
// Records, lists and maps may be VIEWS: the value holds a table of functions (Type) and a reference to a plain C++
// object; a field is converted only when a template asks for it. See bind.h for how to declare such tables.
#pragma once
#include <complex>
#include <cstdint>
#include <initializer_list>

#include "common/tmpl/type.h"

namespace longshore::tmpl {

struct Function;

class Value {
 public:
  Value() = default;                      // invalid: a missing key; prints as <no value>
  static Value nil();                     // a nil interface {}; prints as <nil>
  static Value nil_of(const Type& type);  // nil list, nil map, nil pointer to record
  // The zero value of a type: "", 0, false, nil list, nil interface, ...
  static Value zero(const Type& type);

  static Value boolean(bool value);
  static Value integer(std::int64_t value, const Type& type = types::kInt);             // any signed kind
  static Value unsigned_integer(std::uint64_t value, const Type& type = types::kUint);  // any unsigned kind
  static Value floating(double value, const Type& type = types::kFloat64);  // kFloat32: already rounded to it
  static Value complex(std::complex<double> value, const Type& type = types::kComplex128);
  static Value string(std::string text);
  // A string inside an object that `owner` keeps alive (no copy).
  static Value string_view(std::string_view text, const Owner& owner, const Type& type = types::kString);

  // Containers of Values; `type` is made by types::list_of / map_of. Entries need not be sorted; the last of equal keys
  // wins.
  static Value list(const Type& type, std::vector<Value> elements);
  static Value map(const Type& type, std::vector<MapEntry> entries);
  static Value strings(std::vector<std::string> elements);  // []string

  // A view: `object` is what the functions of `type` expect (record, list or map); nullptr gives a typed nil.
  static Value view(const Type& type, Owner object);
  static Value view(const Type& type, const void* object, const Owner& owner);
  // A function value (Go func), callable with the builtin `call`. The function must outlive the evaluation.
  static Value function(const Function& function, const Type& type = types::kFunction);
  // What `loop` returns: a channel that yields from..to-1 once.
  static Value sequence(std::int64_t from, std::int64_t to);

  Kind kind() const { return type_bits_ == 0 ? Kind::invalid : type().kind; }
  bool valid() const { return type_bits_ != 0; }
  // Requires valid(). Inline, like whatever else is asked at every step.
  const Type& type() const { return *reinterpret_cast<const Type*>(type_bits_ & ~std::uintptr_t{1}); }
  // The Go type of what is here: "int"; "<nil>" for invalid and nil.
  std::string_view type_name() const;
  // The type of the variable that holds it: "interface {}" for boxed values and nil.
  std::string_view static_type_name() const;
  // nil interface, or nil list, map, function or pointer. Not true for invalid.
  bool is_nil() const;
  bool is_signed() const { return kind() >= Kind::int_ && kind() <= Kind::int64; }
  bool is_unsigned() const { return kind() >= Kind::uint_ && kind() <= Kind::uintptr; }
  bool is_integer() const { return kind() >= Kind::int_ && kind() <= Kind::uintptr; }
  bool is_float() const { return kind() == Kind::float32 || kind() == Kind::float64; }
  bool is_complex() const { return kind() == Kind::complex64 || kind() == Kind::complex128; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_pointer() const { return kind() == Kind::record && type().pointer; }
  bool is_nil_interface() const { return kind() == Kind::interface_; }

  // Each requires the kind in question.
  bool as_bool() const { return bits_ != 0; }
  std::int64_t as_int() const { return static_cast<std::int64_t>(bits_); }
  std::uint64_t as_uint() const { return bits_; }
  double as_float() const;
  std::complex<double> as_complex() const;
  std::string_view as_string() const { return {static_cast<const char*>(ref_.get()), bits_}; }
  const Function& as_function() const { return *static_cast<const Function*>(ref_.get()); }
  // Takes the next element of a channel; false at the end. The channel is shared by all copies.
  bool receive(std::int64_t& out) const;
  std::size_t pending() const;  // elements still in a channel

  // Lists, maps and strings (bytes).
  std::size_t size() const;
  Value at(std::size_t index) const;                        // list, index < size
  std::optional<Value> find(const Value& key) const;        // map; the key has the map's key kind
  std::optional<Value> find(std::string_view key) const;    // map with string keys
  std::vector<MapEntry> entries() const;                    // map, sorted
  std::optional<Value> field(std::string_view name) const;  // record with that field; no methods

  // Containers of Values within containers of Values; bounded by the evaluator, as destruction and printing recurse.
  std::size_t depth() const { return kind() == Kind::list || kind() == Kind::map ? bits_ : 0; }

  const void* object() const { return ref_.get(); }  // behind a view
  const Owner& owner() const { return ref_; }

  // Go distinguishes an element of a []interface {} (boxed) from what is inside; only error texts show it.
  bool boxed() const { return (type_bits_ & 1) != 0; }
  Value box() const {
    Value copy = *this;
    if (copy.valid()) copy.type_bits_ |= 1;
    return copy;
  }
  Value unbox() const {
    Value copy = *this;
    copy.drop_box();
    return copy;
  }
  void drop_box() { type_bits_ &= ~std::uintptr_t{1}; }

 private:
  Value(const Type& type, std::uint64_t bits, Owner ref)
      : ref_(std::move(ref)), bits_(bits), type_bits_(reinterpret_cast<std::uintptr_t>(&type)) {}

  Owner ref_;                     // characters, container, record, boxed complex; empty for numbers and nils
  std::uint64_t bits_ = 0;        // number, bool, or length of a string
  std::uintptr_t type_bits_ = 0;  // const Type*, lowest bit = boxed
};

// Builds lists and maps of interface {} elements without ceremony.
Value any_list(std::vector<Value> elements);
Value any_map(std::vector<std::pair<std::string, Value>> entries);

}  // namespace longshore::tmpl
