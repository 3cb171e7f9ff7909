// Any text as a template, run over data of every kind with every function: it ends within its limits. The first byte
// picks the data and how missing keys are answered.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/tmpl/eval.h"
#include "tests/fuzz/template_functions.h"

namespace {
using namespace longshore::tmpl;

class FixedHost final : public Host {
 public:
  std::optional<std::string> env(std::string_view) override { return "value"; }
  std::chrono::system_clock::time_point now() override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Functions functions = longshore::fuzz::all_functions();
  static const Value kData[] = {*longshore::conformance::data_set("T"), *longshore::conformance::data_set("map"),
                                *longshore::conformance::data_set("list"), Value{}};
  if (size == 0) return 0;
  const std::uint8_t choice = data[0];
  const ParseResult set = parse("f", std::string(reinterpret_cast<const char*>(data) + 1, size - 1), functions);
  if (!set) return 0;
  FixedHost host;
  EvaluateOptions options;
  options.missing_key = static_cast<MissingKey>(choice / 4 % 3);
  options.limits.output_bytes = 1 << 16;
  options.limits.steps = 100'000;
  options.limits.template_depth = 50;
  options.limits.stack_bytes = 1U << 20;
  const Evaluation done = evaluate(**set, (*set)->name(), kData[choice % 4], host, options);
  if (done.ok() && done.text.size() > options.limits.output_bytes) std::abort();
  return 0;
}
