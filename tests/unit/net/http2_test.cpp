// One HTTP/2 connection against frames made by hand (RFC 9113; ":status 200" is 0x88 in HPACK's static table).
#include "common/net/http2.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "tests/support/run_coroutine.h"

namespace longshore::net {
namespace {
using async::Awaitable;
namespace asio = boost::asio;

enum FrameType : unsigned char {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPush = 5,
  kPing = 6,
  kGoAway = 7
};
constexpr unsigned char kEndStream = 1, kEndHeaders = 4;

std::string number(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}
std::string frame(unsigned char type, unsigned char flags, std::uint32_t stream, const std::string& payload) {
  std::string out = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  return out + number(stream) + payload;
}
std::string settings(std::uint16_t key, std::uint32_t value) {
  return frame(kSettings, 0, 0, std::string{'\0', static_cast<char>(key)} + number(value));
}
std::string answer(std::uint32_t stream, const std::string& body) {
  return frame(kHeaders, kEndHeaders, stream, "\x88") + frame(kData, kEndStream, stream, body);
}

// The server's side: what it says when, and what it heard.
class Script {
 public:
  explicit Script(const async::Executor& executor) : news(executor) {}
  void say(const std::string& bytes) {
    to_client += bytes;
    news.cancel();
  }
  void hang_up() {
    ended = true;
    news.cancel();
  }
  bool heard_reset(std::uint32_t stream) const {
    return from_client.find(frame(kReset, 0, stream, number(8))) != std::string::npos;  // 8: CANCEL
  }
  std::string to_client, from_client;
  bool ended = false, closed = false;
  asio::steady_timer news;
};

class ScriptedStream final : public Stream {
 public:
  explicit ScriptedStream(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  Awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    while (script_->to_client.empty() && !script_->ended && !script_->closed) {
      script_->news.expires_at(base::TimePoint::max());
      boost::system::error_code woken;
      auto token = asio::redirect_error(asio::use_awaitable, woken);
      co_await script_->news.async_wait(token);
    }
    if (script_->closed) co_return fail(Errc::cancelled, "closed");
    const std::size_t count = std::min(into.size(), script_->to_client.size());
    std::memcpy(into.data(), script_->to_client.data(), count);
    script_->to_client.erase(0, count);
    co_return count;
  }
  Awaitable<Status> write_all(std::string_view bytes) override {
    script_->from_client += bytes;
    co_return Status();
  }
  void finish() override {}
  bool quiet() override { return true; }
  void close() override {
    script_->closed = true;
    script_->news.cancel();
  }

