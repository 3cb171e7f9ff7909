#include "common/status/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "common/async/signals.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace longshore::status {
namespace {

const base::LogLine kLine{base::Level::info, "service_registered", {{"service", "web"}, {"reason", "a \"new\" one"}}};

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() { ::close(ends[0]), ::close(ends[1]); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // All that is there now, at most `most` bytes.
  std::string take(std::size_t most = 1 << 20) {
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::string text(most, '\0');
    std::size_t size = 0;
    for (ssize_t got = 1; got > 0 && size<most; size += got> 0 ? static_cast<std::size_t>(got) : 0)
      got = ::read(ends[0], text.data() + size, most - size);
    text.resize(size);
    return text;
  }

  int ends[2] = {-1, -1};
};

std::filesystem::perms current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return static_cast<std::filesystem::perms>(mask);
}

Log log_to(const Pipe& pipe, LogFormat format = LogFormat::key_value, base::Level level = base::Level::info) {
  LogOptions options;
  options.level = level;
  options.format = format;
  options.component = "agent";
  options.descriptor = pipe.ends[1];
  return Log(options);
}

TEST_CASE("bodies in both formats") {
  CHECK(log_body(kLine, "agent", LogFormat::key_value) ==
        R"(component=agent event=service_registered service=web reason="a \"new\" one")");
  CHECK(log_body(kLine, "agent", LogFormat::json) ==
        R"("component":"agent","event":"service_registered","service":"web","reason":"a \"new\" one")");
  // Malformed UTF-8 must not break the JSON reader.
  CHECK(log_body({base::Level::info, "x", {{"k", "\xff"}}}, "a", LogFormat::json) ==
        "\"component\":\"a\",\"event\":\"x\",\"k\":\"\xEF\xBF\xBD\"");
}

TEST_CASE("a line has time, level, component, event") {
  Pipe pipe;
  Log log = log_to(pipe);
  log.write(kLine);
  const std::string text = pipe.take();
  // 2026-11-20T11:00:00.123Z
  REQUIRE(text.size() > 24);
  for (const std::size_t at : {4, 7}) CHECK(text[at] == '-');
  CHECK(text[10] == 'T');
  CHECK(text[19] == '.');
  CHECK(text[23] == 'Z');
  CHECK(text.substr(24) ==
        " level=info component=agent event=service_registered service=web reason=\"a \\\"new\\\" one\"\n");
}

TEST_CASE("JSON lines are JSON, whatever is in them") {
  Pipe pipe;
  Log log = log_to(pipe, LogFormat::json);
  log.write({base::Level::warn, "odd", {{"text", "{} %v \n \"\\"}, {"braces", "{0}"}}});
  const std::string text = pipe.take();
  CHECK(text.find('\n') == text.size() - 1);
  const Result<json::Value> line = json::parse(text, "line");
  REQUIRE(line.has_value());
  CHECK((*line)["level"] == "warn");
  CHECK((*line)["event"] == "odd");
  CHECK((*line)["text"] == "{} %v \n \"\\");
  CHECK((*line)["braces"] == "{0}");
}

