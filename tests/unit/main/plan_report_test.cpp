#include "common/main/plan_report.h"

#include <doctest/doctest.h>

#include "common/json/json.h"

namespace longshore::app {
namespace {

render::Plan plan_of(std::vector<render::PlannedFile> files) {
  render::Plan plan;
  plan.files = std::move(files);
  return plan;
}

render::PlannedFile file(std::string text, std::optional<std::string> current) {
  render::PlannedFile out;
  out.path = "/f";
  out.text = std::move(text);
  out.forecast.current = std::move(current);
  return out;
}

std::string text_of(const render::Plan& plan) {
  return plan_text(plan, {}, {});
}

json::Value json_of(const render::Plan& plan) {
  Result<json::Value> value = json::parse(plan_json(plan, {}, {}, true), "plan");
  REQUIRE(value);
  return std::move(*value);
}

render::PlannedProgram program(bool outdated) {
  render::PlannedProgram out;
  out.settings.command = render::Command("serve");
  out.outdated = outdated;
  return out;
}

TEST_CASE("nothing, a new file, an empty one, another text") {
  render::Plan nothing;
  nothing.unchanged = 2;
  CHECK(text_of(nothing) == "plan: no changes in 2 files; nothing would be reloaded\n");
  CHECK(text_of(plan_of({file("a\n", std::nullopt)})) ==
        "--- /dev/null\n+++ /f\n@@ -0,0 +1 @@\n+a\nplan: 1 of 1 files would change\nplan: nothing would be reloaded\n");
  CHECK(text_of(plan_of({file("", std::nullopt)})) ==
        "plan: /f: would be made, empty\nplan: 1 of 1 files would change\nplan: nothing would be reloaded\n");
  CHECK(json_of(plan_of({file("", std::nullopt)}))["changes"][0]["kind"] == "create");
  CHECK(json_of(plan_of({file("b\n", "a\n")}))["changes"][0]["kind"] == "replace");
}

TEST_CASE("attributes are told beside the text, and alone") {
  render::PlannedFile same = file("a\n", "a\n");
  same.forecast.mode = render::AttributeChange{"0644", "0600"};
  same.forecast.owner = render::AttributeChange{"root:root", "33:33"};
  const render::Plan plan = plan_of({same});
  CHECK(text_of(plan) ==
        "plan: /f: permissions 0644 -> 0600\nplan: /f: owner root:root -> 33:33\nplan: 1 of 1 files would change\n"
        "plan: nothing would be reloaded\n");
  const json::Value change = json_of(plan)["changes"][0];
  CHECK(change["kind"] == "attributes");
  CHECK(change["diff"] == "");
  CHECK(change["mode"]["from"] == "0644");
  CHECK(change["owner"]["to"] == "33:33");
}

TEST_CASE("the supervised program: what it hears by its settings and by groups") {
  render::Plan plan = plan_of({file("a\n", "b\n")});
  const auto line = [&] {
    const std::string text = text_of(plan);
    const std::size_t at = text.find("program would");
    REQUIRE(at != std::string::npos);
    return text.substr(at, text.find('\n', at) - at);
  };
  plan.program = program(true);
  CHECK(line() == "program would be restarted (SIGINT, SIGKILL after 30s), or started if it does not run: serve");
  plan.program->settings.kill_signal = 0;
  CHECK(line() == "program would be restarted (SIGKILL), or started if it does not run: serve");
  plan.program->settings.reload_signal = 10;
  plan.program->signals = {1};
  CHECK(line() == "program would get SIGHUP and SIGUSR1, or be started if it does not run: serve");
  CHECK(json_of(plan)["program"]["signals"] == json::Value({"SIGHUP", "SIGUSR1"}));
  plan.program->outdated = false;
  CHECK(line() == "program would get SIGHUP, or be started if it does not run: serve");
  plan.program->signals.clear();
  CHECK(line() == "program would hear nothing, and be started if it does not run: serve");
  CHECK(json_of(plan)["program"]["if_running"] == "nothing");
}

}  // namespace
}  // namespace longshore::app