 private:
  std::shared_ptr<Script> script_;
};

struct Stage {
  Stage() : tasks(context.get_executor()), script(std::make_shared<Script>(context.get_executor())) {}
  void start(std::size_t body_limit = 1 << 20) {
    connection = Http2Connection::start(tasks, std::make_unique<ScriptedStream>(script), body_limit);
  }
  // A request under way; its outcome appears later.
  std::shared_ptr<std::optional<Http2Connection::Outcome>> ask(std::string target, PhaseTimeouts limits = {}) {
    auto out = std::make_shared<std::optional<Http2Connection::Outcome>>();
    task = tasks.spawn("request", request(connection, std::move(target), limits, out));
    return out;
  }
  static Awaitable<void> request(std::shared_ptr<Http2Connection> connection, std::string target, PhaseTimeouts limits,
                                 std::shared_ptr<std::optional<Http2Connection::Outcome>> out) {
    Request request;
    request.target = std::move(target);
    *out = co_await connection->round_trip(std::move(request), std::string("consul.test"), limits);
  }
  // Turns of the executor until it is so; false if it never comes.
  template <class Condition>
  bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + test::kTestLimit;
    while (!condition() && std::chrono::steady_clock::now() < end) context.run_one_for(std::chrono::milliseconds(100));
    return condition();
  }
  bool sent(std::string_view text) {
    return until([&] { return script->from_client.find(text) != std::string::npos; });
  }
  ~Stage() {
    if (connection) connection->close({Errc::cancelled, "end of the test"});
    tasks.cancel_all();
    CHECK(until([&] { return tasks.size() == 0; }));
  }
  asio::io_context context;
  async::TaskGroup tasks;
  std::shared_ptr<Script> script;
  std::shared_ptr<Http2Connection> connection;
  async::TaskGroup::TaskId task = 0;
};

std::string body_of(const std::optional<Http2Connection::Outcome>& outcome) {
  return outcome && outcome->response ? outcome->response->body : "none";
}
std::optional<Errc> error_of(const std::optional<Http2Connection::Outcome>& outcome) {
  if (!outcome || outcome->response) return std::nullopt;
  return outcome->response.error().code;
}

TEST_CASE("http2: requests share the connection and are answered in any order") {
  Stage stage;
  stage.start();
  REQUIRE(stage.sent("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  stage.script->say(settings(3, 7));
  const auto first = stage.ask("/a"), second = stage.ask("/b");
  REQUIRE(stage.until([&] { return stage.connection->streams() == 2; }));
  stage.script->say(answer(3, "two") + answer(1, "one"));
  REQUIRE(stage.until([&] { return first->has_value() && second->has_value(); }));
  CHECK(body_of(*first) == "one");
  CHECK(body_of(*second) == "two");
  CHECK((*first)->response->status == 200);
  CHECK(stage.connection->limit() == 7);
  CHECK(stage.connection->streams() == 0);
  CHECK(stage.connection->idle());
  CHECK(stage.connection->open());
}

TEST_CASE("http2: what the server refused may be sent again, what it began may not") {
  Stage stage;
  stage.start();
  const auto refused = stage.ask("/a"), begun = stage.ask("/b");
  REQUIRE(stage.until([&] { return stage.connection->streams() == 2; }));
  stage.script->say(settings(3, 250) + frame(kReset, 0, 1, number(7)));  // REFUSED_STREAM
  stage.script->say(frame(kHeaders, kEndHeaders, 3, "\x88") + frame(kReset, 0, 3, number(2)));
  REQUIRE(stage.until([&] { return refused->has_value() && begun->has_value(); }));
  CHECK(error_of(*refused) == Errc::unreachable);
  CHECK((*refused)->repeatable);
  CHECK(error_of(*begun) == Errc::unreachable);
  CHECK_FALSE((*begun)->repeatable);
  CHECK(stage.connection->open());
}

TEST_CASE("http2: after GOAWAY what is under way ends well and nothing new begins") {
  Stage stage;
  stage.start();
  const auto first = stage.ask("/a"), second = stage.ask("/b");
  REQUIRE(stage.until([&] { return stage.connection->streams() == 2; }));
  stage.script->say(settings(3, 250) + frame(kGoAway, 0, 0, number(1) + number(0)));
  REQUIRE(stage.until([&] { return second->has_value(); }));
  CHECK((*second)->repeatable);
  CHECK_FALSE(stage.connection->open());
  stage.script->say(answer(1, "still"));
  REQUIRE(stage.until([&] { return first->has_value(); }));
  CHECK(body_of(*first) == "still");
}

TEST_CASE("http2: a late request ends alone while the connection lives, and with it when it is silent") {
  PhaseTimeouts limits;
  limits.first_byte = std::chrono::milliseconds(50);
  SUBCASE("others are answered") {
    Stage stage;
    stage.start();
    const auto late = stage.ask("/late", limits), other = stage.ask("/other");
    REQUIRE(stage.until([&] { return stage.connection->streams() == 2; }));
    stage.script->say(settings(3, 250) + answer(3, "x"));
    REQUIRE(stage.until([&] { return late->has_value() && other->has_value(); }));
    CHECK(error_of(*late) == Errc::timeout);
    CHECK(body_of(*other) == "x");
    CHECK(stage.until([&] { return stage.script->heard_reset(1); }));
    CHECK(stage.connection->open());
  }
  SUBCASE("nothing comes at all") {
    Stage stage;
    stage.start();
    const auto late = stage.ask("/late", limits);
    REQUIRE(stage.until([&] { return late->has_value(); }));
    CHECK(error_of(*late) == Errc::timeout);
    CHECK_FALSE(stage.connection->open());
    CHECK(stage.script->closed);
  }
}

TEST_CASE("http2: a cancelled request resets its stream") {
  Stage stage;
  stage.start();
  const auto gone = stage.ask("/gone");
  REQUIRE(stage.until([&] { return stage.connection->streams() == 1; }));
  stage.script->say(settings(3, 250));
  REQUIRE(stage.sent(std::string("\x01\x05", 2) + number(1)));  // HEADERS with both flags on stream 1
  stage.tasks.cancel(stage.task);
  REQUIRE(stage.until([&] { return stage.script->heard_reset(1); }));
  CHECK_FALSE(gone->has_value());
  CHECK(stage.connection->idle());
  CHECK(stage.connection->open());
  const auto next = stage.ask("/next");
  REQUIRE(stage.until([&] { return stage.connection->streams() >= 1; }));
  stage.script->say(answer(3, "next"));
  REQUIRE(stage.until([&] { return next->has_value(); }));
  CHECK(body_of(*next) == "next");
}

TEST_CASE("http2: a body beyond the limit, and an answer that stops in the middle") {
  Stage stage;
  stage.start(10);
  const auto large = stage.ask("/large"), cut = stage.ask("/cut");
  REQUIRE(stage.until([&] { return stage.connection->streams() == 2; }));
  stage.script->say(settings(3, 250) + answer(1, "more than ten bytes"));
  stage.script->say(frame(kHeaders, kEndHeaders, 3, "\x88") + frame(kData, 0, 3, "half"));
  REQUIRE(stage.until([&] { return large->has_value(); }));
  CHECK(error_of(*large) == Errc::limit);
  stage.script->hang_up();
  REQUIRE(stage.until([&] { return cut->has_value(); }));
  CHECK(error_of(*cut) == Errc::unreachable);
  CHECK_FALSE((*cut)->repeatable);
  CHECK_FALSE(stage.connection->open());
}

TEST_CASE("http2: hostile frames end the connection, not the process") {
  std::string pings, many_headers = frame(kHeaders, 0, 1, "\x88");
  for (int i = 0; i < 20000; ++i) pings += frame(kPing, 0, 0, "12345678");
  for (int i = 0; i < 2000; ++i) many_headers += frame(9, 0, 1, std::string(1000, '\x88'));
  const std::string attacks[] = {
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
      std::string("\xff\xff\xff\x00\x00", 5) + number(1),  // 16 MiB of data
      frame(kData, 0, 0, "data without a stream"),
      frame(kHeaders, kEndHeaders, 2, "\x88"),                      // a stream that nobody opened
      frame(kHeaders, kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff"),  // no such entry in the table
      frame(kSettings, 0, 0, "odd"),
      settings(4, 0xffffffffU),  // a window beyond 2^31-1
      frame(8, 0, 0, number(0x7fffffff)) + frame(8, 0, 0, number(0x7fffffff)),
      many_headers,
  };
  for (const std::string& attack : attacks) {
    INFO("attack ", &attack - attacks);
    Stage stage;
    stage.start();
    const auto asked = stage.ask("/a");
    REQUIRE(stage.until([&] { return stage.connection->streams() == 1; }));
    stage.script->say(attack.starts_with("HTTP") ? attack : settings(3, 250) + attack);
    if (attack == attacks[1]) stage.script->hang_up();
    REQUIRE(stage.until([&] { return asked->has_value(); }));
    CHECK(error_of(*asked).has_value());
    CHECK(stage.until([&] { return !stage.connection->open(); }));
  }
  Stage stage;
  stage.start();
  const auto asked = stage.ask("/a");
  stage.script->say(settings(3, 250) + pings + answer(1, "alive"));
  REQUIRE(stage.until([&] { return asked->has_value(); }));
}

TEST_CASE("http2: a push that was refused in the settings never becomes an answer") {
  Stage stage;
  stage.start();
  const auto asked = stage.ask("/a");
  REQUIRE(stage.until([&] { return stage.connection->streams() == 1; }));
  stage.script->say(settings(3, 250) + frame(kPush, kEndHeaders, 1, number(2) + "\x82") + answer(1, "own"));
  REQUIRE(stage.until([&] { return asked->has_value(); }));
  CHECK((body_of(*asked) == "own" || error_of(*asked).has_value()));
}

TEST_CASE("http2: a secret's header is sent, line breaks in one are refused") {
  Stage stage;
  stage.start();
  Request request;
  request.headers.set("X-Bad", "a\r\nb");
  std::optional<Http2Connection::Outcome> outcome;
  const auto body = [&](Request asked) -> Awaitable<void> {
    outcome = co_await stage.connection->round_trip(std::move(asked), std::string("consul.test"), PhaseTimeouts());
  };
  stage.tasks.spawn("bad", body(request));
  REQUIRE(stage.until([&] { return outcome.has_value(); }));
  CHECK(error_of(outcome) == Errc::invalid_input);
}

}  // namespace
}  // namespace longshore::net
