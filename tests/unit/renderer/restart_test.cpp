// What a reload cannot change in the process itself is named, and nothing else is.
#include <doctest/doctest.h>

#include "renderer/settings/restart.h"

using namespace longshore::render::settings;
using Keys = std::vector<std::string>;

TEST_CASE("keys whose new value takes a restart") {
  Settings before;
  before.pid_file = "/run/a.pid";
  CHECK(restart_keys(before, before).empty());

  Settings after = before;
  after.hold = std::chrono::seconds(3);
  after.log_level = "debug";
  after.env = "staging";
  CHECK(restart_keys(before, after).empty());

  after.pid_file = "/run/b.pid";
  CHECK(restart_keys(before, after) == Keys{"pid_file"});
  after.syslog.enabled = true;
  after.log_file.path = "/var/log/x";
  after.http_addr = "127.0.0.1:1";
  after.log_format = "json";
  CHECK(restart_keys(before, after) == Keys{"http_addr", "log_file", "log_format", "pid_file", "syslog"});
  // Taken away is a change too.
  CHECK(restart_keys(after, Settings()) == Keys{"http_addr", "log_file", "log_format", "pid_file", "syslog"});
}

TEST_CASE("how a process was called, and what it supervises") {
  Settings before;
  Settings after;
  after.once = true;
  after.parse_only = true;
  CHECK(restart_keys(before, after) == Keys{"once", "parseonly"});
  // A new program is started, another command restarts it; one that is not asked for any more goes on.
  after = before;
  after.exec.command = longshore::render::Command("sleep 1");
  CHECK(restart_keys(before, after).empty());
  before.exec.command = longshore::render::Command("sleep 2");
  CHECK(restart_keys(before, after).empty());
  CHECK(restart_keys(before, Settings()) == Keys{"exec.command"});
  after.exec.command = longshore::render::Command();
  CHECK(restart_keys(before, after) == Keys{"exec.command"});
}
