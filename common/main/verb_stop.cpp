#include <algorithm>
#include <filesystem>
#include <set>

#include "agent/options.h"
#include "common/base/text.h"
#include "common/main/blocking_call.h"
#include "common/main/consul_calls.h"
#include "common/main/docker_call.h"
#include "common/main/drain_call.h"
#include "common/main/verbs.h"

namespace longshore::app {
namespace {

// A container of this engine that is to be stopped.
struct Condemned {
  std::string id;
  std::string name;
  bool running = false;
};

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

class Stopper {
 public:
  Stopper(const cli::Parsed& parsed, const Invocation& invocation, consul::ClientSettings consul,
          docker::ClientSettings docker)
      : parsed_(parsed),
        invocation_(invocation),
        call_(std::move(consul), kv_prefix_of(parsed)),
        docker_settings_(docker),
        docker_(call_.context.get_executor(), std::move(docker)),
        tell_(parsed.boolean("json")) {}

  int stop_all() {
    std::vector<Condemned> all;
    for (const std::string& word : parsed_.positionals) {
      Result<std::vector<Condemned>> found = containers_of(word);
      if (!found) return tell_.complain("longshore stop: " + found.error().text + "; nothing was stopped", 1);
      for (Condemned& one : *found)
        if (std::ranges::find(all, one.id, &Condemned::id) == all.end()) all.push_back(std::move(one));
    }
    int code = 0;
    for (const Condemned& one : all) code = std::max(code, stop_one(one));
    return code;
  }

 private:
  // A container's name or ID; else a service, or a service ID, of which this engine has containers.
  Result<std::vector<Condemned>> containers_of(const std::string& word) {
    auto known = run_to_end(call_.context, docker_.inspect(word));
    if (known) return std::vector<Condemned>{condemned(*known)};
    if (known.error().code != Errc::not_found) return fail(known.error());
    LS_TRY(node, run_to_end(call_.context, call_.drainer.own_node()));
    auto subject = run_to_end(call_.context, call_.drainer.find(word));
    if (!subject && subject.error().code == Errc::not_found)
      return fail(Errc::not_found, word + ": this engine has no such container, and Consul no such service");
    if (!subject) return fail(subject.error());
    std::vector<Condemned> out;
    std::set<std::string> ids;
    for (const drain::Instance& one : subject->instances)
      if (one.node == node && !one.container.empty()) ids.insert(one.container);
    for (const std::string& id : ids)
      if (auto container = run_to_end(call_.context, docker_.inspect(id))) out.push_back(condemned(*container));
    if (out.empty()) return fail(Errc::not_found, word + ": its containers are on other hosts; stop them there");
    return out;
  }

  static Condemned condemned(const docker::Container& container) {
    return {container.id, container.name, container.state.running};
  }

  int stop_one(const Condemned& one) {
    if (!one.running) {
      tell_.say("stopped", one.name + ": does not run", {{"container", one.name}});
      return 0;
    }
    std::vector<drain::Ticket> tickets;
    const Status drained = drain(one, tickets);
    if (!drained && !parsed_.boolean("force")) {
      // It goes on serving: as before.
      put_back(std::move(tickets));
      return tell_.complain(
          "longshore stop: " + one.name + ": " + drained.error().text + "; it was not stopped (-force)", 1);
    }
    if (!drained) tell_.say("forced", one.name + ": " + drained.error().text, {{"container", one.name}});
    const base::Duration time = parsed_.duration("time");
    std::string target = "/containers/" + one.id + "/stop";
    base::Duration limit = std::chrono::minutes(1);
    if (time.count() > 0) {
      target += "?t=" + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
      limit += time;
    }
    const base::TimePoint started = async::now();
    const Status stopped = run_to_end(call_.context, docker_post(docker_settings_, std::move(target), limit));
    put_back(std::move(tickets));
    if (!stopped) return tell_.complain("longshore stop: " + one.name + ": " + stopped.error().text, 1);
    tell_.say("stopped", one.name + ": stopped after " + base::format_duration(async::now() - started),
              {{"container", one.name}});
    return 0;
  }

