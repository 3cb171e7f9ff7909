#include "renderer/core/guard.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "renderer/core/seen.h"
#include "tests/unit/renderer/dialogue.h"
#include "tests/unit/renderer/instances.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::Dialogue;
using longshore::render::test::entry;
using longshore::render::test::Lines;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

using Entries = std::vector<consul::ServiceEntry>;

// web-0 .. web-9; a digit in `ids` is an instance, followed by `c` it is critical, by `m` in maintenance.
Entries web(const std::string& ids) {
  Entries out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < '0' || ids[i] > '9') continue;
    const char next = i + 1 < ids.size() ? ids[i + 1] : ' ';
    const std::string id(1, ids[i]);
    out.push_back(entry("n" + id, "web-" + id, "web", "10.0.0." + id, 80, next == 'c' ? "critical" : "passing"));
    if (next == 'm') out.back().checks[0].check_id = "_service_maintenance:web-" + id;
    if (next == 'm') out.back().checks[0].status = "critical";
  }
  return out;
}

struct Story {
  GuardRule rule = {};
  GuardBook book = {};
  Dependency on = render::test::service_named("web");
  base::TimePoint now{std::chrono::hours(1)};
  GuardBook::ServicePtr data = {};
  std::string log = {};

  // What templates see in use afterwards, as digits.
  std::string seen() {
    std::string out;
    for (const InstancePtr& one : book.shown(on)->instances)
      if (one->health == Health::passing) out += one->entry.service.id.substr(4);
    return out;
  }
  void note(const GuardBook::Outcome& outcome) {
    for (const base::LogLine& line : outcome.lines) {
      if (line.level == base::Level::debug) continue;
      log += line.event;
      for (const auto& [key, value] : line.fields)
        if (key == "instances" || key == "reason") log += " " + value + (key == "instances" ? "" : ";");
      log += "\n";
    }
  }
  std::string answer(const std::string& ids, base::Duration after = seconds(1)) {
    now += after;
    auto fresh = make_service_data(on, web(ids), 10, data.get());
    stamp(fresh, 10, nullptr, false);
    const auto before = data;
    data = std::make_shared<const ServiceData>(std::move(fresh));
    note(book.told(on, rule, data, before, now));
    return seen();
  }
  std::string tick(base::Duration after) {
    now += after;
    note(book.tick(now));
    return seen();
  }
};

}  // namespace

TEST_CASE("floor: what has to stay, of so many") {
  struct Row {
    std::size_t min;
    int shrink;
    bool keep;
    std::size_t most, floor;
  };
  for (const Row& row : std::initializer_list<Row>{{0, 100, false, 10, 0},
                                                   {0, 100, true, 10, 1},
                                                   {0, 100, true, 0, 0},
                                                   {3, 100, false, 10, 3},
                                                   {3, 100, false, 2, 2},
                                                   {0, 50, false, 10, 5},
                                                   {0, 50, false, 3, 2},
                                                   {0, 30, false, 10, 7},
                                                   {0, 0, false, 4, 4},
                                                   {8, 50, false, 10, 8}}) {
    CAPTURE(row.min);
    CAPTURE(row.shrink);
    CHECK(GuardRule{.min_instances = row.min, .max_shrink = row.shrink, .keep_on_empty = row.keep}.floor_of(row.most) ==
          row.floor);
  }
}

TEST_CASE("strictest: both are satisfied; one that asks for nothing changes nothing") {
  const GuardRule left{.min_instances = 2, .max_shrink = 50, .limit = minutes(1)};
  const GuardRule right{.min_instances = 1, .max_shrink = 20, .keep_on_empty = true, .limit = {}};
  CHECK(strictest(left, {}) == left);
  CHECK(strictest({}, left) == left);
  const GuardRule both = strictest(left, right);
  CHECK(both.min_instances == 2);
  CHECK(both.max_shrink == 20);
  CHECK(both.keep_on_empty);
  CHECK(both.limit.count() == 0);
}

