// What a forecast says is what a write then does, and a forecast does nothing itself.
#include "renderer/io/file_forecast.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "renderer/io/file_store.h"
#include "tests/integration/renderer/stage.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
namespace fs = std::filesystem;

namespace {

struct Row {
  const char* name;
  std::optional<std::string> before;
  unsigned mode_before;
  FileOptions options;
  std::string path = "out";
};

std::string mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  char text[8];
  std::snprintf(text, sizeof text, "%04o", info.st_mode & 07777U);
  return text;
}

}  // namespace

TEST_CASE("a forecast is what a write does") {
  const std::string me = std::to_string(::geteuid());
  const Row rows[] = {
      {"new", std::nullopt, 0, {}},
      {"new with permissions", std::nullopt, 0, {.mode = 0600}},
      {"new in new directories", std::nullopt, 0, {}, "a/b/out"},
      {"the same", "new", 0644, {}},
      {"the same, ours already", "new", 0644, {.user = me}},
      {"permissions alone", "new", 0644, {.mode = 0600}},
      {"another text", "old", 0640, {}},
      {"another text with permissions and a backup", "old", 0640, {.mode = 0600, .backup = true}},
      {"the same text has no backup", "new", 0640, {.backup = true}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const TempDir dir;
    const std::string path = dir / row.path;
    if (row.before) {
      spill(path, *row.before);
      REQUIRE(::chmod(path.c_str(), row.mode_before) == 0);
    }
    const auto seen = forecast(path, "new", row.options);
    REQUIRE(seen);
    CHECK(fs::exists(path) == row.before.has_value());
    CHECK(seen->current == row.before);
    const std::string mode_before = row.before ? mode_of(path) : "";
    for (const std::string& directory : seen->directories) CHECK_FALSE(fs::exists(directory));

    CHECK(*RealFiles().replace(path, "new", row.options) == seen->plan);
    CHECK(mode_of(path) == (seen->mode ? seen->mode->after : row.before ? mode_before : "0644"));
    if (seen->mode) CHECK(seen->mode->before == mode_before);
    CHECK_FALSE(seen->owner.has_value());
    CHECK(seen->directories.size() == (row.path == "out" ? 0U : 2U));
    for (const std::string& directory : seen->directories) CHECK(fs::is_directory(directory));
    CHECK((seen->backup.empty() ? !fs::exists(path + ".bak") : slurp(seen->backup) == *row.before));
    const auto again = forecast(path, "new", row.options);
    REQUIRE(again);
    CHECK(again->changes_nothing());
  }
}

TEST_CASE("an owner that is not right is a change of its own") {
  const TempDir dir;
  const std::string path = dir / "out";
  spill(path, "new");
  const std::string other = std::to_string(::geteuid() + 12345);
  const auto seen = forecast(path, "new", {.user = other});
  REQUIRE(seen);
  CHECK(seen->plan == FilePlan::replace);
  REQUIRE(seen->owner.has_value());
  CHECK(seen->owner->after.starts_with(other + ":"));
}

TEST_CASE("what cannot be written is the same error") {
  const TempDir dir;
  spill(dir / "file", "x");
  const std::pair<std::string, FileOptions> rows[] = {
      {dir / "none/out", {.create_directories = false}},
      {dir / "file/out", {}},
      {dir / "", {}},
      {dir / "out", {.user = "nobody-of-this-name"}},
      {dir / "out", {.group = "nobody-of-this-name"}},
  };
  for (const auto& [path, options] : rows) {
    CAPTURE(path);
    CHECK_FALSE(forecast(path, "new", options));
    CHECK_FALSE(RealFiles().replace(path, "new", options));
  }
}

TEST_CASE("a pipe is written to, and is changed in nothing else") {
  const TempDir dir;
  REQUIRE(::mkfifo((dir / "out").c_str(), 0600) == 0);
  const auto seen = forecast(dir / "out", "new", {.mode = 0644, .user = "12345", .backup = true});
  REQUIRE(seen);
  CHECK(seen->plan == FilePlan::replace);
  CHECK(seen->current == "");
  CHECK_FALSE(seen->mode.has_value());
  CHECK_FALSE(seen->owner.has_value());
  CHECK(seen->backup.empty());
}

TEST_CASE("a backup lies beside the name, also where that is a link") {
  const TempDir dir;
  fs::create_directory(dir / "elsewhere");
  spill(dir / "elsewhere/real", "old");
  fs::create_symlink("elsewhere/real", dir / "out");
  const FileOptions options{.backup = true};
  CHECK(forecast(dir / "out", "new", options)->backup == dir / "out.bak");
  CHECK(*RealFiles().replace(dir / "out", "new", options) == FilePlan::replace);
  CHECK(slurp(dir / "out.bak") == "old");
  CHECK(slurp(dir / "elsewhere/real") == "new");
  CHECK_FALSE(fs::exists(dir / "elsewhere/real.bak"));
}
