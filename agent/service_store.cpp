#include "agent/service_store.h"

namespace longshore::agent {
namespace {

class AgentStore final : public ServiceStore {
 public:
  explicit AgentStore(consul::Client& client) : client_(client) {}

  async::Awaitable<Result<std::map<std::string, consul::Service>>> load(std::string only_id) override {
    std::string filter;
    if (!only_id.empty()) filter = "ID == \"" + only_id + "\"";
    return client_.agent_services(std::move(filter));
  }
  async::Awaitable<Status> put(consul::Registration service, bool replace_checks) override {
    return client_.register_service(std::move(service), replace_checks);
  }
  async::Awaitable<Status> remove(std::string id) override { return client_.deregister_service(std::move(id)); }

 private:
  consul::Client& client_;
};

}  // namespace

std::unique_ptr<ServiceStore> make_agent_store(consul::Client& client) {
  return std::make_unique<AgentStore>(client);
}

}  // namespace longshore::agent
