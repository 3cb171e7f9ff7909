#include "agent/service_store.h"

#include "agent/core/life_checks.h"

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
    if (replace_checks) return put_alone(std::move(service));
    return client_.register_service(std::move(service), false);
  }
  async::Awaitable<Status> remove(std::string id) override { return client_.deregister_service(std::move(id)); }

 private:
  // Consul's own way of replacing checks would also end the service's maintenance (seen with 1.8.7): the checks that
  // must go are named one by one.
  async::Awaitable<Status> put_alone(consul::Registration service) {
    const std::string id = service.id;
    const bool plain = id.find_first_of("\"\\") == std::string::npos;
    std::string filter;
    if (plain) filter = "ServiceID == \"" + id + "\"";
    auto present = co_await client_.agent_checks(std::move(filter));
    if (!present) co_return fail(std::move(present).error());
    const StaleChecks stale = stale_checks(service, *present);
    for (const std::string& check : stale.before) {
      const Status removed = co_await client_.deregister_check(check);
      if (!removed) co_return removed;
    }
    const Status done = co_await client_.register_service(std::move(service), false);
    if (!done) co_return done;
    for (const std::string& check : stale.after) {
      const Status removed = co_await client_.deregister_check(check);
      if (!removed) co_return removed;
    }
    co_return Status();
  }

  consul::Client& client_;
};

}  // namespace

std::unique_ptr<ServiceStore> make_agent_store(consul::Client& client) {
  return std::make_unique<AgentStore>(client);
}

}  // namespace longshore::agent
