// The HTTP/2 connections to one server: a few, each filled before the next is opened.
#pragma once
#include <memory>
#include <vector>

#include "common/async/slots.h"
#include "common/async/task_group.h"
#include "common/net/http2.h"

namespace longshore::net {

class Http2Pool {
 public:
  // most: connections, 0 = 64.
  Http2Pool(async::Executor executor, std::size_t most, std::size_t body_limit);
  // What is under way fails; its tasks end with the next turns of the executor.
  ~Http2Pool();
  Http2Pool(const Http2Pool&) = delete;
  Http2Pool& operator=(const Http2Pool&) = delete;

  // One with room; the emptiest when all are full and no more may be opened; null: one is to be opened.
  std::shared_ptr<Http2Connection> pick();
  std::shared_ptr<Http2Connection> add(std::unique_ptr<Stream> stream);
  // Held while one is opened.
  async::Slots& opening() { return opening_; }

  void close_idle();
  // The server turned out to speak HTTP/1.1 only.
  void give_up() { usable_ = false; }
  bool usable() const { return usable_; }
  std::size_t connections() const;
  std::size_t streams_per_connection() const { return limit_; }

 private:
  async::TaskGroup tasks_;
  async::Slots opening_;
  std::size_t most_;
  std::size_t body_limit_;
  std::vector<std::shared_ptr<Http2Connection>> connections_;
  std::size_t limit_ = 1;  // as the server said last
  bool usable_ = true;
};

}  // namespace longshore::net
