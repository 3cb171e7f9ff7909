// A bounded number of things at once: who comes later waits in line. One thread.
#pragma once
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <utility>

#include "common/async/executor.h"

namespace longshore::async {

class Slots {
 public:
  // Gives its place to the next in line when it ends. Must not outlive its Slots.
  class Slot {
   public:
    Slot() = default;
    explicit Slot(Slots* owner) : owner_(owner) {}
    ~Slot() {
      if (owner_ != nullptr) owner_->release();
    }
    Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }

   private:
    Slots* owner_ = nullptr;
  };

  Slots(Executor executor, std::size_t count) : executor_(std::move(executor)), free_(count) {}

  // Ends by exception when cancelled.
  Awaitable<Slot> acquire() {
    if (free_ > 0) {
      --free_;
      co_return Slot(this);
    }
    const Place place(*this);
    while (!place.waiter->granted) {
      boost::system::error_code woken;
      auto token = boost::asio::redirect_error(boost::asio::use_awaitable, woken);
      co_await place.waiter->timer.async_wait(token);
    }
    place.waiter->taken = true;
    co_return Slot(this);
  }

 private:
  struct Waiter {
    explicit Waiter(const Executor& executor) : timer(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer timer;
    bool granted = false;
    bool taken = false;
  };
  // A place in the line, left when its coroutine is cancelled.
  struct Place {
    explicit Place(Slots& slots) : owner(slots), waiter(std::make_shared<Waiter>(slots.executor_)) {
      owner.line_.push_back(waiter);
    }
    ~Place() {
      if (!waiter->granted)
        std::erase(owner.line_, waiter);
      else if (!waiter->taken)
        owner.release();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Slots& owner;
    std::shared_ptr<Waiter> waiter;
  };

  void release() {
    if (line_.empty()) {
      ++free_;
      return;
    }
    const std::shared_ptr<Waiter> next = std::move(line_.front());
    line_.pop_front();
    next->granted = true;
    next->timer.cancel();
  }

  Executor executor_;
  std::size_t free_;
  std::deque<std::shared_ptr<Waiter>> line_;
};

}  // namespace longshore::async
