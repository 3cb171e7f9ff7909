#include "common/net/http_parser.h"

#include <doctest/doctest.h>

namespace longshore::net {
namespace {

struct Parsed {
  Status status;
  std::string body;
  std::string rest;
  bool done = false;
};

// Feeds byte by byte or at once.
Parsed parse_response(std::string_view text, bool bytewise, bool ends) {
  HttpParser parser(HttpParser::Kind::response, {});
  Parsed out;
  std::string buffer;
  for (std::size_t i = 0; i < text.size() && out.status && !parser.done();) {
    const std::size_t count = bytewise ? 1 : text.size();
    buffer += text.substr(i, count);
    i += count;
    out.status = parser.feed(buffer);
  }
  if (out.status && ends && !parser.done()) out.status = parser.feed_end();
  out.body = parser.take_body();
  out.rest = buffer;
  out.done = parser.done();
  return out;
}

TEST_CASE("a sink gets the body of a 200 as it comes, and no other") {
  for (const bool good : {true, false}) {
    HttpParser parser(HttpParser::Kind::response, {});
    std::string taken;
    parser.set_sink([&taken](std::string_view piece) { taken += piece; });
    std::string buffer =
        std::string("HTTP/1.1 ") + (good ? "200" : "500") + " x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    REQUIRE(parser.feed(buffer));
    CHECK(taken == (good ? "abc" : ""));
    buffer += "2\r\nde\r\n0\r\n\r\n";
    REQUIRE(parser.feed(buffer));
    REQUIRE(parser.done());
    CHECK(taken == (good ? "abcde" : ""));
    CHECK(parser.take_body() == (good ? "" : "abcde"));
  }
}

TEST_CASE("bodies by length, by chunks and by the end of the connection") {
  struct Row {
    const char* text;
    bool ends;
    const char* body;
    const char* rest;
  };
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP", false, "hello", "HTTP"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n", false,
       "abcde", ""},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", true, "until the end", ""},
      {"HTTP/1.1 204 No Content\r\n\r\n", false, "", ""},
  };
  for (const Row& row : rows)
    for (const bool bytewise : {false, true}) {
      CAPTURE(row.text);
      CAPTURE(bytewise);
      const Parsed parsed = parse_response(row.text, bytewise, row.ends);
      CHECK(parsed.status.has_value());
      CHECK(parsed.done);
      CHECK(parsed.body == row.body);
      if (!bytewise) CHECK(parsed.rest == row.rest);
    }
}

TEST_CASE("malformed and truncated messages are errors, never guesses") {
  const char* rows[] = {
      "ICY 200 OK\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Le",
  };
  for (const char* text : rows)
    for (const bool bytewise : {false, true}) {
      CAPTURE(text);
      const Parsed parsed = parse_response(text, bytewise, true);
      REQUIRE_FALSE(parsed.status.has_value());
      CHECK(parsed.status.error().code == Errc::protocol);
    }
}

TEST_CASE("limits") {
  HttpParser::Limits limits;
  limits.header = 64;
  limits.body = 4;
  HttpParser header(HttpParser::Kind::request, limits);
  std::string buffer = "GET /" + std::string(100, 'a') + " HTTP/1.1\r\n\r\n";
  const Status too_long = header.feed(buffer);
  REQUIRE_FALSE(too_long.has_value());
  CHECK(too_long.error().code == Errc::limit);
  HttpParser body(HttpParser::Kind::request, limits);
  buffer = "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde";
  const Status too_big = body.feed(buffer);
  REQUIRE_FALSE(too_big.has_value());
  CHECK(too_big.error().code == Errc::limit);
}

TEST_CASE("requests are written as sent, and nothing can end a line early") {
  Request request;
  request.method = "PUT";
  request.target = "/a?b=c";
  request.headers.add("X-A", "1");
  request.body = "xy";
  CHECK(serialize(request, "h:1").value() ==
        "PUT /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nxy");
  Request get;
  CHECK(serialize(get, "h").value() == "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  Request bad_value = get;
  bad_value.headers.add("X-A", "1\r\nEvil: 2");
  CHECK_FALSE(serialize(bad_value, "h").has_value());
  Request bad_target = get;
  bad_target.target = "/a b";
  CHECK_FALSE(serialize(bad_target, "h").has_value());
  Response response;
  response.status = 204;
  CHECK(serialize(response, false, true) == "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
  response.status = 404;
  response.body = "no";
  CHECK(serialize(response, true, false) == "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace longshore::net
