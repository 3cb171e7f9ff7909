// Rows by hand for the functions that ask Consul and this machine, over the answers in world.json. A row ends in text,
// in an error, or in waiting for what is not known yet.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "common/consul/codec.h"
#include "common/json/json.h"
#include "renderer/core/evaluate.h"
#include "renderer/core/recall.h"

namespace {

using namespace longshore;
using namespace longshore::render;
using Kind = Dependency::Kind;

json::Value read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto document = json::parse(text.str(), path);
  REQUIRE_MESSAGE(document.has_value(), path);
  return document.value();
}

// "health.service(web)" as a key. Labels are those of to_string().
Dependency dependency(const std::string& text) {
  const std::size_t open = text.find('(');
  Dependency on;
  for (int kind = 0; kind <= static_cast<int>(Kind::interfaces); ++kind) {
    on.kind = static_cast<Kind>(kind);
    const std::string label = to_string({.kind = on.kind});
    if (label.substr(0, label.find('(')) == text.substr(0, open)) break;
  }
  if (open == std::string::npos) return on;
  const std::string inner = text.substr(open + 1, text.size() - open - 2);
  if (on.kind == Kind::imported_services)
    on.partition = inner;
  else
    on.name = inner;
  return on;
}

template <class T>
T decoded(Result<T> answer) {
  REQUIRE(answer.has_value());
  return std::move(*answer);
}

RawAnswer answer(const Dependency& on, const json::Value& value) {
  const std::string text = json::dump(value);
  switch (on.kind) {
    case Kind::service:
    case Kind::connect:
      return decoded(consul::decode_health_service(text));
    case Kind::services:
      return decoded(consul::decode_catalog_services(text));
    case Kind::nodes:
      return decoded(consul::decode_nodes(text));
    case Kind::node:
      return decoded(consul::decode_catalog_node(text));
    case Kind::key:
      if (value.is_null()) return std::optional<consul::KvPair>();
      return std::optional(decoded(consul::decode_kv_list("[" + text + "]")).front());
    case Kind::tree:
      return decoded(consul::decode_kv_list(text));
    case Kind::datacenters:
      return decoded(consul::decode_texts(text));
    case Kind::file:
    case Kind::plugin:
      return LocalData{value.value("text", ""), value.value("problem", "")};
    default:
      return decoded(read_consul_json(on.kind, text));
  }
}

Snapshot world() {
  Snapshot snapshot;
  const json::Value answers = read("tests/conformance/consul/world.json");
  for (const auto& [name, value] : answers.items()) {
    Dependency on = dependency(name);
    CAPTURE(name);
    REQUIRE((on.kind == Kind::imported_services || to_string(on) == name));
    snapshot.set(on, make_data(on, answer(on, value), nullptr));
    on.checks = on.has_instances();
    if (on.checks) snapshot.set(on, make_data(on, answer(on, value), nullptr));
  }
  return snapshot;
}

std::string outcome(const std::string& text, const Snapshot& snapshot) {
  const auto set = tmpl::parse("t", text, all_functions());
  if (!set) return "error: " + set.error().text;
  const Environment environment;
  const Outcome done = evaluate(**set, snapshot, {environment, {}, {}, {}, may_see_checks(text)});
  if (done.kind == Outcome::Kind::complete) return done.text;
  if (done.kind == Outcome::Kind::failed) return "error: " + done.errors.front().text;
  std::string out = "waits:";
  for (const Dependency& on : done.missing) out += " " + to_string(on);
  return out;
}

}  // namespace

TEST_CASE("functions that ask Consul and this machine") {
  const Snapshot snapshot = world();
  const json::Value rows = read("tests/conformance/consul/cases.json");
  for (const auto& row : rows) {
    std::string want = row.contains("error")   ? "error: " + row["error"].get<std::string>()
                       : row.contains("waits") ? "waits: " + row["waits"].get<std::string>()
                                               : row["want"].get<std::string>();
    const auto text = row["template"].get<std::string>();
    const std::string got = outcome(text, snapshot);
    CHECK_MESSAGE(got == want, row["name"].get<std::string>()
                                   << ": " << text << "\n   got: " << got << "\n  want: " << want);
  }
}
