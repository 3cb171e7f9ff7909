#include "common/proxy/gap_book.h"

#include <doctest/doctest.h>

using namespace longshore;
using proxy::GapBook;
using proxy::StandIn;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {
const base::TimePoint kStart = base::TimePoint() + std::chrono::hours(1);
}  // namespace

TEST_CASE("an entry is the newest announcement's to remove, until it is removed") {
  GapBook book(minutes(1));
  CHECK_FALSE(book.knows("a"));
  const StandIn first = book.announce("a");
  CHECK(book.is_ours(first));
  const StandIn second = book.announce("a");
  CHECK_FALSE(book.is_ours(first));
  CHECK(book.is_ours(second));
  // What the first one believes is gone stands again.
  book.removed(first);
  CHECK(book.is_ours(second));
  book.removed(second);
  CHECK_FALSE(book.knows("a"));
  CHECK_FALSE(book.is_ours(second));
}

TEST_CASE(
    "an instance that ends again before its return was seen prolongs the gap: one measures it, from the first end") {
  GapBook book(minutes(1));
  const StandIn first = book.announce("a");
  CHECK(book.begin("web", kStart, {first}));
  const StandIn second = book.announce("a");
  CHECK_FALSE(book.begin("web", kStart + seconds(50), {second}));
  CHECK(book.take_due("web", kStart + seconds(70)).empty());
  CHECK_FALSE(book.is_over("web", kStart + minutes(10)));
  CHECK(book.take_due("web", kStart + seconds(110)) == std::vector<StandIn>{first, second});
  const proxy::Gap gap = book.end("web");
  CHECK(gap.since == kStart);
  CHECK(gap.stand_ins.empty());
  // The next one is another one.
  CHECK(book.begin("web", kStart + minutes(3), {}));
  CHECK(book.end("web").since == kStart + minutes(3));
}

TEST_CASE("what could not be removed is removed later") {
  GapBook book(seconds(2));
  const StandIn one = book.announce("a");
  CHECK(book.begin("web", kStart, {one}));
  CHECK(book.take_due("web", kStart + seconds(2)) == std::vector<StandIn>{one});
  CHECK(book.take_due("web", kStart + seconds(3)).empty());
  book.give_back("web", {one});
  CHECK(book.take_due("web", kStart + seconds(4)) == std::vector<StandIn>{one});
  book.give_back("web", {one});
  CHECK(book.end("web").stand_ins == std::vector<StandIn>{one});
}

TEST_CASE("a gap is measured for ten minutes, and as long as an entry stands for it") {
  GapBook brief(minutes(1));
  brief.begin("web", kStart, {});
  CHECK_FALSE(brief.is_over("web", kStart + minutes(10) - seconds(1)));
  CHECK(brief.is_over("web", kStart + minutes(10)));
  GapBook patient(minutes(30));
  patient.begin("web", kStart, {});
  CHECK_FALSE(patient.is_over("web", kStart + minutes(30) - seconds(1)));
  CHECK(patient.is_over("web", kStart + minutes(30)));
  CHECK(patient.is_over("other", kStart));
}