  // Whoever asked before us keeps the record.
  void put_back(std::vector<drain::Ticket> tickets) {
    if (const Status ended = run_to_end(call_.context, call_.drainer.end(std::move(tickets))); !ended)
      complain("longshore stop: the drain's record could not be removed: " + ended.error().text, 1);
  }

  Status drain(const Condemned& one, std::vector<drain::Ticket>& tickets) {
    LS_TRY(node, run_to_end(call_.context, call_.drainer.own_node()));
    LS_TRY(registered, run_to_end(call_.context, call_.drainer.on_node(node)));
    const std::string short_id = one.id.substr(0, 12);
    std::erase_if(registered, [&](const drain::Instance& instance) { return instance.container != short_id; });
    if (registered.empty()) {
      tell_.say("unserved", one.name + ": nothing of it is registered", {{"container", one.name}});
      return {};
    }
    drain::Request request;
    request.reason = parsed_.text("reason").empty() ? "it is to be stopped" : parsed_.text("reason");
    request.by = asker(invocation_.environment);
    std::vector<drain::Target> targets{{node, "container:" + short_id}};
    LS_TRY(asked, run_to_end(call_.context, call_.drainer.ask(std::move(targets), std::move(request))));
    tickets = std::move(asked);
    LS_TRY(outcome, run_to_end(call_.context,
                               call_.drainer.wait_until_out(registered, limits_of(parsed_), tell_.progress(one.name))));
    if (!outcome.done)
      return fail(Errc::timeout,
                  "not drained after " + base::format_duration(outcome.took) + ": " + drain::to_string(outcome.last));
    json::Value more = to_json(outcome);
    more["container"] = one.name;
    tell_.say("drained",
              one.name + ": drained after " + base::format_duration(outcome.took) + ", " + who_settled(outcome),
              std::move(more));
    return {};
  }

  const cli::Parsed& parsed_;
  const Invocation& invocation_;
  DrainCall call_;
  docker::ClientSettings docker_settings_;
  docker::Client docker_;
  Teller tell_;
};

}  // namespace

cli::Command stop_command() {
  cli::Command command;
  command.name = "stop";
  command.summary = "Stop containers of this host without losing a request: drained first, one after the other.";
  command.usage = {"longshore stop [options] CONTAINER|SERVICE|SERVICE-ID..."};
  command.options = cli::OptionTable({
                                         {.names = {"time", "t"},
                                          .kind = cli::Kind::duration,
                                          .help = "How long Docker waits between the stop signal and SIGKILL.",
                                          .fallback_text = "the container's own",
                                          .env = {"LONGSHORE_STOP_TIME"}},
                                         {.names = {"force"},
                                          .kind = cli::Kind::boolean,
                                          .help = "Stop it even if it could not be drained within -timeout.",
                                          .env = {"LONGSHORE_STOP_FORCE"}},
                                     })
                        .with(drain_options("60s"));
  command.sections = {{"What it does",
                       {"Drains a container (see `longshore drain`), then lets Docker stop it. A word that is no "
                        "container of this engine is "
                        "a service: all of its containers here. What cannot be drained goes on serving and is not "
                        "stopped. The engine is "
                        "found by DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH."}},
                      {"Exit codes", {"0 stopped, 1 not drained or not stopped, 2 wrong call"}}};
  return command;
}

int run_stop(const Invocation& invocation) {
  UsageRules usage;
  usage.most_positionals = 1000;
  usage.parse.options_anywhere = true;
  const auto options = read_options(stop_command(), invocation, usage);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& parsed = std::get<cli::Parsed>(options);
  if (parsed.positionals.empty()) return complain("longshore stop: say which containers", 2);
  Result<consul::ClientSettings> consul = consul_settings(parsed, invocation);
  if (!consul) return complain("longshore stop: " + consul.error().text, 2);
  Result<docker::ClientSettings> docker = agent::docker_settings(invocation.environment, false, file_exists);
  if (!docker) return complain("longshore stop: " + docker.error().text, 2);
  return Stopper(parsed, invocation, std::move(*consul), std::move(*docker)).stop_all();
}

}  // namespace longshore::app
