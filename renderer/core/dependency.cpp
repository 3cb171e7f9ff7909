#include "renderer/core/dependency.h"

namespace longshore::render {
namespace {

const char* label(Dependency::Kind kind) {
  switch (kind) {
    case Dependency::Kind::service:
      return "health.service";
    case Dependency::Kind::services:
      return "catalog.services";
    case Dependency::Kind::nodes:
      return "catalog.nodes";
    case Dependency::Kind::node:
      return "catalog.node";
    case Dependency::Kind::key:
      return "kv.get";
    case Dependency::Kind::tree:
      return "kv.list";
    case Dependency::Kind::datacenters:
      return "catalog.datacenters";
    case Dependency::Kind::connect:
      return "health.connect";
    case Dependency::Kind::ca_roots:
      return "connect.caroots";
    case Dependency::Kind::ca_leaf:
      return "connect.caleaf";
    case Dependency::Kind::partitions:
      return "list.partitions";
    case Dependency::Kind::peerings:
      return "list.peerings";
    case Dependency::Kind::exported_services:
      return "list.exportedServices";
    case Dependency::Kind::imported_services:
      return "list.importedServices";
    case Dependency::Kind::file:
      return "file";
    case Dependency::Kind::plugin:
      return "plugin";
    case Dependency::Kind::nginx:
      return "nginx";
    case Dependency::Kind::interfaces:
      return "interfaces";
    case Dependency::Kind::certificates:
      return "certificates";
  }
  return "";
}

void append(std::string& text, const char* mark, const RareText& value) {
  if (!value.empty()) (text += mark) += value.str();
}

}  // namespace

std::string to_string(const Dependency& dependency) {
  std::string inner = dependency.name;
  append(inner, "@", dependency.datacenter);
  append(inner, "@partition=", dependency.partition);
  append(inner, "@ns=", dependency.ns);
  append(inner, "@peer=", dependency.peer);
  append(inner, "@sameness-group=", dependency.sameness_group);
  append(inner, "~", dependency.near);
  if (dependency.checks) inner += "|checks";
  std::string text = label(dependency.kind);
  // An empty prefix is the whole store: kv.list() says so, catalog.node alone is the agent's.
  if (!inner.empty() || dependency.kind == Dependency::Kind::tree) text += "(" + inner + ")";
  return text;
}

consul::QueryOptions query_options(const Dependency& dependency) {
  consul::QueryOptions options;
  options.datacenter = dependency.datacenter;
  options.near = dependency.near;
  options.ns = dependency.ns;
  options.partition = dependency.partition;
  options.peer = dependency.peer;
  return options;
}

}  // namespace longshore::render
