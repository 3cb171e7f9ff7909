// Shows plain C++ structs to templates as Go records, without converting them.
//
//   struct Instance { std::string name; std::vector<std::string> tags; int port = 0; };
//
//   template <>
//   struct longshore::tmpl::GoType<Instance> : RecordBinding<Instance> {
//     static constexpr std::string_view kName = "dependency.HealthService";
//     static constexpr bool kPointer = true;   // seen as *dependency.HealthService (nearly always)
//     static constexpr FieldOps kFields[] = {field<&Instance::name>("Name"), field<&Instance::tags>("Tags"),
//                                            field<&Instance::port>("Port")};
//   };
//
//   std::shared_ptr<const std::vector<Instance>> all = ...;   // a []*dependency.HealthService, no copy:
//   Value list = view_of(all);
//   Value one = view_of(std::shared_ptr<const Instance>(all, &all->front()));
//
// Members may be bool, int (Go int), fixed-width integers, double, std::string, std::vector<T>, std::map<std::string,
// T>, std::optional<T> of a record (nil pointer when empty) and other bound records. Specialise GoType for anything
// else; a computed field is a FieldOps written by hand. Methods and String() go into kMethods and kText, looked up by
// name.
#pragma once
#include <concepts>
#include <map>

#include "common/tmpl/value.h"

namespace longshore::tmpl {

// type(): the Go type. view(object, owner): the object as a Value; it stays alive through `owner`.
template <class T>
struct GoType;

template <class T>
Value view_of(const T& object, const Owner& owner) {
  return GoType<T>::view(object, owner);
}
template <class T>
Value view_of(const std::shared_ptr<const T>& object) {
  if (!object) return Value::nil_of(GoType<T>::type());
  return GoType<T>::view(*object, object);
}

namespace detail {
template <class T>
struct MemberOf;
template <class C, class M>
struct MemberOf<M C::*> {
  using Class = C;
  using Member = M;
};

template <class T>
constexpr const Type& integer_type() {
  if constexpr (std::same_as<T, int>)
    return types::kInt;
  else if constexpr (std::signed_integral<T> && sizeof(T) == 8)
    return types::kInt64;
  else if constexpr (std::signed_integral<T> && sizeof(T) == 2)
    return types::kInt16;
  else if constexpr (std::signed_integral<T>)
    return types::kInt8;
  else if constexpr (sizeof(T) == 8)
    return types::kUint64;
  else if constexpr (sizeof(T) == 4)
    return types::kUint32;
  else if constexpr (sizeof(T) == 2)
    return types::kUint16;
  else
    return types::kUint8;
}
}  // namespace detail

template <>
struct GoType<bool> {
  static const Type& type() { return types::kBool; }
  static Value view(bool object, const Owner&) { return Value::boolean(object); }
};
template <std::integral T>
struct GoType<T> {
  static const Type& type() { return detail::integer_type<T>(); }
  static Value view(T object, const Owner&) {
    if constexpr (std::signed_integral<T>)
      return Value::integer(object, type());
    else
      return Value::unsigned_integer(object, type());
  }
};
template <>
struct GoType<double> {
  static const Type& type() { return types::kFloat64; }
  static Value view(double object, const Owner&) { return Value::floating(object); }
};
template <>
struct GoType<std::string> {
  static const Type& type() { return types::kString; }
  static Value view(const std::string& object, const Owner& owner) { return Value::string_view(object, owner); }
};

template <class T>
struct GoType<std::vector<T>> {
  using List = std::vector<T>;
  static constexpr ListOps kOps{[](const void* list) { return static_cast<const List*>(list)->size(); },
                                [](const void* list, std::size_t index, const Owner& owner) {
                                  return GoType<T>::view((*static_cast<const List*>(list))[index], owner);
                                }};
  static const Type& type() {
    static const std::string name = "[]" + std::string(GoType<T>::type().name);
    static const Type plain = types::list_of(name, GoType<T>::type());
    static const Type view_type{
        .kind = Kind::list, .name = name, .elem = &GoType<T>::type(), .plain = &plain, .list = &kOps};
    return view_type;
  }
  static Value view(const List& object, const Owner& owner) { return Value::view(type(), &object, owner); }
};

template <class T>
struct GoType<std::map<std::string, T>> {
  using Map = std::map<std::string, T>;
  static constexpr MapOps kOps{[](const void* map) { return static_cast<const Map*>(map)->size(); },
                               [](const void* map, const Value& key, const Owner& owner) -> std::optional<Value> {
                                 if (!key.is_string()) return std::nullopt;
                                 const auto& object = *static_cast<const Map*>(map);
                                 const auto found = object.find(std::string(key.as_string()));
                                 if (found == object.end()) return std::nullopt;
                                 return GoType<T>::view(found->second, owner);
                               },
                               [](const void* map, const Owner& owner, std::vector<MapEntry>& out) {
                                 for (const auto& [key, element] : *static_cast<const Map*>(map))
                                   out.emplace_back(Value::string_view(key, owner), GoType<T>::view(element, owner));
                               }};
  static const Type& type() {
    static const std::string name = "map[string]" + std::string(GoType<T>::type().name);
    static const Type plain = types::map_of(name, types::kString, GoType<T>::type());
    static const Type view_type{.kind = Kind::map,
                                .name = name,
                                .elem = &GoType<T>::type(),
                                .key = &types::kString,
                                .plain = &plain,
                                .map = &kOps};
    return view_type;
  }
  static Value view(const Map& object, const Owner& owner) { return Value::view(type(), &object, owner); }
};

template <class T>
struct GoType<std::optional<T>> {
  static const Type& type() { return GoType<T>::type(); }
  static Value view(const std::optional<T>& object, const Owner& owner) {
    return object ? GoType<T>::view(*object, owner) : Value::zero(type());
  }
};

// Base of the user's specialisations, see the top of this file.
template <class T>
struct RecordBinding {
  static constexpr bool kPointer = true;
  static constexpr std::span<const MethodOps> kMethods{};
  static constexpr std::string (*kText)(const Value& self) = nullptr;

  static const Type& type() {
    using Binding = GoType<T>;
    static const std::string name = (Binding::kPointer ? "*" : "") + std::string(Binding::kName);
    static const Type record{.kind = Kind::record,
                             .name = name,
                             .fields = Binding::kFields,
                             .methods = Binding::kMethods,
                             .pointer = Binding::kPointer,
                             .text = Binding::kText};
    return record;
  }
  static Value view(const T& object, const Owner& owner) { return Value::view(type(), &object, owner); }
};

template <auto Pointer>
constexpr FieldOps field(std::string_view name, std::string_view json_name = {}) {
  using Class = typename detail::MemberOf<decltype(Pointer)>::Class;
  using Member = typename detail::MemberOf<decltype(Pointer)>::Member;
  return {name, []() -> const Type& { return GoType<Member>::type(); },
          [](const void* object, const Owner& owner) {
            return GoType<Member>::view(static_cast<const Class*>(object)->*Pointer, owner);
          },
          json_name};
}

}  // namespace longshore::tmpl
