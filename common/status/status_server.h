// The status pages of one component on one address. Lives on the component's thread and asks its Source there.
#pragma once
#include <memory>
#include <string>

#include "common/net/http_server.h"
#include "common/status/source.h"

namespace longshore::status {

class StatusServer {
 public:
  // `source` is asked until the tasks given to listen() have ended.
  StatusServer(async::Executor executor, std::string component, Source source);
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  Status listen(const net::Endpoint& endpoint, async::TaskGroup& tasks);
  const net::Endpoint& local() const;
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace longshore::status
