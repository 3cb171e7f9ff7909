// Starts that fail because a port of the host is taken. The words are those of Docker 20.10, Docker 28 and Podman.
#include <doctest/doctest.h>

#include "common/deploy/taken_port.h"

using namespace longshore;
using namespace longshore::deploy;

namespace {

const std::string kAllocated =
    "driver failed programming external connectivity on endpoint books-green-1 (0c5f): Bind for 0.0.0.0:8080 failed: "
    "port is already allocated";
const std::string kInUse =
    "driver failed programming external connectivity on endpoint books-green-1 (0c5f): Error starting userland proxy: "
    "listen tcp4 0.0.0.0:49153: bind: address already in use";

json::Value host_config(const char* text) {
  return json::parse(text, "HostConfig").value();
}

}  // namespace

TEST_CASE("which port an engine's words call taken") {
  struct Row {
    std::string words;
    int port;
  };
  const Row rows[] = {
      {kAllocated, 8080},
      {kInUse, 49153},
      {"Error starting userland proxy: listen tcp6 [::]:49153: bind: address already in use", 49153},
      {"failed to set up container networking: driver failed programming external connectivity on endpoint a (b): "
       "failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use",
       8080},
      {"failed to bind host port for [::]:8080:[fd00::2]:80/tcp: address already in use", 8080},
      {"rootlessport listen tcp 0.0.0.0:8080: bind: address already in use", 8080},
      // An address of a network, no port.
      {"Address already in use", 0},
      {"address already in use", 0},
      {"listen tcp4 0.0.0.0:99999: bind: address already in use", 0},
      {"listen tcp4 0.0.0.0:: bind: address already in use", 0},
      {"failed to bind host port for x: address already in use", 0},
      {"failed to bind host port for [::: address already in use", 0},
      {"network nowhere not found", 0},
      {"", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    CHECK(taken_port(row.words) == row.port);
  }
}

TEST_CASE("whose choice a port was") {
  const json::Value typed = host_config(R"({"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}})");
  CHECK(is_typed_port(typed, 8080));
  CHECK_FALSE(is_typed_port(typed, 8081));
  const json::Value range = host_config(R"({"PortBindings": {"80/tcp": [{"HostPort": "8000-8010"}]}})");
  CHECK(is_typed_port(range, 8000));
  CHECK(is_typed_port(range, 8010));
  CHECK_FALSE(is_typed_port(range, 8011));
  for (const char* free : {R"({"PortBindings": {"80/tcp": [{"HostPort": ""}], "81/tcp": [{"HostPort": "0"}]}})",
                           R"({"PortBindings": {"80/tcp": [{}, 1, {"HostPort": 8080}], "81/tcp": null}})",
                           R"({"PortBindings": {"80/tcp": [{"HostPort": "x-8090"}]}})",
                           R"({"PublishAllPorts": true, "PortBindings": null})", R"({})", R"([])"}) {
    CAPTURE(free);
    CHECK_FALSE(is_typed_port(host_config(free), 8080));
  }
}

TEST_CASE("the engine's own choice is tried again, not for ever") {
  const json::Value free = host_config(R"({"PublishAllPorts": true})");
  StartTries tries;
  for (int i = 0; i < 4; ++i) {
    const auto verdict = tries.failed("b-1", kInUse, free);
    CHECK(verdict.again);
    CHECK(verdict.text == "b-1: the engine chose port 49153, which is taken; started again");
  }
  const auto last = tries.failed("b-1", kInUse, free);
  CHECK_FALSE(last.again);
  CHECK(last.text == "the engine chose ports that are taken, 5 times: " + kInUse);
}

TEST_CASE("the user's choice is said at once, and so is every other reason") {
  StartTries tries;
  const json::Value typed = host_config(R"({"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}})");
  CHECK(tries.failed("b-1", kAllocated, typed) ==
        StartTries::Verdict{false, "port 8080 of the host, which b-1 asks for, is taken: " + kAllocated});
  CHECK(tries.failed("b-1", "no such image", typed) == StartTries::Verdict{false, "no such image"});
  CHECK(tries.failed("b-1", kInUse, nullptr) == StartTries::Verdict{false, kInUse});
}
