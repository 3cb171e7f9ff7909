// Our side of `tests/bench/run render`: parses and evaluates a template over made-up services, as the renderer does,
// and prints the best times in seconds and a digest of the text. bench.go of tests/conformance is the other side.
// Arguments: TEMPLATE SERVICES INSTANCES
#include <openssl/sha.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "renderer/core/evaluate.h"
#include "renderer/core/recall.h"

namespace {

using namespace longshore;
using namespace longshore::render;
using Clock = std::chrono::steady_clock;

std::string numbered(const char* format, int number) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

Snapshot made_up(int services, int instances) {
  Snapshot snapshot;
  CatalogData catalog;
  for (int s = 0; s < services; ++s) {
    const std::string name = numbered("svc%04d", s);
    catalog.services.push_back({name, {"blue", "http", "v2"}});
    std::vector<consul::ServiceEntry> entries;
    for (int i = 0; i < instances; ++i) {
      consul::ServiceEntry entry;
      entry.node.node = numbered("node%05d", i);
      entry.node.address = "192.0.2.1";
      entry.node.meta = {{"zone", numbered("z%d", i % 3)}};
      entry.service.id = name + numbered("-%d", i);
      entry.service.name = name;
      entry.service.address =
          "10." + std::to_string(s % 250) + "." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
      entry.service.port = static_cast<std::uint16_t>(20000 + i % 10000);
      entry.service.tags = {"blue", "http", "v2"};
      entry.service.meta = {{"host", name + ".example"}, {"weight", std::to_string(i % 5 + 1)}};
      entries.push_back(std::move(entry));
    }
    const Dependency on{.name = name};
    snapshot.set(on, make_data(on, std::move(entries), nullptr));
  }
  snapshot.set({.kind = Dependency::Kind::services}, std::make_shared<const CatalogData>(std::move(catalog)));
  return snapshot;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  std::ifstream file(arguments[1]);
  std::stringstream text;
  text << file.rdbuf();
  const Snapshot snapshot = made_up(std::stoi(arguments[2]), std::stoi(arguments[3]));
  const tmpl::Functions functions = all_functions();
  const Environment environment;
  double parse = 1e9;
  double execute = 1e9;
  std::string output;
  for (const auto begin = Clock::now(); seconds_since(begin) < 5;) {
    auto start = Clock::now();
    const auto set = tmpl::parse("t", text.str(), functions);
    parse = std::min(parse, seconds_since(start));
    if (!set) return std::fprintf(stderr, "%s\n", set.error().text.c_str()), 1;
    start = Clock::now();
    Outcome done = evaluate(**set, snapshot, {environment, {}, {}, {}, false});
    execute = std::min(execute, seconds_since(start));
    if (done.kind != Outcome::Kind::complete) return std::fprintf(stderr, "not complete\n"), 1;
    output = std::move(done.text);
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(output.data()), output.size(), digest);
  std::printf("{\"parse\": %g, \"execute\": %g, \"sha256\": \"", parse, execute);
  for (const unsigned char byte : digest) std::printf("%02x", byte);
  std::printf("\"}\n");
}
