#include <algorithm>
#include <fstream>
#include <set>

#include "common/base/text.h"
#include "common/main/consul_calls.h"
#include "common/main/http_fetch.h"
#include "common/main/process_options.h"
#include "common/main/verbs.h"
#include "common/main/why_report.h"
#include "common/net/http_types.h"

namespace longshore::app {
namespace {

Result<std::string> line_of(const FileLine& where) {
  std::ifstream file(where.path);
  if (!file) return fail(Errc::not_found, where.path + ": no such file, or it cannot be read");
  std::string line;
  for (std::size_t i = 0; i < where.line; ++i)
    if (!std::getline(file, line))
      return fail(Errc::not_found, where.path + " has no line " + std::to_string(where.line));
  return line;
}

// FILE:LINE if there is such a file, else the text itself. A service ID may look the same: it is no file.
Result<WhyQuestion> question_of(const std::string& text) {
  const FileLine where = parse_file_line(text);
  if (where.path.empty() || !std::ifstream(where.path)) return parse_why(text);
  LS_TRY(line, line_of(where));
  return parse_why(line);
}

Witness ask(const std::string& name, const std::string& address, const std::string& target, base::Duration limit) {
  Witness witness;
  if (address.empty()) return witness;
  witness.name = name + " " + address;
  const Result<net::Endpoint> endpoint = net::parse_url(address, 0);
  const Result<Fetched> answer = endpoint ? http_get(*endpoint, target, limit) : fail(endpoint.error());
  if (!answer) {
    witness.problem = answer.error().text;
    return witness;
  }
  Result<json::Value> parsed = json::parse(answer->body, target);
  if (answer->status != 200 || !parsed)
    witness.problem = "answered " + std::to_string(answer->status) + " to " + target + ": not such a component";
  else
    witness.said = std::move(*parsed);
  return witness;
}

std::string target_of(const WhyQuestion& question) {
  std::vector<net::QueryItem> query;
  for (const std::string& address : question.addresses) query.push_back({"address", address});
  for (const std::string& word : question.words) query.push_back({"word", word});
  return net::build_target("/v1/why", query);
}

// Where the files of the renderer show an address; files that cannot be read are left out.
std::map<std::string, std::vector<std::string>> places_of(const json::Value& said) {
  std::map<std::string, std::vector<std::string>> places;
  std::map<std::string, std::set<std::string>> wanted;  // file -> addresses
  for (const json::Value& item : said.value("instances", json::Value::array()))
    for (const json::Value& user : item.value("used_by", json::Value::array()))
      wanted[user.value("destination", "")].insert(item.value("address", ""));
  for (const auto& [path, addresses] : wanted) {
    std::ifstream file(path);
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number)
      for (const std::string& address : parse_why(line).addresses)
        if (addresses.contains(address)) places[address].push_back(path + ":" + std::to_string(number));
  }
  return places;
}

// The services that the question is about, as far as they can be told.
std::set<std::string> services_of(const WhyFacts& facts) {
  std::set<std::string> names(facts.question.words.begin(), facts.question.words.end());
  for (const char* list : {"instances", "changes"})
    if (facts.renderer.said.is_object())
      for (const json::Value& item : facts.renderer.said.value(list, json::Value::array()))
        names.insert(item.value("service", ""));
  if (facts.agent.said.is_object())
    for (const json::Value& container : facts.agent.said.value("containers", json::Value::array()))
      for (const json::Value& port : container.value("ports", json::Value::array())) {
        const auto asked = [&](const std::string& text) {
          return std::ranges::find(facts.question.words, text) != facts.question.words.end() ||
                 std::ranges::find(facts.question.addresses, text) != facts.question.addresses.end();
        };
        if (asked(container.value("name", "")) || asked(port.value("id", "")) || asked(port.value("address", "")))
          names.insert(port.value("service", ""));
      }
  names.erase("");
  return names;
}

void ask_consul(WhyFacts& facts, const cli::Parsed& parsed, const Invocation& invocation) {
  const std::string& address = parsed.text("consul-addr");
  if (address.empty()) return;
  facts.consul.name = "Consul " + address;
  Result<consul::ClientSettings> settings = consul_settings(parsed, invocation);
  if (!settings) {
    facts.consul.problem = settings.error().text;
    return;
  }
  ConsulCalls consul(std::move(*settings), parsed.duration("timeout"));
  const auto read = [&](const std::set<std::string>& services) -> Status {
    LS_TRY(entries, consul.instances({services.begin(), services.end()}));
    facts.entries = std::move(entries);
    return {};
  };
  Status done = read(services_of(facts));
  // A service ID or an address that nobody could give a service to: Consul has no index for them.
  if (done && facts.entries.empty()) {
    const Result<consul::ServiceNames> names = consul.services();
    std::set<std::string> all;
    if (names)
      for (const auto& [name, tags] : *names) all.insert(name);
    done = names ? read(all) : fail(names.error());
  }
  if (!done) facts.consul.problem = done.error().text;
}

}  // namespace

