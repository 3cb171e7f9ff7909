// What there is before a change: containers on all engines, the colour, the record of the last run.
#include <algorithm>

#include "common/base/text.h"
#include "common/consul/gap_meta.h"
#include "common/consul/service_env.h"
#include "common/main/deploy_facts.h"
#include "common/main/deploy_run.h"

namespace longshore::app {

using namespace deploy;
using namespace facts;

namespace {
constexpr std::size_t kShortId = 12;
}  // namespace

Box DeployRun::box_of(const std::string& id, const Seen& seen) const {
  Box box;
  box.host = seen.host;
  box.id = id;
  box.name = text_at(seen.body, "Name");
  if (box.name.starts_with('/')) box.name.erase(0, 1);
  const json::Value& labels = member(member(seen.body, "Config"), "Labels");
  box.ours = text_at(labels, kServiceLabel) == order_.plan.service;
  box.color = box.ours ? text_at(labels, kColorLabel) : std::string();
  if (const auto known = colors_.find(id); known != colors_.end() && box.color.empty()) box.color = known->second;
  box.image = text_at(member(seen.body, "Config"), "Image");
  box.running = is_running(seen.body);
  box.run = box.ours ? text_at(labels, kRunLabel) : std::string();
  return box;
}

async::Awaitable<Status> DeployRun::see(std::string engine, std::string id) {
  auto body = co_await engines_.get(engine, "/containers/" + id + "/json");
  if (!body) co_return fail(std::move(body.error()));
  const std::string whole = text_at(*body, "Id");
  Seen seen;
  seen.host = std::move(engine);
  seen.body = std::move(*body);
  seen_.insert_or_assign(whole, std::move(seen));
  co_return Status();
}

async::Awaitable<Status> DeployRun::look_at_engine(std::string engine) {
  json::Value filters;
  filters["label"] = json::Value::array();
  filters["label"].push_back(std::string(kServiceLabel) + "=" + order_.plan.service);
  const std::string query = net::percent_encode(json::dump(filters));
  auto list = co_await engines_.get(engine, "/containers/json?all=1&filters=" + query);
  if (!list) co_return fail(std::move(list.error()));
  if (!list->is_array()) co_return fail(Errc::protocol, "Docker: the list of containers is none");
  for (const json::Value& row : *list) {
    Status seen = co_await see(engine, text_at(row, "Id"));
    if (!seen && seen.error().code != Errc::not_found) co_return seen;
  }
  co_return Status();
}

std::string DeployRun::registered(const std::string& color) const {
  return order_.wish.color_by == ColorBy::name ? service_name(order_.plan.service, color) : order_.plan.service;
}

// By tag or Meta; "" = none.
std::string DeployRun::color_of(const consul::Service& service) const {
  const auto meta = service.meta.find("color");
  if (meta != service.meta.end() && !meta->second.empty()) return meta->second;
  for (const std::string& tag : service.tags)
    if (std::ranges::find(order_.plan.colors, tag) != order_.plan.colors.end()) return tag;
  return {};
}

// Containers that others have started under the name of a colour, or of the service itself.
async::Awaitable<Status> DeployRun::look_at_service(std::string name_color) {
  const consul::QueryOptions options = consul::confirmed();
  const std::string name = service_name(order_.plan.service, name_color);
  auto entries = co_await call_.client.health_service(name, "", false, options);
  if (!entries) co_return fail(entries.error().with("Consul"));
  consul::keep_environment(entries->value, consul::environment_of_prefix(call_.kv_prefix));
  for (const consul::ServiceEntry& entry : entries->value) {
    // It stands for one that is away.
    if (consul::is_placeholder(entry.service)) continue;
    const std::string id = container_of(entry.service);
    std::string color = name_color;
    if (order_.wish.color_by != ColorBy::name) color = color_of(entry.service);
    if (color == old_color_) ++elsewhere_;
    if (id.size() < kShortId) continue;
    for (const std::string& engine : engines_.names()) {
      Status seen = co_await see(engine, id);
      if (!seen && seen.error().code != Errc::not_found) co_return seen;
      if (!seen) continue;
      const auto at = seen_.lower_bound(id);
      if (color == old_color_) --elsewhere_;
      if (color.empty())
        plain_.insert(at->first);
      else
        colors_[at->first] = color;
      break;
    }
  }
  co_return Status();
}

async::Awaitable<Result<input::World>> DeployRun::look() {
  input::World world;
  Status cleared = co_await end_leftover_drains();
  if (!cleared) co_return fail(std::move(cleared.error()));
  const consul::QueryOptions options = consul::confirmed();
  auto color = co_await call_.client.kv_get(order_.color_key, options);
  if (!color) co_return fail(color.error().with("Consul"));
  if (color->value) {
    world.color = base::trim(color->value->value);
    world.index = color->value->modify_index;
  }
  old_color_ = world.color;
  auto canary = co_await call_.client.kv_get(order_.canary_key, options);
  if (!canary) co_return fail(canary.error().with("Consul"));
  world.shared = canary->value.has_value();
  for (const std::string& engine : engines_.names()) {
    Status looked = co_await look_at_engine(engine);
    if (!looked) co_return fail(std::move(looked.error()));
  }
  std::vector<std::string> names{std::string()};
  if (order_.wish.color_by == ColorBy::name)
    names.insert(names.begin(), order_.plan.colors.begin(), order_.plan.colors.end());
  for (const std::string& name : names) {
    Status looked = co_await look_at_service(name);
    if (!looked) co_return fail(std::move(looked.error()));
  }
  if (order_.roll) {
    world.last = last_run();
    for (const std::string& engine : engines_.names()) {
      Status looked = co_await look_at_names(engine, world.names);
      if (!looked) co_return fail(std::move(looked.error()));
    }
    // What others have made is found by its ID once it is stopped.
    const std::vector<std::string> known = joined(world.last.old, world.last.rest);
    for (const std::string& id : known)
      for (const std::string& engine : engines_.names()) {
        if (seen_.contains(id)) break;
        // An engine that does not know it says nothing about the others.
        [[maybe_unused]] const Status found = co_await see(engine, id);
      }
    // They were of the colour that serves; of what others have made nothing else tells that now.
    for (const std::string& id : world.last.rest)
      if (!old_color_.empty()) colors_.try_emplace(id, old_color_);
    replaced_.insert(world.last.old.begin(), world.last.old.end());
    if (elsewhere_ > 0)
      tell_.say("elsewhere", order_.plan.service + ": " + std::to_string(elsewhere_) +
                                 " instances are on none of the engines given and stay as they are");
  }
  for (const auto& [id, seen] : seen_)
    if (order_.roll || !plain_.contains(id))
      world.boxes.push_back(box_of(id, seen));
    else if (is_running(seen.body))
      world.plain.push_back(box_of(id, seen).name);
  std::ranges::sort(world.plain);
  co_return world;
}

async::Awaitable<Status> DeployRun::look_at_names(std::string engine, std::set<std::string>& names) {
  auto list = co_await engines_.get(engine, "/containers/json?all=1");
  if (!list) co_return fail(std::move(list.error()));
  if (!list->is_array()) co_return fail(Errc::protocol, "Docker: the list of containers is none");
  for (const json::Value& row : *list) {
    const json::Value& all = member(row, "Names");
    if (!all.is_array()) continue;
    for (const json::Value& name : all)
      if (name.is_string()) names.insert(name.get<std::string>().substr(1));
  }
  co_return Status();
}

LastRun DeployRun::last_run() const {
  LastRun out;
  const Result<json::Value> record = json::parse(last_text_.empty() ? "{}" : last_text_, "the last record");
  if (!record) return out;
  out.strategy = text_at(*record, "strategy");
  out.stage = text_at(*record, "stage");
  out.run = text_at(*record, "run");
  out.spec = text_at(*record, "spec");
  if (const json::Value& number = member(*record, "instances"); number.is_number_integer())
    out.instances = static_cast<int>(std::clamp<std::int64_t>(number.get<std::int64_t>(), 0, 1000));
  for (const auto& [name, into] : {std::pair("old", &out.old), std::pair("rest", &out.rest)})
    if (const json::Value& list = member(*record, name); list.is_array())
      for (const json::Value& id : list)
        if (id.is_string()) into->push_back(id.get<std::string>());
  return out;
}

// The container to take after: of this host if there is one; running ones of the colour that serves first.
const DeployRun::Seen* DeployRun::model_for(const std::string& host) const {
  const Seen* best = nullptr;
  int best_rank = -1;
  for (const auto& [id, seen] : seen_) {
    const Box box = box_of(id, seen);
    int rank = plain_.contains(id) ? 1 : 0;
    if ((order_.roll || !old_color_.empty()) && box.color == old_color_)
      rank = box.running ? 6 : replaced_.contains(id) ? 2 : 4;
    if (box.host == host) ++rank;
    if (rank > best_rank) {
      best = &seen;
      best_rank = rank;
    }
  }
  return best;
}

}  // namespace longshore::app
