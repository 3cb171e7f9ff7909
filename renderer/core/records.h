// The Go shapes of Consul's data: consul-template's dependency package as it was documented for v0.42. Views: a field
// is converted when a template asks for it, never before.
#pragma once
#include <memory>
#include <vector>

#include "common/tmpl/bind.h"
#include "renderer/core/data.h"

namespace longshore::render {

// What `service` returns: some instances of one answer, which it keeps alive.
struct Selection {
  std::shared_ptr<const ServiceData> data;
  std::vector<const Instance*> instances;
};
// What `ls` and `tree` return.
struct PairSelection {
  std::shared_ptr<const TreeData> data;
  std::vector<const KeyPair*> pairs;
};

tmpl::Value view_of_selection(std::shared_ptr<const Selection> selection);            // []*dependency.HealthService
tmpl::Value view_of_pairs(std::shared_ptr<const PairSelection> selection);            // []*dependency.KeyPair
tmpl::Value view_of_catalog(const std::shared_ptr<const CatalogData>& data);          // []*dependency.CatalogSnippet
tmpl::Value view_of_nodes(const std::shared_ptr<const NodesData>& data);              // []*dependency.Node
tmpl::Value view_of_node(const std::shared_ptr<const NodeData>& data);                // *dependency.CatalogNode
tmpl::Value view_of_datacenters(const std::shared_ptr<const DatacentersData>& data);  // []string

// The empty values of the same types, for data that is not known yet.
tmpl::Value no_selection();
tmpl::Value no_pairs();
tmpl::Value no_catalog();
tmpl::Value no_nodes();

}  // namespace longshore::render
