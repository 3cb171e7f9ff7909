// What the words of an operator mean.
#include <algorithm>

#include "common/base/text.h"
#include "common/consul/gap_meta.h"
#include "common/drain/drainer.h"
#include "common/drain/drainer_reads.h"

namespace longshore::drain {
namespace {

constexpr std::size_t kMostNamed = 4;
constexpr std::size_t kMostAsked = 16;

bool is_container(const consul::Service& service, const std::string& word) {
  const std::string id = container_of(service);
  const bool by_id = !id.empty() && word.size() >= 4 && (id.starts_with(word) || word.starts_with(id));
  return by_id || has_name(service, word);
}

}  // namespace

async::Awaitable<Result<Subject>> Drainer::find(std::string word) {
  Subject out;
  const auto chosen = [&](std::string_view prefix) {
    if (!word.starts_with(prefix)) return false;
    word.erase(0, prefix.size());
    return true;
  };
  const bool service_only = chosen("service:");
  const bool container_only = !service_only && chosen(kContainer);
  const bool id_only = !service_only && !container_only && chosen("id:");
  if (!container_only && !id_only) {
    auto instances = co_await of_service(word);
    if (!instances) co_return fail(std::move(instances.error()));
    for (const Instance& one : *instances) out.targets.push_back({one.node, one.id});
    out.instances = std::move(*instances);
    if (!out.instances.empty()) co_return out;
  }
  auto own = co_await own_node();
  if (!own) co_return fail(std::move(own.error()));
  const consul::QueryOptions options = consul::confirmed();
  auto all = co_await client_.catalog_nodes(options);
  if (!all) co_return fail(std::move(all.error()));
  std::vector<std::string> nodes{*own};
  for (const consul::Node& node : all->value)
    if (node.node != *own) nodes.push_back(node.node);
  for (std::size_t i = 0; i < nodes.size() && !service_only && out.instances.empty(); ++i) {
    std::string node = nodes[i];
    auto answer = co_await client_.catalog_node(node, options);
    if (!answer) co_return fail(std::move(answer.error()));
    if (!answer->value) continue;
    for (const auto& [id, service] : answer->value->services) {
      if (consul::is_placeholder(service)) continue;
      const bool by_id = !container_only && id == word;
      if (!by_id && (id_only || !is_container(service, word))) continue;
      const Instance one = instance_of(node, service);
      out.instances.push_back(one);
      out.kind = by_id ? Subject::Kind::service_id : Subject::Kind::container;
      const std::string what = by_id || one.container.empty() ? id : std::string(kContainer) + one.container;
      if (std::ranges::find(out.targets, Target{node, what}) == out.targets.end()) out.targets.push_back({node, what});
    }
  }
  if (out.instances.empty()) {
    std::string text = word + ": no service, service ID or container of that name is registered";
    // Of a service with colours one has to be chosen.
    std::string prefix = word + "-";
    const std::vector<std::string> like = co_await names_like(std::move(prefix));
    if (!like.empty()) text += "; there is " + base::join(like, ", ");
    co_return fail(Errc::not_found, std::move(text));
  }
  co_return out;
}

// Consul's list does not say whose they are.
async::Awaitable<std::vector<std::string>> Drainer::names_like(std::string prefix) {
  std::vector<std::string> out;
  const consul::QueryOptions options = consul::confirmed();
  auto names = co_await client_.catalog_services(options);
  if (!names) co_return out;
  std::size_t asked = 0;
  for (const auto& [name, tags] : names->value) {
    if (!name.starts_with(prefix)) continue;
    if (out.size() == kMostNamed || asked++ == kMostAsked) break;
    auto instances = co_await of_service(name);
    if (instances && !instances->empty()) out.push_back(name);
  }
  co_return out;
}

}  // namespace longshore::drain
