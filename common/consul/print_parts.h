// What fingerprints are made of. Private to this folder.
#pragma once
#include <functional>

#include "common/consul/codec.h"
#include "common/json/reader.h"

namespace longshore::consul {

inline std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

// Spreads every bit of both over the result (the finalizer of splitmix64).
inline std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  std::uint64_t x = left * 0x9E3779B97F4A7C15U + right;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
  x = (x ^ x >> 27) * 0x94D049BB133111EBU;
  return x ^ x >> 31;
}

// What is shown of a node. Its ModifyIndex is in one of the answers only.
struct NodePrint {
  std::uint64_t sum = 0;
  // False: not a member of a node, and not taken.
  bool take(std::string_view key, json::Reader& in) {
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

inline InstancePrint read_instance(json::Reader& in) {
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

inline CheckPrint read_check(json::Reader& in, CheckDetail detail) {
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
inline bool is_of_node(std::string_view service_id) {
  return service_id.size() <= 2 || service_id == "null";
}

}  // namespace longshore::consul
