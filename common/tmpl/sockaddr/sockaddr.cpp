#include "common/tmpl/sockaddr/sockaddr.h"

#include <map>

#include "common/tmpl/sockaddr/functions.h"
#include "common/tmpl/sockaddr/tools.h"
#include "common/tmpl/sockaddr/values.h"

namespace longshore::tmpl::sockaddr {
namespace {

constexpr std::string_view kName = "sockaddr.Parse";
// Of one expression, on top of what the template around it uses.
constexpr std::uint64_t kMostSteps = 2'000'000;
constexpr std::uint32_t kMostDepth = 1'000;
constexpr std::size_t kMostStack = 1u << 20;

struct Results {
  Functions functions = std::make_shared<const FunctionTable>(sockaddr::functions());
  std::map<std::string, Result<std::string>, std::less<>> known;
};

// errwrap.Wrapf: the error takes the place of each mark.
std::unexpected<Error> wrapped(std::string text, const std::string& error) {
  constexpr std::string_view kMark = "{{err}}";
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + error.size()))
    text.replace(at, kMark.size(), error);
  return bad(std::move(text));
}

Result<std::string> evaluate_once(Call& call, const std::string& input, const Functions& functions,
                                  const Interfaces& known) {
  LS_TRY_STATUS(call.charge(1 + input.size()));
  const auto parsed = parse(std::string(kName), input, functions);
  if (!parsed) return wrapped("unable to parse template " + quote(input, true) + ": {{err}}", parsed.error().text);
  if (!known.problem.empty()) return bad("unable to query interface addresses: " + known.problem);
  InterfacesHost host(known);
  const EvaluateOptions options{
      MissingKey::error,
      {.output_bytes = call.max_bytes(), .steps = kMostSteps, .template_depth = kMostDepth, .stack_bytes = kMostStack}};
  Evaluation done = tmpl::evaluate(**parsed, kName, value_of(known.addresses), host, options);
  LS_TRY_STATUS(call.charge(done.steps));
  if (!done.ok())
    return wrapped("unable to execute sockaddr input " + quote(input, true) + ": {{err}}", done.errors.front().text);
  return std::move(done.text);
}

}  // namespace

Result<std::string> evaluate(Call& call, std::string_view expression, const Interfaces& known) {
  auto& results = call.local<Results>();
  const auto found = results.known.find(expression);
  if (found != results.known.end()) return found->second;
  const std::string input = "{{ " + std::string(expression) + " }}";
  auto result = evaluate_once(call, input, results.functions, known);
  return results.known.emplace(expression, std::move(result)).first->second;
}

}  // namespace longshore::tmpl::sockaddr
