#include "common/async/deadline.h"

#include <boost/asio/steady_timer.hpp>

namespace longshore::async {
namespace asio = boost::asio;

// Shared with the pending handler, which may run once more after the Deadline is gone.
struct Deadline::State : std::enable_shared_from_this<State> {
  explicit State(const Executor& executor) : timer(executor) {}

  void arm(base::Duration limit) {
    timer.expires_after(limit);
    timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
      // A restart may come between expiry and this call.
      if (error || !self->on_expire || self->timer.expiry() > std::chrono::steady_clock::now()) return;
      self->expired = true;
      self->on_expire();
    });
  }

  asio::steady_timer timer;
  std::function<void()> on_expire;
  bool expired = false;
};

Deadline::Deadline(const Executor& executor, base::Duration limit, std::function<void()> on_expire)
    : state_(std::make_shared<State>(executor)) {
  state_->on_expire = std::move(on_expire);
  state_->arm(limit);
}

Deadline::~Deadline() {
  state_->on_expire = nullptr;
  state_->timer.cancel();
}

void Deadline::restart(base::Duration limit) {
  if (!state_->expired) state_->arm(limit);
}

bool Deadline::expired() const {
  return state_->expired;
}

}  // namespace longshore::async