TEST_CASE("a shrink that is too large is held as a whole, and ends when instances return") {
  Story with{.rule = {.max_shrink = 50}};
  CHECK(with.answer("0123456789") == "0123456789");
  CHECK(with.answer("01") == "0123456789");
  CHECK(with.log == "guard_holds 8 8 of 10 would go, max_shrink is 50%;\n");
  CHECK(with.book.kept() == 8);
  // Another answer of the same is no news; a new one goes through at once.
  CHECK(with.answer("01") == "0123456789");
  CHECK(with.book.counters().holds == 1);
  with.log.clear();
  CHECK(with.answer("01234", minutes(1)) == "01234");
  CHECK(with.log == "guard_holds_no_longer 5 returned;\n");
  CHECK(with.book.counters().returned == 1);
}

TEST_CASE("one after another is the same as all at once, within the time of one change") {
  Story with{.rule = {.max_shrink = 50}};
  with.answer("0123456789");
  CHECK(with.answer("012345678") == "012345678");
  CHECK(with.answer("01234567") == "01234567");
  CHECK(with.answer("0123456") == "0123456");
  CHECK(with.answer("012345") == "012345");
  CHECK(with.answer("01234") == "01234");
  CHECK(with.answer("0123") == "0123456789");
  CHECK(with.answer("0") == "0123456789");
  CHECK(with.book.counters().holds == 1);
}

TEST_CASE("slowly everything may go") {
  Story with{.rule = {.max_shrink = 50}};
  with.answer("0123");
  CHECK(with.answer("012", seconds(11)) == "012");
  CHECK(with.answer("01", seconds(11)) == "01");
  CHECK(with.answer("0", seconds(11)) == "0");
  CHECK(with.log.empty());
}

TEST_CASE("replaced is not shrunk") {
  Story with{.rule = {.max_shrink = 50}};
  with.answer("0123");
  CHECK(with.answer("4567") == "4567");
  CHECK(with.answer("45") == "45");
  // And who was replaced is not wanted back.
  CHECK(with.answer("4") == "4567");
}

TEST_CASE("minimum, empty") {
  Story least{.rule = {.min_instances = 2}};
  least.answer("012");
  CHECK(least.answer("01", minutes(1)) == "01");
  CHECK(least.answer("0", minutes(1)) == "01");
  CHECK(least.log == "guard_holds 1 1 of 2 would go, min_instances is 2;\n");
  Story empty{.rule = {.keep_on_empty = true}};
  empty.answer("01");
  CHECK(empty.answer("", minutes(1)) == "01");
  CHECK(empty.log == "guard_holds 2 the last of them would go, keep_on_empty is set;\n");
  CHECK(empty.answer("5") == "5");
}

TEST_CASE("critical counts as gone and stays as it was; maintenance is a word") {
  Story with{.rule = {.max_shrink = 50}};
  with.answer("0123");
  CHECK(with.answer("01c2c3c") == "0123");
  CHECK(with.answer("01m2c3c") == "023");
  CHECK(with.answer("0m1m2c3c") == "23");
  // Nobody who says that he goes is kept, down to nothing.
  CHECK(with.answer("0m1m2m3m") == "");
  CHECK(with.log.ends_with("guard_holds_no_longer 2 said;\n"));
}

TEST_CASE("the word of single instances is no shrink") {
  Story with{.rule = {.min_instances = 2, .max_shrink = 50}};
  with.answer("0123");
  for (const InstancePtr& one : with.data->instances)
    if (one->entry.service.id != "web-0") with.book.said(with.on, *one);
  CHECK(with.answer("0") == "0");
  CHECK(with.log.empty());
}

