#include "renderer/core/traffic.h"

#include <doctest/doctest.h>

#include "tests/unit/renderer/instances.h"
#include "tests/unit/renderer/probed_world.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::entry;
using longshore::render::test::Probed;
using longshore::render::test::web_entry;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

consul::ServiceEntry lost(consul::ServiceEntry from) {
  consul::HealthCheck serf;
  serf.check_id = "serfHealth";
  serf.status = "critical";
  from.checks.push_back(serf);
  return from;
}

const consul::ServiceEntry kOne = web_entry(1);
const consul::ServiceEntry kTwo = web_entry(2);

}  // namespace

TEST_CASE("traffic: an instance that does not answer leaves the file and comes back") {
  Probed world;
  CHECK(world.file == "web-1 web-2 ");
  world.kinds["10.0.0.2"] = ProbeReply::Kind::refused;
  world.pass(seconds(2));
  CHECK(world.file == "web-1 ");
  CHECK(world.said("instance_ejected service=web id=web-2 node=n2 reason=refuses connections, 3 probes"));
  world.kinds.clear();
  world.pass(seconds(2));
  CHECK(world.file == "web-1 web-2 ");
  CHECK(world.writes == 3);
}

TEST_CASE("traffic: a new instance costs no file until it answers") {
  Probed world;
  world.kinds["10.0.0.3"] = ProbeReply::Kind::refused;
  world.answer({kOne, kTwo, entry("n3", "web-3", "web", "10.0.0.3", 80)});
  REQUIRE(world.asked.size() == 1);  // in the same turn
  CHECK(world.asked[0].address == "10.0.0.3");
  world.pass(seconds(1));
  CHECK(world.file == "web-1 web-2 ");
  CHECK(world.writes == 1);
  CHECK(world.dialogue.machine.counters().evaluations == 2);
  world.kinds.clear();
  world.pass(milliseconds(40));
  CHECK(world.file == "web-1 web-2 web-3 ");
}

TEST_CASE("traffic: the word is not of an answer whose new instance still waits") {
  MachineSettings settings = Probed::settings();
  settings.publish = true;
  Probed world(settings);
  const auto word = [&] { return world.dialogue.machine.word().services.at("web").settled; };
  world.pass(seconds(3));
  const drain::Stage before = word();
  CHECK(before.index == 20);
  world.kinds["10.0.0.3"] = ProbeReply::Kind::refused;
  world.answer({kOne, kTwo, entry("n3", "web-3", "web", "10.0.0.3", 80)}, 30);
  world.pass(seconds(3));
  CHECK(world.file == "web-1 web-2 ");
  CHECK(word() == before);
  world.kinds.clear();
  world.pass(seconds(3));
  CHECK(world.file == "web-1 web-2 web-3 ");
  CHECK(word().index == 30);
  CHECK(word().hash == drain::set_hash({kOne, kTwo, entry("n3", "web-3", "web", "10.0.0.3", 80)}));
}

TEST_CASE("critical: one after another leaves at once, even the last") {
  Probed world;
  world.answer({entry("n1", "web-1", "web", "10.0.0.1", 80, "critical"), kTwo});
  world.pass(milliseconds(5));
  CHECK(world.file == "web-2 ");
  world.answer({entry("n1", "web-1", "web", "10.0.0.1", 80, "critical"),
                entry("n2", "web-2", "web", "10.0.0.2", 80, "critical")});
  world.pass(milliseconds(5));
  CHECK(world.file.empty());
}

