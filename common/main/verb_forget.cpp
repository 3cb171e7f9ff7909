#include "common/consul/environment_name.h"
#include "common/main/blocking_call.h"
#include "common/main/consul_calls.h"
#include "common/main/drain_call.h"
#include "common/main/verbs.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::app {
namespace {

std::vector<std::string> ids_of(const std::vector<consul::KvPair>& records, const std::string& folder, bool dead_only) {
  std::vector<std::string> out;
  for (const consul::KvPair& record : records)
    if (record.key.size() > folder.size() && (!dead_only || record.session.empty()))
      out.push_back(record.key.substr(folder.size()));
  return out;
}

}  // namespace

cli::Command forget_command() {
  cli::Command command;
  command.name = "forget";
  command.summary = "Say that a renderer is gone for good: drains wait for it no more.";
  command.usage = {"longshore forget [options] RENDERER..."};
  command.options = cli::OptionTable({
                                         {.names = {"force"},
                                          .kind = cli::Kind::boolean,
                                          .help = "Also one that lives; it comes back with its next word."},
                                         {.names = {"env"},
                                          .value_name = "NAME",
                                          .help = "Environment: records are below longshore/NAME/ in Consul's KV.",
                                          .env = {"LONGSHORE_ENV"},
                                          .check = consul::check_environment},
                                         {.names = {"json"},
                                          .kind = cli::Kind::boolean,
                                          .help = "One JSON object per line instead of text.",
                                          .env = {"LONGSHORE_JSON"}},
                                         {.names = {"timeout"},
                                          .kind = cli::Kind::duration,
                                          .help = "Limit for each phase of a request.",
                                          .fallback = "10s"},
                                     })
                        .with(consul_options());
  command.sections = {
      {"What it does",
       {"A renderer that ends in order removes its record. One that was killed is missing: the server that it wrote "
        "for may "
        "go on sending requests, so drains name it and wait. This removes its record. `longshore status` lists them."}},
      {"Exit codes", {"0 forgotten, 1 there is no such renderer or it lives, 2 wrong call"}}};
  return command;
}

int run_forget(const Invocation& invocation) {
  UsageRules usage;
  usage.most_positionals = 1000;
  usage.parse.options_anywhere = true;
  const auto options = read_options(forget_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  Result<consul::ClientSettings> settings = consul_settings(parsed, invocation);
  if (!settings) return complain("longshore forget: " + settings.error().text, 2);
  const std::string folder = kv_prefix_of(parsed) + "renderers/";
  ConsulCalls consul(std::move(*settings), parsed.duration("timeout"));
  const auto records = consul.keys_below(folder);
  Teller tell(parsed.boolean("json"));
  if (parsed.positionals.empty()) {
    std::string missing;
    if (records) missing = base::join(ids_of(*records, folder, true), ", ");
    return complain("longshore forget: say which renderer" + (missing.empty() ? "" : "; missing: " + missing), 2);
  }
  if (!records) return tell.complain("longshore forget: " + records.error().text, 1);
  for (const std::string& id : parsed.positionals) {
    const auto found = std::ranges::find(*records, folder + id, &consul::KvPair::key);
    if (found == records->end()) {
      const std::string known = base::join(ids_of(*records, folder, false), ", ");
      return tell.complain("longshore forget: there is no renderer " + id +
                               (known.empty() ? "; none has left a record" : "; known: " + known),
                           1);
    }
    if (!found->session.empty() && !parsed.boolean("force"))
      return tell.complain("longshore forget: renderer " + id + " lives; -force if it is to be forgotten anyway", 1);
    const Status gone = consul.remove_key(found->key);
    if (!gone) return tell.complain("longshore forget: " + gone.error().text, 1);
    tell.say("forgotten", id + ": forgotten", {{"renderer", id}});
  }
  return 0;
}

}  // namespace longshore::app
