// A Consul in a few maps, as the pool meets it: which query a change wakes and which index it answers with follow what
// was measured on 1.8.7 (renderer/watch/README.md). Answers are taken at one moment and told at a later one.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "renderer/watch/ask.h"

namespace longshore::render::test {

class ModelConsul {
 public:
  struct Answer {
    std::uint64_t index = 0;
    std::string data = {};  // of Kind::data: what a template would see
    Marks marks = {};
    std::vector<std::uint64_t> indexes = {};  // of probes
  };

  // One instance per service and node.
  void put(const std::string& service, const std::string& node, const std::string& content);
  void remove(const std::string& service, const std::string& node);
  void set_check(const std::string& service, const std::string& node, const std::string& status);
  void remove_node(const std::string& node);
  void put_key(const std::string& key, const std::string& value);
  // The same state on a server that counts from nearly nothing, or nothing at all.
  void restart(bool empty);

  std::string see(const Dependency& on) const;
  const std::map<std::string, std::map<std::string, int>>& nodes() const { return nodes_; }

  // What it answers now; nothing: it would wait. first: the ask has just arrived, so that its index alone decides.
  std::optional<Answer> answer(const Ask& ask, bool first) const;
  // The ask is parked: would a change since `mark` wake it?
  bool wakes(const Ask& ask, std::uint64_t mark) const;
  std::uint64_t now() const { return index_; }

 private:
  struct Instance {
    std::string content;
    std::string status;
    std::uint64_t modified = 0;
  };
  std::uint64_t index_of(const Ask& ask) const;
  std::uint64_t service_index(const std::string& service) const;
  std::uint64_t print_of(const std::string& service) const;
  std::uint64_t touched(const Ask& ask) const;

  std::uint64_t index_ = 10;
  std::uint64_t table_ = 10, checks_ = 10, extinct_ = 10, nodes_index_ = 10, kv_ = 10;
  std::map<std::string, std::map<std::string, Instance>> services_;    // service -> node
  std::map<std::string, std::map<std::string, int>> nodes_;            // node -> services on it
  std::map<std::string, std::uint64_t> service_index_, node_touched_;  // last change
  std::map<std::string, std::uint64_t> node_index_;                    // of the node itself
  std::map<std::string, std::pair<std::string, std::uint64_t>> keys_;
};

}  // namespace longshore::render::test
