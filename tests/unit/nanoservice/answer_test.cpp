#include "vagrant/nanoservice/answer.h"

#include <doctest/doctest.h>

#include <vector>

using namespace longshore::nano;

namespace {

Config blue() {
  Config config;
  config.version = "1.2";
  config.color = "blue";
  return config;
}

}  // namespace

TEST_CASE("answers") {
  struct Row {
    const char* method;
    const char* target;
    int status;
    const char* body;
    int delay_ms;
  };
  const std::vector<Row> rows = {
      {"GET", "/", 200, "nanoservice host=h1 version=1.2 color=blue\n", 0},
      {"HEAD", "/", 200, "nanoservice host=h1 version=1.2 color=blue\n", 0},
      {"GET", "/api/v1?x=1", 200, "nanoservice host=h1 version=1.2 color=blue\n", 0},
      {"GET", "/health", 200, "ok\n", 0},
      {"GET", "/health?full", 200, "ok\n", 0},
      {"GET", "/slow?ms=250", 200, "nanoservice host=h1 version=1.2 color=blue slow_ms=250\n", 250},
      {"GET", "/slow?ms=0", 200, "nanoservice host=h1 version=1.2 color=blue slow_ms=0\n", 0},
      {"GET", "/slow?ms=60000", 200, "nanoservice host=h1 version=1.2 color=blue slow_ms=60000\n", 60000},
      {"GET", "/slow?ms=60001", 400, "/slow?ms=N with N from 0 to 60000\n", 0},
      {"GET", "/slow?ms=-1", 400, "/slow?ms=N with N from 0 to 60000\n", 0},
      {"GET", "/slow?ms=1s", 400, "/slow?ms=N with N from 0 to 60000\n", 0},
      {"GET", "/slow", 400, "/slow?ms=N with N from 0 to 60000\n", 0},
      {"POST", "/", 200, "nanoservice host=h1 version=1.2 color=blue received=7\n", 0},
      {"DELETE", "/", 405, "GET, HEAD and POST are understood\n", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method);
    CAPTURE(row.target);
    Request request;
    request.method = row.method;
    request.target = row.target;
    request.body_length = request.method == "POST" ? 7 : 0;
    CHECK(answer_to(request, blue(), "h1") == Answer{row.status, row.body, std::chrono::milliseconds(row.delay_ms)});
  }
}

TEST_CASE("bytes on the wire") {
  const Answer ok{200, "ok\n", std::chrono::milliseconds(0)};
  CHECK(serialize(ok, false, false) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
        "Connection: keep-alive\r\n\r\nok\n");
  CHECK(serialize(ok, true, true) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
        "Connection: close\r\n\r\n");
  CHECK(serialize(Answer{405, "no\n", std::chrono::milliseconds(0)}, false, false).find("Allow: GET, HEAD, POST\r\n") !=
        std::string::npos);
  CHECK(answer_to_bad(431).status == 431);
}