TEST_CASE("who is kept may still say that it goes, by a note") {
  Story with{.rule = {.max_shrink = 50}};
  with.answer("0123");
  with.now += seconds(1);
  auto fresh = make_service_data(with.on, web("0"), 11, with.data.get());
  const auto began = with.book.told(with.on, with.rule, std::make_shared<const ServiceData>(fresh), nullptr, with.now);
  CHECK(began.read_notes == std::vector<std::string>{"n1", "n2", "n3"});
  const std::vector<Note> old{{.service_id = "web-1", .modify_index = 9}};
  CHECK(with.book.notes("n1", Note::Kind::withdrawn, old, with.now).changed.empty());
  const std::vector<Note> note{{.service_id = "web-1", .modify_index = 12}};
  CHECK(with.book.notes("n1", Note::Kind::withdrawn, note, with.now).changed.size() == 1);
  CHECK(with.seen() == "023");
  const std::vector<Note> host{{.service_id = "*", .modify_index = 3}};
  CHECK(with.book.notes("n2", Note::Kind::drain, host, with.now).changed.size() == 1);
  // Of the two about which nobody said anything one is left, which the rule allows.
  CHECK(with.seen() == "0");
  CHECK_FALSE(with.book.holding());
}

TEST_CASE("the limit, and an operator's word") {
  Story with{.rule = {.keep_on_empty = true, .limit = minutes(2)}};
  with.answer("01");
  with.answer("");
  CHECK(with.tick(minutes(2) - seconds(1)) == "01");
  CHECK(with.tick(seconds(1)) == "");
  CHECK(with.log.ends_with("guard_holds_no_longer 2 limit;\n"));
  CHECK_FALSE(with.book.next_due().has_value());

  Story endless{.rule = {.keep_on_empty = true, .limit = {}}};
  endless.answer("01");
  endless.answer("");
  CHECK(endless.tick(std::chrono::hours(1000)) == "01");
  CHECK(endless.book.release("other", endless.now).changed.empty());
  CHECK(endless.book.release("web", endless.now).changed.size() == 1);
  CHECK(endless.seen() == "");
}

TEST_CASE("a rule that goes away lets go") {
  Story with{.rule = {.keep_on_empty = true}};
  with.answer("01");
  with.answer("");
  with.rule = {};
  with.note(with.book.told(with.on, with.rule, with.data, nullptr, with.now));
  CHECK(with.log.ends_with("guard_holds_no_longer 2 off;\n"));
  CHECK_FALSE(with.book.guards(with.on));
}

