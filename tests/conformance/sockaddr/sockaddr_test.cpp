// Every row that the real go-sockaddr made, over the addresses that it saw.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/json/json.h"
#include "common/tmpl/sockaddr/functions.h"
#include "renderer/core/evaluate.h"
#include "renderer/core/recall.h"

namespace {

using namespace longshore;
using namespace longshore::render;
namespace fs = std::filesystem;
namespace sockaddr = tmpl::sockaddr;

const fs::path kFolder = "tests/conformance/sockaddr";

json::Value read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto document = json::parse(text.str(), path.string());
  REQUIRE_MESSAGE(document.has_value(), path.string());
  return document.value();
}

Snapshot world(const std::string& name) {
  const json::Value document = read(kFolder / "worlds" / (name + ".json"));
  Interfaces known;
  known.default_interface = document["default"].get<std::string>();
  for (const auto& one : document["interfaces"]) {
    const auto interface = std::make_shared<const sockaddr::Interface>(
        sockaddr::Interface{one["index"].get<int>(), one["mtu"].get<int>(), one["name"].get<std::string>(),
                            one.value("hardware", ""), one["flags"].get<unsigned>()});
    if (one["addresses"].is_null()) continue;
    for (const auto& address : one["addresses"]) {
      const auto ip = sockaddr::parse_ip(address.get<std::string>(), true);
      REQUIRE(ip.has_value());
      known.addresses.push_back({*ip, interface});
    }
  }
  Snapshot snapshot;
  const Dependency on{.kind = Dependency::Kind::interfaces};
  snapshot.set(on, make_data(on, std::move(known), nullptr));
  return snapshot;
}

std::string outcome(const std::string& text, const Snapshot& snapshot) {
  static const tmpl::Functions functions = all_functions();
  const auto set = tmpl::parse("t", text, functions);
  if (!set) return "error: " + set.error().text;
  const Environment environment;
  const Outcome done = evaluate(**set, snapshot, {environment, {}, {}, {}});
  if (done.kind == Outcome::Kind::complete) return done.text;
  return done.kind == Outcome::Kind::failed ? "error: " + done.errors.front().text : "waits";
}

}  // namespace

TEST_CASE("sockaddr on three machines") {
  std::string all;
  std::size_t rows = 0;
  for (const std::string name : {"host", "bare", "empty"}) {
    const Snapshot snapshot = world(name);
    for (const auto& row : read(kFolder / "cases" / (name + ".json"))) {
      const auto text = row["template"].get<std::string>();
      const std::string want =
          row.contains("error") ? "error: " + row["error"].get<std::string>() : row["want"].get<std::string>();
      const std::string got = outcome(text, snapshot);
      CHECK_MESSAGE(got == want, row["name"].get<std::string>()
                                     << ": " << text << "\n   got: " << got << "\n  want: " << want);
      all += text + "\n";
      ++rows;
    }
  }
  MESSAGE(rows << " rows");
  CHECK(rows > 300);
  const tmpl::FunctionTable go = tmpl::builtin_functions();
  for (const std::string& name : sockaddr::functions().names()) {
    if (go.find(name) != nullptr) continue;
    int count = 0;
    for (std::size_t at = all.find(name); at != std::string::npos; at = all.find(name, at + 1)) ++count;
    CHECK_MESSAGE(count >= 3, name << " has " << count << " rows");
  }
}
