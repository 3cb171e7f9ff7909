#include "common/registry/filter_schema.h"

namespace longshore::registry {
namespace {

using FieldKind = FilterField::Kind;

constexpr FilterField kAddress[] = {{"Address"}, {"Port", FieldKind::integer}};
constexpr FilterField kWeights[] = {{"Passing", FieldKind::integer}, {"Warning", FieldKind::integer}};
constexpr FilterField kConnect[] = {{"Native", FieldKind::boolean}};
constexpr FilterField kProxy[] = {{"DestinationServiceName"},
                                  {"DestinationServiceID"},
                                  {"LocalServiceAddress"},
                                  {"LocalServicePort", FieldKind::integer}};

constexpr FilterField kService[] = {{"Kind"},
                                    {"ID"},
                                    {"Service"},
                                    {"Tags", FieldKind::text_list},
                                    {"Address"},
                                    {"TaggedAddresses", FieldKind::object_map, kAddress},
                                    {"Meta", FieldKind::text_map},
                                    {"Port", FieldKind::integer},
                                    {"Weights", FieldKind::object, kWeights},
                                    {"EnableTagOverride", FieldKind::boolean},
                                    {"Proxy", FieldKind::object, kProxy},
                                    {"Connect", FieldKind::object, kConnect}};

constexpr FilterField kNode[] = {{"ID"},
                                 {"Node"},
                                 {"Address"},
                                 {"Datacenter"},
                                 {"TaggedAddresses", FieldKind::text_map},
                                 {"Meta", FieldKind::text_map}};

constexpr FilterField kCheck[] = {{"Node"},      {"CheckID"},     {"Name"},
                                  {"Status"},    {"Notes"},       {"Output"},
                                  {"ServiceID"}, {"ServiceName"}, {"ServiceTags", FieldKind::text_list},
                                  {"Type"}};

constexpr FilterField kHealthEntry[] = {{"Node", FieldKind::object, kNode},
                                        {"Service", FieldKind::object, kService},
                                        {"Checks", FieldKind::object_list, kCheck}};

constexpr FilterField kCatalogService[] = {{"ID"},
                                           {"Node"},
                                           {"Address"},
                                           {"Datacenter"},
                                           {"TaggedAddresses", FieldKind::text_map},
                                           {"NodeMeta", FieldKind::text_map},
                                           {"ServiceKind"},
                                           {"ServiceID"},
                                           {"ServiceName"},
                                           {"ServiceTags", FieldKind::text_list},
                                           {"ServiceAddress"},
                                           {"ServiceTaggedAddresses", FieldKind::object_map, kAddress},
                                           {"ServiceWeights", FieldKind::object, kWeights},
                                           {"ServiceMeta", FieldKind::text_map},
                                           {"ServicePort", FieldKind::integer},
                                           {"ServiceEnableTagOverride", FieldKind::boolean},
                                           {"ServiceProxy", FieldKind::object, kProxy},
                                           {"ServiceConnect", FieldKind::object, kConnect}};

constexpr FilterField kUiNode[] = {{"ID"},
                                   {"Node"},
                                   {"Address"},
                                   {"TaggedAddresses", FieldKind::text_map},
                                   {"Meta", FieldKind::text_map},
                                   {"Services", FieldKind::object_list, kService},
                                   {"Checks", FieldKind::object_list, kCheck}};

}  // namespace

std::span<const FilterField> filter_fields(FilterTarget target) {
  switch (target) {
    case FilterTarget::health_entry:
      return kHealthEntry;
    case FilterTarget::service:
      return kService;
    case FilterTarget::catalog_service:
      return kCatalogService;
    case FilterTarget::check:
      return kCheck;
    case FilterTarget::node:
      return kNode;
    case FilterTarget::ui_node:
      break;
  }
  return kUiNode;
}

}  // namespace longshore::registry
