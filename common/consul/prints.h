// Fingerprints of services: what their own answers and the list of everything have in common.
#pragma once
#include <map>
#include <optional>

#include "common/consul/codec.h"

namespace longshore::consul {

// A number that two answers about one service share if, and nearly only if, they show the same: nodes, instances with
// their ModifyIndex, the states of their checks; with CheckDetail::full any change of a check counts. 0 = no instance.
struct Print {
  std::uint64_t value = 0;
  // std::hash of the names of its nodes, in no order; nothing: not known.
  std::optional<std::vector<std::uint64_t>> nodes = {};
  bool operator==(const Print&) const = default;
};
struct ServicePrint {
  std::string name;
  std::uint64_t print = 0;
  bool operator==(const ServicePrint&) const = default;
};
Result<Print> print_of_instances(std::string_view text, CheckDetail detail);  // /v1/health/service/<name>

// Reads /v1/internal/ui/nodes piece by piece, again and again: a node that is written as it was the last time is taken
// for what it was, so that megabytes in which one node has changed are hashed, not read, and never kept.
class PrintBook {
 public:
  explicit PrintBook(CheckDetail detail) : detail_(detail) {}
  PrintBook(const PrintBook&) = delete;
  PrintBook& operator=(const PrintBook&) = delete;

  // The next bytes of the list.
  void feed(std::string_view piece);
  // The end of the list: prints by name. After an error, and after a list that was cut off, the book is worth nothing.
  Result<std::vector<ServicePrint>> finish();

 private:
  struct Service {
    std::uint64_t sum = 0;
    std::size_t instances = 0;
  };
  using Services = std::map<std::string, Service, std::less<>>;  // by name, with its quotes
  struct Part {
    Services::value_type* service = nullptr;
    std::uint64_t sum = 0;
  };
  struct Node {
    std::uint64_t name = 0;  // hashes
    std::uint64_t text_print = 0;
    std::size_t text_length = 0;
    std::vector<Part> parts = {};
  };
  enum class At { begin, node, after_node, end };

  void advance(bool last);
  bool take_node(bool last);
  void forget(const Node& node);

  CheckDetail detail_;
  At at_ = At::begin;
  std::string pending_;         // not taken yet
  std::size_t taken_ = 0;       // of pending_
  std::size_t retry_from_ = 0;  // so much of a node has to be there before it is read again
  Services services_;
  std::vector<Node> before_, now_;
  std::size_t next_ = 0;  // of before_
  std::optional<Error> error_;
};

// The whole list at once.
Result<std::vector<ServicePrint>> decode_service_prints(std::string_view text, CheckDetail detail);

}  // namespace longshore::consul
