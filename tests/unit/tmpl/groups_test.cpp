// byKey byTag byPort byMeta explode explodeMap over records shaped like Consul's; expected values from the reference.
#include <doctest/doctest.h>

#include "common/tmpl/bind.h"
#include "tests/unit/tmpl/tmpl_support.h"

namespace {
struct Pair {
  std::string path, key, value;
};
struct Service {
  std::string name;
  std::vector<std::string> tags;
  std::map<std::string, std::string> meta;
  int port = 0;
};
}  // namespace

template <>
struct longshore::tmpl::GoType<Pair> : longshore::tmpl::RecordBinding<Pair> {
  static constexpr std::string_view kName = "dependency.KeyPair";
  static constexpr FieldOps kFields[] = {field<&Pair::path>("Path"), field<&Pair::key>("Key"),
                                         field<&Pair::value>("Value")};
};
template <>
struct longshore::tmpl::GoType<Service> : longshore::tmpl::RecordBinding<Service> {
  static constexpr std::string_view kName = "dependency.HealthService";
  static constexpr FieldOps kFields[] = {field<&Service::name>("Name"), field<&Service::tags>("Tags"),
                                         field<&Service::meta>("ServiceMeta"), field<&Service::port>("Port")};
};

namespace {

using namespace longshore::tmpl;
using testing::render;

Value pairs(std::vector<Pair> list) {
  return view_of(std::make_shared<const std::vector<Pair>>(std::move(list)));
}
Value services() {
  return view_of(std::make_shared<const std::vector<Service>>(std::vector<Service>{
      {"a", {"x", "y"}, {{"v", "1.2"}, {"n", "7"}}, 80}, {"b", {"x"}, {{"v", "2"}}, 81}, {"c", {}, {}, 80}}));
}

}  // namespace

TEST_CASE("byKey cuts off the first part and drops what has nothing behind it") {
  const Value list = pairs({{"p/a/x", "a/x", "1"}, {"p/a/y/z", "a/y/z", "2"}, {"p/b", "b", "3"}, {"p/c/", "c/", "4"}});
  CHECK(
      render(
          "{{range $top, $rest := byKey .}}{{$top}}:{{range $k, $p := $rest}}[{{$k}} {{$p.Key}} {{$p.Path}} {{.Value}}]"
          "{{end}}{{end}}",
          list) == "a:[x x p/a/x 1][y/z y/z p/a/y/z 2]");
  CHECK(render("{{printf \"%T\" (byKey .)}}", list) == "map[string]map[string]*dependency.KeyPair");
  CHECK(render("{{byKey 1}}") ==
        "error: template: t:1:8: executing \"t\" at <1>: can't handle 1 for arg of type []*dependency.KeyPair");
}

TEST_CASE("byTag and byPort group records that have these fields") {
  CHECK(render("{{range $t, $l := byTag .}}{{$t}}{{range $l}}{{.Name}}{{end}} {{end}}", services()) == "xab ya ");
  CHECK(render("{{range $p, $l := byPort .}}{{$p}}{{range $l}}{{.Name}}{{end}} {{end}}", services()) == "80ac 81b ");
  CHECK(render("{{len (byTag nil)}}{{len (byPort nil)}}") == "00");
  CHECK(render("{{byTag \"x\"}}") ==
        "error: template: t:1:2: executing \"t\" at <byTag \"x\">: error calling byTag: byTag: wrong argument type "
        "string");
  CHECK(render("{{byPort .}}", pairs({})) ==
        "error: template: t:1:2: executing \"t\" at <byPort .>: error calling byPort: byPort: wrong argument type "
        "[]*dependency.KeyPair");
}

TEST_CASE("byMeta joins normalised values") {
  const char* text = "{{range $k, $l := byMeta \"v,n|int\" .}}{{$k}}{{range $l}}{{.Name}}{{end}} {{end}}";
  CHECK(render(text, services()) == "1_2_00007a 2_00000b _no_v__00000c ");
  CHECK(render("{{byMeta \"v|int\" .}}", services()) ==
        "error: template: t:1:2: executing \"t\" at <byMeta \"v|int\" .>: error calling byMeta: cannot parse 1.2 as "
        "number : "
        "strconv.Atoi: parsing \"1.2\": invalid syntax");
}

TEST_CASE("explode nests keys") {
  CHECK(render("{{explode . | toJSON}}",
               pairs({{"", "a/b/c", "1"}, {"", "a/d", "2"}, {"", "e", "3"}, {"", "f/", "4"}})) ==
        R"({"a":{"b":{"c":"1"},"d":"2"},"e":"3","f":{}})");
  CHECK(render("{{explode .}}", pairs({{"", "a", "1"}, {"", "a/b", "2"}})) ==
        "error: template: t:1:2: executing \"t\" at <explode .>: error calling explode: explode: not a map: \"a/b\": "
        "\"a\" "
        "already has value \"1\"");
  CHECK(render("{{explodeMap (parseJSON \"{\\\"a/b\\\":1,\\\"a/c\\\":2}\") | toJSON}}") == R"({"a":{"b":1,"c":2}})");
}
