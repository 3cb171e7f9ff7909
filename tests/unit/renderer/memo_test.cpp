// What is kept of loop passes never shows: evaluations with a memo and without one give the same, whatever changed.
#include "common/tmpl/memo.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "common/policy/random.h"
#include "renderer/core/evaluate.h"
#include "tests/unit/renderer/instances.h"

using namespace longshore;
using namespace longshore::render;

namespace {

const tmpl::Functions& functions() {
  static const tmpl::Functions all = all_functions();
  return all;
}

std::shared_ptr<const tmpl::TemplateSet> parse(const std::string& text) {
  auto set = tmpl::parse("t", text, functions());
  REQUIRE_MESSAGE(set, set.error().text);
  return *set;
}

// Loops over what Consul knows, as people write them, and some as nobody should.
constexpr const char* kTemplates[] = {
    "{{range services}}{{range service .Name}}{{.Name}} {{.Address}}:{{.Port}}\n{{end}}{{end}}",
    "{{range $i, $s := services}}{{$i}} {{$s.Name}}:{{range $j, $e := service "
    "$s.Name}}{{$j}}{{$e.ID}},{{end}}\n{{end}}",
    "{{range services}}{{$n := .Name}}upstream {{$n}} {\n{{range service (printf \"%s|any\" $n)}}{{if .Tags.Contains "
    "\"blue\"}}server {{.Address}}:{{.Port}};\n{{else}}# {{.ID}} {{.Status}}\n{{end}}{{else}}server "
    "127.0.0.1:9;\n{{end}}}\n{{end}}",
    // Variables from outside, read and written.
    "{{$all := 0}}{{range services}}{{range service .Name}}{{$all = add $all 1}}{{end}}{{$all}},{{end}}",
    "{{$mark := key \"mark\"}}{{range services}}{{range service .Name}}{{$mark}}{{.Port}} {{end}}{{end}}",
    "{{range services}}{{$x := 0}}{{range service .Name}}{{$x = add $x .Port}}{{end}}{{$x}} {{end}}",
    // Passes that end early.
    "{{range services}}{{if eq .Name \"s3\"}}{{break}}{{end}}{{range service .Name}}{{.ID}} {{end}}{{end}}",
    "{{range services}}{{if eq .Name \"s3\"}}{{continue}}{{end}}{{range service .Name}}{{.ID}} {{end}}{{end}}",
    "{{range services}}{{range service .Name}}{{.ID}}{{break}}{{end}};{{end}}",
    // What is more than a text.
    "{{range services}}{{range service .Name}}{{scratch.MapSet \"n\" .ID .Port}}{{end}}{{end}}{{range "
    "scratch.MapValues \"n\"}}{{.}} {{end}}",
    "{{range services}}{{timestamp \"unix\"}}{{range service .Name}}{{.ID}}{{end}}{{env \"E\"}} {{end}}",
    "{{range services}}{{range service .Name}}{{.ID}}{{end}}{{if eq .Name \"\"}}{{else if eq 1 1}}{{timestamp "
    "\"unix\"}}{{end}} {{end}}",
    // Other templates, and a loop within one.
    "{{define \"one\"}}{{range service .}}{{.ID}} {{end}}{{end}}{{range services}}[{{template \"one\" .Name}}]{{end}}",
    "{{define \"all\"}}{{range services}}{{range service .Name}}{{.ID}} {{end}}{{end}}{{end}}{{template \"all\"}}"
    "{{template \"all\"}}",
    "{{define \"tick\"}}{{timestamp \"unix\"}}{{end}}{{range services}}{{range service .Name}}{{template "
    "\"tick\"}}{{end}}{{end}}",
    "{{range services}}{{executeTemplate \"x\" .Name}}{{end}}{{define \"x\"}}{{range service .}}{{.Port}} "
    "{{end}}{{end}}",
    // The same loop more than once in an evaluation.
    "{{range loop 3}}{{range services}}{{range service .Name}}{{.Port}} {{end}}{{end}}|{{end}}",
    "{{range ls \"app\"}}{{.Key}}={{.Value}}:{{range services}}{{range service .Name}}{{.ID}}{{end}}{{end}}\n{{end}}",
    // Elements that are no records, and keys.
    "{{range split \",\" (key \"list\")}}{{.}}:{{range service .}}{{.ID}} {{end}}{{keyOrDefault (printf \"app/%s\" .) "
    "\"-\"}}\n{{end}}",
    "{{range $k, $v := splitToMap \",\" \"=\" (keyOrDefault \"map\" \"a=s1,b=s2\")}}{{$k}}{{range service "
    "$v}}{{.Port}}{{end}}\n{{end}}",
    "{{range services}}{{if keyExists (printf \"app/%s\" .Name)}}{{.Name}}:{{len (service .Name)}} {{end}}{{end}}",
    "{{range services}}{{with service .Name \"any\"}}{{with index . 0}}{{.ID}}{{end}}{{end}}{{end}}",
    // Errors in some passes, and waiting for a key.
    "{{range services}}{{(index (service .Name) 0).ID}} {{end}}",
    "{{range services}}{{key (printf \"app/%s\" .Name)}}{{range service .Name}}{{.ID}}{{end}} {{end}}",
    "{{range services}}{{range $t, $all := service .Name | byTag}}{{$t}}{{len $all}} {{end}}{{end}}",
    "{{range nodes}}{{.Node}}{{range services}}{{range service .Name}}{{.Port}}{{end}}{{end}}\n{{end}}",
};

// A store that changes at random; equal answers keep their objects, as in the machine.
class Store {
 public:
  explicit Store(std::uint64_t seed) : chance_(seed) {
    for (int i = 0; i < 6; ++i) names_.insert("s" + std::to_string(i));
    tell_catalog();
    for (const std::string& name : names_) tell(name);
    for (const char* key : {"mark", "list", "map"}) put(key, key == std::string("list") ? "s1,s2,s1" : "a=s1,b=s4");
    for (int i = 0; i < 4; ++i) put("app/s" + std::to_string(i), "v0");
    know({.kind = Dependency::Kind::nodes},
         std::vector{render::test::entry("n1", "", "", "", 0).node, render::test::entry("n2", "", "", "", 0).node});
    tell_tree();
  }
  const Snapshot& snapshot() const { return snapshot_; }

