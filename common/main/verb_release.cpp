#include "common/consul/environment_name.h"
#include "common/main/consul_calls.h"
#include "common/main/drain_call.h"
#include "common/main/verbs.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <unistd.h>

#include "common/drain/word.h"
#include "common/json/json.h"

namespace longshore::app {
namespace {

// Records are news for whoever watches when they are written; old ones say nothing.
constexpr std::int64_t kOldAfterSeconds = 3600;

std::string record(std::int64_t now_ms) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return json::dump({{"version", 1}, {"at_ms", now_ms}, {"by", std::string(host.data())}});
}

// What any renderer says that it keeps; names only.
std::vector<std::string> guarded_now(const std::vector<consul::KvPair>& records) {
  std::vector<std::string> out;
  for (const consul::KvPair& pair : records) {
    const auto word = drain::decode(pair.value);
    if (!word || pair.session.empty()) continue;
    for (const std::string& one : word->guarded)
      if (std::ranges::find(out, one) == out.end()) out.push_back(one);
  }
  return out;
}

void sweep(ConsulCalls& consul, const std::string& folder, std::int64_t now_ms) {
  const auto records = consul.keys_below(folder);
  if (!records) return;
  for (const consul::KvPair& pair : *records) {
    const auto value = json::parse(pair.value, pair.key);
    const bool dated = value && value->is_object() && value->contains("at_ms") && (*value)["at_ms"].is_number_integer();
    if (dated && (*value)["at_ms"].get<std::int64_t>() + kOldAfterSeconds * 1000 > now_ms) continue;
    (void)consul.remove_key(pair.key);
  }
}

}  // namespace

cli::Command release_command() {
  cli::Command command;
  command.name = "release";
  command.summary = "Say that a change which guards hold back is meant: the instances go.";
  command.usage = {"longshore release [options] SERVICE...", "longshore release [options] -all"};
  command.options =
      cli::OptionTable({
                           {.names = {"all"}, .kind = cli::Kind::boolean, .help = "Whatever guards hold back now."},
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
       {"Guards (-min-instances, -max-shrink, -keep-on-empty, guard {} of `longshore render`) keep instances that went "
        "without a word. `longshore status` and `longshore why` show them. This writes releases/<service> into "
        "Consul's "
        "KV; every renderer that holds something of that service, or a file that waits for it, lets go at once. A "
        "release "
        "is for what is held when it is written, not for what comes later."}},
      {"Exit codes", {"0 written, 1 Consul did not take it, 2 wrong call"}}};
  return command;
}

int run_release(const Invocation& invocation) {
  UsageRules usage;
  usage.most_positionals = 1000;
  usage.parse.options_anywhere = true;
  const auto options = read_options(release_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  Result<consul::ClientSettings> settings = consul_settings(parsed, invocation);
  if (!settings) return complain("longshore release: " + settings.error().text, 2);
  const std::string prefix = kv_prefix_of(parsed);
  ConsulCalls consul(std::move(*settings), parsed.duration("timeout"));
  Teller tell(parsed.boolean("json"));
  std::vector<std::string> services = parsed.positionals;
  if (parsed.boolean("all")) services = {"*"};
  if (services.empty()) {
    std::string held;
    if (const auto records = consul.keys_below(prefix + "renderers/"))
      for (const std::string& one : guarded_now(*records)) held += (held.empty() ? "; held now: " : ", ") + one;
    return complain("longshore release: say which service, or -all" + held, 2);
  }
  for (const std::string& service : services)
    if (service.empty() || service.find('/') != std::string::npos)
      return complain("longshore release: no name of a service: " + service, 2);
  const std::int64_t now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  sweep(consul, prefix + "releases/", now_ms);
  for (const std::string& service : services) {
    const Status written = consul.put_key(prefix + "releases/" + service, record(now_ms));
    if (!written) return tell.complain("longshore release: " + written.error().text, 1);
    tell.say("released", service == "*" ? "all: released" : service + ": released", {{"service", service}});
  }
  return 0;
}

}  // namespace longshore::app
