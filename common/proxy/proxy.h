// A Docker socket through which ending a container takes it out of all load balancers first. Lives on one executor.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "common/consul/client.h"
#include "common/docker/client.h"
#include "common/net/listener.h"
#include "common/proxy/gatekeeper.h"
#include "common/status/log.h"
#include "common/status/source.h"

namespace longshore::proxy {

struct ProxyConfig {
  std::string listen = {};                       // path of our socket; "" = none
  std::optional<net::Endpoint> listen_tls = {};  // an address and a port for clients with a certificate
  net::TlsSettings tls = {};                     // for it: ca_file, cert_file, key_file
  unsigned mode = 0660;                          // of it
  std::optional<unsigned> group = {};            // of it; nothing: that of the engine's socket
  docker::ClientSettings engine = {};            // a unix socket
  consul::ClientSettings consul = {};
  GatekeeperSettings gatekeeper = {};
};

class Proxy {
 public:
  Proxy(async::Executor executor, ProxyConfig config, status::Log& log);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // Listens; errors name the path.
  Status start(async::TaskGroup& tasks);
  // Until request_stop(): then no more connections are taken, and those that are open end with the process.
  async::Awaitable<int> run();
  void request_stop();
  status::Source source();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace longshore::proxy
