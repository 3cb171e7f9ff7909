#include "common/proxy/call.h"

#include <doctest/doctest.h>

namespace longshore::proxy {
namespace {

using Kind = EndingCall::Kind;

net::MessageHead request(const std::string& line) {
  const Result<net::MessageHead> head = net::parse_request_head(line + " HTTP/1.1\r\nHost: docker\r\n\r\n");
  REQUIRE(head.has_value());
  return *head;
}

TEST_CASE("calls that end a container") {
  CHECK(ending_call(request("POST /v1.41/containers/web/stop?t=10")) == EndingCall{Kind::stop, "web", ""});
  CHECK(ending_call(request("POST /containers/web/stop")) == EndingCall{Kind::stop, "web", ""});
  CHECK(ending_call(request("POST /v1.42/containers/a%2Fb/restart?signal=INT")) ==
        EndingCall{Kind::restart, "a/b", "INT"});
  CHECK(ending_call(request("POST /v1.41/containers/4f3a/kill?signal=SIGTERM")) ==
        EndingCall{Kind::kill, "4f3a", "SIGTERM"});
  CHECK(ending_call(request("DELETE /v1.41/containers/web?force=1&v=1")) == EndingCall{Kind::remove, "web", ""});
  CHECK(ending_call(request("DELETE /v1.41/containers/web?force=True")) == EndingCall{Kind::remove, "web", ""});
}

TEST_CASE("calls that end none") {
  for (const char* line :
       {"GET /v1.41/containers/web/json", "POST /v1.41/containers/web/start", "POST /v1.41/containers/web/pause",
        "DELETE /v1.41/containers/web", "DELETE /v1.41/containers/web?force=0",
        "DELETE /v1.41/containers/web?force=false", "DELETE /v1.41/images/web?force=1", "POST /v1.41/containers/stop",
        "POST /v1.41/containers//stop", "GET /v1.41/containers/web/stop", "POST /v1.41/exec/web/stop",
        "POST /v1.41/containers/web/stop/now", "OPTIONS *", "POST /v1.41/containers/%zz/stop"})
    CHECK_FALSE(ending_call(request(line)).has_value());
}

TEST_CASE("kill counts with the stop signal or KILL") {
  const auto ends = [](const char* sent, const char* own) { return ends_container({Kind::kill, "web", sent}, own); };
  CHECK(ends("", "SIGTERM"));
  CHECK(ends("9", ""));
  CHECK(ends("SIGTERM", ""));
  CHECK(ends("term", "15"));
  CHECK(ends("QUIT", "SIGQUIT"));
  CHECK(ends("3", "SIGQUIT"));
  CHECK_FALSE(ends("TERM", "SIGQUIT"));
  CHECK_FALSE(ends("HUP", ""));
  CHECK_FALSE(ends("1", "SIGTERM"));
  CHECK(ends_container({Kind::stop, "web", "HUP"}, "SIGTERM"));
}

TEST_CASE("calls whose connection may become a tunnel") {
  CHECK(may_become_tunnel(request("POST /v1.41/containers/web/attach?stream=1")));
  CHECK(may_become_tunnel(request("POST /exec/0123/start")));
  CHECK_FALSE(may_become_tunnel(request("GET /v1.41/containers/web/logs?follow=1")));
  CHECK_FALSE(may_become_tunnel(request("POST /v1.41/containers/web/exec")));
}

}  // namespace
}  // namespace longshore::proxy
