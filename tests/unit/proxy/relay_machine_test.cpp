#include "common/proxy/relay_machine.h"

#include <doctest/doctest.h>

#include <random>

namespace longshore::proxy {
namespace {

constexpr const char* kPing = "GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n";
constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
constexpr const char* kStop = "POST /v1.41/containers/web/stop HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n";
constexpr const char* kStopped = "HTTP/1.1 204 No Content\r\n\r\n";

TEST_CASE("requests and answers pass unchanged, one after another") {
  RelayMachine relay;
  CHECK(relay.client_bytes(kPing).to_server == kPing);
  CHECK_FALSE(relay.idle());
  CHECK(relay.server_bytes(kOk).to_client == kOk);
  CHECK(relay.idle());
  CHECK(relay.client_bytes(kPing).to_server == kPing);
}

TEST_CASE("what is sent ahead waits for the answer before it") {
  RelayMachine relay;
  CHECK(relay.client_bytes(std::string(kPing) + kStop).to_server == kPing);
  const RelayMachine::Orders out = relay.server_bytes(kOk);
  CHECK(out.to_client == kOk);
  CHECK(out.to_server.empty());
  REQUIRE(out.hold.has_value());
  CHECK(out.hold->container == "web");
  CHECK(relay.held().to_server == kStop);
  const RelayMachine::Orders end = relay.server_bytes(kStopped);
  CHECK(end.to_client == kStopped);
  CHECK(end.answered);
}

TEST_CASE("a held call reaches the engine only when it may") {
  RelayMachine relay;
  const RelayMachine::Orders out = relay.client_bytes(kStop);
  CHECK(out.hold.has_value());
  CHECK(out.to_server.empty());
  CHECK(relay.client_bytes("").to_server.empty());
  // The client gives up: the engine never hears of it.
  const RelayMachine::Orders end = relay.client_end();
  CHECK(end.close);
  CHECK(end.answered);
  CHECK(end.to_server.empty());
}

TEST_CASE("bodies pass as they come, lengths and chunks") {
  RelayMachine relay;
  const std::string head = "POST /build HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(relay.client_bytes(head + "3\r\nabc").to_server == head + "3\r\nabc");
  // The engine answers while the body is still on its way.
  CHECK(relay.server_bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nline\r\n").to_client.size() > 40);
  CHECK(relay.client_bytes("\r\n0\r\n\r\n").to_server == "\r\n0\r\n\r\n");
  CHECK_FALSE(relay.server_bytes("0\r\n\r\n").close);
  CHECK(relay.idle());
}

TEST_CASE("an answer before the whole request ends the connection") {
  RelayMachine relay;
  relay.client_bytes("POST /images/load HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\nabc");
  const RelayMachine::Orders out = relay.server_bytes("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
  CHECK(out.to_client.starts_with("HTTP/1.1 400 Bad"));
  CHECK(out.close);
}

TEST_CASE("upgrades and raw streams become tunnels, with half-closing") {
  const std::string attach = "POST /v1.41/containers/web/attach?stream=1 HTTP/1.1\r\nHost: d\r\n";
  for (const bool upgraded : {true, false}) {
    RelayMachine relay;
    const std::string request = attach + (upgraded ? "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n" : "\r\n");
    CHECK(relay.client_bytes(request + "early").to_server == request);
    const std::string answer = upgraded ? "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                                        : "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n";
    const RelayMachine::Orders out = relay.server_bytes(answer + "\x01");
    CHECK(out.to_client == answer + "\x01");
    CHECK(out.to_server == "early");
    CHECK(relay.client_bytes("GET / HTTP/1.1\r\n\r\n").to_server == "GET / HTTP/1.1\r\n\r\n");
    const RelayMachine::Orders half = relay.client_end();
    CHECK(half.finish_server);
    CHECK_FALSE(half.close);
    CHECK(relay.server_bytes("last words").to_client == "last words");
    CHECK(relay.server_end().close);
  }
}

TEST_CASE("a stream without a length that is no tunnel ends with the engine's connection") {
  RelayMachine relay;
  relay.client_bytes("GET /v1.41/containers/web/logs?follow=1 HTTP/1.1\r\nHost: d\r\n\r\n");
  CHECK(relay.server_bytes("HTTP/1.1 200 OK\r\n\r\nline\n").to_client == "HTTP/1.1 200 OK\r\n\r\nline\n");
  CHECK(relay.server_bytes("more\n").to_client == "more\n");
  // ^C: the engine's side is closed, or it would follow for ever.
  CHECK(relay.client_end().close);
}

TEST_CASE("100 Continue passes and the answer follows") {
  RelayMachine relay;
  relay.client_bytes("POST /build HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(relay.server_bytes("HTTP/1.1 100 Continue\r\n\r\n").to_client == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(relay.client_bytes("ab").to_server == "ab");
  CHECK(relay.server_bytes(kOk).to_client == kOk);
  CHECK(relay.idle());
}

TEST_CASE("what is ambiguous is refused and goes nowhere") {
  for (const char* request :
       {"POST /containers/web/stop HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : d\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/1.1\nHost: d\r\n\r\n"}) {
    RelayMachine relay;
    const RelayMachine::Orders out = relay.client_bytes(request);
    CHECK(out.to_server.empty());
    CHECK(out.to_client.starts_with("HTTP/1.1 400 "));
    CHECK(out.close);
  }
  RelayMachine relay;
  CHECK(relay.client_bytes(std::string(70000, 'x')).to_client.starts_with("HTTP/1.1 431 "));
}

TEST_CASE("an engine that hangs up between requests does not matter, in the middle it does") {
  RelayMachine relay;
  CHECK_FALSE(relay.server_end().close);
  relay.client_bytes(kPing);
  const RelayMachine::Orders out = relay.server_end();
  CHECK(out.to_client.starts_with("HTTP/1.1 502 "));
  CHECK(out.close);
  RelayMachine unasked;
  CHECK(unasked.server_bytes(kOk).close);
}

TEST_CASE("however the bytes are cut, the same bytes go through") {
  const std::string requests =
      std::string(kPing) + "POST /x HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
      kPing;
  const std::string answers[] = {kOk, "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n0\r\n\r\n",
                                 kOk};
  std::mt19937 random(11);
  for (int round = 0; round < 500; ++round) {
    RelayMachine relay;
    std::string to_server;
    std::string to_client;
    const auto feed = [&](const RelayMachine::Orders& out) {
      REQUIRE_FALSE(out.close);
      to_server += out.to_server;
      to_client += out.to_client;
    };
    std::size_t sent = 0;
    for (const std::string& answer : answers) {
      // The client goes on at its own pace; the engine answers when it has the whole request.
      while (sent < requests.size() && relay.idle()) {
        const std::size_t part = std::min<std::size_t>(1 + random() % 30, requests.size() - sent);
        feed(relay.client_bytes(std::string_view(requests).substr(sent, part)));
        sent += part;
      }
      while (sent < requests.size() && random() % 4 != 0) {
        const std::size_t part = std::min<std::size_t>(1 + random() % 30, requests.size() - sent);
        feed(relay.client_bytes(std::string_view(requests).substr(sent, part)));
        sent += part;
      }
      if (&answer == &answers[1])
        while (to_server.find("0\r\n\r\n") == std::string::npos) {
          feed(relay.client_bytes(std::string_view(requests).substr(sent, 1)));
          ++sent;
        }
      for (std::size_t at = 0; at < answer.size();) {
        const std::size_t part = std::min<std::size_t>(1 + random() % 20, answer.size() - at);
        feed(relay.server_bytes(std::string_view(answer).substr(at, part)));
        at += part;
      }
    }
    feed(relay.client_bytes(std::string_view(requests).substr(sent)));
    CHECK(to_server == requests);
    CHECK(to_client == answers[0] + answers[1] + answers[2]);
  }
}

TEST_CASE("a held call that is refused never reaches the engine, and its client is told why") {
  RelayMachine relay;
  const auto held =
      relay.client_bytes("POST /v1.41/containers/one/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(held.hold);
  const auto refused = relay.refused("the proxy ends");
  CHECK(refused.to_server.empty());
  CHECK(refused.to_client.starts_with("HTTP/1.1 503 "));
  CHECK(refused.to_client.find("{\"message\":\"longshore docker-proxy: the proxy ends\"}") != std::string::npos);
  CHECK(refused.answered);
  CHECK(refused.close);
  // Once only, and nothing without a held call.
  CHECK(relay.held().to_server.empty());
  RelayMachine idle;
  CHECK(idle.refused("x").to_client.empty());
}

}  // namespace
}  // namespace longshore::proxy
