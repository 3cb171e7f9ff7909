#include "common/net/endpoint.h"

#include "common/base/text.h"

namespace longshore::net {
namespace {

std::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Errc::invalid_input, "invalid address \"" + std::string(text) + "\": " + std::string(why));
}

bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && base::equal_ignore_case_ascii(text.substr(0, prefix.size()), prefix);
}

Result<Endpoint> parse(std::string_view text, const std::uint16_t* default_port) {
  Endpoint out;
  std::string_view port;
  bool has_port = false;
  if (!text.empty() && text[0] == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return bad(text, "missing ]");
    out.host = std::string(text.substr(1, close - 1));
    const std::string_view rest = text.substr(close + 1);
    has_port = !rest.empty();
    if (has_port && rest[0] != ':') return bad(text, "expected :port after ]");
    if (has_port) port = rest.substr(1);
  } else {
    const std::size_t colon = text.rfind(':');
    if (colon != std::string_view::npos && text.find(':') != colon) {
      return bad(text, "an IPv6 address needs brackets, as in [::1]:8500");
    }
    out.host = std::string(text.substr(0, colon));
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
  }
  for (const char c : out.host)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '/' || c == '@') return bad(text, "bad host name");
  if (!has_port) {
    if (default_port == nullptr) return bad(text, "missing port");
    out.port = *default_port;
    return out;
  }
  const auto number = base::parse_uint(port);
  if (!number || *number > 65535) return bad(text, "the port is not a number from 0 to 65535");
  out.port = static_cast<std::uint16_t>(*number);
  return out;
}

}  // namespace

Result<Endpoint> parse_host_port(std::string_view text) {
  return parse(text, nullptr);
}

Result<Endpoint> parse_host_port(std::string_view text, std::uint16_t default_port) {
  return parse(text, &default_port);
}

Result<Endpoint> parse_url(std::string_view text, std::uint16_t default_port) {
  if (starts_with_ignore_case(text, "unix:")) {
    std::string_view path = text.substr(5);
    if (path.starts_with("//")) path.remove_prefix(2);
    if (path.empty()) return bad(text, "missing path of the socket");
    Endpoint out;
    out.kind = Endpoint::Kind::unix_socket;
    out.path = std::string(path);
    return out;
  }
  std::string_view rest = text;
  bool tls = false;
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) {
    const std::string scheme = base::to_lower_ascii(text.substr(0, mark));
    if (scheme == "https")
      tls = true;
    else if (scheme != "http" && scheme != "tcp")
      return bad(text, "unknown scheme \"" + scheme + "\"");
    rest = text.substr(mark + 3);
  }
  const std::size_t slash = rest.find('/');
  LS_TRY(endpoint, parse(rest.substr(0, slash), &default_port));
  if (endpoint.host.empty()) endpoint.host = "127.0.0.1";
  endpoint.tls = tls;
  if (slash != std::string_view::npos) {
    std::string_view base_path = rest.substr(slash);
    while (base_path.ends_with('/')) base_path.remove_suffix(1);
    endpoint.base_path = std::string(base_path);
  }
  return endpoint;
}

std::string join_host_port(std::string_view host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string_view::npos;
  std::string out = brackets ? "[" : "";
  out += host;
  out += brackets ? "]:" : ":";
  return out + std::to_string(port);
}

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::unix_socket) return "unix:" + endpoint.path;
  return (endpoint.tls ? "https://" : "") + join_host_port(endpoint.host, endpoint.port) + endpoint.base_path;
}

std::string host_header(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::unix_socket) return "localhost";
  return join_host_port(endpoint.host, endpoint.port);
}

}  // namespace longshore::net
