#include "common/main/drain_call.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "common/base/text.h"
#include "common/consul/environment_name.h"
#include "common/main/blocking_call.h"
#include "common/main/consul_calls.h"

namespace longshore::app {

cli::OptionTable drain_options(const std::string& timeout) {
  return cli::OptionTable(
             {
                 {.names = {"timeout"},
                  .kind = cli::Kind::duration,
                  .help = "Wait at most this long, in all.",
                  .fallback = timeout,
                  .env = {"LONGSHORE_DRAIN_TIMEOUT"}},
                 {.names = {"drain-time"},
                  .kind = cli::Kind::duration,
                  .help = "Of it, for requests that the load balancers' older workers still have; without it "
                          "what the container's SERVICE_DRAIN says.",
                  .fallback = "10s",
                  .env = {"LONGSHORE_DRAIN_TIME"}},
                 {.names = {"reason"},
                  .value_name = "TEXT",
                  .help = "For the record and for people.",
                  .env = {"LONGSHORE_REASON"}},
                 {.names = {"env"},
                  .value_name = "NAME",
                  .help = "Environment: records are below longshore/NAME/ in Consul's KV.",
                  .env = {"LONGSHORE_ENV"},
                  .check = consul::check_environment},
                 {.names = {"json"},
                  .kind = cli::Kind::boolean,
                  .help = "One JSON object per line and step instead of text.",
                  .env = {"LONGSHORE_JSON"}},
             })
      .with(consul_options());
}

drain::Limits limits_of(const cli::Parsed& parsed) {
  return {parsed.duration("timeout"), parsed.duration("drain-time"), parsed.is_set("drain-time")};
}

std::string kv_prefix_of(const cli::Parsed& parsed) {
  const std::string& env = parsed.text("env");
  return env.empty() ? "longshore/" : "longshore/" + env + "/";
}

std::string asker(const cli::Environment& environment) {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  for (const char* name : {"SUDO_USER", "USER", "LOGNAME"})
    if (const auto found = environment.find(name); found != environment.end() && !found->second.empty())
      return found->second + "@" + host;
  return "uid " + std::to_string(::getuid()) + "@" + host;
}

void Teller::say(const std::string& event, const std::string& text, json::Value more) {
  if (!json_) {
    print(text + "\n");
  } else {
    more["event"] = event;
    more["text"] = text;
    print(json::dump(more) + "\n");
  }
  std::fflush(stdout);
}

int Teller::complain(const std::string& text, int code) {
  if (json_) say("error", text, {{"code", code}});
  return app::complain(text, code);
}

drain::OnProgress Teller::progress(std::string what) {
  return [this, what = std::move(what)](const drain::Progress& progress) {
    const std::string text = drain::to_string(progress);
    if (!text.empty()) say("waiting", what + ": " + text, to_json(progress));
  };
}

json::Value to_json(const drain::Progress& progress) {
  return {{"serving", progress.serving},
          {"settled", progress.settled},
          {"waiting", progress.waiting},
          {"busy", progress.busy},
          {"missing", progress.missing}};
}

json::Value to_json(const drain::Outcome& outcome) {
  json::Value out = to_json(outcome.last);
  out["done"] = outcome.done;
  out["finished"] = outcome.finished;
  out["seconds"] = std::chrono::duration<double>(outcome.took).count();
  return out;
}

std::string who_settled(const drain::Outcome& outcome) {
  const std::vector<std::string>& settled = outcome.last.settled;
  return settled.empty() ? "no renderer uses it" : base::join(settled, ", ") + " settled";
}

Result<drain::Subject> DrainCall::find_all(const std::vector<std::string>& words) {
  drain::Subject all;
  for (const std::string& word : words) {
    LS_TRY(one, run_to_end(context, drainer.find(word)));
    all.kind = one.kind;
    for (drain::Target& target : one.targets)
      if (std::ranges::find(all.targets, target) == all.targets.end()) all.targets.push_back(std::move(target));
    for (drain::Instance& instance : one.instances)
      if (std::ranges::find(all.instances, instance) == all.instances.end())
        all.instances.push_back(std::move(instance));
  }
  return all;
}

}  // namespace longshore::app
