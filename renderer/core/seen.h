// What a run of a template knew of services, and how far that has got: so that others can be told which instances no
// load balancer sends to any more. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "renderer/core/data.h"
#include "renderer/core/snapshot.h"

namespace longshore::render {

struct Seen {
  struct Service {
    std::string name;  // or name@datacenter
    std::shared_ptr<const ServiceData> data;
  };
  // The colour that served, of a service whose colour was asked for; "" = none.
  struct Color {
    std::string service;
    std::string color;
  };
  std::vector<Service> services;
  std::vector<Color> colors;
};
using SeenPtr = std::shared_ptr<const Seen>;

// Instances of the mesh (connect) and of peers are not ours to drain: they are left out. `colors_prefix`: the folder of
// Consul's KV where colours are.
SeenPtr seen_services(const Dependencies& used, const Snapshot& snapshot, const std::string& colors_prefix);
// Fills in what others are told of an answer. before: null, or what was known; held: some instances are not Consul's.
void stamp(ServiceData& data, std::uint64_t index, const ServiceData* before, bool held);

// What is in a file, and the generation of its group with which it got there.
struct Rendered {
  SeenPtr seen = {};
  std::uint64_t generation = 0;
};
using RenderedFiles = std::map<std::size_t, Rendered>;  // by the template's index

// How far the texts of one target have got.
class Progress {
 public:
  // The file's text is the one of that run.
  void live(std::size_t index, SeenPtr seen, std::uint64_t generation);
  // Who serves has all that is live.
  void apply();
  // Nobody serves with less than that.
  void settle();
  // Live files went back to what was applied before.
  void undo();
  void drop(std::size_t index);

  const RenderedFiles& applied() const { return applied_; }
  const RenderedFiles& settled() const { return settled_; }
  // Rises with each change of applied() and settled().
  std::uint64_t version() const { return version_; }

 private:
  RenderedFiles live_, applied_, settled_;
  std::uint64_t version_ = 0;
};

}  // namespace longshore::render