TEST_CASE("consul-template's form: local time, level and component in brackets") {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  for (const auto& [zone, ending] : {std::pair{"UTC0", "Z"}, std::pair{"<+02>-2", "+0200"}}) {
    ::setenv("TZ", zone, 1);
    ::tzset();
    Pipe pipe;
    Log log = log_to(pipe, LogFormat::consul_template);
    log.write({base::Level::warn, "late", {{"by", "1s"}}});
    const std::string line = pipe.take();
    CHECK(line.size() > 24);
    CHECK(line.substr(23) == std::string(ending) + " [WARN] (agent) event=late by=1s\n");
  }
  if (kept.empty())
    ::unsetenv("TZ");
  else
    ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST_CASE("registrator's form: local time to the second, its own sentences bare, all else as key=value") {
  Pipe pipe;
  LogOptions options;
  options.format = LogFormat::consul_template;
  options.component = "registrator";
  options.descriptor = pipe.ends[1];
  Log log = Log(options).named("agent");
  log.write({base::Level::info, "", {{"text", "added: 0123456789ab host:web:80"}}});
  const std::string line = pipe.take();
  REQUIRE(line.size() > 20);
  CHECK(line.substr(19) == " added: 0123456789ab host:web:80\n");
  CHECK((line[4] == '/' && line[7] == '/' && line[10] == ' ' && line[13] == ':' && line[16] == ':'));
  log.write({base::Level::warn, "late", {{"by", "1s"}}});
  CHECK(pipe.take().substr(19) == " level=warn component=agent event=late by=1s\n");
}

TEST_CASE("log files: named by time, turned by size, older ones removed") {
  namespace fs = std::filesystem;
  char pattern[] = "/tmp/longshore-log-XXXXXX";
  const fs::path directory = ::mkdtemp(pattern);
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(directory)) names.push_back(each.path().filename().string());
    return names;
  };
  for (const auto& [older, wanted] : {std::pair{0, 5}, std::pair{2, 3}, std::pair{-1, 1}}) {
    {
      Pipe pipe;
      Log log = log_to(pipe);
      REQUIRE(log.add_file({.path = (directory / "app.log").string(), .bytes = 10, .older_files = older}));
      for (int i = 0; i < 5; ++i) log.write(kLine);
    }
    const auto names = files();
    CHECK(names.size() == static_cast<std::size_t>(wanted));
    for (const std::string& name : names) {
      CHECK(name.starts_with("app-"));
      CHECK(name.ends_with(".log"));
      CHECK((fs::status(directory / name).permissions() & fs::perms::mask) == (fs::perms(0640) & ~current_umask()));
      CHECK(fs::file_size(directory / name) > 10);
      fs::remove(directory / name);
    }
  }
  Pipe pipe;
  Log log = log_to(pipe);
  CHECK(log.add_file({.path = (directory / "none/app.log").string()}).error().code == Errc::not_found);
  CHECK(log.add_syslog({.facility = "local7"}));
  CHECK(log.add_syslog({.facility = "LOCAL9"}).error().text.find("LOCAL7") != std::string::npos);
  fs::remove_all(directory);
}

TEST_CASE("levels filter, and change for all copies") {
  Pipe pipe;
  Log log = log_to(pipe);
  Log renderer = log.named("render");
  renderer.write({base::Level::debug, "hidden", {}});
  CHECK(pipe.take().empty());
  log.set_level(base::Level::debug);
  CHECK(renderer.enabled(base::Level::debug));
  CHECK_FALSE(renderer.enabled(base::Level::trace));
  renderer.write({base::Level::debug, "shown", {}});
  CHECK(pipe.take().ends_with(" level=debug component=render event=shown\n"));
}

TEST_CASE("a reader that is gone is no problem") {
  async::ignore_broken_pipes();
  Pipe pipe;
  Log log = log_to(pipe);
  ::close(pipe.ends[0]);
  log.write(kLine);
  log.write(kLine);
}

TEST_CASE("a reader that is stuck costs lines, not time, and their number is told") {
  Pipe pipe;
  Log log = log_to(pipe);
  const base::LogLine big{base::Level::info, "big", {{"text", std::string(1000, 'x')}}};
  const auto start = std::chrono::steady_clock::now();
  constexpr int kLines = 1000;  // a megabyte; a pipe holds 64 KiB
  for (int i = 0; i < kLines; ++i) log.write(big);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  const std::vector<std::string> kept = base::split(pipe.take(), '\n');
  log.write({base::Level::info, "after", {}});
  const std::vector<std::string> later = base::split(pipe.take(), '\n');
  REQUIRE(later.size() == 3);
  const std::size_t dropped = kLines - (kept.size() - 1);
  CHECK(dropped > 0);
  CHECK(later[0] == "level=warn event=log_lines_dropped count=" + std::to_string(dropped));
  CHECK(later[1].ends_with("event=after"));
}

TEST_CASE("a line longer than a pipe is cut, and the next one stands alone") {
  Pipe pipe;
  Log log = log_to(pipe);
  log.write({base::Level::info, "huge", {{"text", std::string(200'000, 'x')}}});
  CHECK(pipe.take().find("event=huge") != std::string::npos);
  log.write({base::Level::info, "after", {}});
  const std::vector<std::string> lines = base::split(pipe.take(), '\n');
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].empty());
  CHECK(lines[1] == "level=warn event=log_lines_dropped count=1");
  CHECK(lines[2].ends_with("event=after"));
}

TEST_CASE("level names") {
  using base::Level;
  const std::pair<const char*, Level> cases[] = {
      {"trace", Level::trace},  {"debug", Level::debug}, {"INFO", Level::info},   {"Warn", Level::warn},
      {"warning", Level::warn}, {"err", Level::error},   {"error", Level::error}, {" info ", Level::info},
  };
  for (const auto& [text, level] : cases) CHECK(parse_level(text).value() == level);
  for (const char* text : {"", "verbose", "2", "information"}) CHECK_FALSE(parse_level(text).has_value());
}

}  // namespace
}  // namespace longshore::status
