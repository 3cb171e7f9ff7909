// The marker key of a Consul store, `<prefix>cluster`: a random id that whoever finds none writes once by
// check-and-set. Another id, or none where there was one, says that the store was swapped or emptied: what is missing
// there was not withdrawn.
#pragma once
#include <optional>
#include <string>

#include "common/async/executor.h"
#include "common/consul/client.h"

namespace longshore::render {

class ClusterMarker {
 public:
  struct Change {
    std::string was;  // never empty
    std::string now;
  };

  // `prefix`: "longshore/", or with an environment. `client` outlives this.
  ClusterMarker(consul::Client& client, std::string prefix) : client_(client), prefix_(std::move(prefix)) {}

  // To be called when there is a reason for doubt, such as a lost session. Says what has changed since the call before,
  // if so. An error leaves what was known: nobody needs the marker who may not read or write it.
  async::Awaitable<Result<std::optional<Change>>> look();

  const std::string& id() const { return id_; }  // "" = not known
  unsigned changes() const { return changes_; }

 private:
  async::Awaitable<Result<std::string>> read_or_write();

  consul::Client& client_;
  std::string prefix_;
  std::string id_;
  unsigned changes_ = 0;
};

}  // namespace longshore::render
