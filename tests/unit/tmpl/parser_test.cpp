#include "common/tmpl/template_set.h"

#include <doctest/doctest.h>

#include "tests/unit/tmpl/tmpl_support.h"

namespace {

using namespace longshore::tmpl;
using testing::all_functions;
using testing::shared;

std::string printed(const std::string& text) {
  const auto set = parse("t", text, shared(all_functions()));
  return set ? (*set)->unparse("t") : "error: " + set.error().text;
}

Diagnostic problem(const std::string& text, const ParseOptions& options = {}) {
  const auto set = parse("t", text, shared(all_functions()), options);
  return set ? Diagnostic{} : set.error();
}

}  // namespace

TEST_CASE("the tree prints back in canonical form") {
  const std::pair<const char*, const char*> rows[] = {
      {"", ""},
      {"some text", "some text"},
      {"{{ .X }}", "{{.X}}"},
      {"{{.X.Y.Z}}", "{{.X.Y.Z}}"},
      {"{{$x := 1}}{{$x}}", "{{$x := 1}}{{$x}}"},
      {"{{$x := 1}}{{$x = 2}}", "{{$x := 1}}{{$x = 2}}"},
      {"{{.X|printf \"%d\"  1}}", "{{.X | printf \"%d\" 1}}"},
      {"{{(.Y .Z).A | len}}", "{{(.Y .Z).A | len}}"},
      {"{{if .X}}a{{else if .Y}}b{{end}}", "{{if .X}}a{{else if .Y}}b{{end}}"},
      {"{{if .X}}a{{else}}{{if .Y}}b{{end}}{{end}}", "{{if .X}}a{{else}}{{if .Y}}b{{end}}{{end}}"},
      {"{{with .X}}a{{else with .Y}}b{{end}}", "{{with .X}}a{{else with .Y}}b{{end}}"},
      {"{{range $i, $e := .X}}{{break}}{{continue}}{{else}}n{{end}}",
       "{{range $i, $e := .X}}{{break}}{{continue}}{{else}}n{{end}}"},
      {"{{template \"a\"}}{{template `b` .}}", "{{template \"a\"}}{{template \"b\" .}}"},
      {"a{{/* comment */}}b", "ab"},
      {"{{`raw`}}{{'x'}}{{0x1F}}{{nil|print}}{{true}}", "{{`raw`}}{{'x'}}{{0x1F}}{{nil | print}}{{true}}"},
  };
  for (const auto& [text, want] : rows) {
    CAPTURE(text);
    CHECK(printed(text) == want);
    CHECK(printed(printed(text)) == printed(text));
  }
}

TEST_CASE("definitions and blocks become templates of the set") {
  const auto set = parse("t", "{{define \"a\"}}A{{end}}{{block \"b\" .}}B{{end}}x", shared(all_functions()));
  REQUIRE(set.has_value());
  CHECK((*set)->names() == std::vector<std::string>{"a", "b", "t"});
  CHECK((*set)->unparse("b") == "B");
  CHECK((*set)->unparse("none") == "");
}

TEST_CASE("typos are found at load and get a suggestion") {
  CHECK(problem("{{prinft 1}}").text == "template: t:1: function \"prinft\" not defined");
  CHECK(problem("{{prntln 1}}").hint == "did you mean \"println\"?");
  CHECK(problem("{{$name := 1}}{{$nmae}}").hint == "did you mean $name?");
  CHECK(problem("\n\n{{if}}{{end}}").location.line == 3);
}

TEST_CASE("a function of sprig without its prefix is told with it") {
  FunctionTable table = all_functions();
  table.add("sprig_list", {}, [](Call&, Args) -> longshore::Result<Value> { return Value::string(""); });
  const auto set = parse("t", "{{list}}", shared(std::move(table)));
  REQUIRE(!set.has_value());
  CHECK(set.error().hint == "did you mean \"sprig_list\"?");
}

TEST_CASE("very many variables cost no more than each its own time") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "{{$v" + std::to_string(i) + " := 1}}";
  const auto set = parse("t", text + "{{$v7}}{{range $v7 := $v8}}{{$v7}}{{end}}{{$v9}}", shared(all_functions()));
  CHECK(set.has_value());
}

TEST_CASE("refused functions say why") {
  FunctionTable table = all_functions();
  table.add({.name = "secret", .params = {}, .unsupported = "Vault is not supported"});
  const auto set = parse("t", "{{secret}}", shared(std::move(table)));
  REQUIRE(!set.has_value());
  CHECK(set.error().text == "template: t:1: function \"secret\" not supported: Vault is not supported");
}

TEST_CASE("missing templates are found at load on request") {
  ParseOptions options;
  CHECK(problem("{{template \"header\"}}", options).text.empty());
  options.require_templates = true;
  const Diagnostic found = problem("x\n{{template \"haeder\"}}{{define \"header\"}}h{{end}}", options);
  CHECK(found.text == "template: t:2: template \"haeder\" not defined");
  CHECK(found.hint == "did you mean \"header\"?");
}

TEST_CASE("break and continue are names when functions have these names") {
  FunctionTable table = all_functions();
  table.add("break", {}, [](Call&, Args) -> longshore::Result<Value> { return Value::string("B"); });
  CHECK(testing::render("{{break}}", {}, {}, shared(std::move(table))) == "B");
}

TEST_CASE("nesting is bounded") {
  const auto nested = [](std::size_t depth) {
    std::string text = "{{";
    text.append(depth, '(');
    text += "1";
    text.append(depth, ')');
    return text + "}}";
  };
  CHECK(testing::render(nested(400)) == "1");
  CHECK(testing::render(nested(501)) == "error: template: t:1: max expression depth exceeded");
  CHECK(testing::render(nested(200'000)) == "error: template: t:1: max expression depth exceeded");
  std::string blocks;
  for (int i = 0; i < 100'000; ++i) blocks += "{{if 1}}";
  CHECK(testing::render(blocks) == "error: template: t:1: control structures nested too deeply");
}
