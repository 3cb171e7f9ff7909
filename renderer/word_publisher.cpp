#include "renderer/word_publisher.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>

#include "common/base/hash.h"

namespace longshore::render {
namespace {

// Consul ends a session up to twice its TTL after the last renewal. 10 s is its least.
constexpr base::Duration kSessionTtl = std::chrono::seconds(15);
constexpr base::Duration kRenewEvery = std::chrono::seconds(5);
// Between writes, so that a flapping container does not fill Consul's log: a pause, and time for each byte.
constexpr base::Duration kPause = std::chrono::milliseconds(20);
constexpr std::size_t kBytesPerSecond = 200 * 1000;

std::string hex(std::uint64_t value, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return std::string(text, static_cast<std::size_t>(digits));
}

std::string rfc3339_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::uint64_t ticks() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

}  // namespace

std::string host_name() {
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) != 0) return "unknown";
  return name;
}

std::string renderer_id(std::vector<std::string> destinations) {
  std::string machine;
  std::ifstream("/etc/machine-id") >> machine;
  std::ranges::sort(destinations);
  std::uint64_t hash = base::fnv1a(machine);
  for (const std::string& one : destinations) hash = base::fnv1a("\n" + one, hash);
  return host_name() + "-" + hex(hash, 8);
}

WordPublisher::WordPublisher(const async::Executor& executor, consul::Client& client, std::string prefix,
                             std::string id, Compose compose, Log log)
    : client_(client),
      prefix_(std::move(prefix)),
      marker_(client_, prefix_),
      id_(std::move(id)),
      instance_(hex(base::fnv1a(std::to_string(::getpid()), ticks()), 16)),
      compose_(std::move(compose)),
      log_(std::move(log)),
      wake_(executor),
      left_(executor),
      random_(ticks()) {}

void WordPublisher::changed() {
  if (std::exchange(dirty_, true)) return;
  wake_.push({});
}

base::TimePoint WordPublisher::next_due() const {
  if (session_.empty()) return retry_at_;
  return dirty_ ? std::min(write_at_, renew_at_) : renew_at_;
}

async::Awaitable<void> WordPublisher::run() {
  // Nothing is said before there is something to say.
  while (!dirty_ && !leaving_) {
    const base::TimePoint later = async::now() + std::chrono::hours(1);
    co_await wake_.pop_until(later);
  }
  while (!leaving_) {
    const base::TimePoint due = next_due();
    if (async::now() < due) {
      co_await wake_.pop_until(due);
      continue;
    }
    Status done;
    if (session_.empty()) {
      done = co_await acquire();
    } else if (dirty_ && async::now() >= write_at_) {
      done = co_await write();
    } else {
      co_await renew();
      continue;
    }
    if (done) {
      backoff_.reset();
      problem_.clear();
    } else {
      failed(done.error());
    }
  }
  co_await remove();
  left_.push({});
}

async::Awaitable<void> WordPublisher::remove() {
  if (session_.empty()) co_return;
  std::string where = key();
  [[maybe_unused]] const auto deleted = co_await client_.kv_delete(std::move(where), std::nullopt, false);
  std::string session = std::exchange(session_, {});
  [[maybe_unused]] const Status ended = co_await client_.session_destroy(std::move(session));
}

void WordPublisher::failed(const Error& error) {
  session_.clear();
  retry_at_ = async::now() + backoff_.next(random_.chance());
  dirty_ = true;
  if (error.text == problem_) return;
  problem_ = error.text;
  // That Consul is away is said by its watches.
  const bool away = error.code == Errc::unreachable || error.code == Errc::timeout;
  log_({away ? base::Level::debug : base::Level::warn,
        "word_not_published",
        {{"key", key()}, {"error", error.text}, {"effect", "drains do not see how far this renderer is"}}});
}

// A session that is gone went with its store, or lapsed: now is the time to ask which store this is.
async::Awaitable<void> WordPublisher::look_at_marker() {
  auto change = co_await marker_.look();
  if (!change || !*change) co_return;
  log_({base::Level::warn,
        "store_replaced",
        {{"key", prefix_ + "cluster"},
         {"was", (*change)->was},
         {"now", (*change)->now},
         {"effect", "what is missing in this Consul was not withdrawn: it is held"}}});
}

// The record may be a predecessor's, or that of another renderer with our ID. Whoever begins takes it; a renderer that
// lost it to another one moves aside.
async::Awaitable<Status> WordPublisher::acquire() {
  consul::SessionRequest request;
  request.name = "longshore renderer " + id_;
  request.ttl = kSessionTtl;
  request.lock_delay = base::Duration{};
  auto session = co_await client_.session_create(std::move(request));
  if (!session) co_return fail(std::move(session.error()));
  session_ = std::move(*session);
  renew_at_ = async::now() + kRenewEvery;
  sent_.clear();
  co_await look_at_marker();
  consul::QueryOptions confirmed = consul::confirmed();
  std::string where = key();
  auto known = co_await client_.kv_get(where, confirmed);
  if (!known) co_return fail(std::move(known.error()));
  if (known->value && !known->value->session.empty()) {
    const auto word = drain::decode(known->value->value);
    const bool ours = word && word->instance == instance_;
    std::string holder = known->value->session;
    if (held_before_ && !ours) {
      const std::string former = id_;
      id_ += "-" + instance_.substr(0, 8);
      log_({base::Level::warn,
            "renderer_id_taken",
            {{"id", former}, {"now", id_}, {"reason", "another renderer has the same host name and files"}}});
    } else if (holder != session_) {
      Status ended = co_await client_.session_destroy(std::move(holder));
      if (!ended) co_return fail(std::move(ended.error()));
    }
  }
  co_return co_await write();
}

async::Awaitable<Status> WordPublisher::write() {
  dirty_ = false;
  drain::RendererWord word = compose_();
  word.host = host_name();
  word.instance = instance_;
  word.pid = ::getpid();
  std::string value = drain::encode(word);
  std::string without_time = hex(base::fnv1a(value), 16);
  if (without_time == sent_) co_return Status();
  // Thousands of services are written once only: the time goes where it was left out.
  constexpr std::string_view kTime = "\"at\":\"";
  value.insert(value.find(kTime) + kTime.size(), rfc3339_now());
  const auto bytes = std::chrono::microseconds(1'000'000 * value.size() / kBytesPerSecond);
  consul::KvWrite how;
  how.acquire = session_;
  std::string where = key();
  auto written = co_await client_.kv_put(std::move(where), std::move(value), std::move(how));
  if (!written) co_return fail(std::move(written.error()));
  if (!*written) co_return fail(Errc::rejected, "another session holds " + key());
  ++writes_;
  held_before_ = true;
  sent_ = std::move(without_time);
  write_at_ = async::now() + std::max<base::Duration>(kPause, bytes);
  co_return Status();
}

async::Awaitable<void> WordPublisher::renew() {
  auto renewed = co_await client_.session_renew(session_);
  renew_at_ = async::now() + kRenewEvery;
  if (renewed) co_return;
  if (renewed.error().code == Errc::not_found) {
    // It lapsed while we or Consul slept, or another renderer took the record.
    session_.clear();
    retry_at_ = async::now();
    dirty_ = true;
    co_return;
  }
  renew_at_ = async::now() + std::chrono::seconds(1);
}

async::Awaitable<void> WordPublisher::leave(base::TimePoint until) {
  leaving_ = true;
  wake_.push({});
  co_await left_.pop_until(until);
}

}  // namespace longshore::render
