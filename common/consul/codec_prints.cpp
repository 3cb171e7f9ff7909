// Fingerprints: what a service's answer and the list of everything have in common, as a number per service. Both are
// read without being built; texts are compared as they are on the wire, for one server writes both.
#include <algorithm>
#include <functional>
#include <unordered_map>

#include "common/consul/prints.h"
#include "common/json/reader.h"

namespace longshore::consul {
namespace {

using json::Reader;

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

// Spreads every bit of both over the result (the finalizer of splitmix64).
std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  std::uint64_t x = left * 0x9E3779B97F4A7C15U + right;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
  x = (x ^ x >> 27) * 0x94D049BB133111EBU;
  return x ^ x >> 31;
}

// What is shown of a node. Its ModifyIndex is in one of the answers only.
struct NodePrint {
  std::uint64_t sum = 0;
  // False: not a member of a node, and not taken.
  bool take(std::string_view key, Reader& in) {
    if (key != "Node" && key != "ID" && key != "Address" && key != "TaggedAddresses" && key != "Meta") return false;
    const std::uint64_t name = hash_of(key);
    const std::string_view value = in.raw();
    // Go writes a map that has nothing in it in two ways.
    if (value != "null" && value != "{}") sum += mix(name, hash_of(value));
    return true;
  }
};

struct InstancePrint {
  std::string_view name, id;  // with their quotes
  std::uint64_t sum = 0;      // of the service itself, then also of its checks
};

InstancePrint read_instance(Reader& in) {
  InstancePrint out;
  std::string_view modified;
  in.object([&](std::string_view key) {
    if (key == "ID")
      out.id = in.raw();
    else if (key == "Service")
      out.name = in.raw();
    else if (key == "ModifyIndex")
      modified = in.raw();
    else
      in.raw();
  });
  out.sum = mix(hash_of(out.id), hash_of(modified));
  return out;
}

struct CheckPrint {
  std::string_view service_id;  // with its quotes
  std::uint64_t sum = 0;
};

CheckPrint read_check(Reader& in, CheckDetail detail) {
  CheckPrint out;
  std::string_view id, status, modified;
  in.object([&](std::string_view key) {
    const std::string_view value = in.raw();
    if (key == "CheckID")
      id = value;
    else if (key == "Status")
      status = value;
    else if (key == "ServiceID")
      out.service_id = value;
    else if (key == "ModifyIndex" && detail == CheckDetail::full)
      modified = value;
  });
  out.sum = mix(mix(hash_of(id), hash_of(status)), hash_of(modified));
  return out;
}

// A check of a node is one of each of its services.
bool is_of_node(std::string_view service_id) {
  return service_id.size() <= 2 || service_id == "null";
}

}  // namespace

Result<Print> print_of_instances(std::string_view text, CheckDetail detail) {
  Print out;
  Reader in(text, "instances");
  in.array([&] {
    NodePrint node;
    InstancePrint instance;
    std::uint64_t checks = 0;
    in.object([&](std::string_view key) {
      if (key == "Node")
        in.object([&](std::string_view member) {
          if (!node.take(member, in)) in.raw();
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

Result<std::vector<ServicePrint>> decode_service_prints(std::string_view text, CheckDetail detail) {
  std::unordered_map<std::string_view, std::uint64_t> sums;
  std::vector<InstancePrint> instances;
  std::unordered_map<std::string_view, std::uint64_t> checks;  // of services, by ID
  Reader in(text, "nodes");
  in.array([&] {
    NodePrint node;
    std::uint64_t of_node = 0;
    instances.clear();
    checks.clear();
    in.object([&](std::string_view key) {
      if (key == "Services") {
        in.array([&] { instances.push_back(read_instance(in)); });
      } else if (key == "Checks") {
        in.array([&] {
          const CheckPrint check = read_check(in, detail);
          (is_of_node(check.service_id) ? of_node : checks[check.service_id]) += check.sum;
        });
      } else if (!node.take(key, in)) {
        in.raw();
      }
    });
    for (const InstancePrint& instance : instances) {
      std::uint64_t of_service = of_node;
      if (!checks.empty())
        if (const auto found = checks.find(instance.id); found != checks.end()) of_service += found->second;
      sums[instance.name] += mix(node.sum, instance.sum + of_service);
    }
  });
  LS_TRY_STATUS(in.finish());
  std::vector<ServicePrint> out;
  out.reserve(sums.size());
  for (const auto& [name, sum] : sums) {
    Reader plain(name, "the name of a service");
    out.push_back({plain.text(), sum});
    LS_TRY_STATUS(plain.finish());
  }
  std::ranges::sort(out, {}, &ServicePrint::name);
  return out;
}

}  // namespace longshore::consul
