// The demo service: says who it is, so that one sees which container has answered. README.md lists its switches.
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <variant>

#include "vagrant/nanoservice/config.h"
#include "vagrant/nanoservice/server.h"

namespace {

std::string environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "unknown";
}

// Each connection is one descriptor; the soft limit of 1,024 is low for a load test.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main() {
  using namespace longshore::nano;
  std::signal(SIGPIPE, SIG_IGN);
  // As PID 1 a signal without a handler is ignored: blocking them and reading a descriptor works there too.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const int signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signals < 0) {
    say("signalfd is not available");
    return 1;
  }
  auto config = read_config(environment);
  if (const auto* problem = std::get_if<std::string>(&config)) {
    say(*problem);
    return 2;
  }
  raise_descriptor_limit();
  Server server(std::get<Config>(std::move(config)), host_name(), signals);
  return server.run();
}
