// Docker engines by name, for the verbs that make and end containers. The agent has another client, which can only
// read.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/docker/client.h"
#include "common/json/json.h"

namespace longshore::app {

struct EngineAt {
  std::string name;
  docker::ClientSettings settings;
};

class EngineCalls {
 public:
  EngineCalls(const async::Executor& executor, std::vector<EngineAt> engines);

  const std::vector<std::string>& names() const { return names_; }

  // The JSON of the answer, null where it is empty; 304 (it is so already) is a success. not_found, rejected and
  // server_error carry Docker's own words. `body`: JSON, "" = none.
  async::Awaitable<Result<json::Value>> call(std::string engine, std::string method, std::string target,
                                             std::string body, base::Duration limit);
  async::Awaitable<Result<json::Value>> get(std::string engine, std::string target);
  // `auth`: the value of X-Registry-Auth, "" = none.
  async::Awaitable<Status> pull(std::string engine, std::string name, std::string tag, std::string auth,
                                base::Duration limit);

 private:
  struct Peer {
    docker::ClientSettings settings;
    std::unique_ptr<net::HttpClient> http;
  };
  async::Awaitable<Result<net::Response>> send(std::string engine, net::Request request, base::Duration limit);

  std::vector<std::string> names_;
  std::map<std::string, Peer> peers_;
};

}  // namespace longshore::app
