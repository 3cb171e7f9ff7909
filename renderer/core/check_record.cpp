#include "renderer/core/check_record.h"

#include "common/base/duration.h"
#include "common/tmpl/bind.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/json_shape.h"
#include "common/tmpl/json_text.h"
#include "common/tmpl/time_duration.h"
#include "renderer/core/data.h"

namespace longshore::render {
namespace {

using namespace tmpl::shape;  // the vocabulary of the tables below
using tmpl::Owner;
using tmpl::Type;
using tmpl::Value;
using tmpl::gotime::duration_type;

std::string duration_text(const Value& value) {
  return base::format_duration(base::Duration(value.as_int()));
}

Result<Value> duration_string(tmpl::Call&, const Value& self, std::span<const Value>) {
  return Value::string(duration_text(self));
}
Result<Value> plain_duration(tmpl::Call&, const Value& self, std::span<const Value>) {
  return tmpl::gotime::duration_value(self.as_int());
}
constexpr tmpl::MethodOps kDurationMethods[] = {{"Duration", {}, plain_duration}, {"String", {}, duration_string}};

const Type& readable_duration() {
  static const Type type{.kind = tmpl::Kind::int64,
                         .name = "api.ReadableDuration",
                         .methods = kDurationMethods,
                         .text = duration_text,
                         .text_by_address = true};
  return type;
}

// The durations are there twice, as in the original.
struct DefinitionShape {
  static constexpr std::string_view kName = "api.HealthCheckDefinition";
  static constexpr Slot kSlots[] = {
      {"HTTP", text},
      {"Header", map<texts>},
      {"Method", text},
      {"Body", text},
      {"TLSServerName", text},
      {"TLSSkipVerify", boolean},
      {"TCP", text},
      {"TCPUseTLS", boolean},
      {"UDP", text},
      {"GRPC", text},
      {"OSService", text},
      {"GRPCUseTLS", boolean},
      {"IntervalDuration", duration_type, "-"},
      {"TimeoutDuration", duration_type, "-"},
      {"DeregisterCriticalServiceAfterDuration", duration_type, "-"},
      {"SessionName", text, {}, true},
      {"Interval", readable_duration},
      {"Timeout", readable_duration},
      {"DeregisterCriticalServiceAfter", readable_duration},
  };
};
constexpr std::size_t kFirstDuration = 12;
constexpr std::size_t kFirstReadable = 16;
constexpr std::size_t kDurations = 3;

template <std::size_t Slot>
Value readable_text(const void* slots, const Owner&) {
  return Value::string(duration_text(static_cast<const Value*>(slots)[Slot]));
}

const Type& definition_type() {
  static const std::vector<tmpl::FieldOps> json = [] {
    const auto fields = record<DefinitionShape>().fields;
    // MarshalJSON of the original puts the durations first, as texts.
    std::vector<tmpl::FieldOps> out{{"Interval", text, readable_text<kFirstReadable>},
                                    {"Timeout", text, readable_text<kFirstReadable + 1>},
                                    {"DeregisterCriticalServiceAfter", text, readable_text<kFirstReadable + 2>}};
    out.insert(out.end(), fields.begin(), fields.begin() + kFirstReadable);
    return out;
  }();
  static const Type type = [] {
    Type out = record<DefinitionShape>();
    out.json_fields = json;
    return out;
  }();
  return type;
}

// "10s", or nanoseconds.
std::int64_t nanoseconds_of(const Value& value) {
  if (value.is_string()) {
    const auto parsed = base::parse_duration(value.as_string());
    return parsed ? parsed->count() : 0;
  }
  constexpr double kMost = 9.2e18;
  if (!value.is_float() || value.as_float() > kMost || value.as_float() < -kMost) return 0;
  return static_cast<std::int64_t>(value.as_float());
}

// The definition as its JSON tells it; every member of the record is there without one, too.
Value definition_of(const Value& further) {
  Value json = Value::nil();
  if (further.kind() == tmpl::Kind::map) json = further.find("Definition").value_or(Value::nil()).unbox();
  const Value plain = from_json(record<DefinitionShape>(), json);
  const auto* slots = static_cast<const Value*>(plain.object());
  auto out = std::make_shared<std::vector<Value>>(slots, slots + std::size(DefinitionShape::kSlots));
  for (std::size_t i = 0; i < kDurations; ++i) {
    Value told;
    for (const std::size_t slot : {kFirstReadable + i, kFirstDuration + i})
      if (json.kind() == tmpl::Kind::map)
        if (const auto found = json.find(DefinitionShape::kSlots[slot].name)) told = found->unbox();
    const std::int64_t nanoseconds = nanoseconds_of(told);
    (*out)[kFirstDuration + i] = tmpl::gotime::duration_value(nanoseconds);
    (*out)[kFirstReadable + i] = Value::integer(nanoseconds, readable_duration());
  }
  const void* const first = out->data();
  return Value::view(definition_type(), first, std::move(out));
}

struct FurtherSlot {
  std::string_view name;
  TypeOf type;
  bool omit_empty = false;
};
constexpr FurtherSlot kFurther[] = {
    {"Namespace", text, true},       {"Partition", text, true},   {"ExposedPort", integer},   {"PeerName", text, true},
    {"Definition", definition_type}, {"CreateIndex", unsigned64}, {"ModifyIndex", unsigned64}};

template <std::size_t I>
Value further_member(const void* object, const Owner&) {
  const auto& check = *static_cast<const consul::HealthCheck*>(object);
  // An object, or nil: not what Consul says.
  const Value further = check.further.empty() ? Value::nil() : tmpl::read_json(check.further).value_or(Value::nil());
  if (kFurther[I].type == definition_type) return definition_of(further);
  Value json = Value::nil();
  if (further.kind() == tmpl::Kind::map) json = further.find(kFurther[I].name).value_or(Value::nil()).unbox();
  return from_json(kFurther[I].type(), json);
}

template <std::size_t I>
constexpr tmpl::FieldOps further() {
  return {kFurther[I].name, kFurther[I].type, further_member<I>, {}, kFurther[I].omit_empty};
}

}  // namespace
}  // namespace longshore::render

