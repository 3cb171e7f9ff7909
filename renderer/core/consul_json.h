// Consul's answers that few templates read (the mesh's certificates, partitions, peerings, shared services): kept as Go
// values made from the JSON, without a C++ struct of their own. Shapes and orders: consul-template, dependency/.
#pragma once
#include <string>

#include "common/tmpl/value.h"
#include "renderer/core/dependency.h"

namespace longshore::render {

struct JsonData {
  std::string text;  // the answer
  tmpl::Value value;
  bool operator==(const JsonData& other) const { return text == other.text; }
};

// ca_roots, ca_leaf, partitions, peerings, exported_services, imported_services. Errc::protocol when it is not what
// that endpoint answers.
Result<JsonData> read_consul_json(Dependency::Kind kind, std::string text);

// What a function returns while the answer is not known: an empty list; nil for ca_roots and ca_leaf.
tmpl::Value no_consul_json(Dependency::Kind kind);

}  // namespace longshore::render
