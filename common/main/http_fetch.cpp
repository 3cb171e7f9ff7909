#include "common/main/http_fetch.h"

#include <httplib.h>
#include <sys/socket.h>

namespace longshore::app {
namespace {

std::string address_of(const net::Endpoint& endpoint) {
  if (endpoint.kind == net::Endpoint::Kind::unix_socket) return endpoint.path;
  const std::string host = endpoint.host.empty() ? "127.0.0.1" : endpoint.host;
  return (endpoint.tls ? "https://" : "http://") + net::join_host_port(host, endpoint.port);
}

}  // namespace

Result<Fetched> http_get(const net::Endpoint& endpoint, const std::string& path, base::Duration limit) {
  httplib::Client client(address_of(endpoint));
  httplib::Headers headers;
  if (endpoint.kind == net::Endpoint::Kind::unix_socket) {
    client.set_address_family(AF_UNIX);
    headers.emplace("Host", "localhost");
  }
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(limit);
  const auto seconds = static_cast<time_t>(micros.count() / 1'000'000);
  const auto rest = static_cast<time_t>(micros.count() % 1'000'000);
  client.set_connection_timeout(seconds, rest);
  client.set_read_timeout(seconds, rest);
  client.set_write_timeout(seconds, rest);
  const httplib::Result answer = client.Get((endpoint.base_path + path).c_str(), headers);
  if (answer) return Fetched{answer->status, answer->body};
  const bool slow = answer.error() == httplib::Error::ConnectionTimeout || answer.error() == httplib::Error::Read;
  return fail(slow ? Errc::timeout : Errc::unreachable,
              net::to_string(endpoint) + ": " + (slow ? "no answer" : "cannot connect"));
}

}  // namespace longshore::app
