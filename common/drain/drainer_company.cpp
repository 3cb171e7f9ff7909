// Whether somebody else serves where one is to go.
#include <algorithm>

#include "common/drain/drainer.h"
#include "common/drain/drainer_reads.h"

namespace longshore::drain {

async::Awaitable<Result<bool>> Drainer::another_serves(Instance instance) {
  if (datacenter_.empty()) {
    auto own = co_await own_node();
    if (!own) co_return fail(std::move(own.error()));
  }
  const consul::QueryOptions options = consul::confirmed();
  auto answer = co_await client_.health_service(instance.service, "", false, options);
  if (!answer) co_return fail(std::move(answer.error()));
  consul::keep_environment(answer->value, environment_);
  std::vector<consul::ServiceEntry> others;
  for (const consul::ServiceEntry& entry : answer->value) {
    const std::string_view health = health_of(entry.checks);
    const bool same = entry.node.node == instance.node && container_of(entry.service) == instance.container;
    if (!same && (health == "passing" || health == "warning")) others.push_back(entry);
  }
  if (others.empty()) co_return false;
  const std::string folder = prefix_ + "renderers/";
  auto records = co_await client_.kv_list(folder, options);
  if (!records) co_return fail(std::move(records.error()));
  // One that does not answer a load balancer's own questions serves nobody there, whatever its checks say.
  const bool another = std::ranges::any_of(others, [&](const consul::ServiceEntry& entry) {
    return !is_kept_out(records->value, folder, instance.service, entry.node.node, entry.service.id);
  });
  if (!another) co_return false;
  const Expected expected{instance.service, datacenter_, answer->meta.index, set_hash(answer->value)};
  co_return judge(records->value, folder, expected).waiting.empty();
}

}  // namespace longshore::drain