cli::Command why_command() {
  cli::Command command;
  command.name = "why";
  command.summary = "Say why a line or an instance is there, or why it is not.";
  command.usage = {"longshore why [options] LINE|FILE:LINE|ADDRESS|SERVICE|SERVICE-ID|CONTAINER"};
  command.options =
      cli::OptionTable({
                           address_option("agent-addr", "127.0.0.1:8511", "LONGSHORE_AGENT_HTTP_ADDR"),
                           address_option("renderer-addr", "127.0.0.1:8512", "LONGSHORE_RENDER_HTTP_ADDR"),
                           {.names = {"json"}, .kind = cli::Kind::boolean, .help = "One JSON object instead of text."},
                           {.names = {"timeout"},
                            .kind = cli::Kind::duration,
                            .help = "Limit for each phase of each request.",
                            .fallback = "3s"},
                       })
          .with(consul_options());
  command.sections = {
      {"What it does",
       {"Asks the renderer, Consul and the agent of this host what they know, and shows it as a chain: the container's "
        "event, its registration, Consul's checks, what holds an instance back or keeps it, the template and the lines "
        "of the files, the last changes, and a verdict. LINE is a line of a rendered file, copied from it; every "
        "host:port in it is looked up."}},
      {"Examples",
       {"longshore why 10.0.0.7:8080", "longshore why 'server 10.0.0.7:8080 max_fails=3;'",
        "longshore why /etc/nginx/conf.d/web.conf:12", "longshore why web", "longshore why 4f3a1c2b9d8e"}},
      {"Exit codes", {"0 explained, 1 nobody who answered knows it, 2 wrong call"}}};
  return command;
}

int run_why(const Invocation& invocation) {
  UsageRules usage;
  usage.most_positionals = 100;
  const auto options = read_options(why_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  std::string text;
  for (const std::string& word : parsed.positionals) text += (text.empty() ? "" : " ") + word;
  if (base::trim(text).empty())
    return complain("longshore why: say what: a line, an address, a service, a service ID or a container", 2);
  Result<WhyQuestion> question = question_of(text);
  if (!question) return complain("longshore why: " + question.error().text, 2);
  WhyFacts facts;
  facts.question = std::move(*question);
  const base::Duration limit = parsed.duration("timeout");
  facts.renderer = ask("renderer", parsed.text("renderer-addr"), target_of(facts.question), limit);
  facts.agent = ask("agent", parsed.text("agent-addr"), "/v1/status", limit);
  if (facts.renderer.said.is_object()) facts.places = places_of(facts.renderer.said);
  ask_consul(facts, parsed, invocation);
  const WhyReport report = why_report(facts);
  print(parsed.boolean("json") ? json::dump(report.json, 2) + "\n" : report.text);
  return report.explained ? 0 : 1;
}

}  // namespace longshore::app
