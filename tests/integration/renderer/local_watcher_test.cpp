// Files and programs of templates, on the real system.
#include "renderer/io/local_watcher.h"

#include <doctest/doctest.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "renderer/io/descriptor.h"
#include "renderer/io/extra_file.h"
#include "renderer/io/file_store.h"
#include "renderer/io/interfaces.h"
#include "renderer/io/plugin.h"

using namespace longshore;
using namespace longshore::render;
using Kind = Dependency::Kind;

namespace {

namespace fs = std::filesystem;

struct Bench {
  Bench() {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~Bench() {
    tasks.cancel_all();
    until([&] { return tasks.size() == 0; });
    fs::remove_all(folder);
  }

  bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < end) {
      loop.restart();
      loop.run_one_for(std::chrono::milliseconds(10));
    }
    return done();
  }
  // What comes after `had` answers.
  LocalData answer(std::size_t had) {
    REQUIRE(until([&] { return answers.size() > had; }));
    return answers[had];
  }
  std::string write(const std::string& name, const std::string& text) {
    const fs::path path = folder / name;
    std::ofstream(path, std::ios::trunc) << text;
    return path.string();
  }
  void shell(const std::string& script) {
    watcher.start({.kind = Kind::plugin, .name = "sh", .arguments = {"-c", script}});
  }

  fs::path folder = fs::temp_directory_path() / ("longshore-local-" + std::to_string(::getpid()));
  boost::asio::io_context loop;
  async::TaskGroup tasks{loop.get_executor()};
  std::vector<LocalData> answers;
  LocalWatcher watcher{
      tasks,
      {.look = std::chrono::milliseconds(20),
       .run_again_first = std::chrono::milliseconds(20),
       .run_again_most = std::chrono::milliseconds(50),
       .environment = {{"PATH", "/usr/bin:/bin"}, {"GREETING", "hello"}}},
      [this](Input input) { answers.push_back(std::get<LocalData>(std::get<input::Answered>(input).answer)); }};
};

async::Awaitable<void> keep_answer(async::TaskGroup& tasks, PluginRequest request,
                                   std::optional<PluginAnswer>& answer) {
  auto said = co_await run_plugin(tasks, std::move(request));
  answer = std::move(said);
}

}  // namespace

TEST_CASE("a file is followed: written, renamed over, removed, back again") {
  Bench bench;
  const std::string path = bench.write("f", "one");
  const Dependency on{.kind = Kind::file, .name = path};
  bench.watcher.start(on);
  CHECK(bench.answer(0) == LocalData{"one", ""});
  bench.write("f", "longer");
  // A look may fall between truncation and the new text; what counts is what it comes to.
  REQUIRE(bench.until([&] { return bench.answers.back().text == "longer"; }));
  fs::rename(bench.write("g", "rename"), path);
  REQUIRE(bench.until([&] { return bench.answers.back().text == "rename"; }));
  fs::remove(path);
  REQUIRE(bench.until([&] { return !bench.answers.back().problem.empty(); }));
  CHECK(bench.answers.back().problem.find("file(" + path + "): ") == 0);
  CHECK(bench.answers.back().problem.find("no such file") != std::string::npos);
  bench.write("f", "back");
  REQUIRE(bench.until([&] { return bench.answers.back().text == "back"; }));
  bench.watcher.stop(on);
  CHECK(bench.until([&] { return bench.tasks.size() == 0; }));
}

