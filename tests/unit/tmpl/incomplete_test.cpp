// Data that is not known yet: one pass finds all dependencies, and what fails meanwhile does not count.
#include <doctest/doctest.h>

#include "tests/unit/tmpl/tmpl_support.h"

namespace {

using namespace longshore::tmpl;
using testing::TestHost;

// service "name": known only if it starts with "known".
class RecallHost : public TestHost {
 public:
  std::vector<std::string> used;
};

longshore::Result<Value> service(Call& call, Args args) {
  auto& host = call.host_as<RecallHost>();
  host.used.emplace_back(args[0].as_string());
  if (args[0].as_string().starts_with("known")) return Value::strings({"one"});
  ++host.missing;
  return Value::nil_of(types::kListOfString);
}

Evaluation run(const std::string& text, RecallHost& host) {
  FunctionTable table = testing::all_functions();
  table.add("service", {&types::kString}, service);
  const auto set = parse("t", text, testing::shared(std::move(table)));
  REQUIRE(set.has_value());
  return evaluate(**set, "t", {}, host);
}

}  // namespace

TEST_CASE("index of an unknown list waits, and later actions are still looked at") {
  RecallHost host;
  const Evaluation result =
      run("{{index (service \"a\") 0}}{{with service \"b\"}}{{end}}{{range loop 2}}{{index (service \"c\") "
          "5}}{{service \"d\"}}{{end}}",
          host);
  CHECK(host.used == std::vector<std::string>{"a", "b", "c", "d", "c", "d"});
  CHECK(host.incomplete());
  CHECK(result.errors.size() == 3);
}

TEST_CASE("with everything known an error is an error") {
  RecallHost host;
  const Evaluation result = run("{{index (service \"known\") 5}}{{service \"known2\"}}", host);
  CHECK(!host.incomplete());
  REQUIRE(result.errors.size() == 1);
  CHECK(host.used == std::vector<std::string>{"known"});
}

TEST_CASE("an error before the first missing dependency ends the pass") {
  RecallHost host;
  CHECK(run("{{index (service \"known\") 5}}{{service \"x\"}}", host).errors.size() == 1);
  CHECK(!host.incomplete());
}

TEST_CASE("variables of an action that failed are empty") {
  RecallHost host;
  const Evaluation result = run("{{$a := index (service \"a\") 0}}{{$b := \"b\"}}{{$a}}{{$b}}", host);
  CHECK(result.text == "<no value>b");
}