  void change() {
    const std::string name = "s" + std::to_string(one_of(8));
    switch (one_of(12)) {
      case 0:
        if (names_.erase(name) == 0) names_.insert(name);
        tell_catalog();
        break;
      case 1:
        snapshot_.forget(render::test::service_named(name));
        break;
      case 2:
        put("app/" + name, one_of(4) == 0 ? "" : "v" + std::to_string(one_of(3)));
        tell_tree();
        break;
      case 3:
        put("mark", std::to_string(one_of(3)));
        break;
      case 4:
        put("list", one_of(2) == 0 ? "s1,s2,s1" : "s2,s1,s7");
        break;
      default:
        tell(name);
    }
  }

 private:
  std::uint64_t one_of(std::uint64_t count) { return chance_.next() % count; }
  void know(const Dependency& on, RawAnswer answer) {
    const Known* before = snapshot_.find(on);
    Data data = make_data(on, std::move(answer), before == nullptr ? nullptr : &before->data);
    if (before == nullptr || !same_data(before->data, data)) snapshot_.set(on, std::move(data));
  }
  void tell(const std::string& name) {
    std::vector<consul::ServiceEntry> entries;
    for (std::uint64_t i = 0, count = one_of(4); i < count; ++i) {
      const char* statuses[] = {"passing", "passing", "critical", "warning"};
      entries.push_back(render::test::entry("n" + std::to_string(i), name + "-" + std::to_string(i), name, "10.0.0.1",
                                            static_cast<std::uint16_t>(8000 + one_of(3)), statuses[one_of(4)]));
      if (one_of(2) == 0) entries.back().service.tags = {"blue"};
    }
    const Dependency on = render::test::service_named(name);
    const auto before = snapshot_.get<ServiceData>(on);
    auto fresh = std::make_shared<const ServiceData>(make_service_data(on, std::move(entries), 1, before.get()));
    if (!before || !same_instances(*before, *fresh)) snapshot_.set(on, Data(std::move(fresh)));
  }
  void tell_catalog() {
    consul::ServiceNames names;
    for (const std::string& name : names_) names[name] = {};
    know({.kind = Dependency::Kind::services}, std::move(names));
  }
  void put(const std::string& key, const std::string& value) {
    keys_[key] = value;
    know({.kind = Dependency::Kind::key, .name = key}, std::optional(render::test::pair(key, value)));
  }
  void tell_tree() {
    std::vector<consul::KvPair> pairs;
    for (const auto& [key, value] : keys_)
      if (key.starts_with("app/")) pairs.push_back(render::test::pair(key, value));
    know({.kind = Dependency::Kind::tree, .name = "app/"}, pairs);
    know({.kind = Dependency::Kind::tree, .name = "app"}, std::move(pairs));
  }

