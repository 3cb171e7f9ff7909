// One HTTP/2 connection: many requests at a time over one stream. The only pair of files that knows nghttp2.
//
// Two tasks of the owner's group read and write; who asks waits for its own answer only. A request that is cancelled or
// too late resets its own stream and nothing else, unless nothing at all has come since it was sent: then the
// connection is taken for dead.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "common/async/task_group.h"
#include "common/net/http_client.h"
#include "common/net/stream.h"

namespace longshore::net {

class Http2Connection : public std::enable_shared_from_this<Http2Connection> {
 public:
  // body_limit: bytes of one answer; more is Errc::limit.
  static std::shared_ptr<Http2Connection> start(async::TaskGroup& tasks, std::unique_ptr<Stream> stream,
                                                std::size_t body_limit);
  ~Http2Connection();

  struct Outcome {
    Result<Response> response;
    bool repeatable = false;  // failed, and the server has not begun with it
  };
  // target: with the base path. authority: what would be the Host header.
  async::Awaitable<Outcome> round_trip(Request request, std::string authority, PhaseTimeouts limits);

  // Takes further requests.
  bool open() const;
  // Under way, those that wait for the server's limit included.
  std::size_t streams() const { return exchanges_.size(); }
  // Nobody waits for an answer.
  bool idle() const { return waiting_ == 0; }
  // How many the server takes at a time, at most kMostStreams.
  std::size_t limit() const;
  // Everything under way fails.
  void close(const Error& why);

  static constexpr std::size_t kMostStreams = 1000;

 private:
  struct Exchange;
  struct Session;
  struct Callbacks;

  Http2Connection(async::Executor executor, std::unique_ptr<Stream> stream, std::size_t body_limit);
  static async::Awaitable<void> read_all(std::shared_ptr<Http2Connection> self);
  static async::Awaitable<void> write_all(std::shared_ptr<Http2Connection> self);
  void reset(std::int32_t stream);
  void finish(std::int32_t stream, std::uint32_t code);
  void write_soon();

  async::Executor executor_;
  std::unique_ptr<Stream> stream_;
  std::size_t body_limit_;
  std::unique_ptr<Session> session_;
  std::map<std::int32_t, std::shared_ptr<Exchange>> exchanges_;  // by stream
  base::TimePoint heard_at_{};
  std::size_t waiting_ = 0;
  bool leaving_ = false;  // GOAWAY
  bool closed_ = false;
};

}  // namespace longshore::net
