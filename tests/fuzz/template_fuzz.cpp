// Any text as a template: it parses or says why, prints back to something that parses, and evaluates within its limits.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/tmpl/eval.h"
#include "common/tmpl/function_table.h"
#include "common/tmpl/template_set.h"

namespace {
using namespace longshore::tmpl;

class EmptyHost final : public Host {
 public:
  std::optional<std::string> env(std::string_view) override { return "value"; }
  std::chrono::system_clock::time_point now() override { return {}; }
};

Functions all_functions() {
  FunctionTable table = builtin_functions();
  table.merge(helper_functions());
  return std::make_shared<const FunctionTable>(std::move(table));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Functions functions = all_functions();
  const ParseResult set = parse("f", std::string(reinterpret_cast<const char*>(data), size), functions);
  if (!set) return 0;
  EmptyHost host;
  EvaluateOptions options;
  options.limits.output_bytes = 1 << 16;
  options.limits.steps = 100'000;
  options.limits.template_depth = 50;
  const Evaluation done = evaluate(**set, (*set)->name(), Value{}, host, options);
  if (done.ok() && done.text.size() > options.limits.output_bytes) std::abort();
  return 0;
}
