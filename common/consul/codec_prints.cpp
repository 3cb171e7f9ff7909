// Fingerprints of services' own answers. Both kinds of answers are read without being built; texts are compared as they
// are on the wire, for one server writes both.
#include <algorithm>

#include "common/consul/print_parts.h"
#include "common/consul/prints.h"

namespace longshore::consul {

using json::Reader;

namespace {

// name: as it is written, with its quotes.
void note_node(Print& out, std::string_view name) {
  if (!out.nodes) return;
  if (name.size() < 2 || name.find('\\') != std::string_view::npos) {
    out.nodes.reset();
    return;
  }
  const std::uint64_t node = hash_of(name.substr(1, name.size() - 2));
  if (std::ranges::find(*out.nodes, node) == out.nodes->end()) out.nodes->push_back(node);
}

}  // namespace

Result<Print> print_of_instances(std::string_view text, CheckDetail detail) {
  Print out;
  out.nodes.emplace();
  Reader in(text, "instances");
  in.array([&] {
    NodePrint node;
    InstancePrint instance;
    std::uint64_t checks = 0;
    in.object([&](std::string_view key) {
      if (key == "Node")
        in.object([&](std::string_view member) {
          const std::size_t place = in.place();
          if (!node.take(member, in)) in.raw();
          if (member == "Node") note_node(out, in.since(place));
        });
      else if (key == "Service")
        instance = read_instance(in);
      else if (key == "Checks")
        in.array([&] { checks += read_check(in, detail).sum; });
      else
        in.raw();
    });
    out.value += mix(node.sum, instance.sum + checks);
  });
  LS_TRY_STATUS(in.finish());
  return out;
}

}  // namespace longshore::consul
