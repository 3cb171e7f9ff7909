// Expected texts: what Registrator's head of May 2025 wrote for the same containers.
#include "agent/peer_log.h"

#include <doctest/doctest.h>

using namespace longshore;
using base::Level;
using base::LogLine;

namespace {

std::string text(const LogLine& line) {
  const auto said = agent::peer_line(line);
  if (!said) return "none";
  CHECK(said->event.empty());
  REQUIRE(said->fields.size() == 1);
  return said->fields.front().second;
}

LogLine skipped(std::string port, std::string reason) {
  return {Level::info,
          "port_skipped",
          {{"container", "web"}, {"port", std::move(port)}, {"reason", std::move(reason)}, {"id", "100000ababab"}}};
}

}  // namespace

TEST_CASE("the lines that people search for are Registrator's, word by word") {
  CHECK(text({Level::info,
              "service_registered",
              {{"service", "app"}, {"id", "vm:c6:53:udp"}, {"container", "100006ababab"}, {"address", "1.2.3.4:5"}}}) ==
        "added: 100006ababab vm:c6:53:udp");
  CHECK(text({Level::info,
              "service_deregistered",
              {{"service", "app"}, {"id", "vm:c6:80"}, {"container", "100006ababab"}, {"reason", "ended"}}}) ==
        "removed: 100006ababab vm:c6:80");
  CHECK(text(skipped("80/tcp", "not published")) == "ignored: 100000ababab port 80 not published on host");
  CHECK(text(skipped("all", "no ports exposed or published")) == "ignored: 100000ababab no published ports");
  CHECK(text(skipped("80/tcp", "SERVICE_IGNORE")) == "ignored: 100000ababab service on port 80");
  CHECK(text(skipped("80/tcp", "no SERVICE_NAME, and -explicit asks for one")) ==
        "ignored: 100000ababab service on port 80");
  CHECK(text({Level::info, "docker_connected", {{"engine", "box"}}}) == "Listening for Docker events ...");
  CHECK(text({Level::info, "syncing", {{"containers", "5"}}}) == "Syncing services on 5 containers");
  CHECK(text({Level::warn, "deregister_failed", {{"id", "vm:c6:80"}, {"error", "500: trouble"}, {"retry_in", "1s"}}}) ==
        "deregister failed: vm:c6:80 500: trouble");
  // Reasons that it did not have are ours.
  CHECK(text(skipped("80/udp", "its address is loopback")) ==
        "ignored: 100000ababab service on port 80: its address is loopback");
  CHECK(text({Level::info, "synced", {{"services", "5"}}}) == "none");
}
