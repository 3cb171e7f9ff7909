// An agent and an embedded registry on one event loop in a thread of their own; the test looks at the registry over
// HTTP with another library, and at the agent through its status.
#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "agent/agent.h"
#include "common/async/task_group.h"
#include "common/registry/server.h"
#include "tests/integration/agent/fake_docker.h"

namespace longshore::agent::test {

class Stage {
 public:
  Stage();
  ~Stage();

  void start_registry();  // empty
  void stop_registry();
  void start_agent();
  int stop_agent();  // its exit code

  // Waits for what must come; false after the limit.
  static bool until(const std::function<bool()>& done, std::chrono::seconds limit = std::chrono::seconds(20));
  bool ready();
  std::string why();
  nlohmann::json status();
  double metric(const std::string& name);
  // /v1/agent/services by ID; empty when the registry does not answer.
  nlohmann::json services();
  std::string get(const std::string& path);  // "" when there is no such thing
  bool put(const std::string& path, const std::string& body);
  std::size_t count() { return services().size(); }

  FakeDocker docker;
  AgentConfig config;

 private:
  template <class Work>
  auto on_loop(Work work);

  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  status::Log log_;
  std::unique_ptr<async::TaskGroup> registry_tasks_;
  std::unique_ptr<async::TaskGroup> agent_tasks_;
  std::unique_ptr<registry::Server> registry_;
  std::unique_ptr<Agent> agent_;
  std::uint16_t port_ = 0;
  int code_ = -1;
  std::thread thread_;
};

}  // namespace longshore::agent::test
