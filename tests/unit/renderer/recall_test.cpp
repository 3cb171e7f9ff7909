// Data functions as templates see them. Expected texts follow Go's printing and consul-template's documentation.
#include "renderer/core/recall.h"

#include <doctest/doctest.h>

#include "renderer/core/evaluate.h"
#include "tests/unit/renderer/instances.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::entry;
using longshore::render::test::service_named;

namespace {

const tmpl::Functions& functions() {
  static const tmpl::Functions all = all_functions();
  return all;
}

Outcome run(const std::string& text, const Snapshot& snapshot, const Environment& environment = {}) {
  const auto set = tmpl::parse("t", text, functions());
  REQUIRE_MESSAGE(set, set.error().text);
  return evaluate(**set, snapshot, {environment, {}, {}, {}, may_see_checks(text)});
}

// The text, "waiting: <missing>" or the first error.
std::string told(const std::string& text, const Snapshot& snapshot, const Environment& environment = {}) {
  const Outcome outcome = run(text, snapshot, environment);
  if (outcome.kind == Outcome::Kind::complete) return outcome.text;
  if (outcome.kind == Outcome::Kind::failed) return outcome.errors.front().text;
  std::string out = "waiting:";
  for (const Dependency& on : outcome.missing) out += " " + to_string(on);
  return out;
}

void know_service(Snapshot& snapshot, const std::string& name, std::vector<consul::ServiceEntry> entries) {
  Dependency on = service_named(name);
  for (const bool checks : {false, true}) {
    on.checks = checks;
    snapshot.set(on, std::make_shared<const ServiceData>(make_service_data(on, entries, 1, nullptr)));
  }
}

void know(Snapshot& snapshot, const Dependency& on, RawAnswer answer) {
  const Known* before = snapshot.find(on);
  snapshot.set(on, make_data(on, std::move(answer), before == nullptr ? nullptr : &before->data));
}

Snapshot web() {
  consul::ServiceEntry first = entry("n1", "web-1", "web", "10.0.0.1", 8001);
  first.service.tags = {"v2", "Blue"};
  first.service.meta = {{"host", "a.example"}};
  first.service.tagged_addresses["lan"] = {"10.0.0.1", 8001};
  first.node.id = "nid";
  first.node.meta = {{"zone", "z1"}};
  first.node.tagged_addresses = {{"wan", "198.51.100.1"}};
  first.checks[0].output = "fine";
  consul::ServiceEntry second = entry("n2", "web-2", "web", "", 8002, "warning");
  consul::ServiceEntry third = entry("n3", "web-3", "web", "10.0.0.3", 8003, "critical");
  Snapshot snapshot;
  know_service(snapshot, "web", {third, second, first});
  return snapshot;
}

}  // namespace

TEST_CASE("service: filters and tags are views over one answer") {
  const Snapshot snapshot = web();
  const std::string list = "{{range service %}}{{.ID}} {{end}}";
  const std::pair<const char*, const char*> rows[] = {
      {R"("web")", "web-1 "},
      {R"("web|any")", "web-1 web-2 web-3 "},
      {R"("web" "any")", "web-1 web-2 web-3 "},
      {R"("web" "warning,critical")", "web-2 web-3 "},
      {R"("v2.web")", "web-1 "},
      {R"("blue.web")", "web-1 "},
      {R"("BLUE.web|any")", "web-1 "},
      {R"("green.web")", ""},
      {R"("")", ""},
  };
  for (const auto& [arguments, want] : rows) {
    CAPTURE(arguments);
    std::string text = list;
    text.replace(text.find('%'), 1, arguments);
    const Outcome outcome = run(text, snapshot);
    CHECK(outcome.kind == Outcome::Kind::complete);
    CHECK(outcome.text == want);
    CHECK(outcome.used.size() == (std::string_view(arguments) == R"("")" ? 0 : 1));
  }
  CHECK(told("{{range service}}x{{end}}", snapshot).empty());
}

