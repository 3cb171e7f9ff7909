#include "common/async/signals.h"

#include <signal.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace longshore::async {
namespace asio = boost::asio;

struct Signals::State {
  explicit State(const Executor& executor) : set(executor) {}
  asio::signal_set set;
};

Signals::Signals(const Executor& executor, const std::vector<int>& numbers)
    : state_(std::make_unique<State>(executor)) {
  for (const int number : numbers) state_->set.add(number);
}

Signals::~Signals() = default;

Awaitable<int> Signals::next() {
  return state_->set.async_wait(asio::use_awaitable);
}

void ignore_broken_pipes() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace longshore::async
