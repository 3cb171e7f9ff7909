// `filter=` of Consul's API: boolean expressions over the objects of an answer (the subset of hashicorp/go-bexpr that
// Consul 1.8 offers, with its errors). Pure; compiled once per request, then asked per object.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "common/json/json.h"

namespace longshore::registry {

// Which objects are filtered: decides the valid selectors.
enum class FilterTarget { health_entry, service, catalog_service, check, node, ui_node };

class Filter {
 public:
  // An empty text lets everything pass. Errors: rejected, with Consul's words.
  static Result<Filter> parse(std::string_view text, FilterTarget target);

  // `object` as the API answers it.
  bool matches(const json::Value& object) const;
  // Drops what does not match from an array.
  void apply(json::Value& list) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

}  // namespace longshore::registry
