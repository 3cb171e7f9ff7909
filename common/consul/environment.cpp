#include "common/consul/environment.h"

#include <fstream>
#include <iterator>

#include "common/base/text.h"

namespace longshore::consul {
namespace {

constexpr std::uint16_t kDefaultPort = 8500;

using Environment = std::map<std::string, std::string, std::less<>>;

std::string value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

Result<bool> boolean(const Environment& environment, std::string_view name, bool fallback) {
  const std::string text = value_of(environment, name);
  if (text.empty()) return fallback;
  if (const auto value = parse_boolean(text)) return *value;
  return fail(Errc::invalid_input, std::string(name) + ": not a boolean: " + base::log_value(text));
}

Result<std::string> read_token(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(Errc::io, "CONSUL_HTTP_TOKEN_FILE: cannot read " + path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return std::string(base::trim(text));
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  return std::nullopt;
}

Status set_address(ClientSettings& settings, std::string_view address) {
  const bool tls = settings.endpoint.tls;
  LS_TRY(endpoint, net::parse_url(address, kDefaultPort));
  settings.endpoint = endpoint;
  if (settings.endpoint.kind == net::Endpoint::Kind::tcp) {
    if (settings.endpoint.host.empty()) settings.endpoint.host = "127.0.0.1";
    if (settings.endpoint.port == 0) settings.endpoint.port = kDefaultPort;
    if (tls && !address.starts_with("http://")) settings.endpoint.tls = true;
  }
  return {};
}

Result<ClientSettings> settings_from_environment(const Environment& environment) {
  ClientSettings settings;
  const std::string address = value_of(environment, "CONSUL_HTTP_ADDR");
  LS_TRY(tls, boolean(environment, "CONSUL_HTTP_SSL", false));
  LS_TRY(verify, boolean(environment, "CONSUL_HTTP_SSL_VERIFY", true));
  settings.endpoint.tls = tls;
  const Status set = set_address(settings, address.empty() ? "127.0.0.1:8500" : address);
  if (!set) return fail(set.error().with("CONSUL_HTTP_ADDR"));
  settings.token = value_of(environment, "CONSUL_HTTP_TOKEN");
  if (const std::string file = value_of(environment, "CONSUL_HTTP_TOKEN_FILE"); !file.empty()) {
    LS_TRY(token, read_token(file));
    if (!token.empty()) settings.token = token;
  }
  settings.auth = value_of(environment, "CONSUL_HTTP_AUTH");
  settings.ns = value_of(environment, "CONSUL_NAMESPACE");
  settings.partition = value_of(environment, "CONSUL_PARTITION");
  settings.tls.ca_file = value_of(environment, "CONSUL_CACERT");
  settings.tls.ca_path = value_of(environment, "CONSUL_CAPATH");
  settings.tls.cert_file = value_of(environment, "CONSUL_CLIENT_CERT");
  settings.tls.key_file = value_of(environment, "CONSUL_CLIENT_KEY");
  settings.tls.server_name = value_of(environment, "CONSUL_TLS_SERVER_NAME");
  settings.tls.verify = verify;
  return settings;
}

}  // namespace longshore::consul
