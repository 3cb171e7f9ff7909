// The last ones that serve and are drained while their successors wait.
#include "renderer/core/last_serving.h"

#include <doctest/doctest.h>

#include "tests/unit/renderer/probed_world.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::Probed;
using longshore::render::test::service_named;
using longshore::render::test::web_entry;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

consul::ServiceEntry drained(consul::ServiceEntry from) {
  consul::HealthCheck check;
  check.check_id = "_service_maintenance:" + from.service.id;
  check.status = "critical";
  from.checks.push_back(check);
  return from;
}

}  // namespace

TEST_CASE("last serving: who is drained stays while its only successor has not answered") {
  MachineSettings settings = Probed::settings();
  settings.publish = true;
  Probed world(settings);
  const auto word = [&] { return world.dialogue.machine.word().services.at("web").settled; };
  world.kinds["10.0.0.3"] = ProbeReply::Kind::refused;
  world.answer({web_entry(1), web_entry(2), web_entry(3)}, 30);
  world.answer({drained(web_entry(1)), web_entry(2), web_entry(3)}, 31);
  world.pass(seconds(1));
  CHECK(world.file == "web-2 ");  // another one serves: at once
  CHECK_FALSE(world.said("last_ones_stay"));
  world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)}, 32);
  world.pass(seconds(1));
  CHECK(world.file == "web-2 ");
  CHECK(world.said("last_ones_stay service=web"));
  CHECK(world.dialogue.machine.traffic().last_serving().keeps(service_named("web")));
  CHECK(word().index < 31);
  SUBCASE("until it does, and that is when the word is said") {
    world.kinds.clear();
    world.pass(seconds(3));
    CHECK(world.file == "web-3 ");
    CHECK(world.said("last_ones_leave service=web instances=1 reason=another one serves"));
    CHECK(word().index == 32);
    CHECK(word().hash == drain::set_hash({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)}));
    world.kinds["10.0.0.3"] = ProbeReply::Kind::refused;
    world.pass(seconds(3));
    CHECK(world.file == "web-3 ");  // it does not come back
  }
  SUBCASE("until it refuses connections itself") {
    world.kinds["10.0.0.2"] = ProbeReply::Kind::refused;
    world.pass(seconds(1));
    CHECK(world.file.empty());
    CHECK(word().index < 31);
  }
  SUBCASE("until it is gone") {
    world.answer({drained(web_entry(1)), web_entry(3)}, 33);
    world.pass(milliseconds(5));
    CHECK(world.file.empty());
  }
  SUBCASE("until the successor is gone, or drained too") {
    SUBCASE("gone, which is more than vanished") {
      world.answer({drained(web_entry(1)), drained(web_entry(2))}, 33);
      world.pass(seconds(1));
      CHECK(world.file == "web-2 ");
      CHECK(word().index < 31);
      world.tell(input::Probed{{"10.0.0.3", 80}, ProbeResult::refused});
    }
    SUBCASE("drained") {
      world.answer({drained(web_entry(1)), drained(web_entry(2)), drained(web_entry(3))}, 33);
    }
    world.pass(seconds(2));
    CHECK(world.file.empty());
    CHECK(word().index >= 32);
  }
  SUBCASE("until it is put back") {
    world.answer({drained(web_entry(1)), web_entry(2), web_entry(3)}, 33);
    world.pass(seconds(1));
    CHECK(world.file == "web-2 ");
    world.answer({web_entry(1), web_entry(2), web_entry(3)}, 34);
    world.pass(milliseconds(500));
    CHECK(world.file == "web-1 web-2 ");
    CHECK_FALSE(world.said("last_ones_leave"));
    world.logs.clear();
    world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)}, 35);
    world.pass(milliseconds(500));
    CHECK(world.file == "web-1 web-2 ");
    CHECK(world.said("last_ones_stay service=web"));
  }
}