TEST_CASE("services are asked for with their checks only where a text may show them") {
  CHECK_FALSE(may_see_checks("{{range service \"web\"}}{{.Address}} {{.Status}} {{.ServiceMeta.host}}{{end}}"));
  CHECK(may_see_checks("{{range service \"web\"}}{{range .Checks}}{{.Output}}{{end}}{{end}}"));
  CHECK(may_see_checks("{{service \"web\" | toJSON}}"));
  CHECK(may_see_checks("{{service \"web\" | toYAML}}"));
  const auto asks = [](const std::string& text) { return to_string(*run(text, Snapshot()).missing.begin()); };
  CHECK(asks("{{range service \"web\"}}{{.ID}}{{end}}") == "health.service(web)");
  CHECK(asks("{{range service \"web\"}}{{.Checks}}{{end}}") == "health.service(web|checks)");
}

TEST_CASE("service: every field") {
  const Snapshot snapshot = web();
  const std::string one = "{{with index (service \"web\") 0}}%{{end}}";
  const std::pair<const char*, const char*> rows[] = {
      {"{{.Node}} {{.NodeID}} {{.NodeAddress}}", "n1 nid 192.0.2.1"},
      {"{{.NodeTaggedAddresses.wan}} {{.NodeMeta.zone}}", "198.51.100.1 z1"},
      {"{{.ServiceMeta.host}} {{.ServiceMeta.none}}|", "a.example |"},
      {"{{.Address}}:{{.Port}}", "10.0.0.1:8001"},
      {"{{with .ServiceTaggedAddresses.lan}}{{.Address}}:{{.Port}}{{end}}", "10.0.0.1:8001"},
      {"{{.ID}} {{.Name}} {{.Status}}", "web-1 web passing"},
      {"{{.Tags}} {{.Tags | join \",\"}} {{len .Tags}}", "[Blue v2] Blue,v2 2"},
      {"{{range .Checks}}{{.CheckID}} {{.Status}} {{.Output}} {{.Node}}{{end}}", "service:web-1 passing fine n1"},
      {"{{.Weights.Passing}} {{.Weights.Warning}}", "1 1"},
      {"{{printf \"%T %T %T %T\" . .Port .Tags .Weights}}",
       "*dependency.HealthService int dependency.ServiceTags api.AgentWeights"},
      {"{{if in .Tags \"v2\"}}yes{{end}}{{if .Tags | contains \"v3\"}}no{{end}}", "yes"},
      {"{{.ServiceMeta | toJSON}}", R"({"host":"a.example"})"},
  };
  for (const auto& [fields, want] : rows) {
    CAPTURE(fields);
    std::string text = one;
    text.replace(text.find('%'), 1, fields);
    CHECK(told(text, snapshot) == want);
  }
  CHECK(told("{{with index (service \"web|warning\") 0}}{{.Address}}{{end}}", snapshot) == "192.0.2.1");
  CHECK(told("{{printf \"%T\" (service \"web\")}}", snapshot) == "[]*dependency.HealthService");
  CHECK(told("{{len (service \"web|any\")}}", snapshot) == "3");
  CHECK(told("{{range $tag, $list := service \"web|any\" | byTag}}{{$tag}}={{range $list}}{{.ID}}{{end}} {{end}}",
             snapshot) == "Blue=web-1 v2=web-1 ");
  CHECK(told("{{with index (service \"web\") 0}}{{.Adress}}{{end}}", snapshot)
            .find("can't evaluate field Adress in type *dependency.HealthService") != std::string::npos);
}

