#include "common/net/message_framing.h"

#include <doctest/doctest.h>

#include <random>

namespace longshore::net {
namespace {

std::string crlf(std::string text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

bool request_ok(const std::string& text) {
  return parse_request_head(crlf(text)).has_value();
}

TEST_CASE("where a head ends") {
  CHECK(head_length("GET / HTTP/1.1\r\n\r\nrest")->value() == 18);
  CHECK(head_length("\r\n\r\nGET / HTTP/1.1\r\n\r\n")->value() == 22);
  CHECK_FALSE(head_length("GET / HTTP/1.1\r\n")->has_value());
  CHECK_FALSE(head_length("\r\n")->has_value());
  CHECK_FALSE(head_length("")->has_value());
  CHECK(head_length(std::string(kHeadLimit + 1, 'x')).error().code == Errc::limit);
}

TEST_CASE("a request head") {
  const auto head = parse_request_head(crlf("POST /v1.41/x?a=b HTTP/1.1\nHost: docker\nConnection: Upgrade, x\n\n"));
  REQUIRE(head.has_value());
  CHECK(head->method == "POST");
  CHECK(head->target == "/v1.41/x?a=b");
  CHECK(head->headers.get("host") == "docker");
  CHECK(head->header_has("connection", "upgrade"));
  CHECK_FALSE(head->header_has("connection", "close"));
  CHECK(head->keep_alive());
  CHECK_FALSE(parse_request_head(crlf("GET / HTTP/1.0\nHost: x\n\n"))->keep_alive());
  CHECK(parse_request_head(crlf("GET / HTTP/1.0\nConnection: keep-alive\n\n"))->keep_alive());
  CHECK_FALSE(parse_request_head(crlf("GET / HTTP/1.1\nConnection: close\n\n"))->keep_alive());
}

TEST_CASE("what two readers could understand differently is refused") {
  for (const char* text : {
           "GET / HTTP/1.1\nContent-Length: 1\nContent-Length: 2\n\n",
           "GET / HTTP/1.1\nContent-Length: 1\nTransfer-Encoding: chunked\n\n",
           "GET / HTTP/1.1\nTransfer-Encoding: gzip, chunked\n\n",
           "GET / HTTP/1.1\nTransfer-Encoding: xchunked\n\n",
           "GET / HTTP/1.1\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n",
           "GET / HTTP/1.0\nTransfer-Encoding: chunked\n\n",
           "GET / HTTP/1.1\nContent-Length: +1\n\n",
           "GET / HTTP/1.1\nContent-Length: 1, 1\n\n",
           "GET / HTTP/1.1\nContent-Length: 0x1\n\n",
           "GET / HTTP/1.1\nContent-Length:\n\n",
           "GET / HTTP/1.1\nContent-Length: 99999999999999999999\n\n",
           "GET / HTTP/1.1\nContent-Length : 1\n\n",
           "GET / HTTP/1.1\n Host: folded\n\n",
           "GET / HTTP/1.1\nHost: a\n folded\n\n",
           "GET / HTTP/1.1\nno colon\n\n",
           "GET / HTTP/1.1\n: empty\n\n",
           "GET / HTTP/1.1\nX: a\x01b\n\n",
           "GET  / HTTP/1.1\n\n",
           "GET /a b HTTP/1.1\n\n",
           "GET / HTTP/2.0\n\n",
           "GET / HTTP/1.1 \n\n",
           "GET /\n\n",
           "G\"T / HTTP/1.1\n\n",
       }) {
    CAPTURE(text);
    CHECK_FALSE(request_ok(text));
  }
  CHECK_FALSE(parse_request_head("GET / HTTP/1.1\nHost: x\r\n\r\n").has_value());
  CHECK_FALSE(parse_request_head("GET / HTTP/1.1\r\nHost: x\rY: z\r\n\r\n").has_value());
  CHECK(request_ok("GET / HTTP/1.1\nContent-Length: 3\nContent-Length: 3\n\n"));
  CHECK(request_ok("GET / HTTP/1.1\nTransfer-Encoding: Chunked\n\n"));
}

TEST_CASE("a response head") {
  const auto head = parse_response_head(crlf("HTTP/1.1 101 UPGRADED\nUpgrade: tcp\n\n"));
  REQUIRE(head.has_value());
  CHECK(head->status == 101);
  CHECK(parse_response_head(crlf("HTTP/1.1 204\n\n"))->status == 204);
  for (const char* text : {"HTTP/1.1 20\n\n", "HTTP/1.1 2000 x\n\n", "HTTP/1.1\n\n", "HTTP/2 200 OK\n\n",
                           "HTTP/1.1_200 OK\n\n", "HTTP/1.1 099 x\n\n"})
    CHECK_FALSE(parse_response_head(crlf(text)).has_value());
}

// Feeds `bytes` in pieces of `piece` and says how many the body took.
std::optional<std::size_t> taken(BodyFraming body, std::string_view bytes, std::size_t piece) {
  std::size_t used = 0;
  while (used < bytes.size() && !body.done()) {
    const std::string_view part = bytes.substr(used, piece);
    const Result<std::size_t> count = body.take(part);
    if (!count) return std::nullopt;
    used += *count;
    if (*count < part.size()) break;
  }
  return body.done() ? std::optional(used) : std::nullopt;
}

BodyFraming body_of(const std::string& headers) {
  return BodyFraming::of_request(*parse_request_head(crlf("POST / HTTP/1.1\n" + headers + "\n")));
}

TEST_CASE("bodies end where their framing says, however the bytes arrive") {
  struct Row {
    const char* headers;
    std::string bytes;
    std::optional<std::size_t> length;
  };
  const std::string chunks = "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n";
  const std::vector<Row> rows = {
      {"", "next", 0},
      {"Content-Length: 0\n", "next", 0},
      {"Content-Length: 3\n", "abcnext", 3},
      {"Content-Length: 3\n", "ab", std::nullopt},
      {"Transfer-Encoding: chunked\n", chunks + "\r\nnext", chunks.size() + 2},
      {"Transfer-Encoding: chunked\n", chunks + "Trailer: x\r\n\r\nnext", chunks.size() + 14},
      {"Transfer-Encoding: chunked\n", "FF", std::nullopt},
      {"Transfer-Encoding: chunked\n", "5\nhello\r\n0\r\n\r\n", std::nullopt},
      {"Transfer-Encoding: chunked\n", "5\r\nhelloX\r\n0\r\n\r\n", std::nullopt},
      {"Transfer-Encoding: chunked\n", "x\r\n", std::nullopt},
      {"Transfer-Encoding: chunked\n", "-1\r\n", std::nullopt},
      {"Transfer-Encoding: chunked\n", "ffffffffffffffff\r\n", std::nullopt},
      {"Transfer-Encoding: chunked\n", "\r\n", std::nullopt},
  };
  for (const Row& row : rows)
    for (const std::size_t piece : {1, 2, 3, 1000}) {
      CAPTURE(row.headers);
      CAPTURE(row.bytes);
      const BodyFraming body = body_of(row.headers);
      CHECK((body.done() ? std::optional<std::size_t>(0) : taken(body, row.bytes, piece)) == row.length);
    }
}

TEST_CASE("which responses have a body") {
  const auto body = [](const char* text, const char* method) {
    return BodyFraming::of_response(*parse_response_head(crlf(text)), method);
  };
  CHECK(body("HTTP/1.1 200 OK\nContent-Length: 5\n\n", "HEAD").done());
  CHECK_FALSE(body("HTTP/1.1 200 OK\nContent-Length: 5\n\n", "GET").done());
  CHECK(body("HTTP/1.1 204 No Content\n\n", "POST").done());
  CHECK(body("HTTP/1.1 304 Not Modified\n\n", "GET").done());
  CHECK(body("HTTP/1.1 100 Continue\n\n", "POST").done());
  CHECK(body("HTTP/1.1 200 OK\n\n", "POST").until_end());
}

}  // namespace
}  // namespace longshore::net
