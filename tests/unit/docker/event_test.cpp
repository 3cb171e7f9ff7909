#include <doctest/doctest.h>

#include "common/docker/codec.h"

using namespace longshore;

TEST_CASE("container and network events of both shapes") {
  struct Row {
    const char* line;
    const char* type;
    const char* action;
    const char* id;
    std::int64_t time_nano;
  };
  const Row rows[] = {
      // 20.10
      {R"({"status":"start","id":"c1","from":"img","Type":"container","Action":"start","Actor":{"ID":"c1","Attributes":{"image":"img","name":"x"}},"scope":"local","time":1700000000,"timeNano":1700000000123456789})",
       "container", "start", "c1", 1700000000123456789},
      // 1.52: no status, id, from
      {R"({"Type":"container","Action":"die","Actor":{"ID":"c1","Attributes":{"exitCode":"137"}},"scope":"local","time":1700000000,"timeNano":1700000000000000007})",
       "container", "die", "c1", 1700000000000000007},
      {R"({"Type":"container","Action":"health_status: healthy","Actor":{"ID":"c2","Attributes":{}},"timeNano":5})",
       "container", "health_status: healthy", "c2", 5},
      {R"({"Type":"network","Action":"connect","Actor":{"ID":"n1","Attributes":{"container":"c3","name":"bridge","type":"bridge"}},"timeNano":6})",
       "network", "connect", "c3", 6},
      {R"({"Type":"network","Action":"destroy","Actor":{"ID":"n1","Attributes":{"name":"bridge"}},"timeNano":6})",
       "network", "destroy", "", 6},
      // Podman 4.3.1
      {R"({"status":"die","id":"c6","from":"i","Type":"container","Action":"die","Actor":{"ID":"c6","Attributes":{"containerExitCode":"0","exitCode":"0","image":"i","name":"web","podId":""}},"scope":"local","time":1795698686,"timeNano":1795698686634819329})",
       "container", "die", "c6", 1795698686634819329},
      {R"({"Type":"container","Action":"died","Actor":{"ID":"c6"}})", "container", "die", "c6", 0},
      {R"({"Type":"container","Action":"remove","Actor":{"ID":"c6"}})", "container", "destroy", "c6", 0},
      {R"({"Type":"network","Action":"remove","Actor":{"ID":"n1"}})", "network", "remove", "", 0},
      // only the old fields, only seconds
      {R"({"status":"stop","id":"c4","time":7})", "container", "stop", "c4", 7000000000},
      {R"({"Type":"container","Action":"start","Actor":{"ID":"c5"}})", "container", "start", "c5", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto event = docker::decode_event(row.line);
    REQUIRE(event);
    CHECK(event->type == row.type);
    CHECK(event->action == row.action);
    CHECK(event->id == row.id);
    CHECK(event->time_nano == row.time_nano);
  }
  CHECK(docker::decode_event(rows[1].line)->attributes.at("exitCode") == "137");
}

TEST_CASE("what is no event is a protocol error") {
  for (const char* line : {"", "null", "garbage", "[]", "{}", R"({"Type":"container","Action":"start"})",
                           R"({"Type":"container","Actor":{"ID":"c"}})", R"({"Type":1,"Action":"start"})",
                           R"({"Type":"container","Action":"start","Actor":"c"})",
                           R"({"Type":"container","Action":"start","Actor":{"ID":3}})",
                           R"({"Type":"container","Action":"start","Actor":{"ID":"c","Attributes":{"a":1}}})",
                           R"({"Type":"container","Action":"start","Actor":{"ID":"c"},"timeNano":"x"})",
                           R"({"Type":"container","Action":"st)"}) {
    CAPTURE(line);
    const auto event = docker::decode_event(line);
    REQUIRE_FALSE(event);
    CHECK(event.error().code == Errc::protocol);
  }
}

TEST_CASE("malformed UTF-8 in an attribute does not lose the event") {
  const auto event = docker::decode_event(
      "{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"c\",\"Attributes\":{\"l\":\"\xFF\"}}}");
  REQUIRE(event);
  CHECK(event->attributes.at("l") == "\xEF\xBF\xBD");
}

TEST_CASE("the filter asks for what changes registrations and for nothing that probes emit") {
  const std::string filters = docker::event_filters();
  CHECK(filters == R"({"event":["start","die","died","kill","destroy","remove","pause","unpause","rename","update",)"
                   R"("health_status","connect","disconnect"],"type":["container","network"]})");
}
