#include "common/base/text.h"
#include "common/json/json.h"
#include "common/main/http_fetch.h"
#include "common/main/process_options.h"
#include "common/main/status_table.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

struct Report {
  std::string component;
  std::string address;
  bool answered = false;
  std::string readiness;  // "ready: …" or why there is no answer
  json::Value status;
};

Report ask(const std::string& component, const std::string& address, base::Duration limit) {
  Report report{component, address, false, "", {}};
  const Result<net::Endpoint> endpoint = net::parse_url(address, 0);
  if (!endpoint) {
    report.readiness = endpoint.error().text;
    return report;
  }
  const Result<Fetched> ready = http_get(*endpoint, "/readyz", limit);
  const Result<Fetched> status = ready ? http_get(*endpoint, "/v1/status", limit) : fail(ready.error());
  if (!status) {
    report.readiness = status.error().text;
    return report;
  }
  report.readiness = base::trim(ready->body);
  Result<json::Value> parsed = json::parse(status->body, "/v1/status");
  if (status->status != 200 || !parsed) {
    report.readiness = "answered " + std::to_string(status->status) + " to /v1/status: not a Longshore component";
    return report;
  }
  report.answered = true;
  report.status = std::move(*parsed);
  return report;
}

json::Value to_json(const Report& report) {
  json::Value value;
  value["address"] = report.address;
  value["answered"] = report.answered;
  value["readiness"] = report.readiness;
  value["status"] = report.status;
  return value;
}

cli::Option address_option(const std::string& name, const std::string& fallback, const std::string& variable) {
  cli::Option option;
  option.names = {name};
  option.value_name = "ADDR";
  option.help = "Where it is; empty: not asked.";
  option.fallback = fallback;
  option.env = {variable};
  option.check = check_address;
  return option;
}

}  // namespace

cli::Command status_command() {
  cli::Command command;
  command.name = "status";
  command.summary = "Show what is registered, rendered and applied on this host.";
  command.usage = {"longshore status [options]"};
  command.options = cli::OptionTable({
      address_option("agent-addr", "127.0.0.1:8511", "LONGSHORE_AGENT_HTTP_ADDR"),
      address_option("renderer-addr", "127.0.0.1:8512", "LONGSHORE_RENDER_HTTP_ADDR"),
      {.names = {"json"}, .kind = cli::Kind::boolean, .help = "One JSON object instead of text."},
      {.names = {"timeout"}, .kind = cli::Kind::duration, .help = "Limit for each phase.", .fallback = "3s"},
  });
  command.sections = {{"Exit codes", {"0 all that were asked answered, 1 one did not, 2 wrong call"}}};
  return command;
}

int run_status(const Invocation& invocation) {
  const auto options = read_options(status_command(), invocation);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  std::vector<Report> reports;
  for (const std::string component : {"agent", "renderer"})
    if (const std::string& address = parsed.text(component + "-addr"); !address.empty())
      reports.push_back(ask(component, address, parsed.duration("timeout")));
  json::Value all = json::Value::object();
  std::string text;
  int code = 0;
  for (const Report& report : reports) {
    if (!report.answered) code = 1;
    all[report.component] = to_json(report);
    text += report.component + " " + report.address + " " + report.readiness + "\n";
    if (report.answered) text += status_text(report.status) + "\n";
  }
  print(parsed.boolean("json") ? json::dump(all, 2) + "\n" : text);
  return code;
}

}  // namespace longshore::app