template <>
struct longshore::tmpl::GoType<longshore::consul::HealthCheck> : RecordBinding<longshore::consul::HealthCheck> {
  using C = consul::HealthCheck;
  static constexpr std::string_view kName = "api.HealthCheck";
  static constexpr FieldOps kFields[] = {
      field<&C::node>("Node"),
      field<&C::check_id>("CheckID"),
      field<&C::name>("Name"),
      field<&C::status>("Status"),
      field<&C::notes>("Notes"),
      field<&C::output>("Output"),
      field<&C::service_id>("ServiceID"),
      field<&C::service_name>("ServiceName"),
      field<&C::service_tags>("ServiceTags"),
      field<&C::type>("Type"),
      render::further<0>(),
      render::further<1>(),
      render::further<2>(),
      render::further<3>(),
      render::further<4>(),
      render::further<5>(),
      render::further<6>(),
  };
};

namespace longshore::render {
namespace {

using Checks = std::vector<consul::HealthCheck>;

Result<Value> aggregated_status(tmpl::Call&, const Value& self, std::span<const Value>) {
  // A slice of the list, or one put together by functions, holds its records as Values.
  Checks checks;
  for (std::size_t i = 0; i < self.size(); ++i) {
    const Value check = self.at(i);
    if (check.object() != nullptr) checks.push_back(*static_cast<const consul::HealthCheck*>(check.object()));
  }
  return Value::string(std::string(to_string(worst_health(checks))));
}

constexpr tmpl::MethodOps kMethods[] = {{"AggregatedStatus", {}, aggregated_status}};

// A named list: both as it is here and as functions make it of Values.
Type named(Type type) {
  type.name = "api.HealthChecks";
  type.unnamed = &tmpl::GoType<Checks>::type();
  type.methods = kMethods;
  return type;
}

}  // namespace

const Type& checks_type() {
  static const Type plain = named(tmpl::types::list_of("api.HealthChecks", tmpl::GoType<consul::HealthCheck>::type()));
  static const Type view = [] {
    Type type = named(tmpl::GoType<Checks>::type());
    type.plain = &plain;
    return type;
  }();
  return view;
}

Value view_of_checks(const Checks& checks, const Owner& owner) {
  return Value::view(checks_type(), &checks, owner);
}

}  // namespace longshore::render
