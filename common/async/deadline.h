// Limits one phase of I/O: when the time is over it calls `on_expire`, which closes or cancels whatever is waiting.
// The awaiting side then asks expired() to tell a timeout from a cancellation of the whole task.
#pragma once
#include <functional>
#include <memory>

#include "common/async/executor.h"

namespace longshore::async {

class Deadline {
 public:
  Deadline(const Executor& executor, base::Duration limit, std::function<void()> on_expire);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Starts the time anew; no effect once expired.
  void restart(base::Duration limit);
  bool expired() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace longshore::async
