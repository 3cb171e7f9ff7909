// Where a server is: host and port, or a unix socket; with or without TLS.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace longshore::net {

struct Endpoint {
  enum class Kind { tcp, unix_socket };
  Kind kind = Kind::tcp;
  std::string host;        // name or address, without brackets
  std::uint16_t port = 0;  // 1 to 65535 once resolved; 0 only while listening: any free port
  std::string path;        // unix_socket: file name
  bool tls = false;
  std::string base_path;  // "/consul" of http://host/consul; empty or starts with '/' and does not end with one

  bool operator==(const Endpoint&) const = default;
};

// "host:port", "[::1]:80", ":8500" (host empty: the caller's default). Ports are decimal, 0 to 65535.
Result<Endpoint> parse_host_port(std::string_view text);
// As parse_host_port, but the port may be missing and is then default_port.
Result<Endpoint> parse_host_port(std::string_view text, std::uint16_t default_port);
// "http://h:p/base", "https://…", "tcp://…", "unix:///path", "unix://path", plain "h:p".
Result<Endpoint> parse_url(std::string_view text, std::uint16_t default_port);

// For logs and for the Host header: "host:port" with brackets where needed; "unix:PATH".
std::string to_string(const Endpoint& endpoint);
std::string host_header(const Endpoint& endpoint);
// "[::1]:80" or "10.0.0.1:80".
std::string join_host_port(std::string_view host, std::uint16_t port);

}  // namespace longshore::net
