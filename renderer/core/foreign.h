// Instances of other environments: taken out of answers before anything else sees them, named once, counted. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/consul/model.h"
#include "renderer/core/dependency.h"

namespace longshore::render {

class ForeignInstances {
 public:
  struct Refusal {
    std::string service;
    std::string id;
    std::string node;
    std::string environment;  // "" = that without a name
    bool operator==(const Refusal&) const = default;
  };

  // nullopt: all environments are ours, as consul-template has it; "": the one without a name.
  explicit ForeignInstances(std::optional<std::string> own) : own_(std::move(own)) {}

  // Takes them out of the answer; those that the answer before did not have are returned.
  std::vector<Refusal> remove(const Dependency& on, std::vector<consul::ServiceEntry>& answer);
  void remove(std::map<std::string, consul::Service>& of_node) const;
  void forget(const Dependency& on) { refused_.erase(on); }

  std::size_t present() const;  // in the last answers
  std::uint64_t total() const { return total_; }

 private:
  std::optional<std::string> own_;
  std::map<Dependency, std::set<std::pair<std::string, std::string>>> refused_;  // node and ID
  std::uint64_t total_ = 0;
};

}  // namespace longshore::render
