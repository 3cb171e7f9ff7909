// env mustEnv envOrDefault executeTemplate timestamp: what the host knows.
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl {
namespace {

using types::kString;

Result<Value> env(Call& call, Args args) {
  return Value::string(call.host().env(args[0].as_string()).value_or(""));
}

Result<Value> must_env(Call& call, Args args) {
  std::string value = call.host().env(args[0].as_string()).value_or("");
  if (value.empty()) return bad("required environment variable " + text_of(args[0]) + " is empty");
  return Value::string(std::move(value));
}

// A variable that is set but empty is taken as it is.
Result<Value> env_or_default(Call& call, Args args) {
  auto value = call.host().env(args[0].as_string());
  return value ? Value::string(std::move(*value)) : args[1];
}

Result<Value> execute_template(Call& call, Args args) {
  if (args.size() > 2)
    return bad("executeTemplate: wrong number of arguments, expected 1 or 2, but got " + std::to_string(args.size()));
  const Value dot = args.size() == 2 && !args[1].is_nil_interface() ? args[1] : Value();
  LS_TRY(text, call.execute_template(args[0].as_string(), dot));
  return Value::string(std::move(text));
}

Result<Value> timestamp(Call& call, Args args) {
  if (args.size() > 1)
    return bad("timestamp: wrong number of arguments, expected 0 or 1, but got " + std::to_string(args.size()));
  const gotime::Time now = gotime::in_utc(call.host().now());
  if (args.empty()) return Value::string(gotime::format(now, gotime::kRfc3339));
  if (args[0].as_string() == "unix") return Value::string(std::to_string(now.seconds));
  return Value::string(gotime::format(now, args[0].as_string()));
}

}  // namespace

void add_host_helpers(FunctionTable& table) {
  table.add("env", {&kString}, env);
  table.add("mustEnv", {&kString}, must_env);
  table.add("envOrDefault", {&kString, &kString}, env_or_default);
  table.add("executeTemplate", {&kString, &types::kAny}, execute_template, true);
  table.add("timestamp", {&kString}, timestamp, true);
}

}  // namespace longshore::tmpl
