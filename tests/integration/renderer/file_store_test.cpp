#include "renderer/io/file_store.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>

#include "renderer/io/descriptor.h"
#include "renderer/io/extra_file.h"
#include "tests/integration/renderer/stage.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
namespace fs = std::filesystem;

namespace {

struct stat status_of(const std::string& path) {
  struct stat info {};
  ::stat(path.c_str(), &info);
  return info;
}

// What is there to be read now; "" = nothing, or the end.
std::string take(int fd) {
  std::string text(1U << 20U, '\0');
  const ssize_t got = ::read(fd, text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

std::string own(const Descriptor& fd) {
  return std::to_string(fd.get());
}

// A pipe that has a reader, and, so that the reader sees no end of it, a writer.
Descriptor pipe_at(const std::string& path) {
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  Descriptor both(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(both.valid());
  return both;
}

// A signal every 10 ms, which interrupts what waits.
class Interruptions {
 public:
  Interruptions() {
    struct sigaction nothing {};
    nothing.sa_handler = [](int) {};
    ::sigaction(SIGALRM, &nothing, &before_);
    set(10000);
  }
  ~Interruptions() {
    set(0);
    ::sigaction(SIGALRM, &before_, nullptr);
  }
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;

 private:
  static void set(suseconds_t every) {
    const itimerval timer{{0, every}, {0, every}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }

  struct sigaction before_ {};
};

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

}  // namespace

TEST_CASE("create, replace, leave alone") {
  const TempDir dir;
  RealFiles files;
  const std::string path = dir / "out";
  CHECK(*files.replace(path, "one") == FilePlan::create);
  CHECK(slurp(path) == "one");
  CHECK((status_of(path).st_mode & 07777) == 0644);
  const auto inode = status_of(path).st_ino;
  CHECK(*files.replace(path, "one") == FilePlan::unchanged);
  CHECK(status_of(path).st_ino == inode);
  CHECK(*files.replace(path, "two") == FilePlan::replace);
  CHECK(slurp(path) == "two");
  CHECK(*files.replace(path, "") == FilePlan::replace);
  CHECK(*files.replace(path, "") == FilePlan::unchanged);
  CHECK(*files.read(path) == "");
  CHECK(entries(dir.path()) == 1);
  CHECK(files.read(dir / "none").error().code == Errc::not_found);
  const std::string big(300000, 'x');
  CHECK(*files.replace(path, big) == FilePlan::replace);
  CHECK(*files.read(path) == big);
}

TEST_CASE("mode and owner are those of the file that is replaced") {
  const TempDir dir;
  RealFiles files;
  const std::string path = dir / "out";
  spill(path, "old");
  ::chmod(path.c_str(), 0640);
  const bool root = ::geteuid() == 0;
  if (root) REQUIRE(::chown(path.c_str(), 1234, 4321) == 0);
  CHECK(*files.replace(path, "new") == FilePlan::replace);
  CHECK((status_of(path).st_mode & 07777) == 0640);
  if (root) {
    CHECK(status_of(path).st_uid == 1234);
    CHECK(status_of(path).st_gid == 4321);
  } else {
    MESSAGE("SKIPPED: the owner part needs root");
  }
}

TEST_CASE("directories are made; a link stays a link; a directory is refused") {
  const TempDir dir;
  RealFiles files;
  CHECK(*files.replace(dir / "a/b/out", "x") == FilePlan::create);
  CHECK(slurp(dir / "a/b/out") == "x");
  fs::create_symlink("a/b/out", dir / "link");
  CHECK(*files.replace(dir / "link", "y") == FilePlan::replace);
  CHECK(fs::is_symlink(dir / "link"));
  CHECK(slurp(dir / "a/b/out") == "y");
  fs::create_symlink("nothing", dir / "dangling");
  CHECK(*files.replace(dir / "dangling", "z") == FilePlan::create);
  CHECK(slurp(dir / "nothing") == "z");
  fs::create_symlink("loop", dir / "loop");
  CHECK_FALSE(files.replace(dir / "loop", "z"));
  const auto refused = files.replace(dir / "a", "z");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("Is a directory") != std::string::npos);
  CHECK_FALSE(files.replace("/proc/longshore/out", "z"));
}

TEST_CASE("a pipe or a device stays one and gets the text") {
  const TempDir dir;
  RealFiles files;
  const std::string pipe = dir / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_FALSE(files.replace(pipe, "nobody reads").has_value());
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  CHECK(*files.replace(pipe, "text") == FilePlan::replace);
  char got[16] = {};
  CHECK(::read(reader, got, sizeof got) == 4);
  CHECK(std::string(got) == "text");
  ::close(reader);
  CHECK(S_ISFIFO(status_of(pipe).st_mode));
  // As /dev/stdout does: to the process' own descriptor, whose file has no name that could be renamed over.
  int ends[2] = {};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  CHECK(*files.replace("/proc/self/fd/" + std::to_string(ends[1]), "more") == FilePlan::replace);
  CHECK(::read(ends[0], got, sizeof got) == 4);
  CHECK(std::string(got) == "more");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a pipe gets a text once: again when it is another one, another pipe, or when it had not got all of it") {
  const TempDir dir;
  RealFiles files;
  const std::string path = dir / "pipe";
  Descriptor pipe = pipe_at(path);
  CHECK(*files.replace(path, "one") == FilePlan::replace);
  CHECK(take(pipe.get()) == "one");
  CHECK(*files.replace(path, "one") == FilePlan::unchanged);
  CHECK(take(pipe.get()).empty());
  CHECK(*files.replace(path, "two") == FilePlan::replace);
  CHECK(*files.replace(path, "one") == FilePlan::replace);
  CHECK(take(pipe.get()) == "twoone");
  CHECK_FALSE(files.replace(path, std::string(1U << 20U, 'x')));
  while (!take(pipe.get()).empty()) {
  }
  CHECK(*files.replace(path, "one") == FilePlan::replace);
  CHECK(take(pipe.get()) == "one");
  fs::remove(path);
  pipe = pipe_at(path);
  CHECK(*files.replace(path, "one") == FilePlan::replace);
  CHECK(take(pipe.get()) == "one");
}

TEST_CASE("what one template sent to a pipe is nothing that another one has sent") {
  const TempDir dir;
  RealFiles files;
  const std::string path = dir / "pipe";
  const Descriptor pipe = pipe_at(path);
  const Writer one{.index = 1}, two{.index = 2}, beside{.index = 2, .part = 1};
  for (const auto& [writer, text] : {std::pair(one, "one,"), std::pair(two, "two,"), std::pair(beside, "beside,")})
    CHECK(*files.replace(path, text, {}, writer) == FilePlan::replace);
  CHECK(take(pipe.get()) == "one,two,beside,");
  for (const auto& [writer, text] : {std::pair(one, "one,"), std::pair(two, "two,"), std::pair(beside, "beside,")})
    CHECK(*files.replace(path, text, {}, writer) == FilePlan::unchanged);
  CHECK(take(pipe.get()).empty());
  // The same text is news from another one.
  CHECK(*files.replace(path, "one,", {}, two) == FilePlan::replace);
  CHECK(*files.replace(path, "one,", {}, one) == FilePlan::unchanged);
  CHECK(take(pipe.get()) == "one,");
}

TEST_CASE("two templates with one pipe: rendered again with the same text nothing is sent and no command runs") {
  Stage stage;
  const std::string journal = stage.dir / "journal";
  const Descriptor pipe = pipe_at(stage.dir / "pipe");
  for (const char* name : {"one", "two", "both"}) fs::create_symlink("pipe", stage.dir / (name + std::string(".out")));
  stage.consul.set_key("k", "first");
  stage.add("one", "one {{len (key \"k\")}},", "echo one >> " + journal);
  stage.add("two", "two {{len (key \"k\")}},", "echo two >> " + journal);
  stage.add(
      "both",
      "{{ $k := key \"k\" }}{{ \"beside,\" | writeToFile \"" + (stage.dir / "pipe") + "\" \"\" \"\" \"0644\" }}both,",
      "echo both >> " + journal);
  // Tells that the pass is over.
  stage.add("last", "{{key \"k\"}}");
  stage.start();
  REQUIRE(stage.until_file("last", "first"));
  REQUIRE(stage.until([&] { return exists(journal) && slurp(journal) == "one\ntwo\nboth\n"; }));
  CHECK(take(pipe.get()) == "one 5,two 5,beside,both,");
  stage.consul.set_key("k", "again");
  REQUIRE(stage.until_file("last", "again"));
  CHECK(take(pipe.get()).empty());
  stage.consul.set_key("k", "longer");
  REQUIRE(stage.until_file("last", "longer"));
  REQUIRE(stage.until([&] { return slurp(journal) == "one\ntwo\nboth\none\ntwo\n"; }));
  CHECK(take(pipe.get()) == "one 6,two 6,");
}

TEST_CASE("a reader that does not read holds us up for a moment only, signals or not") {
  const TempDir dir;
  RealFiles files;
  const std::string path = dir / "pipe";
  const Descriptor pipe = pipe_at(path);
  const Interruptions interruptions;
  const auto start = std::chrono::steady_clock::now();
  const auto refused = files.replace(path, std::string(1U << 20U, 'x'));
  const auto took = std::chrono::steady_clock::now() - start;
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::timeout);
  CHECK(took >= std::chrono::milliseconds(200));
  CHECK(took < std::chrono::seconds(4));
}

TEST_CASE("a descriptor of our own is written to as it is") {
  const TempDir dir;
  RealFiles files;
  SUBCASE("a socket, as stdout of a service is") {
    int ends[2] = {};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Descriptor reader(ends[0]), writer(ends[1]);
    REQUIRE(::fcntl(reader.get(), F_SETFL, O_NONBLOCK) == 0);
    fs::create_symlink("/dev/fd/" + own(writer), dir / "link");
    CHECK(*files.replace(dir / "link", "text") == FilePlan::replace);
    CHECK(take(reader.get()) == "text");
    CHECK(*files.replace("/proc/self/fd/" + own(writer), "text") == FilePlan::unchanged);
    CHECK(take(reader.get()).empty());
    CHECK_FALSE(files.replace(dir / "link", std::string(8U << 20U, 'x')));
    CHECK((::fcntl(writer.get(), F_GETFL) & O_NONBLOCK) == 0);
  }
  SUBCASE("a pipe that nobody reads, whose descriptor blocks") {
    int ends[2] = {};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Descriptor reader(ends[0]), writer(ends[1]);
    CHECK(*files.replace("/dev/fd/" + own(writer), "text") == FilePlan::replace);
    CHECK(take(reader.get()) == "text");
    const auto refused = files.replace("/dev/fd/" + own(writer), std::string(1U << 20U, 'x'));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::timeout);
    CHECK((::fcntl(writer.get(), F_GETFL) & O_NONBLOCK) == 0);
  }
  SUBCASE("a file: behind what is there, which stays as it is, and what follows comes after it") {
    spill(dir / "log", "text");
    ::chmod((dir / "log").c_str(), 0600);
    const Descriptor log(::open((dir / "log").c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::lseek(log.get(), 0, SEEK_END) == 4);
    const FileOptions options{.mode = 0644, .backup = true};
    CHECK(*files.replace("/dev/fd/" + own(log), "text", options) == FilePlan::replace);
    CHECK(::write(log.get(), ".", 1) == 1);
    CHECK(*files.replace("/dev/fd/" + own(log), "text", options) == FilePlan::unchanged);
    CHECK(slurp(dir / "log") == "texttext.");
    CHECK((status_of(dir / "log").st_mode & 07777) == 0600);
    CHECK(entries(dir.path()) == 1);
  }
  SUBCASE("one that is open for reading only, and none") {
    const Descriptor zero(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
    CHECK_FALSE(files.replace("/dev/fd/" + own(zero), "text"));
    CHECK_FALSE(files.replace("/dev/fd/1000000", "text"));
    CHECK_FALSE(files.replace("/dev/fd/99999999999999", "text"));
  }
}

TEST_CASE("what is appended to a pipe goes there alone, and what the pipe holds is not taken") {
  const TempDir dir;
  RealFiles files;
  const std::string path = dir / "pipe";
  const Descriptor pipe = pipe_at(path);
  REQUIRE(::write(pipe.get(), "theirs,", 7) == 7);
  CHECK(write_extra(files, {path, "one", {}, true}));
  CHECK(write_extra(files, {path, "one", {}, true}));
  CHECK(take(pipe.get()) == "theirs,one");
}

TEST_CASE("a dry run reads no pipe") {
  Stage stage;
  stage.config.machine.once = stage.config.machine.dry = true;
  stage.add("t", "text\n");
  const Descriptor pipe = pipe_at(stage.dir / "t.out");
  REQUIRE(::write(pipe.get(), "theirs", 6) == 6);
  stage.start();
  REQUIRE(stage.until([&] { return stage.code.has_value(); }));
  CHECK(*stage.code == 0);
  CHECK(take(pipe.get()) == "theirs");
}

TEST_CASE("a staged file that a killed predecessor left behind is no obstacle") {
  const TempDir dir;
  RealFiles files;
  spill(dir / ".out.longshore-new", "half");
  ::chmod((dir / ".out.longshore-new").c_str(), 0400);
  CHECK(*files.replace(dir / "out", "whole") == FilePlan::create);
  CHECK(slurp(dir / "out") == "whole");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("the version before the last change is kept in the state directory") {
  const TempDir dir;
  RealFiles files({.state_dir = dir / "state"});
  const std::string path = dir / "out";
  CHECK(*files.replace(path, "one") == FilePlan::create);
  CHECK_FALSE(exists(kept_path(dir / "state", path)));
  CHECK(*files.replace(path, "two") == FilePlan::replace);
  CHECK(slurp(kept_path(dir / "state", path)) == "one");
  CHECK(*files.replace(path, "three") == FilePlan::replace);
  CHECK(slurp(kept_path(dir / "state", path)) == "two");
  CHECK(kept_path("s", "/a/b%c") == "s/last-good/%2Fa%2Fb%25c");
  // A state directory that cannot be used does not keep a file from going live.
  RealFiles stateless({.state_dir = "/proc/nowhere"});
  CHECK(*stateless.replace(path, "four") == FilePlan::replace);
}

TEST_CASE("a write that fails half-way leaves the old file and nothing else") {
  const TempDir dir;
  RealFiles files;
  const std::string path = dir / "out";
  CHECK(files.replace(path, "old"));
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = files.replace(path, std::string(5000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::io);
  CHECK(slurp(path) == "old");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("a full disk and a read-only file system leave the old file and nothing else") {
  const TempDir dir;
  const std::string disk = dir / "disk";
  fs::create_directory(disk);
  // A file system of this thread's own view: nobody else sees it, it ends with the mount point's last user.
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    MESSAGE("SKIPPED: mounting a small file system needs root");
    return;
  }
  RealFiles files;
  const std::string path = disk + "/out";
  CHECK(files.replace(path, "old"));
  auto refused = files.replace(path, std::string(100000, 'x'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("No space left on device") != std::string::npos);
  CHECK(slurp(path) == "old");
  CHECK(entries(disk) == 1);
  CHECK(*files.replace(path, "new") == FilePlan::replace);
  REQUIRE(::mount(nullptr, disk.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  refused = files.replace(path, "newer");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.find("Read-only file system") != std::string::npos);
  CHECK(slurp(path) == "new");
  ::umount2(disk.c_str(), MNT_DETACH);
}
