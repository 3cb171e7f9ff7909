// Runs components on one event loop and one thread: start in order, signals, ordered stop within a deadline.
#pragma once
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "common/main/component.h"
#include "common/status/log.h"

namespace longshore::app {

struct SupervisorRules {
  std::vector<int> stop = {SIGTERM, SIGINT};
  std::vector<int> reload = {SIGHUP};
  std::vector<int> forward;        // to the components, which may ignore them
  std::string stop_notice = {};    // a line on stderr at a stop by signal: consul-template's "Cleaning up..."
  std::string reload_notice = {};  // and at a reload
  int stopped_code = 0;            // exit code after a stop by signal; consul-template: 12
  int failed_code = 1;             // a component did not start, or the deadline passed
  base::Duration deadline = std::chrono::seconds(10);
};

class Supervisor {
 public:
  // `log` must outlive this.
  Supervisor(SupervisorRules rules, status::Log& log);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  async::Executor executor();
  // In start order; stopped in the reverse one. What a component refers to must outlive run().
  void add(Component component);
  // Blocks until all have ended. A component that ends by itself stops the others; its code is the result.
  // When the deadline passes, or at a second stop signal, the process ends here.
  int run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace longshore::app
