#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/consul/environment_name.h"
#include "common/json/json.h"
#include "common/main/cluster_view.h"
#include "common/main/consul_calls.h"
#include "common/main/http_fetch.h"
#include "common/main/link_template.h"
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

json::Value json_of(const Report& report) {
  json::Value value;
  value["address"] = report.address;
  value["answered"] = report.answered;
  value["readiness"] = report.readiness;
  value["status"] = report.status;
  return value;
}

Result<ClusterFacts> read_cluster(ConsulCalls& consul, const cli::Parsed& parsed) {
  ClusterFacts facts;
  if (const std::string& env = parsed.text("env"); !env.empty()) facts.kv_prefix += env + "/";
  const std::vector<std::string>& asked = parsed.list("service");
  std::set<std::string> names(asked.begin(), asked.end());
  if (names.empty()) {
    LS_TRY(all, consul.services());
    for (const auto& [name, tags] : all)
      if (name != "consul") names.insert(name);
  }
  LS_TRY(entries, consul.instances({names.begin(), names.end()}));
  facts.entries = std::move(entries);
  LS_TRY(renderers, consul.keys_below(facts.kv_prefix + "renderers/"));
  facts.renderers = std::move(renderers);
  LS_TRY(drains, consul.keys_below(facts.kv_prefix + "drains/"));
  facts.drains = std::move(drains);
  LS_TRY(deploys, consul.keys_below(facts.kv_prefix + "deploys/"));
  facts.deploys = std::move(deploys);
  LS_TRY(claims, consul.keys_below(facts.kv_prefix + "claims/"));
  facts.claims = std::move(claims);
  return facts;
}

// A Consul that nobody named is asked, and may be missing.
bool named_by_somebody(const cli::Parsed& parsed) {
  return parsed.is_set_by("consul-addr", cli::Origin::option) ||
         parsed.is_set_by("consul-addr", cli::Origin::environment);
}

Report ask_consul(const cli::Parsed& parsed, const Invocation& invocation, const Link& link) {
  Report report{"consul", parsed.text("consul-addr"), false, "", {}};
  Result<consul::ClientSettings> settings = consul_settings(parsed, invocation);
  if (!settings) {
    report.readiness = settings.error().text;
    return report;
  }
  ConsulCalls consul(std::move(*settings), parsed.duration("timeout"));
  const Result<ClusterFacts> facts = read_cluster(consul, parsed);
  if (!facts) {
    report.readiness = facts.error().text;
    return report;
  }
  report.answered = true;
  report.status = cluster_view(*facts, link);
  report.readiness = "ready: " + std::to_string(facts->entries.size()) + " instances";
  return report;
}

Status check_link(std::string_view text) {
  if (text.empty()) return {};
  LS_TRY_STATUS(LinkTemplate::parse(std::string(text)));
  return {};
}

}  // namespace

cli::Command status_command() {
  cli::Command command;
  command.name = "status";
  command.summary = "Show what is registered, rendered and applied: this host's part and all of Consul's.";
  command.usage = {"longshore status [options]"};
  command.options =
      cli::OptionTable(
          {
              address_option("agent-addr", "127.0.0.1:8511", "LONGSHORE_AGENT_HTTP_ADDR"),
              address_option("renderer-addr", "127.0.0.1:8512", "LONGSHORE_RENDER_HTTP_ADDR"),
              {.names = {"service"},
               .kind = cli::Kind::list,
               .value_name = "NAME",
               .help = "Only this service, of those that Consul knows; may be given several times."},
              {.names = {"link"},
               .value_name = "TEMPLATE",
               .help = "A link for each instance, such as 'http://logs/{{.Node}}/{{.Container}}'. Fields: Service ID "
                       "Node Address "
                       "Port Container Image Revision Meta.",
               .env = {"LONGSHORE_STATUS_LINK"},
               .check = check_link},
              {.names = {"env"},
               .value_name = "NAME",
               .help = "Environment: records are below longshore/NAME/ in Consul's KV.",
               .env = {"LONGSHORE_ENV"},
               .check = consul::check_environment},
              {.names = {"json"}, .kind = cli::Kind::boolean, .help = "One JSON object instead of text."},
              {.names = {"timeout"}, .kind = cli::Kind::duration, .help = "Limit for each phase.", .fallback = "3s"},
          })
          .with(consul_options());
  command.sections = {
      {"Exit codes",
       {"0 all that were asked answered, 1 one did not, 2 wrong call. Consul counts only if it was named."}}};
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
  Link link;
  if (const std::string& text = parsed.text("link"); !text.empty()) {
    Result<LinkTemplate> made = LinkTemplate::parse(text);
    if (!made) return complain("longshore status: -link: " + made.error().text, 2);
    link = std::move(*made);
  }
  if (!parsed.text("consul-addr").empty()) reports.push_back(ask_consul(parsed, invocation, link));
  json::Value all = json::Value::object();
  std::string text;
  int code = 0;
  for (const Report& report : reports) {
    if (!report.answered && (report.component != "consul" || named_by_somebody(parsed))) code = 1;
    all[report.component] = json_of(report);
    text += report.component + " " + report.address + " " + report.readiness + "\n";
    if (report.answered) text += status_text(report.status) + "\n";
  }
  print(parsed.boolean("json") ? json::dump(all, 2) + "\n" : text);
  return code;
}

}  // namespace longshore::app
