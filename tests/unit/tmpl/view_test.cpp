// Plain C++ structs as Go records: what a renderer does with 100,000 instances.
#include <doctest/doctest.h>

#include "common/tmpl/bind.h"
#include "tests/unit/tmpl/tmpl_support.h"

namespace {

struct Weights {
  int passing = 1;
  int warning = 2;
};

struct Instance {
  std::string name;
  std::vector<std::string> tags;
  std::map<std::string, std::string> meta;
  int port = 0;
  std::uint64_t index = 0;
  double load = 0;
  Weights weights;
  std::optional<Weights> other;
};

}  // namespace

template <>
struct longshore::tmpl::GoType<Weights> : longshore::tmpl::RecordBinding<Weights> {
  static constexpr std::string_view kName = "api.AgentWeights";
  static constexpr bool kPointer = false;
  static constexpr FieldOps kFields[] = {field<&Weights::passing>("Passing"), field<&Weights::warning>("Warning")};
};

template <>
struct longshore::tmpl::GoType<Instance> : longshore::tmpl::RecordBinding<Instance> {
  static constexpr std::string_view kName = "dependency.HealthService";
  static constexpr FieldOps kFields[] = {
      field<&Instance::name>("Name"),        field<&Instance::tags>("Tags"),
      field<&Instance::meta>("ServiceMeta"), field<&Instance::port>("Port"),
      field<&Instance::index>("Index"),      field<&Instance::load>("Load", "load_avg"),
      field<&Instance::weights>("Weights"),  field<&Instance::other>("Other", "-")};
};

namespace {

using namespace longshore::tmpl;
using testing::render;

std::shared_ptr<const std::vector<Instance>> instances(int count) {
  auto all = std::make_shared<std::vector<Instance>>();
  for (int i = 0; i < count; ++i)
    all->push_back({"web" + std::to_string(i), {"a", "b"}, {{"zone", "z1"}}, 8000 + i, 7, 0.5, {}, std::nullopt});
  return all;
}

}  // namespace

TEST_CASE("fields of all kinds") {
  const Value list = view_of(instances(2));
  CHECK(list.type_name() == "[]*dependency.HealthService");
  CHECK(render("{{range .}}{{.Name}}:{{.Port}} {{end}}", list) == "web0:8000 web1:8001 ");
  CHECK(render("{{range .}}{{range .Tags}}{{.}}{{end}}{{end}}", list) == "abab");
  CHECK(render("{{with index . 0}}{{.Index}} {{.Load}} {{.Weights.Passing}} {{.ServiceMeta.zone}}{{end}}", list) ==
        "7 0.5 1 z1");
  CHECK(render("{{index . 0}}", list) == "{web0 [a b] map[zone:z1] 8000 7 0.5 {1 2} {0 0}}");
  CHECK(render("{{printf \"%T %T %T\" . (index . 0) (index . 0).Weights}}", list) ==
        "[]*dependency.HealthService *dependency.HealthService api.AgentWeights");
  CHECK(render("{{len .}} {{len (slice . 1)}} {{(index (slice . 1) 0).Name}}", list) == "2 1 web1");
  CHECK(render("{{(index . 0).ServiceMeta.nope}}|{{index (index . 0).ServiceMeta \"zone\"}}", list) == "|z1");
  CHECK(render("{{(index . 0).Nope}}", list) ==
        "error: template: t:1:11: executing \"t\" at <0>: can't evaluate field Nope in type *dependency.HealthService");
}

TEST_CASE("as JSON, with names of its own") {
  CHECK(render("{{toJSON .}}", view_of(instances(1))) ==
        R"([{"Name":"web0","Tags":["a","b"],"ServiceMeta":{"zone":"z1"},"Port":8000,"Index":7,"load_avg":0.5,)"
        R"("Weights":{"Passing":1,"Warning":2}}])");
}

TEST_CASE("a view keeps its object alive") {
  Value name;
  {
    auto all = instances(1);
    name = *view_of(all).at(0).field("Name");
  }
  CHECK(name.as_string() == "web0");
}

TEST_CASE("typed nils") {
  const Value none = view_of(std::shared_ptr<const Instance>());
  CHECK(none.is_nil());
  CHECK(render("{{if .}}yes{{else}}no{{end}}", none) == "no");
  CHECK(render("{{.Name}}", none) ==
        "error: template: t:1:2: executing \"t\" at <.Name>: nil pointer evaluating *dependency.HealthService.Name");
  CHECK(render("{{range .}}x{{else}}empty{{end}}", view_of(std::shared_ptr<const std::vector<Instance>>())) == "empty");
}

TEST_CASE("reading fields of a large list does not copy it") {
  const Value list = view_of(instances(100'000));
  CHECK(render("{{$n := 0}}{{range .}}{{$n = .Port}}{{end}}{{$n}}", list) == "107999");
}

TEST_CASE("values are small") {
  CHECK(sizeof(Value) == 32);
}
