// Several files as one: every moment at which the process may die is tried.
#include <doctest/doctest.h>

#include "renderer/apply/transaction.h"
#include "tests/unit/renderer/memory_disk.h"

namespace transaction_test {

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::apply;
using namespace longshore::render::test;

namespace {

const std::string kJournal = "/state/groups/edge.json";

Part part(std::size_t index, const std::string& destination, const std::string& text) {
  Part out;
  out.index = index;
  out.destination = destination;
  out.text = std::make_shared<const std::string>(text);
  return out;
}

std::vector<Part> fresh() {
  return {part(0, "/etc/a", "new a"), part(1, "/etc/b", "new b"), part(2, "/etc/c", "new c")};
}

// /etc/c is not there yet.
void fill(MemoryDisk& disk) {
  disk.files = {{"/etc/a", "old a"}, {"/etc/b", "old b"}};
}

std::map<std::string, std::string> live(const MemoryDisk& disk) {
  std::map<std::string, std::string> out;
  for (const auto& [path, text] : disk.files)
    if (path.starts_with("/etc/") && path[5] != '.') out.emplace(path, text);
  return out;
}

const std::map<std::string, std::string> kOld = {{"/etc/a", "old a"}, {"/etc/b", "old b"}};
const std::map<std::string, std::string> kNew = {{"/etc/a", "new a"}, {"/etc/b", "new b"}, {"/etc/c", "new c"}};

enum class Story { commit, restore };

// How many changes the whole story makes; it is killed after `kill_after` of them.
int run(MemoryDisk& disk, Story story, int kill_after) {
  disk.kill_after = kill_after;
  Transaction transaction(disk, kJournal);
  try {
    transaction.stage(fresh(), false);
    const Status swapped = transaction.swap(true);
    CHECK(swapped);
    if (story == Story::restore) {
      const Status restored = transaction.restore();
      CHECK(restored);
    }
    transaction.commit();
  } catch (const Killed&) {
  }
  const int made = disk.changes;
  disk.kill_after = -1;
  return made;
}

}  // namespace

TEST_CASE("files are swapped together and leave nothing behind") {
  MemoryDisk disk;
  fill(disk);
  run(disk, Story::commit, -1);
  CHECK(disk.files == kNew);
}

TEST_CASE("killed after any change: all files are old or all are new, and who was not told is told") {
  MemoryDisk whole;
  fill(whole);
  const int changes = run(whole, Story::commit, -1);
  REQUIRE(changes > 10);
  bool saw_old = false, saw_new = false;
  for (int after = 0; after <= changes; ++after) {
    CAPTURE(after);
    MemoryDisk disk;
    fill(disk);
    run(disk, Story::commit, after);
    const bool journal = disk.files.contains(kJournal);
    // The successor may be killed as well, anywhere.
    for (int again = 0; again < 4; ++again) {
      MemoryDisk copy = disk;
      copy.changes = 0;
      copy.kill_after = again;
      try {
        Transaction early(copy, kJournal);
        early.recover();
      } catch (const Killed&) {
      }
      copy.kill_after = -1;
      Transaction next(copy, kJournal);
      const input::Recovered recovered = next.recover();
      CHECK(recovered.owed == journal);
      const auto now = live(copy);
      CHECK((now == kOld || now == kNew));
      saw_old = saw_old || now == kOld;
      saw_new = saw_new || now == kNew;
      if (journal) CHECK(now == kNew);
      next.commit();
      CHECK_FALSE(copy.files.contains(kJournal));
      CHECK(live(copy) == now);
    }
  }
  CHECK(saw_old);
  CHECK(saw_new);
}

TEST_CASE("killed while it is undone: the successor undoes it to the end") {
  MemoryDisk whole, swapped;
  fill(whole);
  fill(swapped);
  const int changes = run(whole, Story::restore, -1);
  CHECK(whole.files == kOld);
  const int before = run(swapped, Story::commit, -1);
  for (int after = 0; after <= changes; ++after) {
    CAPTURE(after);
    MemoryDisk disk;
    fill(disk);
    run(disk, Story::restore, after);
    Transaction next(disk, kJournal);
    const input::Recovered recovered = next.recover();
    const auto now = live(disk);
    CHECK((now == kOld || now == kNew));
    if (after == changes) CHECK_FALSE(recovered.owed);
    next.commit();
    CHECK(live(disk) == now);
  }
  CHECK(before > 0);
}

TEST_CASE("a file that cannot be placed leaves all as they were") {
  MemoryDisk disk;
  fill(disk);
  disk.unplaceable = "/etc/b";
  Transaction transaction(disk, kJournal);
  transaction.stage(fresh(), false);
  CHECK_FALSE(transaction.swap(false));
  CHECK(disk.files == kOld);
}

TEST_CASE("what a recovered swap changed can still be undone") {
  MemoryDisk disk;
  fill(disk);
  {
    Transaction transaction(disk, kJournal);
    transaction.stage(fresh(), false);
    CHECK(transaction.swap(true));
  }
  Transaction next(disk, kJournal);
  CHECK(next.recover().owed);
  CHECK(live(disk) == kNew);
  CHECK(next.restore());
  next.commit();
  CHECK(disk.files == kOld);
}

TEST_CASE("two swaps that nobody confirmed are undone to what worked") {
  MemoryDisk disk;
  fill(disk);
  Transaction transaction(disk, kJournal);
  transaction.stage({part(0, "/etc/a", "second a"), part(1, "/etc/b", "second b")}, false);
  CHECK(transaction.swap(true));
  transaction.stage({part(0, "/etc/a", "third a")}, false);
  CHECK(transaction.swap(true));
  CHECK(live(disk) == std::map<std::string, std::string>{{"/etc/a", "third a"}, {"/etc/b", "second b"}});
  CHECK(transaction.restore());
  transaction.commit();
  CHECK(disk.files == kOld);
}

TEST_CASE("the generation's file follows a change and makes none") {
  MemoryDisk disk;
  disk.files = {{"/etc/a", "new a"}};
  Transaction transaction(disk, "");
  std::vector<Part> parts = {part(0, "/etc/a", "new a"), part(kNoTemplate, "/etc/generation", "7")};
  CHECK(transaction.stage(parts, false).parts.size() == 1);
  CHECK(transaction.staged().empty());
  parts[0] = part(0, "/etc/a", "newer a");
  CHECK(transaction.stage(parts, false).parts.size() == 2);
  CHECK(transaction.staged().size() == 2);
}

TEST_CASE("a journal that is no journal is dropped") {
  MemoryDisk disk;
  fill(disk);
  disk.files[kJournal] = "{\"version\":1,\"fi";
  Transaction transaction(disk, kJournal);
  const input::Recovered recovered = transaction.recover();
  CHECK_FALSE(recovered.owed);
  CHECK(recovered.what.starts_with("an unreadable journal was dropped"));
  CHECK(disk.files == kOld);
}

}  // namespace transaction_test
