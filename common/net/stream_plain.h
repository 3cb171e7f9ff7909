// A Stream over a plain socket. Private to common/net.
#pragma once
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/net/socket.h"
#include "common/net/stream.h"

namespace longshore::net {

template <class Socket>
class PlainStream final : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  async::Awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    boost::system::error_code error;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, error);
    const std::size_t count = co_await socket_.async_read_some(boost::asio::buffer(into.data(), into.size()), token);
    if (error == boost::asio::error::eof) co_return std::size_t{0};
    if (error) co_return fail(socket_error("read", error));
    co_return count;
  }

  async::Awaitable<Status> write_all(std::string_view bytes) override {
    boost::system::error_code error;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, error);
    co_await boost::asio::async_write(socket_, boost::asio::buffer(bytes), token);
    if (error) co_return fail(socket_error("write", error));
    co_return Status();
  }

  void finish() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  bool quiet() override { return socket_.is_open() && socket_quiet(socket_.native_handle(), false); }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

}  // namespace longshore::net
