// Docker's Engine API as typed coroutines; only GET requests are ever sent.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/docker/model.h"
#include "common/net/http_client.h"

namespace longshore::docker {

struct ClientSettings {
  net::Endpoint endpoint;
  net::TlsSettings tls;
  std::string api_version;   // DOCKER_API_VERSION; "" = negotiate
  bool keep_bodies = false;  // inspected containers keep the whole answer
  net::PhaseTimeouts limits;
};

class EventStream {
 public:
  virtual ~EventStream() = default;
  // The next event. Lines that are no events are skipped and counted. Errc::unreachable when the stream ends.
  virtual async::Awaitable<Result<Event>> next() = 0;
  virtual std::uint64_t skipped() const = 0;
};

class Client {
 public:
  Client(async::Executor executor, ClientSettings settings);

  // Version negotiation (min of both sides, at least 1.24), /info. A socket proxy may refuse /version (then /_ping
  // tells of it, or else the engine chooses) and /info; Engine::refused names what it refused. Call again after a lost
  // connection.
  async::Awaitable<Result<Engine>> connect();
  // Running ones only, or all.
  async::Awaitable<Result<std::vector<ContainerSummary>>> list(bool all);
  async::Awaitable<Result<Container>> inspect(std::string id);  // not_found when Docker does not know it
  // Filtered at the server to container and network events that can change a registration. `since`: nanoseconds
  // since the epoch, 0 = from now on.
  async::Awaitable<Result<std::unique_ptr<EventStream>>> events(std::int64_t since);

  const ClientSettings& settings() const { return settings_; }

 private:
  async::Awaitable<Result<net::Response>> get(std::string target);
  async::Awaitable<Result<std::string>> negotiate(Engine& engine);

  ClientSettings settings_;
  std::unique_ptr<net::HttpClient> http_;
  std::string version_;  // negotiated, "" before connect()
};

}  // namespace longshore::docker
