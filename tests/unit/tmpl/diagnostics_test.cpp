#include "common/tmpl/diagnostics.h"

#include <doctest/doctest.h>

#include "common/tmpl/bind.h"
#include "tests/unit/tmpl/tmpl_support.h"

namespace {

struct Host1 {
  std::string address;
};

}  // namespace

template <>
struct longshore::tmpl::GoType<Host1> : longshore::tmpl::RecordBinding<Host1> {
  static constexpr std::string_view kName = "dependency.Node";
  static constexpr FieldOps kFields[] = {field<&Host1::address>("Address")};
};

namespace {

using namespace longshore::tmpl;
using testing::TestHost;

Diagnostic runtime_problem(const std::string& text, const Value& data) {
  const auto set = parse("site.ctmpl", text, testing::shared(testing::all_functions()));
  if (!set) return set.error();
  TestHost host;
  const Evaluation result = evaluate(**set, "site.ctmpl", data, host);
  return result.ok() ? Diagnostic{} : result.errors[0];
}

}  // namespace

TEST_CASE("line, caret and suggestion of an evaluation error") {
  const Value node = view_of(std::make_shared<const Host1>(Host1{"10.0.0.1"}));
  const Diagnostic found = runtime_problem("a\n\tserver {{ .Addres }};\n", node);
  CHECK(found.text ==
        "template: site.ctmpl:2:11: executing \"site.ctmpl\" at <.Addres>: can't evaluate field Addres in type "
        "*dependency.Node");
  CHECK(found.location == Location{"site.ctmpl", 2, 11});
  CHECK(caret(found) ==
        "  2 | \tserver {{ .Addres }};\n"
        "    | \t          ^ did you mean \"Address\"?");
}

TEST_CASE("caret under characters, not bytes") {
  const Diagnostic found = runtime_problem("日本 {{.x.y}}", Value::string("s"));
  CHECK(caret(found) ==
        "  1 | 日本 {{.x.y}}\n"
        "    |        ^");
}

TEST_CASE("long lines are cut around the column") {
  const std::string text = std::string(300, 'a') + "{{.x}}" + std::string(300, 'b');
  const std::string shown = caret(runtime_problem(text, Value::string("s")));
  CHECK(shown.find("{{.x}}") != std::string::npos);
  CHECK(shown.size() < 260);
}

TEST_CASE("an unknown place has no caret") {
  CHECK(caret(Diagnostic{.text = "x"}) == "");
}

TEST_CASE("as an error value") {
  CHECK(to_error({.text = "t", .hint = "h"}) == longshore::Error{longshore::Errc::template_error, "t (h)"});
  CHECK(to_error({.text = "t", .limit = true}).code == longshore::Errc::limit);
}

TEST_CASE("an unknown template of the set") {
  const auto set = parse("file", "x", testing::shared(testing::all_functions()));
  TestHost host;
  const Evaluation result = evaluate(**set, "other", {}, host);
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors[0].text == "template: no template \"other\" associated with template \"file\"");
}
