#include "renderer/options.h"

namespace longshore::render {
namespace {

using cli::Kind;

constexpr const char* kConsul = "Consul";
constexpr const char* kConnections = "Connections to Consul";
// Go's int of 32 bits: negative numbers are taken there too.
constexpr std::int64_t kMost = 2147483647;
constexpr std::int64_t kFewest = -kMost - 1;

Status check_auth(std::string_view text) {
  if (text.empty()) return fail(Errc::invalid_input, "cannot be empty");
  return {};
}

cli::OptionTable server_options() {
  return cli::OptionTable({
      {.names = {"consul-addr", "consul"},
       .value_name = "ADDR",
       .help = "Address of Consul: host:port, http://, https:// or unix://.",
       .fallback_text = "CONSUL_HTTP_ADDR, else 127.0.0.1:8500",
       .group = kConsul},
      {.names = {"consul-token", "token"},
       .value_name = "TOKEN",
       .help = "ACL token.",
       .fallback_text = "CONSUL_TOKEN, CONSUL_HTTP_TOKEN",
       .group = kConsul,
       .secret = true},
      {.names = {"consul-token-file", "token-file"},
       .value_name = "FILE",
       .help = "File that holds the ACL token; it beats the token.",
       .fallback_text = "CONSUL_TOKEN_FILE, CONSUL_HTTP_TOKEN_FILE",
       .group = kConsul},
      {.names = {"consul-auth", "auth"},
       .value_name = "USER[:PASSWORD]",
       .help = "HTTP basic authentication.",
       .group = kConsul,
       .secret = true,
       .check = check_auth},
      {.names = {"max-connections"},
       .kind = Kind::integer,
       .help = "So many connections to Consul, whatever the number of dependencies. Consul's own limit is 200.",
       .fallback = "64",
       .group = kConsul,
       .min = 4,
       .max = kMost},
      {.names = {"max-stale"},
       .kind = Kind::duration,
       .help = "Servers that are not the leader may answer if they are at most this far behind; 0 asks the leader.",
       .fallback = "2s",
       .group = kConsul},
      {.names = {"env"},
       .value_name = "NAME",
       .help =
           "Environment: our records in Consul's KV are below longshore/NAME/ instead of longshore/, and templates see "
           "the instances of agents with the same -env only (without it: of those without).",
       .env = {"LONGSHORE_ENV"},
       .group = kConsul},
      {.names = {"renderer-id"},
       .value_name = "NAME",
       .help =
           "The name of our record in Consul's KV, by which drains know this load balancer. Give one where the host's "
           "name changes, as in containers.",
       .fallback_text = "the host's name and a hash of the files",
       .env = {"LONGSHORE_RENDERER_ID"},
       .group = kConsul},
      {.names = {"dedup"},
       .kind = Kind::boolean,
       .help = "Accepted: our watches are cheap enough without de-duplication.",
       .group = kConsul},
  });
}

cli::OptionTable ssl_options() {
  return cli::OptionTable({
      {.names = {"consul-ssl", "ssl"},
       .kind = Kind::boolean,
       .help = "Use TLS.",
       .fallback_text = "true if another of these is given",
       .group = kConsul},
      {.names = {"consul-ssl-verify", "ssl-verify"},
       .kind = Kind::boolean,
       .help = "Check the server's certificate.",
       .fallback = "true",
       .group = kConsul},
      {.names = {"consul-ssl-ca-cert", "ssl-ca-cert"}, .value_name = "FILE", .help = "Authorities.", .group = kConsul},
      {.names = {"consul-ssl-ca-path", "ssl-ca-path"},
       .value_name = "DIR",
       .help = "Directory of authorities.",
       .group = kConsul},
      {.names = {"consul-ssl-cert", "ssl-cert"},
       .value_name = "FILE",
       .help = "Our certificate; it may hold the key too.",
       .group = kConsul},
      {.names = {"consul-ssl-key", "ssl-key"},
       .value_name = "FILE",
       .help = "Key of our certificate.",
       .group = kConsul},
      {.names = {"consul-ssl-server-name", "ssl-server-name"},
       .value_name = "NAME",
       .help = "Name to expect.",
       .group = kConsul},
  });
}

cli::OptionTable connection_options() {
  return cli::OptionTable({
      {.names = {"consul-retry"},
       .kind = Kind::boolean,
       .help = "Ask again after an error; false: the first one ends us (14).",
       .fallback = "true",
       .group = kConnections},
      {.names = {"consul-retry-attempts"},
       .kind = Kind::integer,
       .help = "After so many tries in vain end with 14; 0: never.",
       .fallback_text = "0",
       .group = kConnections,
       .min = kFewest,
       .max = kMost},
      {.names = {"consul-retry-backoff", "retry"},
       .kind = Kind::duration,
       .help = "The first pause after an error; it doubles.",
       .fallback_text = "250ms",
       .group = kConnections},
      {.names = {"consul-retry-max-backoff"},
       .kind = Kind::duration,
       .help = "The longest pause; 0: no bound.",
       .fallback_text = "5s; 1m if another of these is given",
       .group = kConnections},
      {.names = {"consul-transport-dial-timeout"},
       .kind = Kind::duration,
       .help = "Limit for a connection to be made.",
       .fallback_text = "5s",
       .group = kConnections},
      {.names = {"consul-transport-tls-handshake-timeout"},
       .kind = Kind::duration,
       .help = "Limit for its TLS handshake.",
       .fallback_text = "5s",
       .group = kConnections},
      {.names = {"consul-transport-dial-keep-alive"},
       .kind = Kind::duration,
       .help = "Accepted: dead connections are found by the limits of each query.",
       .group = kConnections},
      {.names = {"consul-transport-disable-keep-alives"},
       .kind = Kind::boolean,
       .help = "A new connection for each query.",
       .group = kConnections},
      {.names = {"consul-transport-max-idle-conns-per-host"},
       .kind = Kind::integer,
       .help = "So many idle connections are kept.",
       .fallback_text = "8",
       .group = kConnections,
       .min = kFewest,
       .max = kMost},
  });
}

}  // namespace

cli::OptionTable consul_options() {
  return server_options().with(ssl_options()).with(connection_options());
}

}  // namespace longshore::render
