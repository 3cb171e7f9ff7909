#include "common/main/consul_calls.h"

#include <algorithm>
#include <iterator>

#include "common/consul/environment.h"
#include "common/main/blocking_call.h"

namespace longshore::app {
namespace {

template <class T>
async::Awaitable<Result<T>> value_of(async::Awaitable<Result<consul::Answer<T>>> call) {
  Result<consul::Answer<T>> answer = co_await std::move(call);
  if (!answer) co_return fail(std::move(answer.error()));
  co_return std::move(answer->value);
}

using Entries = std::vector<consul::ServiceEntry>;

struct Gathering {
  std::vector<std::string> names;
  std::vector<Entries> found;  // by the same numbers
  std::size_t next = 0;
  Status status;
};

async::Awaitable<void> ask_for_some(consul::Client& client, Gathering& all) {
  while (all.status && all.next < all.names.size()) {
    const std::size_t number = all.next++;
    consul::QueryOptions options;
    auto answer = co_await client.health_service(all.names[number], "", false, options);
    if (answer)
      all.found[number] = std::move(answer->value);
    else
      all.status = fail(std::move(answer.error()));
  }
}

async::Awaitable<Result<Entries>> gather(consul::Client& client, std::vector<std::string> names,
                                         async::Executor executor) {
  constexpr std::size_t kAtOnce = 16;
  Gathering all;
  all.found.resize(names.size());
  all.names = std::move(names);
  async::TaskGroup tasks(std::move(executor));
  for (std::size_t i = 0; i < std::min(kAtOnce, all.names.size()); ++i)
    tasks.spawn("service", ask_for_some(client, all));
  co_await tasks.join();
  if (!all.status) co_return fail(std::move(all.status.error()));
  Entries out;
  for (Entries& some : all.found) std::ranges::move(some, std::back_inserter(out));
  co_return out;
}

}  // namespace

cli::OptionTable consul_options() {
  return cli::OptionTable({
      {.names = {"consul-addr"},
       .value_name = "ADDR",
       .help = "Address of Consul: host:port, http://, https:// or unix://; empty: not asked. The other CONSUL_ "
               "variables (token, certificates) are honoured too.",
       .fallback = "127.0.0.1:8500",
       .env = {"CONSUL_HTTP_ADDR"},
       .group = "Consul"},
  });
}

Result<consul::ClientSettings> consul_settings(const cli::Parsed& parsed, const Invocation& invocation) {
  // -consul-addr has it, or takes its place.
  cli::Environment environment = invocation.environment;
  environment.erase("CONSUL_HTTP_ADDR");
  LS_TRY(settings, consul::settings_from_environment(environment));
  LS_TRY_STATUS(consul::set_address(settings, parsed.text("consul-addr")));
  return settings;
}

ConsulCalls::ConsulCalls(consul::ClientSettings settings, base::Duration limit)
    : client_(context_.get_executor(), [&] {
        settings.limits.connect = settings.limits.tls = settings.limits.send = limit;
        settings.limits.first_byte = settings.limits.body_idle = limit;
        // For a question or two HTTP/2 brings nothing, and its connection would live as long as this.
        settings.pool.http2 = false;
        return std::move(settings);
      }()) {}

Result<std::vector<consul::ServiceEntry>> ConsulCalls::instances(std::vector<std::string> services) {
  return run_to_end(context_, gather(client_, std::move(services), context_.get_executor()));
}

Result<consul::ServiceNames> ConsulCalls::services() {
  return run_to_end(context_, value_of(client_.catalog_services({})));
}

Result<std::vector<consul::Node>> ConsulCalls::nodes() {
  return run_to_end(context_, value_of(client_.catalog_nodes({})));
}

Result<std::vector<consul::KvPair>> ConsulCalls::keys_below(const std::string& prefix) {
  return run_to_end(context_, value_of(client_.kv_list(prefix, {})));
}

Status ConsulCalls::remove_key(const std::string& key) {
  const Result<bool> gone = run_to_end(context_, client_.kv_delete(key, std::nullopt, false));
  if (!gone) return fail(gone.error());
  return {};
}

Status ConsulCalls::put_key(const std::string& key, const std::string& value) {
  const Result<bool> put = run_to_end(context_, client_.kv_put(key, value, {}));
  if (!put) return fail(put.error());
  if (!*put) return fail(Errc::rejected, "Consul did not take " + key);
  return {};
}

}  // namespace longshore::app
