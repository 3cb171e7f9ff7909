#include "common/main/supervisor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/async/deadline.h"
#include "common/async/gate.h"

namespace longshore::app {
namespace {

status::Log quiet_log() {
  status::LogOptions options;
  options.level = base::Level::error;
  options.component = "test";
  // /dev/null: some of these end in error lines.
  options.descriptor = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  return status::Log(options);
}

// Says what happened to it, in order with the others.
struct Fake {
  Fake(const async::Executor& executor, std::string name_in, std::vector<std::string>& events_in)
      : name(std::move(name_in)), events(events_in), gate(executor) {}

  Component component() {
    Component component;
    component.name = name;
    component.start = [this](async::TaskGroup&) -> Status {
      events.push_back("start " + name);
      if (fails) return fail(Errc::io, "no");
      return {};
    };
    component.run = [this] { return run(); };
    component.request_stop = [this] {
      events.push_back("stop " + name);
      if (obeys) gate.open();
    };
    component.request_reload = [this] { events.push_back("reload " + name); };
    return component;
  }

  async::Awaitable<int> run() {
    if (ends_by_itself) co_return code;
    for (const int number : signals) ::kill(::getpid(), number);
    co_await gate.wait();
    if (last_work.count() > 0) co_await async::sleep_for(last_work);
    events.push_back("ended " + name);
    co_return code;
  }

  std::string name;
  std::vector<std::string>& events;
  async::Gate gate;
  std::vector<int> signals;  // sent to this process when it runs
  bool fails = false;
  bool obeys = true;
  bool ends_by_itself = false;
  base::Duration last_work{};  // after it was asked to stop
  int code = 0;
};

using Events = std::vector<std::string>;

TEST_CASE("started in order, stopped in the reverse one, one after the other") {
  status::Log log = quiet_log();
  Supervisor supervisor({}, log);
  Events events;
  Fake registry(supervisor.executor(), "registry", events);
  Fake agent(supervisor.executor(), "agent", events);
  agent.signals = {SIGHUP, SIGTERM};
  supervisor.add(registry.component());
  supervisor.add(agent.component());
  CHECK(supervisor.run() == 0);
  const Events expected = {"start registry", "start agent", "reload registry", "reload agent",
                           "stop agent",     "ended agent", "stop registry",   "ended registry"};
  CHECK(events == expected);
}

TEST_CASE("a component that ends by itself stops the others and gives the code") {
  status::Log log = quiet_log();
  Supervisor supervisor({}, log);
  Events events;
  Fake registry(supervisor.executor(), "registry", events);
  Fake render(supervisor.executor(), "render", events);
  render.ends_by_itself = true;
  render.code = 14;
  supervisor.add(registry.component());
  supervisor.add(render.component());
  CHECK(supervisor.run() == 14);
  CHECK(events.back() == "ended registry");
}

TEST_CASE("a failed start stops what was started") {
  status::Log log = quiet_log();
  SupervisorRules rules;
  rules.failed_code = 14;
  Supervisor supervisor(rules, log);
  Events events;
  Fake registry(supervisor.executor(), "registry", events);
  Fake agent(supervisor.executor(), "agent", events);
  agent.fails = true;
  supervisor.add(registry.component());
  supervisor.add(agent.component());
  CHECK(supervisor.run() == 14);
  const Events expected = {"start registry", "start agent", "stop registry", "ended registry"};
  CHECK(events == expected);
}

TEST_CASE("consul-template's rules: TERM does nothing, INT ends with 12") {
  status::Log log = quiet_log();
  SupervisorRules rules;
  rules.stop = {SIGINT};
  rules.stop = {SIGINT};
  rules.forward = {SIGTERM};
  rules.stopped_code = 12;
  Supervisor supervisor(rules, log);
  Events events;
  Fake render(supervisor.executor(), "render", events);
  render.signals = {SIGTERM, SIGINT};
  supervisor.add(render.component());
  CHECK(supervisor.run() == 12);
}

// The process ends inside run(): tried in a child.
int code_of_stubborn(std::vector<int> signals, base::Duration deadline, base::Duration stop_limit = {}) {
  const pid_t child = ::fork();
  if (child == 0) {
    status::Log log = quiet_log();
    SupervisorRules rules;
    rules.deadline = deadline;
    Supervisor supervisor(rules, log);
    Events events;
    Fake agent(supervisor.executor(), "agent", events);
    agent.obeys = stop_limit.count() > 0;
    agent.last_work = std::chrono::milliseconds(300);
    agent.signals = std::move(signals);
    Component component = agent.component();
    if (agent.obeys) component.stop_limit = [stop_limit] { return stop_limit; };
    supervisor.add(std::move(component));
    ::_exit(supervisor.run() + 100);
  }
  int state = 0;
  ::waitpid(child, &state, 0);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
}

TEST_CASE("who does not stop within the deadline is ended") {
  CHECK(code_of_stubborn({SIGTERM}, std::chrono::milliseconds(50)) == 1);
}

TEST_CASE("a component may ask for more time") {
  CHECK(code_of_stubborn({SIGTERM}, std::chrono::milliseconds(50), std::chrono::hours(1)) == 100);
  CHECK(code_of_stubborn({SIGTERM}, std::chrono::milliseconds(50), std::chrono::milliseconds(1)) == 1);
}

TEST_CASE("a second signal ends at once") {
  CHECK(code_of_stubborn({SIGTERM, SIGINT}, std::chrono::hours(1)) == 1);
}

TEST_CASE("status pages are part of the start") {
  status::Log log = quiet_log();
  Supervisor supervisor({}, log);
  Events events;
  Fake agent(supervisor.executor(), "agent", events);
  agent.ends_by_itself = true;
  Component component = agent.component();
  component.source.readiness = [] { return status::Readiness{true, ""}; };
  net::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  component.status_address = endpoint;
  supervisor.add(std::move(component));
  CHECK(supervisor.run() == 0);
}

}  // namespace
}  // namespace longshore::app