TEST_CASE("services, nodes, node, datacenters") {
  Snapshot snapshot;
  know(snapshot, {.kind = Dependency::Kind::services}, consul::ServiceNames{{"web", {"b", "a"}}, {"api", {}}});
  CHECK(told("{{range services}}{{.Name}}{{.Tags}} {{end}}", snapshot) == "api[] web[a b] ");
  consul::Node node;
  node.node = "n1";
  node.id = "nid";
  node.address = "10.0.0.1";
  node.datacenter = "dc1";
  node.meta = {{"k", "v"}};
  know(snapshot, {.kind = Dependency::Kind::nodes}, std::vector{node});
  CHECK(told("{{range nodes}}{{.Node}} {{.ID}} {{.Address}} {{.Datacenter}} {{.Meta.k}}{{end}}", snapshot) ==
        "n1 nid 10.0.0.1 dc1 v");
  consul::NodeServices services;
  services.node = node;
  services.services["w"].id = "w";
  services.services["w"].name = "web";
  services.services["w"].port = 80;
  know(snapshot, {.kind = Dependency::Kind::node}, std::optional(services));
  CHECK(told("{{with node}}{{.Node.Address}}{{range .Services}} {{.Service}}/{{.ID}}:{{.Port}}{{end}}{{end}}",
             snapshot) == "10.0.0.1 web/w:80");
  know(snapshot, {.kind = Dependency::Kind::node, .name = "x"}, std::optional<consul::NodeServices>());
  CHECK(told("{{with node \"x\"}}{{if .Node}}there{{else}}none{{end}}{{len .Services}}{{end}}", snapshot) == "none0");
  CHECK(told("{{(node \"x\").Node.Address}}", snapshot).find("nil pointer evaluating *dependency.Node.Address") !=
        std::string::npos);
  know(snapshot, {.kind = Dependency::Kind::datacenters}, std::vector<std::string>{"dc2", "dc1"});
  CHECK(told("{{datacenters | join \",\"}} {{datacenters false | len}}", snapshot) == "dc1,dc2 2");
  // Those that answer are asked for apart.
  CHECK(told("{{datacenters true}}", snapshot) == "waiting: catalog.datacenters(up)");
  know(snapshot, {.kind = Dependency::Kind::datacenters, .name = "up"}, std::vector<std::string>{"dc2"});
  CHECK(told("{{datacenters true | join \",\"}}", snapshot) == "dc2");
}

TEST_CASE("key, keyOrDefault, keyExists are views of one watch") {
  Snapshot snapshot;
  const Dependency on{.kind = Dependency::Kind::key, .name = "a/b"};
  const std::string all = "{{key \"a/b\"}} {{keyExists \"a/b\"}} {{keyOrDefault \"/a/b\" \"d\"}}";
  CHECK(told(all, snapshot) == "waiting: kv.get(a/b)");
  CHECK(run(all, snapshot).used.size() == 1);
  know(snapshot, on, std::optional<consul::KvPair>());
  CHECK(told(all, snapshot) == "waiting: kv.get(a/b)");
  CHECK(told("{{keyExists \"a/b\"}} {{keyOrDefault \"a/b\" \"d\"}}", snapshot) == "false d");
  know(snapshot, on, std::optional(render::test::pair("a/b", "v")));
  CHECK(told(all, snapshot) == "v true v");
  know(snapshot, on, std::optional(render::test::pair("a/b", "")));
  CHECK(told(all, snapshot) == " true d");
  know(snapshot, on, std::optional(render::test::pair("a/b", "last")));
  know(snapshot, on, std::optional<consul::KvPair>());
  CHECK(told(all, snapshot) == "last false d");
  CHECK(told("{{key \"\"}}{{keyExists \"\"}}{{keyOrDefault \"\" \"d\"}}", Snapshot()) == "falsed");
  CHECK(told("{{key \"@dc\"}}", snapshot).find("error calling key: kv.get: invalid format: \"@dc\"") !=
        std::string::npos);
}

