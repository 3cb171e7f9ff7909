#include "tests/integration/agent/stage.h"

#include <httplib.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <future>

namespace longshore::agent::test {
namespace {

std::string socket_path() {
  static int number = 0;
  return "/tmp/longshore-docker-" + std::to_string(::getpid()) + "-" + std::to_string(++number) + ".sock";
}

status::LogOptions quiet() {
  status::LogOptions options;
  options.level = ::getenv("LONGSHORE_TEST_LOG") != nullptr ? base::Level::debug : base::Level::error;
  options.component = "agent";
  return options;
}

async::Awaitable<void> run_agent(Agent& agent, int& code) {
  code = co_await agent.run();
}

async::Awaitable<void> stop_server(registry::Server& server, async::TaskGroup& tasks, std::promise<void>& done) {
  co_await server.stop();
  tasks.cancel_all();
  co_await tasks.join();
  done.set_value();
}

async::Awaitable<void> joined(async::TaskGroup& tasks, std::promise<void>& done) {
  co_await tasks.join();
  done.set_value();
}

}  // namespace

template <class Work>
auto Stage::on_loop(Work work) {
  std::packaged_task<decltype(work())()> task(std::move(work));
  auto result = task.get_future();
  boost::asio::post(loop_, [&task] { task(); });
  return result.get();
}

Stage::Stage() : docker(socket_path()), guard_(boost::asio::make_work_guard(loop_)), log_(quiet()) {
  config.docker.endpoint.kind = net::Endpoint::Kind::unix_socket;
  config.local = {"host", "127.0.1.1", "10.0.0.5", "nonce"};
  config.options.internal = true;
  thread_ = std::thread([this] { loop_.run(); });
}

Stage::~Stage() {
  if (agent_) stop_agent();
  if (registry_) stop_registry();
  guard_.reset();
  loop_.stop();
  thread_.join();
}

void Stage::start_registry() {
  on_loop([this] {
    registry_tasks_ = std::make_unique<async::TaskGroup>(loop_.get_executor());
    registry::Options options;
    options.listen.port = port_;
    options.node_name = "node";
    registry_ = std::make_unique<registry::Server>(loop_.get_executor(), options, log_);
    const Status started = registry_->start(*registry_tasks_);
    if (!started) throw std::runtime_error(started.error().text);
    port_ = registry_->local().port;
  });
  config.consul.endpoint.host = "127.0.0.1";
  config.consul.endpoint.port = port_;
}

void Stage::stop_registry() {
  std::promise<void> done;
  async::TaskGroup helper(loop_.get_executor());
  on_loop([&] { helper.spawn("stop", stop_server(*registry_, *registry_tasks_, done)); });
  done.get_future().wait();
  while (on_loop([&] { return helper.size(); }) != 0) std::this_thread::yield();
  on_loop([this] { registry_.reset(), registry_tasks_.reset(); });
}

void Stage::start_agent() {
  config.docker.endpoint.path = docker.path();
  on_loop([this] {
    code_ = -1;
    agent_tasks_ = std::make_unique<async::TaskGroup>(loop_.get_executor());
    agent_ = std::make_unique<Agent>(loop_.get_executor(), config, log_);
    agent_tasks_->spawn("agent", run_agent(*agent_, code_));
  });
}

int Stage::stop_agent() {
  std::promise<void> done;
  async::TaskGroup helper(loop_.get_executor());
  on_loop([&] {
    agent_->request_stop();
    helper.spawn("join", joined(*agent_tasks_, done));
  });
  done.get_future().wait();
  while (on_loop([&] { return helper.size(); }) != 0) std::this_thread::yield();
  on_loop([this] { agent_.reset(), agent_tasks_.reset(); });
  return code_;
}

bool Stage::until(const std::function<bool()>& done, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

bool Stage::ready() {
  return on_loop([this] { return agent_->source().readiness().ready; });
}

std::string Stage::why() {
  return on_loop([this] { return agent_->source().readiness().why; });
}

nlohmann::json Stage::status() {
  return nlohmann::json::parse(on_loop([this] { return agent_->source().status_json(); }));
}

double Stage::metric(const std::string& name) {
  return on_loop([&] {
    for (const status::Metric& one : agent_->source().metrics())
      if (one.name == name) return one.samples.front().value;
    return -1.0;
  });
}

std::string Stage::get(const std::string& path) {
  httplib::Client client("127.0.0.1", port_);
  const auto answer = client.Get(path.c_str());
  return answer && answer->status == 200 ? answer->body : std::string();
}

bool Stage::put(const std::string& path, const std::string& body) {
  httplib::Client client("127.0.0.1", port_);
  const auto answer = client.Put(path.c_str(), body, "application/json");
  return answer && answer->status == 200;
}

nlohmann::json Stage::services() {
  const auto body = nlohmann::json::parse(get("/v1/agent/services"), nullptr, false);
  return body.is_object() ? body : nlohmann::json::object();
}

}  // namespace longshore::agent::test
