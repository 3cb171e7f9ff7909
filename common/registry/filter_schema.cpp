#include "common/registry/filter_schema.h"

namespace longshore::registry {
namespace {

using Kind = FilterField::Kind;

constexpr FilterField kAddress[] = {{"Address"}, {"Port", Kind::integer}};
constexpr FilterField kWeights[] = {{"Passing", Kind::integer}, {"Warning", Kind::integer}};
constexpr FilterField kConnect[] = {{"Native", Kind::boolean}};
constexpr FilterField kProxy[] = {
    {"DestinationServiceName"}, {"DestinationServiceID"}, {"LocalServiceAddress"}, {"LocalServicePort", Kind::integer}};

constexpr FilterField kService[] = {{"Kind"},
                                    {"ID"},
                                    {"Service"},
                                    {"Tags", Kind::text_list},
                                    {"Address"},
                                    {"TaggedAddresses", Kind::object_map, kAddress},
                                    {"Meta", Kind::text_map},
                                    {"Port", Kind::integer},
                                    {"Weights", Kind::object, kWeights},
                                    {"EnableTagOverride", Kind::boolean},
                                    {"Proxy", Kind::object, kProxy},
                                    {"Connect", Kind::object, kConnect}};

constexpr FilterField kNode[] = {
    {"ID"}, {"Node"}, {"Address"}, {"Datacenter"}, {"TaggedAddresses", Kind::text_map}, {"Meta", Kind::text_map}};

constexpr FilterField kCheck[] = {{"Node"},      {"CheckID"},     {"Name"},
                                  {"Status"},    {"Notes"},       {"Output"},
                                  {"ServiceID"}, {"ServiceName"}, {"ServiceTags", Kind::text_list},
                                  {"Type"}};

constexpr FilterField kHealthEntry[] = {
    {"Node", Kind::object, kNode}, {"Service", Kind::object, kService}, {"Checks", Kind::object_list, kCheck}};

constexpr FilterField kCatalogService[] = {{"ID"},
                                           {"Node"},
                                           {"Address"},
                                           {"Datacenter"},
                                           {"TaggedAddresses", Kind::text_map},
                                           {"NodeMeta", Kind::text_map},
                                           {"ServiceKind"},
                                           {"ServiceID"},
                                           {"ServiceName"},
                                           {"ServiceTags", Kind::text_list},
                                           {"ServiceAddress"},
                                           {"ServiceTaggedAddresses", Kind::object_map, kAddress},
                                           {"ServiceWeights", Kind::object, kWeights},
                                           {"ServiceMeta", Kind::text_map},
                                           {"ServicePort", Kind::integer},
                                           {"ServiceEnableTagOverride", Kind::boolean},
                                           {"ServiceProxy", Kind::object, kProxy},
                                           {"ServiceConnect", Kind::object, kConnect}};

constexpr FilterField kUiNode[] = {{"ID"},
                                   {"Node"},
                                   {"Address"},
                                   {"TaggedAddresses", Kind::text_map},
                                   {"Meta", Kind::text_map},
                                   {"Services", Kind::object_list, kService},
                                   {"Checks", Kind::object_list, kCheck}};

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
