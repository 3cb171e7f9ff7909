#include "common/net/http2_pool.h"

#include <algorithm>

namespace longshore::net {

Http2Pool::Http2Pool(async::Executor executor, std::size_t most, std::size_t body_limit)
    : tasks_(executor), opening_(executor, 1), most_(most == 0 ? 64 : most), body_limit_(body_limit) {}

Http2Pool::~Http2Pool() {
  for (const auto& connection : connections_) connection->close({Errc::cancelled, "the client is gone"});
}

void Http2Pool::close_idle() {
  std::erase_if(connections_, [](const auto& one) {
    if (!one->idle()) return false;
    one->close({Errc::cancelled, "not needed any more"});
    return true;
  });
}

std::shared_ptr<Http2Connection> Http2Pool::pick() {
  // What the server wants to end goes once its last answer is there.
  std::erase_if(connections_, [](const auto& old) {
    if (old->open() || !old->idle()) return false;
    old->close({Errc::unreachable, "the server ends the connection"});
    return true;
  });
  std::shared_ptr<Http2Connection> emptiest;
  for (const auto& known : connections_) {
    if (!known->open()) continue;
    limit_ = known->limit();
    if (known->streams() < limit_) return known;
    if (!emptiest || known->streams() < emptiest->streams()) emptiest = known;
  }
  return connections_.size() < most_ ? nullptr : emptiest;
}

std::shared_ptr<Http2Connection> Http2Pool::add(std::unique_ptr<Stream> stream) {
  connections_.push_back(Http2Connection::start(tasks_, std::move(stream), body_limit_));
  limit_ = connections_.back()->limit();
  return connections_.back();
}

std::size_t Http2Pool::connections() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto& one) { return one->open() || !one->idle(); }));
}

}  // namespace longshore::net
