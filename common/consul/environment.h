// Consul's standard variables as settings of a client. Source: HashiCorp's api package, DefaultConfig.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/consul/client.h"

namespace longshore::consul {

// CONSUL_HTTP_ADDR, _TOKEN, _TOKEN_FILE (read here; the file wins over the variable), _AUTH, _SSL, _SSL_VERIFY,
// CONSUL_CACERT, _CAPATH, _CLIENT_CERT, _CLIENT_KEY, _TLS_SERVER_NAME, _NAMESPACE, _PARTITION; 127.0.0.1:8500 by
// default. Errors name the variable, never a token.
Result<ClientSettings> settings_from_environment(const std::map<std::string, std::string, std::less<>>& environment);

// Go's strconv.ParseBool, which reads the two variables that are switches; nothing: it is none.
std::optional<bool> parse_boolean(std::string_view text);

// "host:port", "http://…", "https://…", "unix:///path": an address as CONSUL_HTTP_ADDR and -consul-addr have it.
// TLS of `settings` stays on when the address does not say.
Status set_address(ClientSettings& settings, std::string_view address);

}  // namespace longshore::consul
