// Watches what a template needs of this machine: files and network interfaces by looking at them, programs by running
// them, nginx by asking it for its version once, and again when its program has changed. Never asks Consul.
#pragma once
#include <map>
#include <string>

#include "common/async/task_group.h"
#include "renderer/core/messages.h"
#include "renderer/io/nginx_program.h"
#include "renderer/io/watcher.h"

namespace longshore::render {

struct LocalWatchSettings {
  base::Duration look = std::chrono::milliseconds(500);  // between two looks at a file; consul-template: 2 s
  base::Duration look_at_interfaces = std::chrono::seconds(2);
  base::Duration run_again_first = std::chrono::seconds(1);  // a program that failed
  base::Duration run_again_most = std::chrono::seconds(60);
  std::map<std::string, std::string, std::less<>> environment = {};  // of programs
  NginxProgram nginx = {};
  base::Duration look_at_nginx = std::chrono::seconds(2);  // has its program been replaced?
  base::Duration look_at_certificates = std::chrono::seconds(1);
};

class LocalWatcher {
 public:
  // All of them outlive this.
  LocalWatcher(async::TaskGroup& tasks, LocalWatchSettings settings, Watcher::Deliver deliver)
      : tasks_(tasks), settings_(std::move(settings)), deliver_(std::move(deliver)) {}

  // What has been asked already is not asked again, but for another nginx.
  void configure(std::map<std::string, std::string, std::less<>> environment, NginxProgram nginx);
  // on.local()
  void start(const Dependency& on);
  void stop(const Dependency& on);

 private:
  async::Awaitable<void> watch_file(Dependency on);
  async::Awaitable<void> run_program(Dependency on);
  async::Awaitable<void> watch_nginx(Dependency on);
  async::Awaitable<void> watch_interfaces(Dependency on);
  async::Awaitable<void> watch_certificates(Dependency on);
  async::Awaitable<void> watch(Dependency on);

  async::TaskGroup& tasks_;
  LocalWatchSettings settings_;
  Watcher::Deliver deliver_;
  std::map<Dependency, async::TaskGroup::TaskId> running_;
};

}  // namespace longshore::render
