#include "common/net/stream_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/net/socket.h"

namespace longshore::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

class Context final : public TlsContext {
 public:
  explicit Context(asio::ssl::context::method method) : ssl(method) {}
  asio::ssl::context ssl;
};

class TlsStream final : public Stream {
 public:
  TlsStream(tcp::socket socket, std::shared_ptr<Context> context)
      : context_(std::move(context)), stream_(std::move(socket), context_->ssl) {}

  asio::ssl::stream<tcp::socket>& ssl() { return stream_; }

  async::Awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const std::size_t count = co_await stream_.async_read_some(asio::buffer(into.data(), into.size()), token);
    // A missing close_notify is how many servers hang up; HTTP framing tells whether the message was whole.
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) co_return std::size_t{0};
    if (error) co_return fail(socket_error("TLS read", error));
    co_return count;
  }

  async::Awaitable<Status> write_all(std::string_view bytes) override {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_write(stream_, asio::buffer(bytes), token);
    if (error) co_return fail(socket_error("TLS write", error));
    co_return Status();
  }

  void finish() override {}

  bool quiet() override {
    auto& socket = stream_.next_layer();
    return socket.is_open() && socket_quiet(socket.native_handle(), true);
  }

  void close() override {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }

  bool http2() const override {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(const_cast<asio::ssl::stream<tcp::socket>&>(stream_).native_handle(), &chosen, &size);
    return std::string_view(reinterpret_cast<const char*>(chosen), size) == "h2";
  }

 private:
  std::shared_ptr<Context> context_;
  asio::ssl::stream<tcp::socket> stream_;
};

std::unexpected<Error> bad_file(std::string_view what, const std::string& path,
                                const boost::system::error_code& error) {
  return fail(Errc::invalid_input, std::string(what) + " " + path + ": " + error.message());
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

Status use_certificate(asio::ssl::context& context, const TlsSettings& settings) {
  boost::system::error_code error;
  context.use_certificate_chain_file(settings.cert_file, error);
  if (error) return bad_file("certificate", settings.cert_file, error);
  const std::string& key = settings.key_file.empty() ? settings.cert_file : settings.key_file;
  context.use_private_key_file(key, asio::ssl::context::pem, error);
  if (error) return bad_file("private key", key, error);
  return {};
}

}  // namespace

Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsSettings& settings) {
  auto context = std::make_shared<Context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  if (!settings.verify) {
    context->ssl.set_verify_mode(asio::ssl::verify_none);
  } else {
    context->ssl.set_verify_mode(asio::ssl::verify_peer);
    if (settings.ca_file.empty() && settings.ca_path.empty()) context->ssl.set_default_verify_paths(error);
    if (!settings.ca_file.empty()) context->ssl.load_verify_file(settings.ca_file, error);
    if (error) return bad_file("CA file", settings.ca_file, error);
    if (!settings.ca_path.empty()) context->ssl.add_verify_path(settings.ca_path, error);
    if (error) return bad_file("CA directory", settings.ca_path, error);
  }
  if (!settings.cert_file.empty()) LS_TRY_STATUS(use_certificate(context->ssl, settings));
  return std::static_pointer_cast<TlsContext>(context);
}

async::Awaitable<Result<std::unique_ptr<Stream>>> handshake(tcp::socket socket, Endpoint endpoint,
                                                            std::shared_ptr<TlsContext> context, TlsSettings settings,
                                                            base::Duration limit, bool offer_http2) {
  const async::Executor executor = co_await asio::this_coro::executor;
  auto stream = std::make_unique<TlsStream>(std::move(socket), std::static_pointer_cast<Context>(context));
  const std::string name = settings.server_name.empty() ? endpoint.host : settings.server_name;
  const std::string what = "TLS handshake with " + to_string(endpoint);
  // Spelled out, since OpenSSL's macro for it hides an old-style cast.
  std::string sent_name = name;
  if (!is_address(name) && SSL_ctrl(stream->ssl().native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                    TLSEXT_NAMETYPE_host_name, sent_name.data()) != 1)
    co_return fail(Errc::invalid_input, what + ": bad server name");
  if (settings.verify) {
    asio::ssl::host_name_verification verification(name);
    stream->ssl().set_verify_callback(verification);
  }
  if (offer_http2) {
    constexpr std::string_view kProtocols = "\x02h2\x08http/1.1";
    const auto* bytes = reinterpret_cast<const unsigned char*>(kProtocols.data());
    SSL_set_alpn_protos(stream->ssl().native_handle(), bytes, static_cast<unsigned>(kProtocols.size()));
  }
  async::Deadline deadline(executor, limit, [&] { stream->close(); });
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await stream->ssl().async_handshake(asio::ssl::stream_base::client, token);
  if (deadline.expired()) co_return fail(Errc::timeout, what + ": not done within " + base::format_duration(limit));
  if (error) co_return fail(socket_error(what, error));
  co_return std::move(stream);
}

Result<std::shared_ptr<TlsContext>> make_tls_server(const TlsSettings& settings) {
  auto context = std::make_shared<Context>(asio::ssl::context::tls_server);
  // TLS 1.2 and later.
  context->ssl.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv3 |
                           asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  context->ssl.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  // Clients that resume a session are refused otherwise, because their certificate is asked for.
  constexpr unsigned char kId[] = {'l', 'o', 'n', 'g', 's', 'h', 'o', 'r', 'e'};
  SSL_CTX_set_session_id_context(context->ssl.native_handle(), kId, sizeof kId);
  boost::system::error_code error;
  context->ssl.load_verify_file(settings.ca_file, error);
  if (error) return bad_file("CA file", settings.ca_file, error);
  LS_TRY_STATUS(use_certificate(context->ssl, settings));
  return std::static_pointer_cast<TlsContext>(context);
}

async::Awaitable<Result<std::unique_ptr<Stream>>> accept_tls(tcp::socket socket, std::shared_ptr<TlsContext> context,
                                                             base::Duration limit) {
  const async::Executor executor = co_await asio::this_coro::executor;
  auto stream = std::make_unique<TlsStream>(std::move(socket), std::static_pointer_cast<Context>(context));
  async::Deadline deadline(executor, limit, [&] { stream->close(); });
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await stream->ssl().async_handshake(asio::ssl::stream_base::server, token);
  if (deadline.expired()) co_return fail(Errc::timeout, "TLS handshake: not done in time");
  if (error) co_return fail(socket_error("TLS handshake", error));
  co_return std::move(stream);
}

}  // namespace longshore::net
