#include "agent/options.h"
#include "common/base/text.h"
#include "common/consul/environment.h"

namespace longshore::agent {
namespace {

std::string value_of(const cli::Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::unexpected<Error> no_prefix(const std::string& shown) {
  return base::fail(Errc::invalid_input,
                    "consulkv needs a prefix of keys: consulkv://host:port/prefix or "
                    "consulkv-unix:///path/to.sock:/prefix, not " +
                        shown);
}

std::string without_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

Result<docker::ClientSettings> docker_settings(const cli::Environment& environment, bool compatible,
                                               FileExists exists) {
  constexpr std::uint16_t kPlainPort = 2375;
  const std::string usual = "/var/run/docker.sock";
  const std::string peers = "/tmp/docker.sock";
  docker::ClientSettings settings;
  settings.limits.connect = std::chrono::seconds(3);
  settings.limits.first_byte = std::chrono::seconds(10);
  settings.api_version = value_of(environment, "DOCKER_API_VERSION");
  std::string host = value_of(environment, "DOCKER_HOST");
  if (host.empty()) {
    const std::string& first = compatible ? peers : usual;
    const std::string& second = compatible ? usual : peers;
    host = "unix://" + (!exists(first) && exists(second) ? second : first);
  }
  if (host.starts_with("npipe:") || host.starts_with("ssh:"))
    return fail(Errc::invalid_input, "DOCKER_HOST: unix://, tcp://, http:// and https:// only: " + host);
  const auto endpoint = net::parse_url(host, kPlainPort);
  if (!endpoint) return fail(endpoint.error().with("DOCKER_HOST"));
  settings.endpoint = *endpoint;
  if (!value_of(environment, "DOCKER_TLS_VERIFY").empty() && settings.endpoint.kind == net::Endpoint::Kind::tcp) {
    std::string folder = value_of(environment, "DOCKER_CERT_PATH");
    if (folder.empty()) folder = value_of(environment, "HOME") + "/.docker";
    settings.endpoint.tls = true;
    settings.tls.ca_file = folder + "/ca.pem";
    settings.tls.cert_file = folder + "/cert.pem";
    settings.tls.key_file = folder + "/key.pem";
  }
  return settings;
}

Result<RegistryUri> parse_registry_uri(std::string_view uri, bool compatible) {
  RegistryUri out;
  const std::size_t colon = uri.find(':');
  const std::string scheme = base::to_lower_ascii(uri.substr(0, colon));
  const std::string shown = base::log_value(uri);
  if (colon == std::string_view::npos) return fail(Errc::rejected, "not a registry URI: " + shown);
  std::string_view rest = uri.substr(colon + 1);
  const bool authority = rest.starts_with("//");
  if (authority) rest.remove_prefix(2);
  const bool kv = scheme == "consulkv" || scheme == "consulkv-unix";
  if (scheme == "consul-unix" || scheme == "consulkv-unix") {
    std::string path(rest);
    if (kv) {
      const std::size_t end = rest.rfind(':');
      if (end == std::string_view::npos) return no_prefix(shown);
      path = rest.substr(0, end);
      out.prefix = without_slashes(rest.substr(end + 1));
    }
    if (!path.starts_with('/')) return fail(Errc::rejected, scheme + ":///path/to.sock is meant, not " + shown);
    if (kv && out.prefix.empty()) return no_prefix(shown);
    out.endpoint = net::Endpoint{net::Endpoint::Kind::unix_socket, {}, 0, std::move(path), false, {}};
    return out;
  }
  if (scheme != "consul" && scheme != "consul-tls" && !kv)
    return fail(Errc::rejected,
                "only Consul is supported as a registry (consul, consul-unix, consul-tls, consulkv, "
                "consulkv-unix), not " +
                    base::log_value(scheme));
  if (kv) {
    const std::string_view before_query = rest.substr(0, rest.find_first_of("?#"));
    const std::size_t slash = before_query.find('/');
    if (slash != std::string_view::npos) out.prefix = without_slashes(before_query.substr(slash));
    // Registrator comes to its end at the first registration.
    if (out.prefix.empty()) return no_prefix(shown);
  }
  // Path, query and user information are ignored, as Registrator does.
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (!authority && !rest.empty()) {
    // Registrator falls back to its default address without a word.
    if (!compatible) return fail(Errc::rejected, "did you mean " + scheme + "://" + std::string(rest) + "?");
    rest = {};
  }
  if (!rest.empty()) {
    auto endpoint = net::parse_host_port(rest, 8500);
    // Registrator finds out when it connects: not a wrong call.
    if (!endpoint && compatible) endpoint.error().code = Errc::rejected;
    if (!endpoint) return fail(std::move(endpoint.error()));
    if (endpoint->host.empty()) endpoint->host = "127.0.0.1";
    out.endpoint = std::move(*endpoint);
  }
  out.tls = scheme == "consul-tls";
  return out;
}

Result<consul::ClientSettings> consul_settings(const RegistryUri& uri, cli::Environment environment) {
  if (uri.endpoint) environment.erase("CONSUL_HTTP_ADDR");
  LS_TRY(settings, consul::settings_from_environment(environment));
  if (uri.endpoint) {
    const bool tls = settings.endpoint.tls && uri.endpoint->kind == net::Endpoint::Kind::tcp;
    settings.endpoint = *uri.endpoint;
    settings.endpoint.tls = tls;
  }
  if (uri.tls) settings.endpoint.tls = true;
  return settings;
}

}  // namespace longshore::agent