  policy::Random chance_;
  Snapshot snapshot_;
  std::set<std::string> names_;
  std::map<std::string, std::string> keys_;
};

Outcome run(const tmpl::TemplateSet& set, const Snapshot& snapshot, tmpl::Memo* memo, std::uint64_t steps,
            std::int64_t seconds) {
  static const Environment environment{{"E", "e"}};
  EvaluateContext context{environment, std::chrono::system_clock::time_point(std::chrono::seconds(seconds)), {}, {}};
  context.options.limits.steps = steps;
  context.options.memo = memo;
  return evaluate(set, snapshot, context);
}

void check_same(const Outcome& fresh, const Outcome& kept) {
  REQUIRE(fresh.kind == kept.kind);
  REQUIRE(fresh.text == kept.text);
  REQUIRE(fresh.used == kept.used);
  REQUIRE(fresh.missing == kept.missing);
  REQUIRE(fresh.errors.size() == kept.errors.size());
  for (std::size_t i = 0; i < fresh.errors.size(); ++i) REQUIRE(fresh.errors[i].text == kept.errors[i].text);
}

}  // namespace

TEST_CASE("property: an evaluation that uses kept passes is like a fresh one") {
  const char* one = std::getenv("LONGSHORE_TEST_SEED");
  const std::uint64_t first = one != nullptr ? std::strtoull(one, nullptr, 10) : 1;
  const std::uint64_t last = one != nullptr ? first : 12;
  std::size_t with_reuse = 0;
  for (const char* text : kTemplates) {
    const auto set = parse(text);
    std::uint64_t reused = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
      INFO("LONGSHORE_TEST_SEED=", seed, " ", text);
      Store store(seed);
      tmpl::Memo memo;
      policy::Random chance(seed);
      for (std::int64_t step = 0; step < 120; ++step) {
        if (chance.next() % 8 != 0) store.change();
        // Now and then not enough: what ends an evaluation has to end the other at the same place.
        const std::uint64_t steps = chance.next() % 10 == 0 ? chance.next() % 400 : 100'000;
        check_same(run(*set, store.snapshot(), nullptr, steps, step), run(*set, store.snapshot(), &memo, steps, step));
      }
      reused += memo.reused();
    }
    with_reuse += reused > 0 ? 1 : 0;
  }
  // The others use what may not be kept in every pass, or ask nothing within a pass of the file itself.
  if (one == nullptr) CHECK(with_reuse == 16);
}

TEST_CASE("a change of one service has only its own pass run again") {
  const auto set = parse(kTemplates[0]);
  Store store(3);
  tmpl::Memo memo;
  run(*set, store.snapshot(), &memo, 100'000, 0);
  CHECK(memo.reused() == 0);
  run(*set, store.snapshot(), &memo, 100'000, 0);
  CHECK(memo.reused() == 6);
  Snapshot changed = store.snapshot();
  const Dependency on = render::test::service_named("s2");
  std::vector<consul::ServiceEntry> entries = {render::test::entry("n9", "s2-9", "s2", "10.0.0.9", 9999)};
  changed.set(on, std::make_shared<const ServiceData>(make_service_data(on, std::move(entries), 1, nullptr)));
  const Outcome outcome = run(*set, changed, &memo, 100'000, 0);
  CHECK(memo.reused() == 11);
  CHECK(outcome.text.find("s2 10.0.0.9:9999\n") != std::string::npos);
}
