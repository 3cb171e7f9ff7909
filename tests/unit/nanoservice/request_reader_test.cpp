#include "vagrant/nanoservice/request_reader.h"

#include <doctest/doctest.h>

#include <vector>

using longshore::nano::Request;
using longshore::nano::RequestReader;
using State = RequestReader::State;

namespace {

struct Row {
  const char* name;
  std::string bytes;
  State state;
  int bad_status;    // for State::bad
  Request request;   // for State::complete
  std::string rest;  // what stays in the input
};

const std::vector<Row> kRows = {
    {"plain GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", State::complete, 0, {"GET", "/", true, false, 0}, ""},
    {"bare LF", "GET /a HTTP/1.1\nHost: x\n\n", State::complete, 0, {"GET", "/a", true, false, 0}, ""},
    {"empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", State::complete, 0, {"GET", "/", true, false, 0}, ""},
    {"1.0 closes", "GET / HTTP/1.0\r\n\r\n", State::complete, 0, {"GET", "/", false, false, 0}, ""},
    {"1.0 keep-alive",
     "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
     State::complete,
     0,
     {"GET", "/", true, false, 0},
     ""},
    {"1.1 close", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", State::complete, 0, {"GET", "/", false, false, 0}, ""},
    {"pipelined",
     "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
     State::complete,
     0,
     {"GET", "/1", true, false, 0},
     "GET /2 HTTP/1.1\r\n\r\n"},
    {"counted body",
     "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET",
     State::complete,
     0,
     {"POST", "/", true, false, 5},
     "GET"},
    {"same length twice",
     "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
     State::complete,
     0,
     {"POST", "/", true, false, 1},
     ""},
    {"chunked body",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nX",
     State::complete,
     0,
     {"POST", "/", true, false, 13},
     "X"},
    {"chunked with trailer",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n",
     State::complete,
     0,
     {"POST", "/", true, false, 0},
     ""},
    {"waits for the body",
     "POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhe",
     State::body,
     0,
     {},
     ""},
    {"waits for the head", "GET / HTTP/1.1\r\nHost", State::head, 0, {}, "GET / HTTP/1.1\r\nHost"},
    {"no version", "GET /\r\n\r\n", State::bad, 400, {}, ""},
    {"not HTTP", "GET / FTP/1.1\r\n\r\n", State::bad, 400, {}, ""},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", State::bad, 505, {}, ""},
    {"space in the target", "GET /a b HTTP/1.1\r\n\r\n", State::bad, 400, {}, ""},
    {"space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", State::bad, 400, {}, ""},
    {"both lengths",
     "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     State::bad,
     400,
     {},
     ""},
    {"two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", State::bad, 400, {}, ""},
    {"negative length", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", State::bad, 400, {}, ""},
    {"overflowing length", "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", State::bad, 400, {}, ""},
    {"other coding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", State::bad, 501, {}, ""},
    {"bad chunk size", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", State::bad, 400, {}, ""},
    {"chunk too long", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", State::bad, 400, {}, ""},
    {"head too long", "GET / HTTP/1.1\r\nA: " + std::string(17000, 'a'), State::bad, 431, {}, ""},
};

void check(const Row& row, RequestReader& reader, const std::string& rest) {
  CHECK(reader.state() == row.state);
  if (row.state == State::bad) CHECK(reader.bad_status() == row.bad_status);
  if (row.state != State::complete) return;
  CHECK(reader.request() == row.request);
  CHECK(rest == row.rest);
}

}  // namespace

TEST_CASE("a request at once") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    RequestReader reader;
    std::string input = row.bytes;
    reader.advance(input);
    check(row, reader, input);
  }
}

TEST_CASE("the same request byte by byte") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    RequestReader reader;
    std::string input;
    std::size_t used = 0;
    while (used < row.bytes.size() && reader.state() != State::complete && reader.state() != State::bad) {
      input += row.bytes[used++];
      reader.advance(input);
    }
    check(row, reader, input + row.bytes.substr(used));
  }
}

TEST_CASE("the reader serves one request after the other") {
  RequestReader reader;
  std::string input = "POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nabGET /b HTTP/1.1\r\n\r\n";
  REQUIRE(reader.advance(input) == State::complete);
  reader.reset();
  REQUIRE(reader.advance(input) == State::complete);
  CHECK(reader.request() == Request{"GET", "/b", true, false, 0});
  CHECK(input.empty());
}
