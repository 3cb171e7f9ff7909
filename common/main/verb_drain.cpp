#include "common/base/text.h"
#include "common/main/blocking_call.h"
#include "common/main/consul_calls.h"
#include "common/main/drain_call.h"
#include "common/main/verbs.h"

#include <algorithm>

namespace longshore::app {
namespace {

using drain::Subject;

Status check_mode(std::string_view text) {
  if (text == "maintain" || text == "deregister") return {};
  return fail(Errc::invalid_input, "use maintain or deregister");
}

cli::OptionTable node_option() {
  return cli::OptionTable({
      {.names = {"node"},
       .kind = cli::Kind::boolean,
       .help = "A whole host: everything that is registered on the Consul node NAME, or on this one.",
       .env = {"LONGSHORE_DRAIN_NODE"}},
      {.names = {"no-wait"},
       .kind = cli::Kind::boolean,
       .help = "Write the request and end.",
       .env = {"LONGSHORE_DRAIN_NO_WAIT"}},
  });
}

// With -node the words are names of nodes. known_only: a name that Consul does not know is an error; a request for a
// node that has gone meanwhile can be ended all the same.
Result<Subject> subject_of(DrainCall& call, const cli::Parsed& parsed, bool known_only) {
  if (!parsed.boolean("node")) return call.find_all(parsed.positionals);
  std::vector<std::string> nodes = parsed.positionals;
  if (nodes.empty()) {
    LS_TRY(own, run_to_end(call.context, call.drainer.own_node()));
    nodes.push_back(own);
  }
  Subject all;
  all.kind = Subject::Kind::node;
  for (const std::string& node : nodes) {
    LS_TRY(name, run_to_end(call.context, call.drainer.node_named(node)));
    if (name.empty() && known_only) return fail(Errc::not_found, node + ": Consul knows no node of that name");
    LS_TRY(one, run_to_end(call.context, call.drainer.whole_node(name.empty() ? node : name)));
    std::ranges::move(one.targets, std::back_inserter(all.targets));
    std::ranges::move(one.instances, std::back_inserter(all.instances));
  }
  return all;
}

// Each record keeps the word that it was asked for with.
Result<std::vector<drain::Ticket>> ask_for(DrainCall& call, const cli::Parsed& parsed, const Subject& subject,
                                           drain::Request request) {
  if (parsed.boolean("node")) return run_to_end(call.context, call.drainer.ask(subject.targets, std::move(request)));
  std::vector<drain::Ticket> out;
  for (const std::string& word : parsed.positionals) {
    LS_TRY(one, run_to_end(call.context, call.drainer.find(word)));
    request.asked = {word};
    LS_TRY(tickets, run_to_end(call.context, call.drainer.ask(one.targets, request)));
    std::ranges::move(tickets, std::back_inserter(out));
  }
  return out;
}

std::string named(const cli::Parsed& parsed, const Subject& subject) {
  std::vector<std::string> names = parsed.positionals;
  if (names.empty())
    for (const drain::Target& target : subject.targets) names.push_back(target.node);
  return base::join(names, ", ");
}

json::Value to_json(const Subject& subject) {
  json::Value out;
  out["instances"] = json::Value::array();
  for (const drain::Instance& one : subject.instances)
    out["instances"].push_back(
        {{"node", one.node}, {"service", one.service}, {"id", one.id}, {"container", one.container}});
  return out;
}

UsageRules usage() {
  UsageRules rules;
  rules.most_positionals = 1000;
  rules.parse.options_anywhere = true;
  return rules;
}

bool says_whom(const cli::Parsed& parsed) {
  return parsed.boolean("node") || !parsed.positionals.empty();
}

// Does the record take one of them out?
bool covers(const drain::Target& record, const Subject& subject) {
  if (record.what == "*") return false;
  return std::ranges::any_of(subject.instances, [&](const drain::Instance& one) {
    if (record.node != one.node) return false;
    const std::string container = "container:" + one.container;
    return record.what == one.id || (!one.container.empty() && record.what.starts_with(container));
  });
}

// Was it asked for with one of these words? What was deregistered, or has ended, is not found in Consul any more.
bool means(const drain::Record& record, const std::vector<std::string>& words) {
  return std::ranges::any_of(words, [&](const std::string& word) {
    const std::string bare = word.substr(word.find(':') + 1);
    return record.target.what == word || record.target.what == "container:" + word || record.target.what == bare ||
           std::ranges::find(record.asked, word) != record.asked.end();
  });
}

bool is_whole(const drain::Record& record, const Subject& subject) {
  return record.target.what == "*" && std::ranges::find(subject.targets, record.target) != subject.targets.end();
}

int wait_for_it(DrainCall& call, const cli::Parsed& parsed, const Subject& subject, const std::string& what,
                Teller& tell) {
  const auto outcome =
      run_to_end(call.context, call.drainer.wait_until_out(subject.instances, limits_of(parsed), tell.progress(what)));
  if (!outcome) return tell.complain("longshore drain: " + outcome.error().text, 1);
  const std::string took = base::format_duration(outcome->took);
  if (!outcome->done) {
    tell.say("timed_out", what + ": not drained after " + took + ": " + drain::to_string(outcome->last),
             app::to_json(*outcome));
    return complain("longshore drain: " + what + ": " + drain::to_string(outcome->last) +
                        "; the request stays: drain again to go on waiting, `longshore undrain` takes it back",
                    1);
  }
  const std::string rest = outcome->finished ? "" : "; old requests go on at " + base::join(outcome->last.busy, ", ");
  tell.say("drained", what + ": drained after " + took + ", " + who_settled(*outcome) + rest, app::to_json(*outcome));
  return 0;
}

}  // namespace

cli::Command drain_command() {
  cli::Command command;
  command.name = "drain";
  command.summary = "Take services, containers or a whole host out of all load balancers and wait for their word.";
  command.usage = {"longshore drain [options] SERVICE|SERVICE-ID|CONTAINER...",
                   "longshore drain -node [options] [NAME...]"};
  command.options =
      cli::OptionTable({
                           {.names = {"mode"},
                            .value_name = "MODE",
                            .help = "maintain: it stays listed, in maintenance; deregister: it goes from Consul.",
                            .fallback = "maintain",
                            .env = {"LONGSHORE_DRAIN_MODE"},
                            .check = check_mode},
                       })
          .with(node_option())
          .with(drain_options("60s"));
  command.sections = {
      {"What it does",
       {"Writes a request into Consul's KV. The agent of the host takes the instances out of traffic; the command "
        "waits "
        "until every renderer that uses their services says that no worker of its server accepts requests for them any "
        "more, and then for the requests that are under way. A renderer that does not live is named and waited for: "
        "its server may still send requests (`longshore forget` when it is gone for good). The request stays, also "
        "after a timeout, until `longshore undrain`.",
        "service:NAME, id:ID and container:NAME say what a word means where it could be several."}},
      {"Examples", {"longshore drain books", "longshore drain 4f3a1c2b9d8e", "longshore drain -node host-2"}},
      {"Exit codes", {"0 drained, 1 not within -timeout or nothing such is registered, 2 wrong call"}}};
  return command;
}

int run_drain(const Invocation& invocation) {
  const auto options = read_options(drain_command(), invocation, usage());
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  if (!says_whom(parsed))
    return complain("longshore drain: say whom: a service, a service ID, a container, or -node", 2);
  Result<consul::ClientSettings> settings = consul_settings(parsed, invocation);
  if (!settings) return complain("longshore drain: " + settings.error().text, 2);
  DrainCall call(std::move(*settings), kv_prefix_of(parsed));
  Teller tell(parsed.boolean("json"));
  const Result<Subject> subject = subject_of(call, parsed, true);
  if (!subject) return tell.complain("longshore drain: " + subject.error().text + "; nothing was drained", 1);
  const std::string what = named(parsed, *subject);
  drain::Request request;
  request.mode = parsed.text("mode");
  request.reason = parsed.text("reason");
  request.by = asker(invocation.environment);
  const auto tickets = ask_for(call, parsed, *subject, std::move(request));
  if (!tickets) return tell.complain("longshore drain: " + tickets.error().text, 1);
  const bool again = std::ranges::none_of(*tickets, &drain::Ticket::fresh);
  tell.say("asked",
           what + ": " + std::to_string(subject->instances.size()) +
               (subject->instances.size() == 1 ? " instance is " : " instances are ") +
               (again ? "asked for already" : "to leave"),
           to_json(*subject));
  if (parsed.boolean("no-wait")) return 0;
  return wait_for_it(call, parsed, *subject, what, tell);
}

cli::Command undrain_command() {
  cli::Command command;
  command.name = "undrain";
  command.summary = "Put back what was drained.";
  command.usage = {"longshore undrain [options] SERVICE|SERVICE-ID|CONTAINER...",
                   "longshore undrain -node [options] [NAME...]"};
  command.options = node_option().with(drain_options("60s").without({"drain-time", "reason"}));
  command.sections = {
      {"What it does",
       {"Deletes the requests for these instances from Consul's KV, whoever wrote them, and waits until the agent has "
        "put "
        "them back and every living renderer knows it. A request for a whole host ends with -node only."}},
      {"Exit codes", {"0 put back, 1 not within -timeout or there is no such request, 2 wrong call"}}};
  return command;
}

int run_undrain(const Invocation& invocation) {
  const auto options = read_options(undrain_command(), invocation, usage());
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  if (!says_whom(parsed))
    return complain("longshore undrain: say whom: a service, a service ID, a container, or -node", 2);
  Result<consul::ClientSettings> settings = consul_settings(parsed, invocation);
  if (!settings) return complain("longshore undrain: " + settings.error().text, 2);
  DrainCall call(std::move(*settings), kv_prefix_of(parsed));
  Teller tell(parsed.boolean("json"));
  const auto records = run_to_end(call.context, call.drainer.records());
  if (!records) return tell.complain("longshore undrain: " + records.error().text, 1);
  Result<Subject> subject = subject_of(call, parsed, false);
  // What was deregistered, or has ended since, is known by its record only.
  if (!subject && subject.error().code == Errc::not_found) subject = Subject{};
  if (!subject) return tell.complain("longshore undrain: " + subject.error().text, 1);
  const std::string what = named(parsed, *subject);
  std::vector<drain::Target> ended;
  for (const drain::Record& record : *records)
    if (parsed.boolean("node") ? is_whole(record, *subject)
                               : means(record, parsed.positionals) || covers(record.target, *subject))
      ended.push_back(record.target);
  if (ended.empty()) return tell.complain("longshore undrain: " + what + ": there is no drain of it", 1);
  const Status removed = run_to_end(call.context, call.drainer.remove(ended));
  if (!removed) return tell.complain("longshore undrain: " + removed.error().text, 1);
  tell.say("ended",
           what + ": " + std::to_string(ended.size()) + (ended.size() == 1 ? " request ended" : " requests ended"),
           to_json(*subject));
  if (parsed.boolean("no-wait")) return 0;
  // Those that another record still takes out do not come back.
  std::erase_if(subject->instances, [&](const drain::Instance& one) {
    return std::ranges::any_of(*records, [&](const drain::Record& record) {
      Subject only;
      only.instances.push_back(one);
      const drain::Target& target = record.target;
      const bool applies = target.node == one.node && (target.what == "*" || covers(target, only));
      return applies && std::ranges::find(ended, target) == ended.end();
    });
  });
  drain::Limits limits;
  limits.all = parsed.duration("timeout");
  const auto outcome =
      run_to_end(call.context, call.drainer.wait_until_back(subject->instances, limits, tell.progress(what)));
  if (!outcome) return tell.complain("longshore undrain: " + outcome.error().text, 1);
  if (!outcome->done)
    return tell.complain("longshore undrain: " + what + ": not back after " + base::format_duration(outcome->took) +
                             ": " + drain::to_string(outcome->last),
                         1);
  tell.say("back", what + ": back after " + base::format_duration(outcome->took), app::to_json(*outcome));
  return 0;
}

}  // namespace longshore::app
