#include "renderer/core/hold.h"

#include <doctest/doctest.h>

#include "tests/unit/renderer/instances.h"

namespace hold_test {

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::entry;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Kind = Note::Kind;
using Event = HoldBook::Event;
const base::TimePoint kStart{};

std::string text(const HoldBook::Outcome& outcome) {
  std::string out;
  for (const auto& report : outcome.reports) {
    constexpr const char* kNames[] = {"vanished", "held", "returned", "released"};
    out += std::string(kNames[static_cast<int>(report.event)]) + " " + report.instance->entry.service.id;
    out += report.reason.empty() ? "; " : "(" + report.reason + "); ";
  }
  for (const auto& node : outcome.read_notes) out += "notes " + node + "; ";
  for (const auto& target : outcome.probes) out += "probe " + target.address + ":" + std::to_string(target.port) + "; ";
  return out;
}

// One service's data over time.
struct Story {
  HoldBook book{HoldBook::Settings{}};
  Dependency on = render::test::service_named("web");
  ServiceData data;
  bool known = false;

  std::string answer(std::vector<consul::ServiceEntry> entries, base::TimePoint now, std::uint64_t index = 10) {
    ServiceData fresh = make_service_data(on, std::move(entries), index, known ? &data : nullptr);
    const auto outcome = book.answered(on, known ? &data : nullptr, fresh, now);
    data = std::move(fresh);
    known = true;
    return text(outcome);
  }
  std::string apply(const HoldBook::Outcome& outcome) {
    data = HoldBook::without(data, on, outcome);
    return text(outcome);
  }
  std::string ids() const {
    std::string out;
    for (const auto& instance : data.instances) out += instance->entry.service.id + " ";
    return out;
  }
};

const consul::ServiceEntry kOne = entry("n1", "web-1", "web", "10.0.0.1", 80);
const consul::ServiceEntry kTwo = entry("n2", "web-2", "web", "10.0.0.2", 80);
const consul::ServiceEntry kThree = entry("n3", "web-3", "web", "10.0.0.3", 80);

// The middle part of its ID is its container's name.
consul::ServiceEntry drained_one() {
  consul::ServiceEntry two = entry("n2", "host:two:80", "web", "10.0.0.2", 80);
  two.service.meta["longshore-container"] = "aaaaaaaaaaaa";
  return two;
}

}  // namespace

TEST_CASE("vanished: stays in its place while it is being asked about") {
  Story story;
  CHECK(story.answer({kOne, kTwo, kThree}, kStart).empty());
  CHECK(story.answer({kOne, kThree}, kStart) == "vanished web-2; notes n2; probe 10.0.0.2:80; ");
  CHECK(story.ids() == "web-1 web-2 web-3 ");
  CHECK(story.book.held_total() == 1);
  // The next answer does not ask again.
  CHECK(story.answer({kOne}, kStart + seconds(0)) == "vanished web-3; notes n3; probe 10.0.0.3:80; ");
  CHECK(story.ids() == "web-1 web-2 web-3 ");
}

