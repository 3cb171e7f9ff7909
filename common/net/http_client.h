// HTTP client over TCP, TLS and unix sockets: round trips on pooled connections, HTTP/1.1 or (TLS, if the server takes
// it) HTTP/2, and endless streams.
// One thread; every call is a coroutine that a cancelled task leaves at once, its connection closed.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "common/async/executor.h"
#include "common/net/endpoint.h"
#include "common/net/http_types.h"

namespace longshore::net {

// A limit per phase; a phase that is over it fails with Errc::timeout and names the phase.
struct PhaseTimeouts {
  base::Duration connect = std::chrono::seconds(5);  // name look-up and TCP or unix connect
  base::Duration tls = std::chrono::seconds(5);      // handshake
  base::Duration send = std::chrono::seconds(10);    // the whole request
  base::Duration first_byte =
      std::chrono::seconds(30);  // end of the request to the answer's header: long for blocking queries
  base::Duration body_idle = std::chrono::seconds(30);  // between two pieces of the body
};

struct TlsSettings {
  std::string ca_file;
  std::string ca_path;
  std::string cert_file;
  std::string key_file;     // "" = in cert_file
  std::string server_name;  // "" = the host
  bool verify = true;
  bool operator==(const TlsSettings&) const = default;
};

struct ClientOptions {
  std::size_t max_idle = 8;                              // connections kept for reuse
  base::Duration idle_limit = std::chrono::seconds(55);  // older ones are closed, before servers do it
  std::size_t max_in_use = 0;                            // round trips at a time, later ones wait in line; 0 = any
  std::size_t body_limit = std::size_t{512} << 20;       // bytes; more is Errc::limit
  // Round trips over TLS share connections where the server speaks HTTP/2, at most max_in_use of them (0: 64).
  bool http2 = false;
};

// A body that arrives piece by piece. Destroying it closes the connection.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  virtual const Response& head() const = 0;  // status and headers; the body is empty
  // The next bytes; an empty string is the regular end. `idle` limits this wait only.
  virtual async::Awaitable<Result<std::string>> read(base::Duration idle) = 0;
};

class HttpClient {
 public:
  HttpClient(async::Executor executor, Endpoint endpoint, TlsSettings tls = {}, ClientOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Host and Content-Length are added. Any status is a success here. A reused connection that breaks before the
  // first byte of the answer is replaced once for GET and HEAD; for the rest it is Errc::unreachable.
  async::Awaitable<Result<Response>> round_trip(Request request, PhaseTimeouts limits = {}, BodySink sink = {});
  async::Awaitable<Result<std::unique_ptr<BodyStream>>> open(Request request, PhaseTimeouts limits = {});

  // Drops the idle connections; those in use end with their tasks. An HTTP/2 connection keeps tasks of its own until
  // then: call this before the executor is to run dry.
  void close_idle();
  const Endpoint& endpoint() const;
  // Connections open now, in use and idle; and ever opened.
  std::size_t connections() const;
  std::uint64_t connections_opened() const;
  // How many round trips the server takes at a time on one connection; 1 with HTTP/1.1, and until that is known.
  std::size_t streams_per_connection() const;
  // Round trips that were started.
  std::uint64_t requests() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace longshore::net
