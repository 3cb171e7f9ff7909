// What `plan -queries` says: the pool's own words, without anybody being asked.
#include <doctest/doctest.h>

#include <algorithm>

#include "renderer/watch/outline.h"

using namespace longshore::render;

namespace {

std::size_t count(std::size_t services, std::size_t parked, std::size_t nodes, std::string_view how) {
  Dependencies all;
  for (std::size_t i = 0; i < services; ++i) all.insert({.name = "s" + std::to_string(i)});
  all.insert({.kind = Dependency::Kind::services});
  std::vector<std::string> names;
  for (std::size_t i = 0; i < nodes; ++i) names.push_back("n" + std::to_string(i));
  const auto lines = outline_queries(all, parked, names);
  CHECK(lines.size() == services + 1);
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const auto& line) { return line.second.starts_with(how); }));
}

}  // namespace

TEST_CASE("what fits has queries of its own") {
  CHECK(count(55, 56, 3, "own query") == 56);
}

TEST_CASE("what does not fit is covered by lists of few nodes or by one signal for many") {
  CHECK(count(300, 56, 10, "lists of 10 nodes") == 300);
  CHECK(count(300, 56, 10, "own query") == 1);
  CHECK(count(300, 56, 400, "any service, then") == 300);
}

TEST_CASE("what cannot be waited for is read now and then") {
  Dependencies all;
  all.insert({.kind = Dependency::Kind::datacenters});
  const auto lines = outline_queries(all, 56, {});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].second == "read every 15s");
}
