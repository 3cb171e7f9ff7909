// A connected byte stream, whatever carries it. One reader and one writer at a time; closing aborts both.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "common/async/executor.h"
#include "common/net/endpoint.h"
#include "common/net/http_client.h"

namespace longshore::net {

class Stream {
 public:
  virtual ~Stream() = default;
  // At least one byte, or 0 at the regular end. Errc::cancelled after close() or when the task is cancelled.
  virtual async::Awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;
  virtual async::Awaitable<Status> write_all(std::string_view bytes) = 0;
  // False when the other side has closed or sent something unasked: not fit for another request.
  virtual bool quiet() = 0;
  // No more bytes from us; the other side may go on. TLS without half-closing: nothing.
  virtual void finish() = 0;
  virtual void close() = 0;
  // Both sides agreed on HTTP/2 (ALPN).
  virtual bool http2() const { return false; }
};

// OpenSSL's context for one set of TlsSettings; made once per client, when the first TLS connection is.
class TlsContext {
 public:
  virtual ~TlsContext() = default;
};
Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings);

// For listening: certificate, key and ca_file must be given, and every client has to show a certificate of that CA.
Result<std::shared_ptr<TlsContext>> make_tls_server(const TlsSettings& settings);

// `tls` may be null for endpoints without it.
async::Awaitable<Result<std::unique_ptr<Stream>>> connect_stream(Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                                                 TlsSettings settings, PhaseTimeouts limits,
                                                                 bool offer_http2);

}  // namespace longshore::net
