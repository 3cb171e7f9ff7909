#include <algorithm>
#include <filesystem>

#include "common/base/text.h"
#include "common/consul/environment.h"
#include "common/net/stream.h"
#include "renderer/io/file_store.h"
#include "renderer/settings/finalize.h"

namespace longshore::render::settings {
namespace {

// Variables that the settings have taken already must not be read twice, under two precedences.
cli::Environment without_taken(cli::Environment environment) {
  for (const char* name : {"CONSUL_HTTP_ADDR", "CONSUL_HTTP_TOKEN", "CONSUL_HTTP_TOKEN_FILE", "CONSUL_NAMESPACE"})
    environment.erase(name);
  return environment;
}

// Auto: on if anything else about TLS is said. Source: consul-template, config/ssl.go.
std::optional<bool> wants_tls(const Ssl& ssl) {
  if (ssl.enabled) return ssl.enabled;
  return given(ssl) ? std::optional(true) : std::nullopt;
}

void apply(const Ssl& ssl, net::TlsSettings& tls) {
  if (ssl.ca_cert) tls.ca_file = *ssl.ca_cert;
  if (ssl.ca_path) tls.ca_path = *ssl.ca_path;
  if (ssl.cert) tls.cert_file = *ssl.cert;
  if (ssl.key) tls.key_file = *ssl.key;
  if (ssl.server_name) tls.server_name = *ssl.server_name;
  if (ssl.verify) tls.verify = *ssl.verify;
}

// As there: a file that cannot be used shows now, not at each try to connect.
Status check(const net::TlsSettings& tls) {
  std::error_code error;
  if (tls.verify && !tls.ca_path.empty() && !std::filesystem::is_directory(tls.ca_path, error))
    return fail(Errc::invalid_input, "TLS to Consul: CA directory " + tls.ca_path + ": no such directory");
  const auto made = net::make_tls_context(tls);
  if (!made) return fail(made.error().with("TLS to Consul"));
  return {};
}

void apply(const Transport& transport, consul::ClientSettings& out) {
  if (transport.dial_timeout && transport.dial_timeout->count() > 0) out.limits.connect = *transport.dial_timeout;
  if (transport.tls_handshake_timeout && transport.tls_handshake_timeout->count() > 0)
    out.limits.tls = *transport.tls_handshake_timeout;
  if (transport.idle_conn_timeout && transport.idle_conn_timeout->count() > 0)
    out.pool.idle_limit = *transport.idle_conn_timeout;
  // 0 means Go's own default there, which is 2; with less than that none is kept.
  if (const auto most = transport.max_idle_conns_per_host; most && *most != 0)
    out.pool.max_idle = static_cast<std::size_t>(std::max<std::int64_t>(*most, 0));
  if (transport.disable_keep_alives.value_or(false)) out.pool.max_idle = 0;
}

}  // namespace

Result<consul::ClientSettings> client_settings(const Consul& consul, const cli::Environment& environment) {
  LS_TRY(out, consul::settings_from_environment(without_taken(environment)));
  apply(consul.ssl, out.tls);
  apply(consul.transport, out);
  if (consul.ns) out.ns = *consul.ns;
  if (consul.token) out.token = consul.token->text;
  if (consul.token_file && !consul.token_file->empty()) {
    LS_TRY(text, RealFiles().read(*consul.token_file));
    if (const std::string_view token = base::trim(text); !token.empty()) out.token = token;
  }
  if (given(consul.auth)) {
    const Auth& auth = consul.auth;
    out.auth = auth.username.value_or("") + ":" + (auth.password ? auth.password->text : "");
    if (!auth.enabled.value_or(true)) out.auth.clear();
  }
  const std::optional<bool> tls = wants_tls(consul.ssl);
  if (tls) out.endpoint.tls = *tls;
  const std::string address = consul.address.value_or("");
  const Status set = consul::set_address(out, address.empty() ? "127.0.0.1:8500" : address);
  if (!set) return fail(set.error().with("address of Consul"));
  if (out.endpoint.tls) LS_TRY_STATUS(check(out.tls));
  return out;
}

}  // namespace longshore::render::settings
