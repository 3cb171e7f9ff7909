#include "common/status/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

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
  for (const auto& [text, level] : cases) CHECK(parse_level(text) == level);
  for (const char* text : {"", "verbose", "2", "information"}) CHECK_FALSE(parse_level(text).has_value());
}

}  // namespace
}  // namespace longshore::status