TEST_CASE("ls, tree and their safe forms") {
  Snapshot snapshot;
  const Dependency on{.kind = Dependency::Kind::tree, .name = "app"};
  CHECK(told("{{range ls \"app\"}}{{.Key}}{{end}}{{range tree \"app\"}}{{.Key}}{{end}}", snapshot) ==
        "waiting: kv.list(app)");
  know(snapshot, on, std::vector<consul::KvPair>{});
  CHECK(told("{{len (ls \"app\")}}{{len (tree \"app\")}}", snapshot) == "00");
  CHECK(told("{{safeLs \"app\"}}", snapshot) == "waiting: kv.list(app)");
  CHECK(told("{{safeTree \"app\"}}", snapshot) == "waiting: kv.list(app)");
  know(snapshot, on,
       std::vector{render::test::pair("app/", ""), render::test::pair("app/dir/", ""),
                   render::test::pair("app/dir/x", "1", 9), render::test::pair("app/host", "h")});
  CHECK(told("{{range ls \"app\"}}{{.Key}}={{.Value}} {{end}}", snapshot) == "host=h ");
  CHECK(told("{{range safeTree \"app\"}}{{.Path}}|{{.Key}}={{.Value}}@{{.ModifyIndex}} {{end}}", snapshot) ==
        "app/dir/x|dir/x=1@9 app/host|host=h@1 ");
  CHECK(told("{{with index (ls \"app\") 0}}{{printf \"%T %T\" . .Flags}}{{end}}", snapshot) ==
        "*dependency.KeyPair uint64");
  CHECK(told("{{range ls \"\"}}x{{end}}", snapshot).empty());
}

TEST_CASE("what is not known is missing, and evaluation goes on to find the rest") {
  const Snapshot nothing;
  CHECK(told("{{key \"a\"}}{{range service \"web\"}}{{end}}{{range services}}{{end}}", nothing) ==
        "waiting: health.service(web) catalog.services kv.get(a)");
  // On the first pass of the original this is a fatal error.
  CHECK(told("{{(index (service \"web\") 0).Port}}{{key \"a\"}}", nothing) == "waiting: health.service(web) kv.get(a)");
  CHECK(told("{{(node \"n\").Node.Address}}", nothing) == "waiting: catalog.node(n)");
  const Outcome failed = run("{{service \"a b\"}}", nothing);
  CHECK(failed.kind == Outcome::Kind::failed);
  CHECK(failed.errors.front().text.find("error calling service: health.service: invalid format: \"a b\"") !=
        std::string::npos);
}

TEST_CASE("services that are listed are looked up in the next pass") {
  Snapshot snapshot;
  know(snapshot, {.kind = Dependency::Kind::services}, consul::ServiceNames{{"api", {}}, {"web", {}}});
  const std::string text = "{{range services}}{{.Name}}:{{range service .Name}}{{.Port}}{{end}} {{end}}";
  CHECK(told(text, snapshot) == "waiting: health.service(api) health.service(web)");
  know_service(snapshot, "api", {entry("n", "a", "api", "", 1)});
  know_service(snapshot, "web", {});
  CHECK(told(text, snapshot) == "api:1 web: ");
}

TEST_CASE("env is what the renderer was given") {
  CHECK(told("{{env \"A\"}}-{{env \"NONE\"}}", Snapshot(), {{"A", "x"}}) == "x-");
}

TEST_CASE("what we do not have fails where it is called, with a reason, and nowhere else") {
  CHECK(told("{{secret \"a\"}}", Snapshot()).ends_with("error calling secret: it reads Vault, which is not supported"));
  CHECK(told("{{secret \"a\" \"b=c\"}}", Snapshot()).ends_with("which is not supported"));
  CHECK(told("{{nomadService \"a\"}}", Snapshot())
            .ends_with("error calling nomadService: it reads Nomad, which is not supported"));
  CHECK(told("{{if false}}{{with secret \"a\"}}{{.Data.x}}{{end}}{{nomadVarExists \"b\"}}{{end}}here", Snapshot()) ==
        "here");
  CHECK(told("{{define \"unused\"}}{{pkiCert \"a\"}}{{end}}here", Snapshot()) == "here");
  // Waits, and does not fail, while it is not known whether it comes to that.
  CHECK(told("{{if not (keyExists \"k\")}}{{secret \"a\"}}{{end}}", Snapshot()).starts_with("waiting: "));
}
