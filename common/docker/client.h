// Docker's Engine API as typed coroutines; only GET requests are ever sent.
#pragma once
#include <map>
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
  std::string api_version;    // DOCKER_API_VERSION; "" = negotiate
  bool keep_bodies = false;   // inspected containers keep the whole answer
  bool look_further = false;  // inspects ask for the container's image and networks too
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
  // not_found when Docker does not know it. With look_further what GET /images/<id>/json and /networks/<id> add
  // (image_digest, NetworkEndpoint::driver) is asked for, once per image and network; it may be refused.
  async::Awaitable<Result<Container>> inspect(std::string id);
  // Filtered at the server to container and network events that can change a registration. `since`: nanoseconds
  // since the epoch, 0 = from now on.
  async::Awaitable<Result<std::unique_ptr<EventStream>>> events(std::int64_t since);

  void keep_bodies(bool keep) { settings_.keep_bodies = keep; }
  const ClientSettings& settings() const { return settings_; }

 private:
  async::Awaitable<Result<net::Response>> get(std::string target);
  async::Awaitable<Result<net::Response>> get(std::string target, net::PhaseTimeouts limits);
  async::Awaitable<std::string> image_digest(std::string id, std::string reference);
  async::Awaitable<std::string> network_driver(std::string id);
  // "" = it is not answered; `asking` becomes false when it never will be.
  async::Awaitable<std::string> extra(std::string target, bool* asking);
  async::Awaitable<Result<std::string>> negotiate(Engine& engine);

  ClientSettings settings_;
  std::unique_ptr<net::HttpClient> http_;
  std::string version_;  // negotiated, "" before connect()
  // Of this connection: whether such questions are answered, and the answers. "" = it could not be told.
  bool asks_images_ = true;
  bool asks_networks_ = true;
  std::map<std::string, std::string> digests_;  // by image ID and reference
  std::map<std::string, std::string> drivers_;  // by network ID
};

}  // namespace longshore::docker