TEST_CASE("critical: all at once stay until they are proven dead") {
  const std::vector<consul::ServiceEntry> critical = {entry("n1", "web-1", "web", "10.0.0.1", 80, "critical"),
                                                      entry("n2", "web-2", "web", "10.0.0.2", 80, "critical")};
  Probed world;
  SUBCASE("and answer: until the hold is over") {
    world.answer(critical);
    world.pass(seconds(9));
    CHECK(world.file == "web-1 web-2 ");
    CHECK(world.said("instances_kept service=web instances=2"));
    CHECK(world.dialogue.machine.traffic().critical().size() == 2);
    world.pass(seconds(2));
    CHECK(world.file.empty());
    CHECK(world.said("instances_kept_no_longer"));
  }
  SUBCASE("half a second, as when a leader's host comes back") {
    world.answer(critical);
    world.pass(milliseconds(500));
    world.answer({kOne, kTwo});
    world.pass(seconds(15));
    CHECK(world.file == "web-1 web-2 ");
    CHECK(world.writes == 1);
  }
  SUBCASE("one refuses: it goes at once, the other stays") {
    world.kinds["10.0.0.1"] = ProbeReply::Kind::refused;
    world.answer(critical);
    world.reply();
    world.pass(milliseconds(5));
    CHECK(world.file == "web-2 ");
  }
  SUBCASE("both refuse: nobody is kept") {
    world.kinds["10.0.0.1"] = world.kinds["10.0.0.2"] = ProbeReply::Kind::refused;
    world.answer(critical);
    world.reply();
    world.pass(milliseconds(5));
    CHECK(world.file.empty());
  }
  SUBCASE("maintenance is somebody's word") {
    auto first = kOne, second = kTwo;
    first.checks[0].check_id = "_node_maintenance";
    second.checks[0].check_id = "_service_maintenance:web-2";
    world.answer({first, second});
    world.pass(milliseconds(5));
    CHECK(world.file.empty());
  }
}

TEST_CASE("critical: gossip that has lost the last node is not believed while it answers") {
  Probed world;
  world.answer({lost(kOne), kTwo});
  world.pass(milliseconds(5));
  CHECK(world.file == "web-2 ");
  world.answer({lost(kOne), lost(kTwo)});
  world.pass(milliseconds(5));
  CHECK(world.file == "web-1 web-2 ");
}

TEST_CASE("gossip: a thawed instance is back when it answers, not when gossip has noticed") {
  Probed world;
  world.kinds["10.0.0.2"] = ProbeReply::Kind::refused;
  world.pass(seconds(2));
  world.answer({kOne, lost(kTwo)});
  world.pass(seconds(5));
  CHECK(world.file == "web-1 ");
  world.kinds.clear();
  world.pass(seconds(2));
  CHECK(world.file == "web-1 web-2 ");
  world.pass(seconds(31));
  CHECK(world.file == "web-1 ");
}

TEST_CASE("settings: Meta and Consul's check decide how an instance is asked") {
  Probed world;
  auto third = entry("n3", "web-3", "web", "10.0.0.3", 80);
  third.checks[0].output = "HTTP GET http://10.0.0.3:80/health: 200 OK Output: fine";
  auto fourth = entry("n4", "web-4", "web", "10.0.0.4", 80);
  fourth.service.meta["probe_path"] = "/ready";
  fourth.service.meta["probe_port"] = "x";
  auto fifth = entry("n5", "web-5", "web", "10.0.0.5", 80);
  fifth.service.meta["probe"] = "off";
  world.answer({kOne, kTwo, third, fourth, fifth});
  REQUIRE(world.asked.size() == 2);
  CHECK(world.asked[0].spec->path == "/health");
  CHECK(world.asked[0].mode == ProbeSpec::Mode::http);
  CHECK(world.asked[1].spec->path == "/ready");
  CHECK(
      world.said("probe_setting_ignored service=web id=web-4 error=probe_port: \"x\" is not a number from 1 to 65535"));
  world.pass(milliseconds(20));
  CHECK(world.file == "web-1 web-2 web-3 web-4 web-5 ");
}

TEST_CASE(
    "traffic: a new instance that vanishes before it ever answered is not held, nor routed to when its time is up") {
  Probed world;
  world.kinds["10.0.0.3"] = ProbeReply::Kind::unreachable;
  world.answer({kOne, kTwo, entry("n3", "web-3", "web", "10.0.0.3", 80)}, 30);
  world.pass(seconds(1));
  CHECK(world.file == "web-1 web-2 ");
  world.answer({kOne, kTwo}, 31);
  world.pass(seconds(10));
  CHECK(world.file == "web-1 web-2 ");
  CHECK(world.writes == 1);
  CHECK(world.dialogue.machine.hold().held().empty());
  CHECK_FALSE(world.said("instance_admitted_unproven"));
}

TEST_CASE("traffic: one that did answer is held when it vanishes") {
  Probed world;
  world.answer({kOne}, 31);
  world.pass(seconds(1));
  CHECK(world.file == "web-1 web-2 ");
  CHECK(world.dialogue.machine.hold().held().size() == 1);
}
