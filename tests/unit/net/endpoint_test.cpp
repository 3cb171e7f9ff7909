#include "common/net/endpoint.h"

#include <doctest/doctest.h>

namespace longshore::net {
namespace {

TEST_CASE("addresses that are accepted") {
  struct Row {
    const char* text;
    const char* host;
    int port;
    bool tls;
    const char* base_path;
    const char* printed;
  };
  const Row rows[] = {
      {"127.0.0.1:8500", "127.0.0.1", 8500, false, "", "127.0.0.1:8500"},
      {"consul.example", "consul.example", 8500, false, "", "consul.example:8500"},
      {"http://a:1", "a", 1, false, "", "a:1"},
      {"HTTPS://a", "a", 8500, true, "", "https://a:8500"},
      {"tcp://10.0.0.1:2376", "10.0.0.1", 2376, false, "", "10.0.0.1:2376"},
      {"http://a:1/consul/", "a", 1, false, "/consul", "a:1/consul"},
      {"[::1]:80", "::1", 80, false, "", "[::1]:80"},
      {"http://[fd00::1]", "fd00::1", 8500, false, "", "[fd00::1]:8500"},
      {":8500", "127.0.0.1", 8500, false, "", "127.0.0.1:8500"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto endpoint = parse_url(row.text, 8500);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->kind == Endpoint::Kind::tcp);
    CHECK(endpoint->host == row.host);
    CHECK(endpoint->port == row.port);
    CHECK(endpoint->tls == row.tls);
    CHECK(endpoint->base_path == row.base_path);
    CHECK(to_string(*endpoint) == row.printed);
  }
}

TEST_CASE("unix sockets") {
  for (const char* text : {"unix:///run/a.sock", "unix:/run/a.sock"}) {
    const auto endpoint = parse_url(text, 1);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->kind == Endpoint::Kind::unix_socket);
    CHECK(endpoint->path == "/run/a.sock");
    CHECK(to_string(*endpoint) == "unix:/run/a.sock");
    CHECK(host_header(*endpoint) == "localhost");
  }
}

TEST_CASE("addresses that are refused, with the reason") {
  struct Row {
    const char* text;
    const char* why;
  };
  const Row rows[] = {
      {"ftp://a:1", "unknown scheme \"ftp\""},
      {"unix://", "missing path"},
      {"a:b", "not a number"},
      {"a:65536", "not a number"},
      {"a:-1", "not a number"},
      {"::1", "needs brackets"},
      {"[::1", "missing ]"},
      {"[::1]x", "expected :port"},
      {"a b:1", "bad host name"},
      {"user@host:1", "bad host name"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto endpoint = parse_url(row.text, 8500);
    REQUIRE_FALSE(endpoint.has_value());
    CHECK(endpoint.error().code == Errc::invalid_input);
    CHECK(endpoint.error().text.find(row.why) != std::string::npos);
  }
  CHECK_FALSE(parse_host_port("host").has_value());
}

}  // namespace
}  // namespace longshore::net
