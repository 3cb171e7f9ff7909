#include "renderer/core/followups.h"

#include <doctest/doctest.h>

using namespace longshore;
using namespace longshore::render;
using std::chrono::seconds;

namespace {

const base::TimePoint kStart{};

Followup command(const char* text) {
  return {Followup::Kind::command, text, seconds(30)};
}

}  // namespace

TEST_CASE("each once, in the order of the wishes, one at a time") {
  Followups followups;
  followups.want(command("a"), kStart);
  followups.want(command("b"), kStart);
  followups.want(command("a"), kStart);
  followups.want({Followup::Kind::reload, "a", {}}, kStart);
  CHECK(followups.pending() == 3);
  CHECK(followups.start(kStart)->what == "a");
  CHECK_FALSE(followups.start(kStart));
  CHECK_FALSE(followups.done(true, kStart, 0));
  CHECK(followups.start(kStart)->what == "b");
  CHECK_FALSE(followups.settled());
  followups.done(true, kStart, 0);
  CHECK(followups.start(kStart)->kind == Followup::Kind::reload);
  followups.done(true, kStart, 0);
  CHECK(followups.settled());
  CHECK(followups.pending() == 0);
}

TEST_CASE("wanted again while it runs: it runs again") {
  Followups followups;
  followups.want(command("a"), kStart);
  REQUIRE(followups.start(kStart));
  followups.want(command("a"), kStart);
  followups.done(true, kStart, 0);
  CHECK(followups.start(kStart)->what == "a");
}

TEST_CASE("a failed one waits and does not stop the others; a new wish ends the wait") {
  Followups followups;
  followups.want(command("bad"), kStart);
  followups.want(command("good"), kStart);
  REQUIRE(followups.start(kStart)->what == "bad");
  // 1 s, jittered to 75..100 %.
  CHECK(*followups.done(false, kStart, 1) == seconds(1));
  CHECK(followups.start(kStart)->what == "good");
  followups.done(true, kStart, 0);
  CHECK(followups.settled());
  CHECK(followups.any_failed());
  CHECK_FALSE(followups.start(kStart));
  CHECK(followups.next_due() == kStart + seconds(1));
  REQUIRE(followups.start(kStart + seconds(1)));
  CHECK(*followups.done(false, kStart + seconds(1), 1) == seconds(2));
  followups.want(command("bad"), kStart + seconds(1));
  CHECK(followups.start(kStart + seconds(1))->what == "bad");
  CHECK(*followups.done(false, kStart + seconds(1), 1) == seconds(4));
  CHECK(followups.start(kStart + seconds(5)));
  followups.done(true, kStart + seconds(5), 0);
  CHECK_FALSE(followups.any_failed());
}

TEST_CASE("failed and wanted meanwhile: once more, at once, with the backoff it has earned") {
  Followups followups;
  followups.want(command("a"), kStart);
  REQUIRE(followups.start(kStart));
  followups.want(command("a"), kStart);
  CHECK(*followups.done(false, kStart, 1) == seconds(0));
  CHECK(followups.pending() == 1);
  REQUIRE(followups.start(kStart));
  CHECK(*followups.done(false, kStart, 1) == seconds(2));
}