TEST_CASE("last serving: whole services, successors in the same answer, limits") {
  MachineSettings settings = Probed::settings();
  settings.probe.spec.admission = seconds(60);
  Probed world(settings);
  SUBCASE("without a successor all leave at once") {
    world.answer({drained(web_entry(1)), drained(web_entry(2))});
    world.pass(milliseconds(5));
    CHECK(world.file.empty());
  }
  SUBCASE("all that served stay, until the limit") {
    world.kinds["10.0.0.3"] = ProbeReply::Kind::refused;
    world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)});
    world.pass(seconds(9));
    CHECK(world.file == "web-1 web-2 ");
    CHECK(world.writes == 1);
    world.pass(seconds(2));
    CHECK(world.file.empty());
    CHECK(world.said("last_ones_leave service=web instances=2 reason=its time is over"));
  }
  SUBCASE("who had been taken out by probes is not put back") {
    world.kinds["10.0.0.2"] = ProbeReply::Kind::refused;
    world.pass(seconds(2));
    CHECK(world.file == "web-1 ");
    world.kinds["10.0.0.3"] = ProbeReply::Kind::refused;
    world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)});
    world.pass(seconds(1));
    CHECK(world.file == "web-1 ");
  }
}

TEST_CASE("last serving: a successor that vanishes for a moment is waited for") {
  Probed world;
  world.kinds["10.0.0.3"] = ProbeReply::Kind::unreachable;
  world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)}, 30);
  world.pass(seconds(1));
  world.answer({drained(web_entry(1)), drained(web_entry(2))}, 31);
  world.pass(seconds(1));
  CHECK(world.file == "web-1 web-2 ");
  world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)}, 32);
  world.pass(seconds(1));
  CHECK(world.file == "web-1 web-2 ");
  world.kinds.clear();
  world.pass(milliseconds(100));
  CHECK(world.file == "web-3 ");
}

TEST_CASE("last serving: a successor that is let in without an answer may be dead") {
  MachineSettings settings = Probed::settings();
  settings.publish = true;
  Probed world(settings);
  const auto word = [&] { return world.dialogue.machine.word().services.at("web").settled; };
  world.pass(seconds(3));
  world.kinds["10.0.0.3"] = ProbeReply::Kind::silent;
  SUBCASE("it came before the drain: its probes may not fit") {
    world.answer({web_entry(1), web_entry(2), web_entry(3)}, 30);
    world.pass(seconds(6));
    CHECK(world.file == "web-1 web-2 web-3 ");
    world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)}, 31);
    world.pass(milliseconds(5));
    CHECK(world.file == "web-3 ");
    CHECK_FALSE(world.said("last_ones_stay"));
  }
  SUBCASE("its predecessors stay meanwhile") {
    world.answer({drained(web_entry(1)), drained(web_entry(2)), web_entry(3)}, 30);
    world.pass(seconds(7));
    CHECK(world.said("instance_admitted_unproven"));
    CHECK(world.file == "web-1 web-2 web-3 ");
    CHECK(word().index == 20);
    std::string reason;
    SUBCASE("until it answers") {
      world.kinds.clear();
      world.pass(seconds(1));
      reason = "another one serves";
    }
    SUBCASE("until their time is over") {
      world.pass(seconds(2));
      CHECK(world.file == "web-1 web-2 web-3 ");
      world.pass(seconds(2));
      reason = "its time is over";
    }
    CHECK(world.file == "web-3 ");
    CHECK(world.said("last_ones_leave service=web instances=2 reason=" + reason));
    world.pass(seconds(3));
    CHECK(word().index == 30);
    // What comes next does not bring an older word back.
    consul::ServiceEntry next = web_entry(4);
    next.service.meta["longshore-owner"] = "agent";
    world.kinds["10.0.0.4"] = ProbeReply::Kind::refused;
    world.answer({drained(web_entry(1)), web_entry(3), next}, 31);
    world.pass(seconds(3));
    CHECK(word().index == 30);
  }
}

TEST_CASE("last serving: an answer in which nobody is drained costs nothing") {
  const Dependency on = service_named("web");
  const ServiceData before = make_service_data(on, {web_entry(1), web_entry(2)}, 10, nullptr);
  const ServiceData calm = make_service_data(on, {web_entry(1), web_entry(2), web_entry(3)}, 11, &before);
  const ServiceData drain = make_service_data(on, {drained(web_entry(1)), drained(web_entry(2))}, 12, &calm);
  int asked = 0;
  const LastServing::Probes probes = [&](const Instance&) {
    ++asked;
    return LastServing::Probe::in;
  };
  const base::TimePoint now{std::chrono::hours(1)};
  LastServing last(seconds(10));
  last.answered(on, &before, calm, probes, now);
  CHECK(asked == 0);
  CHECK_FALSE(last.keeps(on));
  last.answered(on, &calm, drain, probes, now);
  CHECK(asked == 3);
  CHECK(last.keeps(on));
}