TEST_CASE("neither a pipe without a writer nor a device without an end is waited for") {
  Bench bench;
  const std::string pipe = (bench.folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const Descriptor opened(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  REQUIRE(::inotify_add_watch(opened.get(), pipe.c_str(), IN_OPEN) >= 0);
  bench.watcher.start({.kind = Kind::file, .name = pipe});
  CHECK(bench.answer(0).problem.ends_with("is a pipe, no file"));
  // An open would let somebody go on who waits for a reader.
  char event[512];
  CHECK(::read(opened.get(), event, sizeof event) < 0);
  bench.watcher.start({.kind = Kind::file, .name = "/dev/zero"});
  CHECK(bench.answer(1).problem.find("is larger than") != std::string::npos);
  bench.watcher.start({.kind = Kind::file, .name = "/dev/null"});
  CHECK(bench.answer(2) == LocalData{});
}

TEST_CASE("a sandbox is left neither by dots nor by links") {
  Bench bench;
  fs::create_directories(bench.folder / "in");
  bench.write("secret", "s");
  bench.write("in/open", "o");
  fs::create_symlink(bench.folder / "secret", bench.folder / "in/link");
  const std::string sandbox = (bench.folder / "in").string();
  for (const char* name : {"open", "../secret", "link", "none"})
    bench.watcher.start({.kind = Kind::file, .name = sandbox + "/" + name, .arguments = {sandbox}});
  REQUIRE(bench.until([&] { return bench.answers.size() == 4; }));
  std::size_t read = 0;
  std::size_t outside = 0;
  for (const LocalData& data : bench.answers) {
    if (data.text == "o") ++read;
    if (data.problem.ends_with("is outside of sandbox")) ++outside;
    CHECK(data.text != "s");
  }
  CHECK(read == 1);
  CHECK(outside == 2);
}

TEST_CASE("a program's words, its errors, and another try") {
  Bench bench;
  SUBCASE("stdout, trimmed, without stderr, with our environment and no stdin") {
    bench.shell("echo noise >&2; cat; echo; echo \" $GREETING \"");
    CHECK(bench.answer(0) == LocalData{"hello", ""});
  }
  SUBCASE("much output") {
    bench.shell("head -c 3000000 /dev/zero | tr '\\0' x");
    CHECK(bench.answer(0).text == std::string(3000000, 'x'));
  }
  SUBCASE("a failure is told in the original's form, then it is tried again") {
    const std::string mark = (bench.folder / "mark").string();
    bench.shell("test -e " + mark + " && { echo fine; exit 0; }; touch " + mark + "; echo out; echo err >&2; exit 3");
    CHECK(bench.answer(0).problem == "exec \"sh\": exit status 3\n\nstdout:\n\nout\n\n\nstderr:\n\nerr\n");
    CHECK(bench.answer(1) == LocalData{"fine", ""});
  }
  SUBCASE("no such program") {
    bench.watcher.start({.kind = Kind::plugin, .name = "no-such-program-here"});
    CHECK(bench.answer(0).problem.find("exec \"no-such-program-here\": ") == 0);
  }
}

TEST_CASE("what is wrong with a program in a few words, without a word of its own") {
  Bench bench;
  struct Row {
    const char* script;
    Error trouble;
  };
  const Row rows[] = {{"echo secret", {}},
                      {"echo secret; kill -KILL $$", {Errc::io, "killed by signal 9"}},
                      {"echo secret; sleep 60", {Errc::timeout, "did not finish in 200ms"}},
                      {"echo secret; exit 3", {Errc::rejected, "exit code 3"}},
                      {"head -c 9000000 /dev/zero", {Errc::limit, "more than 8 MiB of output"}}};
  std::optional<PluginAnswer> answer;
  const auto run = [&](std::vector<std::string> words) {
    PluginRequest request;
    request.words = std::move(words);
    request.limit = std::chrono::milliseconds(200);
    if (request.words.back().find("sleep") == std::string::npos) request.limit = std::chrono::seconds(20);
    answer.reset();
    bench.tasks.spawn("test", keep_answer(bench.tasks, std::move(request), answer));
    REQUIRE(bench.until([&] { return answer.has_value(); }));
  };
  for (const Row& row : rows) {
    CAPTURE(row.script);
    run({"sh", "-c", row.script});
    CHECK(answer->trouble == row.trouble);
    CHECK(answer->problem.empty() == row.trouble.text.empty());
  }
  run({"no-such-program-here"});
  CHECK(answer->trouble.code == Errc::not_found);
}

TEST_CASE("stopping ends the program and all that it started") {
  Bench bench;
  const std::string mark = (bench.folder / "pid").string();
  bench.shell("sleep 1000 & echo $! > " + mark + ".new; mv " + mark + ".new " + mark + "; wait");
  REQUIRE(bench.until([&] { return fs::exists(mark); }));
  int pid = 0;
  std::ifstream(mark) >> pid;
  REQUIRE(pid > 0);
  bench.tasks.cancel_all();
  CHECK(bench.until([&] { return bench.tasks.size() == 0; }));
  CHECK(bench.until([&] { return ::kill(pid, 0) != 0 || fs::exists("/proc/" + std::to_string(pid)) == false; }));
  CHECK(bench.answers.empty());
}

TEST_CASE("writeToFile replaces, appends, makes folders, and refuses links") {
  Bench bench;
  RealFiles files;
  const auto text_of = [&](const std::string& name) { return files.read((bench.folder / name).string()).value(); };
  const auto write = [&](const std::string& name, const std::string& text, bool append) {
    return write_extra(files, {(bench.folder / name).string(), text, {.mode = 0640}, append});
  };
  CHECK(write("a/b/c", "one", false));
  CHECK(text_of("a/b/c") == "one");
  CHECK((fs::status(bench.folder / "a/b/c").permissions() & fs::perms::mask) == fs::perms(0640));
  CHECK(write("a/b/c", "two", false));
  CHECK(text_of("a/b/c") == "two");
  CHECK(write("a/b/c", "+", true));
  CHECK(text_of("a/b/c") == "two+");
  CHECK(write("a/new", "+", true));
  CHECK(text_of("a/new") == "+");
  fs::create_symlink(bench.folder / "a/new", bench.folder / "link");
  fs::create_directory_symlink(bench.folder / "a", bench.folder / "way");
  const auto file_link = write("link", "x", false);
  REQUIRE_FALSE(file_link);
  CHECK(file_link.error().text.find("writeToFile: refusing to write to symlink") == 0);
  const auto folder_link = write("way/new", "x", false);
  REQUIRE_FALSE(folder_link);
  CHECK(folder_link.error().text.find("writeToFile: refusing to write through symlinked directory") == 0);
  CHECK(text_of("a/new") == "+");
}

TEST_CASE("the addresses of this machine are as the kernel has them") {
  const Interfaces now = read_interfaces();
  CHECK(now.problem.empty());
  const auto own = std::ranges::find_if(
      now.addresses, [](const auto& address) { return tmpl::sockaddr::to_string(address.ip) == "127.0.0.1/8"; });
  REQUIRE(own != now.addresses.end());
  CHECK(own->interface->name == "lo");
  CHECK(own->interface->index == 1);
  CHECK(own->interface->mtu > 0);
  CHECK(own->interface->hardware.empty());
  CHECK((own->interface->flags & tmpl::sockaddr::kLoopback) != 0);
}

TEST_CASE("the default interface is that of the first default route over a gateway") {
  const std::string head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  const std::string direct = "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n";
  const std::string net = "eth1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n";
  const std::string half = "tun0\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n";
  const std::string gateway = "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n";
  const std::string second = "wlan0\t00000000\t0100000B\t0003\t0\t0\t600\t00000000\t0\t0\t0\n";
  CHECK(default_interface(head + direct + half + gateway + second + net) == "eth0");
  CHECK(default_interface(head + direct + half + net).empty());
  CHECK(default_interface(head).empty());
  CHECK(default_interface("").empty());
  CHECK(default_interface("eth0\t00000000\n\t\t\t\t\t\t\t\t\n").empty());
}
