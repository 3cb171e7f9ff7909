// Carries out what the deploying machine asks for: Docker, Consul, the smoke command, the operator's signals.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/async/task_group.h"
#include "common/deploy/container_spec.h"
#include "common/deploy/machine.h"
#include "common/deploy/roll.h"
#include "common/main/drain_call.h"
#include "common/main/engine_calls.h"

namespace longshore::app {

enum class Pulling { always, missing, never };

struct DeployOrder {
  deploy::Plan plan;
  std::optional<deploy::RollPlan> roll;  // rolling, or another number; `plan` then has only the service and the colours
  deploy::ContainerWish wish;            // without the colour
  json::Value model = nullptr;           // new containers are made after this; null: after one that runs
  Pulling pulling = Pulling::missing;
  std::string docker_config;  // the text of ~/.docker/config.json, "" = none
  std::string smoke;          // a command
  base::Duration smoke_limit = std::chrono::seconds(30);
  base::Duration pull_limit = std::chrono::minutes(10);
  drain::Limits drain_limits;
  std::string color_key;
  std::string canary_key;
  std::string by;
  std::string reason;
  cli::Environment environment;  // of the smoke command
};

class DeployRun {
 public:
  // All outlive this.
  DeployRun(DrainCall& call, EngineCalls& engines, Teller& tell, DeployOrder order);

  // Blocks; the exit code.
  int run();

 private:
  struct Seen {
    std::string host;
    json::Value body;  // of the inspect
  };

  async::Awaitable<Result<int>> play();
  async::Awaitable<deploy::Input> perform(deploy::Action ask);
  async::Awaitable<void> obey_signals();
  async::Awaitable<void> renew();

  void interrupt();
  bool gives_up() const;
  // What nobody needs any more once the operator does not want the change: ends with an interrupt.
  async::Awaitable<Status> unless_interrupted(async::Awaitable<Status> work);
  // What `longshore deploy -pause`, `-resume` and `-abort` ask for.
  async::Awaitable<void> obey_orders();
  void obey(const std::string& order);

  async::Awaitable<Status> lock();
  async::Awaitable<Result<bool>> lock_again();
  consul::SessionRequest session_request() const;
  async::Awaitable<void> unlock();
  async::Awaitable<void> record(deploy::action::Record what);
  std::string record_text(const deploy::action::Record& what) const;
  std::string locked_text() const;

  async::Awaitable<Result<deploy::input::World>> look();
  async::Awaitable<Status> look_at_engine(std::string engine);
  async::Awaitable<Status> look_at_service(std::string color);
  async::Awaitable<Status> see(std::string engine, std::string id);
  async::Awaitable<Status> look_at_names(std::string engine, std::set<std::string>& names);
  deploy::LastRun last_run() const;
  async::Awaitable<Status> pull(std::string engine, std::string image);
  async::Awaitable<Result<std::string>> credentials(std::string image);
  async::Awaitable<Status> start(deploy::Box box);
  async::Awaitable<Status> end_drains();
  async::Awaitable<Status> end_leftover_drains();
  std::vector<std::string> drain_words() const;
  async::Awaitable<Result<deploy::Box>> create(deploy::action::Create what);
  async::Awaitable<Result<deploy::input::Checks>> check(std::vector<deploy::Box> boxes);
  async::Awaitable<Status> smoke(std::vector<deploy::Passing> instances);
  async::Awaitable<Result<deploy::input::Written::Color>> write(deploy::action::Write what);
  async::Awaitable<Status> share(deploy::action::Share what);
  async::Awaitable<Result<deploy::Following>> follow();
  async::Awaitable<Status> wait_until_known(std::string name, std::vector<drain::Instance> leaving);
  async::Awaitable<Status> drain_boxes(std::vector<deploy::Box> boxes);

  // The name under which a colour's instances are registered.
  std::string registered(const std::string& color) const;
  std::string color_of(const consul::Service& service) const;

  deploy::Box box_of(const std::string& id, const Seen& seen) const;
  const Seen* model_for(const std::string& host) const;

  DrainCall& call_;
  EngineCalls& engines_;
  Teller& tell_;
  const DeployOrder order_;
  async::TaskGroup tasks_;
  std::variant<deploy::Machine, deploy::RollMachine> machine_;
  bool interrupted_ = false;                   // by ^C or TERM
  async::TaskGroup* waiting_ = nullptr;        // of unless_interrupted()
  std::map<std::string, Seen> seen_;           // by container ID
  std::set<std::string> plain_;                // of those, the ones registered without a colour
  std::set<std::string> replaced_;             // IDs of those that the last rolling change has replaced
  std::map<std::string, std::string> colors_;  // of those that a service's name gave one, by ID
  std::string old_color_;
  deploy::Switch switch_;  // who is to follow, and where to: noted before the key is written
  std::vector<deploy::Follower> followers_;
  bool followers_noted_ = false;
  drain::Expected first_;  // the first colour's instances as Consul shows them; "" = not asked yet
  std::vector<drain::Ticket> tickets_;
  std::string session_;
  std::string last_text_;      // the record of the run before, "" = none
  std::size_t elsewhere_ = 0;  // instances that are on none of the engines
  deploy::action::Record last_record_;
};

}  // namespace longshore::app
