// file plugin writeToFile sockaddr nginxVersion nginxHas nginxModule: what a template has to do with its own machine. A
// file, the word of a program and the addresses are dependencies like those on Consul; a file is written only when the
// template is complete, by whoever evaluates.
#include "common/tmpl/go_strings.h"
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/sockaddr/sockaddr.h"
#include "common/tmpl/text_tools.h"
#include "renderer/core/nginx_build.h"
#include "renderer/core/recall.h"
#include "renderer/core/recall_layers.h"

namespace longshore::render {
namespace {

using tmpl::Args;
using tmpl::Call;
using tmpl::Value;
using Kind = Dependency::Kind;

Result<Value> known(RecallHost& host, const Dependency& on) {
  const auto data = host.ask<LocalData>(on);
  if (!data) return Value::string("");
  if (!data->problem.empty()) return fail(Errc::template_error, data->problem);
  return Value::string_view(data->text, data);
}

Result<Value> file(Call& call, Args args) {
  const std::string_view path = tmpl::strings::trim_space(args[0].as_string());
  if (args[0].size() == 0) return Value::string("");
  auto& host = call.host_as<RecallHost>();
  Dependency on{.kind = Kind::file, .name = std::string(path)};
  if (!host.sandbox().empty()) on.arguments = {std::string(host.sandbox())};
  return known(host, on);
}

// Arguments are trimmed, empty ones dropped. While other data is missing the arguments may be made of nothing: the
// program is not run then (the original does).
Result<Value> plugin(Call& call, Args args) {
  auto& host = call.host_as<RecallHost>();
  if (args[0].size() == 0 || host.incomplete()) return Value::string("");
  Dependency on{.kind = Kind::plugin, .name = std::string(args[0].as_string())};
  for (const Value& argument : args.subspan(1)) {
    const std::string_view word = tmpl::strings::trim_space(argument.as_string());
    if (!word.empty()) on.arguments.emplace_back(word);
  }
  return known(host, on);
}

// path, user, group, permissions, [flags,] content
Result<Value> write_to_file(Call& call, Args args) {
  if (args.size() < 5)
    return fail(Errc::template_error, "runtime error: index out of range [-1]");  // the original's panic
  const auto mode = tmpl::parse_uint(args[3].as_string(), 8);
  if (!mode || *mode > UINT32_MAX) {
    const bool range = mode || mode.error() == tmpl::NumberError::range;
    return fail(Errc::template_error, "strconv.ParseUint: parsing " + tmpl::quote(args[3].as_string()) +
                                          (range ? ": value out of range" : ": invalid syntax"));
  }
  const std::string_view flags = args.size() == 6 ? args[4].as_string() : std::string_view();
  ExtraFile extra;
  extra.path = args[0].as_string();
  extra.text = args.back().as_string();
  extra.options.user = args[1].as_string();
  extra.options.group = args[2].as_string();
  extra.options.mode = static_cast<unsigned>(*mode & 07777);
  extra.append = flags.find("append") != std::string_view::npos;
  if (flags.find("newline") != std::string_view::npos) extra.text += '\n';
  LS_TRY_STATUS(call.charge(1 + extra.text.size() / 64));
  call.host_as<RecallHost>().write(std::move(extra));
  return Value::string("");
}

// Nothing is known of an nginx in a container or on another host: it is taken for Debian's.
std::optional<NginxBuild> build_of(Call& call) {
  const auto data = call.host_as<RecallHost>().ask<LocalData>({.kind = Kind::nginx});
  if (!data) return std::nullopt;
  return NginxBuild(data->text);
}

Result<Value> nginx_version(Call& call, Args) {
  const auto build = build_of(call);
  return Value::string(build ? build->version() : std::string());
}

Result<Value> nginx_has(Call& call, Args args) {
  const auto build = build_of(call);
  return Value::boolean(build && build->has(args[0].as_string()));
}

Result<Value> nginx_module(Call& call, Args args) {
  const auto build = build_of(call);
  return Value::string(build ? build->module_file(args[0].as_string()) : std::string());
}

Result<Value> socket_address(Call& call, Args args) {
  const auto data = call.host_as<RecallHost>().ask<Interfaces>({.kind = Kind::interfaces});
  if (!data) return Value::string("");
  std::string expression;
  for (std::size_t i = 0; i < args.size(); ++i) (expression += i == 0 ? "" : " ") += args[i].as_string();
  LS_TRY(text, tmpl::sockaddr::evaluate(call, expression, *data));
  return Value::string(std::move(text));
}

}  // namespace

void add_local_functions(tmpl::FunctionTable& table) {
  using tmpl::types::kString;
  table.add("file", {&kString}, file);
  table.add("nginxVersion", {}, nginx_version);
  table.add("nginxHas", {&kString}, nginx_has);
  table.add("nginxModule", {&kString}, nginx_module);
  table.add("plugin", {&kString, &kString}, plugin, true);
  table.add("sockaddr", {&kString}, socket_address, true);
  table.add("writeToFile", {&kString, &kString, &kString, &kString, &kString}, write_to_file, true);
}

}  // namespace longshore::render
