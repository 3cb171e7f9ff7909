// One tree, many evaluations: nothing of one shows in another.
#include <doctest/doctest.h>

#include "tests/unit/tmpl/tmpl_support.h"

namespace {

using namespace longshore::tmpl;

}  // namespace

TEST_CASE("evaluations of one set do not disturb each other") {
  const auto set = parse("t", "{{scratch.SetX \"k\" .}}{{scratch.Get \"k\"}} {{$x := .}}{{range loop 2}}{{$x}}{{end}}",
                         testing::shared(testing::all_functions()));
  REQUIRE(set.has_value());
  testing::TestHost host;
  for (int i = 0; i < 3; ++i)
    CHECK(evaluate(**set, "t", Value::integer(i), host).text ==
          std::to_string(i) + " " + std::to_string(i) + std::to_string(i));
}

TEST_CASE("a function may evaluate the same set again") {
  FunctionTable table = testing::all_functions();
  table.add("again", {&types::kString}, [](Call& call, Args args) -> longshore::Result<Value> {
    auto text = call.execute_template(args[0].as_string(), Value::integer(5));
    if (!text) return longshore::fail(text.error());
    return Value::string(std::move(*text));
  });
  const Functions functions = testing::shared(std::move(table));
  CHECK(testing::render("{{define \"a\"}}{{$x := .}}[{{$x}}]{{end}}{{$x := 1}}{{again \"a\"}}{{$x}}", {}, {},
                        functions) == "[5]1");
}

TEST_CASE("environment comes from the host") {
  CHECK(testing::render(
            "{{env \"SET\"}}|{{env \"NOPE\"}}|{{envOrDefault \"EMPTY\" \"d\"}}|{{envOrDefault \"NOPE\" \"d\"}}") ==
        "value|||d");
  CHECK(testing::render("{{mustEnv \"EMPTY\"}}") ==
        "error: template: t:1:2: executing \"t\" at <mustEnv \"EMPTY\">: error calling mustEnv: required environment "
        "variable "
        "EMPTY is empty");
}
