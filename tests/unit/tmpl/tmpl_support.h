// Short ways to render a text in tests.
#pragma once
#include <map>
#include <string>

#include "common/tmpl/eval.h"

namespace longshore::tmpl::testing {

class TestHost : public Host {
 public:
  std::optional<std::string> env(std::string_view name) override {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  }
  std::chrono::system_clock::time_point now() override { return {}; }
  bool incomplete() const override { return missing > 0; }

  std::map<std::string, std::string> variables;
  int missing = 0;
};

inline FunctionTable all_functions() {
  FunctionTable table = builtin_functions();
  table.merge(helper_functions());
  return table;
}

inline Functions shared(FunctionTable table) {
  return std::make_shared<const FunctionTable>(std::move(table));
}

// The text, or "error: " and Go's error text.
inline std::string render(const std::string& text, const Value& data = {}, const EvaluateOptions& options = {},
                          const Functions& functions = shared(all_functions())) {
  const auto set = parse("t", text, functions);
  if (!set) return "error: " + set.error().text;
  TestHost host;
  host.variables = {{"SET", "value"}, {"EMPTY", ""}};
  const Evaluation result = evaluate(**set, "t", data, host, options);
  return result.ok() ? result.text : "error: " + result.errors[0].text;
}

}  // namespace longshore::tmpl::testing