TEST_CASE("withdrawn, drained or refused: gone at once") {
  struct Row {
    const char* reason;
    HoldBook::Outcome (*tell)(HoldBook&);
  };
  const Row rows[] = {
      {"withdrawn",
       [](HoldBook& book) {
         return book.notes("n2", Kind::withdrawn, std::vector<Note>{{"web-2", 11}});
       }},
      {"drained",
       [](HoldBook& book) {
         return book.notes("n2", Kind::drain, std::vector<Note>{{"web-2", 3}});
       }},
      {"refused",
       [](HoldBook& book) {
         return book.probed({"10.0.0.2", 80}, ProbeResult::refused, kStart);
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reason);
    Story story;
    story.answer({kOne, kTwo}, kStart);
    story.answer({kOne}, kStart);
    CHECK(story.apply(row.tell(story.book)) == std::string("released web-2(") + row.reason + "); ");
    CHECK(story.ids() == "web-1 ");
    CHECK(story.book.held().empty());
    CHECK_FALSE(story.book.next_due());
    // It does not come back with the next answer.
    CHECK(story.answer({kOne}, kStart).empty());
    CHECK(story.ids() == "web-1 ");
  }
}

TEST_CASE("a drain of the host or of the container is one of its services") {
  struct Row {
    const char* target;
    bool gone;
  };
  for (const Row& row : {Row{"*", true}, Row{"host:two:80", true}, Row{"container:two", true},
                         Row{"container:aaaaaaaaaaaa", true}, Row{"container:aaaaaaaaaaaabbbb", true},
                         Row{"container:tw", false}, Row{"container:aaaaaaaaaaa", false}, Row{"container:", false},
                         Row{"container:bbbbbbbbbbbb", false}, Row{"container:host", false}, Row{"host:two", false}}) {
    CAPTURE(row.target);
    const consul::ServiceEntry two = drained_one();
    Story story;
    story.answer({kOne, two}, kStart);
    story.answer({kOne}, kStart);
    story.apply(story.book.notes("n2", Kind::drain, std::vector<Note>{{row.target, 3}}));
    CHECK(story.book.held().empty() == row.gone);
  }
}

TEST_CASE("notes about others prove nothing") {
  Story story;
  story.answer({kOne, kTwo}, kStart, 10);
  story.answer({kOne}, kStart, 20);
  CHECK(text(story.book.notes("n2", Kind::withdrawn, std::vector<Note>{})).empty());
  CHECK(text(story.book.notes("n2", Kind::withdrawn, std::vector<Note>{{"web-1", 15}})).empty());
  CHECK(text(story.book.notes("n1", Kind::withdrawn, std::vector<Note>{{"web-2", 15}})).empty());
  // Left by a predecessor of the same ID: older than the first sight of this one.
  CHECK(text(story.book.notes("n2", Kind::withdrawn, std::vector<Note>{{"web-2", 10}})).empty());
  CHECK(text(story.book.notes("n2", Kind::withdrawn, fail(Errc::unreachable, "x"))).empty());
  CHECK(story.book.held().size() == 1);
  CHECK(text(story.book.notes("n2", Kind::withdrawn, std::vector<Note>{{"web-2", 11}})) ==
        "released web-2(withdrawn); ");
}

TEST_CASE("nothing says that it is gone: held, probed every second, given up after ten") {
  Story story;
  story.answer({kOne, kTwo}, kStart);
  story.answer({kOne}, kStart);
  CHECK(story.book.next_due() == kStart + seconds(10));
  CHECK(text(story.book.probed({"10.0.0.2", 80}, ProbeResult::open, kStart + milliseconds(2))) == "held web-2; ");
  CHECK(story.book.next_due() == kStart + seconds(1));
  CHECK(text(story.book.tick(kStart + milliseconds(999))).empty());
  story.book.notes("n2", Kind::withdrawn, std::vector<Note>{});
  story.book.notes("n2", Kind::drain, std::vector<Note>{});
  CHECK(text(story.book.tick(kStart + seconds(1))) == "probe 10.0.0.2:80; ");
  CHECK(text(story.book.probed({"10.0.0.2", 80}, ProbeResult::silent, kStart + milliseconds(1500))).empty());
  CHECK(text(story.book.tick(kStart + seconds(2))) == "probe 10.0.0.2:80; ");
  CHECK(story.apply(story.book.tick(kStart + seconds(10))) == "released web-2(hold_over); ");
  CHECK(story.ids() == "web-1 ");
}

TEST_CASE("notes that could not be read are asked for with the next probe") {
  Story story;
  story.answer({kOne, kTwo}, kStart);
  story.answer({kOne}, kStart);
  story.book.notes("n2", Kind::withdrawn, fail(Errc::server_error, "no cluster leader"));
  story.book.notes("n2", Kind::drain, std::vector<Note>{});
  story.book.probed({"10.0.0.2", 80}, ProbeResult::open, kStart);
  CHECK(text(story.book.tick(kStart + seconds(1))) == "notes n2; probe 10.0.0.2:80; ");
}

TEST_CASE("refused at a later probe: gone then") {
  Story story;
  story.answer({kTwo}, kStart);
  story.answer({}, kStart);
  story.book.probed({"10.0.0.2", 80}, ProbeResult::open, kStart);
  story.book.tick(kStart + seconds(1));
  CHECK(story.apply(story.book.probed({"10.0.0.2", 80}, ProbeResult::refused, kStart + seconds(1))) ==
        "released web-2(refused); ");
  CHECK(story.ids().empty());
}

TEST_CASE("one that reappears is just there") {
  Story story;
  story.answer({kOne, kTwo}, kStart);
  story.answer({kOne}, kStart);
  CHECK(story.answer({kOne, kTwo}, kStart + seconds(3)) == "returned web-2; ");
  CHECK(story.ids() == "web-1 web-2 ");
  CHECK(story.book.held().empty());
  // A probe that was on its way changes nothing.
  CHECK(text(story.book.probed({"10.0.0.2", 80}, ProbeResult::refused, kStart + seconds(3))).empty());
}

TEST_CASE("critical is not vanished; what was not in use is not held") {
  Story story;
  const auto ill = entry("n2", "web-2", "web", "10.0.0.2", 80, "critical");
  const auto warned = entry("n3", "web-3", "web", "10.0.0.3", 80, "warning");
  story.answer({kOne, kTwo, warned}, kStart);
  CHECK(story.answer({kOne, ill, warned}, kStart).empty());
  CHECK(story.answer({kOne, warned}, kStart).empty());
  CHECK(story.ids() == "web-1 web-3 ");
  CHECK(story.answer({kOne}, kStart) == "vanished web-3; notes n3; probe 10.0.0.3:80; ");
}

TEST_CASE("without a port there is nothing to probe; without an address the node's is taken") {
  Story story;
  story.answer({entry("n1", "a", "web", "10.0.0.1", 0), entry("n2", "b", "web", "", 81)}, kStart);
  CHECK(story.answer({}, kStart) == "vanished a; vanished b; notes n1; notes n2; probe 192.0.2.1:81; ");
  CHECK(text(story.book.notes("n1", Kind::withdrawn, std::vector<Note>{})).empty());
  CHECK(text(story.book.notes("n1", Kind::drain, std::vector<Note>{})) == "held a; ");
  CHECK(story.apply(story.book.tick(kStart + seconds(10))) == "released a(hold_over); released b(hold_over); ");
}

TEST_CASE("an emptied answer holds everything, with one question per node and address") {
  Story story;
  const auto twin = entry("n1", "web-1b", "web", "10.0.0.1", 80);
  story.answer({kOne, twin, kTwo}, kStart);
  CHECK(story.answer({}, kStart) ==
        "vanished web-1; vanished web-1b; vanished web-2; notes n1; notes n2; probe 10.0.0.1:80; probe 10.0.0.2:80; ");
  CHECK(story.ids() == "web-1 web-1b web-2 ");
  CHECK(story.apply(story.book.probed({"10.0.0.1", 80}, ProbeResult::refused, kStart)) ==
        "released web-1(refused); released web-1b(refused); ");
}

TEST_CASE("hold 0 holds nothing; a forgotten dependency is forgotten") {
  Story story;
  story.book = HoldBook({.hold = base::Duration{}});
  story.answer({kOne}, kStart);
  CHECK(story.answer({}, kStart).empty());
  CHECK(story.ids().empty());

  Story other;
  other.answer({kOne}, kStart);
  other.answer({}, kStart);
  other.book.forget(other.on);
  CHECK(other.book.held().empty());
}

TEST_CASE("the same service asked near somewhere else has a hold of its own, and keeps the server's order") {
  Story story;
  story.on.near = "_agent";
  story.answer({kTwo, kOne}, kStart);
  story.answer({kOne}, kStart);
  CHECK(story.ids() == "web-1 web-2 ");
}

}  // namespace hold_test