namespace {

MachineSettings guarded(GuardRule rule) {
  MachineSettings settings = Dialogue::settings(1);
  settings.hold.hold = {};
  settings.guards.all = rule;
  return settings;
}

bool holds(const Lines& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

const char* const kList = "{{range service \"web\"}}{{.ID}} {{end}}";

}  // namespace

TEST_CASE("machine: held, watched for a release, released") {
  Dialogue with(guarded({.keep_on_empty = true}));
  with.begin({kList});
  with.service("web", web("01"));
  CHECK(with.idle() == Lines{"write out0: web-0 web-1 "});
  with.wrote(0);
  CHECK(with.service("web", web(""), 11) ==
        Lines{"log warn guard_holds service=web instances=2 left=0 reason=the last of them would go, keep_on_empty is "
              "set until=10m0s",
              "notes n0", "notes n1"});
  CHECK(with.idle() == Lines{"watch kv.list(longshore/releases/)"});
  const Dependency releases{.kind = Dependency::Kind::tree, .name = "longshore/releases/"};
  const auto old = render::test::pair("longshore/releases/web", "{}", 5);
  with.tell(input::Answered{releases, std::vector{old}, 12});
  CHECK(with.idle().empty());
  const auto other = render::test::pair("longshore/releases/db", "{}", 13);
  with.tell(input::Answered{releases, std::vector{other, old}, 13});
  CHECK(with.idle().empty());
  const auto fresh = render::test::pair("longshore/releases/web", "{}", 14);
  CHECK(with.tell(input::Answered{releases, std::vector{other, fresh}, 14}) ==
        Lines{"log info guard_holds_no_longer service=web instances=2 reason=released after=0s"});
  CHECK(with.idle() == Lines{"write out0: ", "unwatch kv.list(longshore/releases/)"});
}

TEST_CASE("machine: a withdrawal note lets a kept one go") {
  Dialogue with(guarded({.min_instances = 2}));
  with.begin({kList});
  with.service("web", web("01"));
  with.idle();
  with.wrote(0);
  with.service("web", web("0"), 11);
  with.idle();
  const std::vector<Note> note{{.service_id = "web-1", .modify_index = 12}};
  with.tell(input::NotesLoaded{"n1", Note::Kind::withdrawn, note});
  CHECK(with.idle() == Lines{"write out0: web-0 ", "unwatch kv.list(longshore/releases/)"});
}

TEST_CASE("machine: the guard of a template is for the services that it uses") {
  MachineSettings settings = Dialogue::settings(1);
  settings.hold.hold = {};
  settings.templates[0].guard = {.keep_on_empty = true};
  Dialogue with(settings);
  with.begin({kList});
  with.service("web", web("01"));
  CHECK(with.idle() == Lines{"write out0: web-0 web-1 "});
  with.wrote(0);
  with.service("web", web(""), 11);
  CHECK(with.idle() == Lines{"watch kv.list(longshore/releases/)"});
  CHECK(with.machine.guards().kept() == 2);
}

TEST_CASE("machine: the first file waits for the minimum, not for ever") {
  Dialogue with(guarded({.min_instances = 2}));
  with.begin({kList});
  with.service("web", web("0"));
  CHECK(with.idle() == Lines{"log warn guard_holds template=t0 reason=too few instances, or what it requires is not "
                             "there absent=health.service(web)",
                             "watch kv.list(longshore/releases/)"});
  CHECK(with.wait(seconds(4)).empty());
  SUBCASE("they come") {
    with.service("web", web("01"), 11);
    CHECK(with.idle() == Lines{"log info guard_holds_no_longer template=t0 reason=returned after=4s",
                               "write out0: web-0 web-1 ", "unwatch kv.list(longshore/releases/)"});
  }
  SUBCASE("they do not") {
    CHECK(holds(with.wait(seconds(6)), "write out0: web-0 "));
  }
}

TEST_CASE("machine: what a template requires") {
  MachineSettings settings = Dialogue::settings(1);
  settings.hold.hold = {};
  settings.templates[0].required = {render::test::service_named("db"), render::test::key_named("ready")};
  settings.templates[0].guard.limit = minutes(1);
  Dialogue with(settings);
  const Lines begun = with.begin({kList});
  CHECK(begun == Lines{"watch health.service(db)", "watch health.service(web)", "watch kv.get(ready)"});
  with.service("web", web("0"));
  with.service("db", {entry("n9", "db", "db", "10.0.0.9", 1)});
  with.key("ready", std::nullopt);
  with.wait(minutes(5));
  CHECK(with.machine.templates()[0].first_done == false);
  with.key("ready", "yes");
  CHECK(holds(with.idle(), "write out0: web-0 "));
  with.wrote(0);
  // Later it stays as it is, for as long as the limit says.
  with.service("db", {}, 11);
  with.service("web", web("01"), 11);
  const Lines held = with.idle();
  REQUIRE(!held.empty());
  CHECK(held[0] == "log warn guard_holds template=t0 reason=what it requires is not there absent=health.service(db)");
  with.wait(seconds(50));
  CHECK(with.machine.templates()[0].phase == TemplateState::Phase::waiting);
  CHECK(holds(with.wait(seconds(10)), "write out0: web-0 web-1 "));
  with.wrote(0);
  // It is rendered without, until it is there again.
  with.service("web", web("1"), 12);
  CHECK(with.idle() == Lines{"write out0: web-1 "});
  with.wrote(0);
  with.service("db", {entry("n9", "db", "db", "10.0.0.9", 1)}, 13);
  with.idle();
  with.wrote(0, FilePlan::unchanged);
  with.service("db", {}, 14);
  CHECK(with.idle()[0].starts_with("log warn guard_holds template=t0"));
}
