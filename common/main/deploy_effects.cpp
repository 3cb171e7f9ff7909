// What DeployRun asks of Docker and Consul, one answer each.
#include <algorithm>

#include "common/base/text.h"
#include "common/deploy/registry_auth.h"
#include "common/main/deploy_run.h"

namespace longshore::app {
namespace {

using namespace deploy;

constexpr base::Duration kCallLimit = std::chrono::seconds(30);
constexpr std::size_t kShortId = 12;

consul::QueryOptions confirmed() {
  consul::QueryOptions options;
  options.consistent = true;
  return options;
}

const json::Value& member(const json::Value& object, const char* key) {
  static const json::Value kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string text_at(const json::Value& object, const char* key) {
  const json::Value& found = member(object, key);
  return found.is_string() ? found.get<std::string>() : std::string();
}

bool is_running(const json::Value& body) {
  const json::Value& running = member(member(body, "State"), "Running");
  return running.is_boolean() && running.get<bool>();
}

// Between two lives.
bool is_restarting(const json::Value& body) {
  const json::Value& restarting = member(member(body, "State"), "Restarting");
  return restarting.is_boolean() && restarting.get<bool>();
}

// Its restart policy starts it again and again. Docker counts from its last start by hand.
bool keeps_ending(const json::Value& body) {
  constexpr int kTries = 3;
  const json::Value& count = member(body, "RestartCount");
  return count.is_number_integer() && count.get<std::int64_t>() >= kTries;
}

std::string container_of(const consul::Service& service) {
  const auto found = service.meta.find("longshore-container");
  return found == service.meta.end() ? std::string() : found->second;
}

std::string address_of(const consul::ServiceEntry& entry) {
  const std::string& host = entry.service.address.empty() ? entry.node.address : entry.service.address;
  return net::join_host_port(host, entry.service.port);
}

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

// Containers that others have started under the name of a colour, or of the service itself.
async::Awaitable<Status> DeployRun::look_at_service(std::string color) {
  const consul::QueryOptions options = confirmed();
  const std::string name = service_name(order_.plan.service, color);
  auto entries = co_await call_.client.health_service(name, "", false, options);
  if (!entries) co_return fail(entries.error().with("Consul"));
  for (const consul::ServiceEntry& entry : entries->value) {
    const std::string id = container_of(entry.service);
    if (id.size() < kShortId) continue;
    for (const std::string& engine : engines_.names()) {
      Status seen = co_await see(engine, id);
      if (!seen && seen.error().code != Errc::not_found) co_return seen;
      if (!seen) continue;
      const auto at = seen_.lower_bound(id);
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
  const consul::QueryOptions options = confirmed();
  auto color = co_await call_.client.kv_get(order_.color_key, options);
  if (!color) co_return fail(color.error().with("Consul"));
  if (color->value) {
    world.color = base::trim(color->value->value);
    world.index = color->value->modify_index;
  }
  old_color_ = world.color;
  for (const std::string& engine : engines_.names()) {
    Status looked = co_await look_at_engine(engine);
    if (!looked) co_return fail(std::move(looked.error()));
  }
  std::vector<std::string> names = order_.plan.colors;
  names.emplace_back();
  for (const std::string& name : names) {
    Status looked = co_await look_at_service(name);
    if (!looked) co_return fail(std::move(looked.error()));
  }
  for (const auto& [id, seen] : seen_)
    if (!plain_.contains(id)) world.boxes.push_back(box_of(id, seen));
  co_return world;
}

async::Awaitable<Status> DeployRun::pull(std::string engine) {
  const std::string& image = order_.plan.image;
  if (order_.pulling == Pulling::missing) {
    auto there = co_await engines_.get(engine, "/images/" + net::percent_encode(image, true) + "/json");
    if (there) co_return Status();
    if (there.error().code != Errc::not_found) co_return fail(std::move(there.error()));
  }
  const PullName name = pull_name(image);
  tell_.say("pulling", image + (engine.empty() ? std::string() : " on " + engine));
  std::string auth = registry_auth(order_.docker_config, image);
  co_return co_await engines_.pull(std::move(engine), name.name, name.tag, std::move(auth), order_.pull_limit);
}

// The container to take after: of this host if there is one; running ones of the colour that serves first.
const DeployRun::Seen* DeployRun::model_for(const std::string& host) const {
  const Seen* best = nullptr;
  int best_rank = -1;
  for (const auto& [id, seen] : seen_) {
    const Box box = box_of(id, seen);
    int rank = plain_.contains(id) ? 1 : 0;
    if (!old_color_.empty() && box.color == old_color_) rank = box.running ? 6 : 4;
    if (box.host == host) ++rank;
    if (rank > best_rank) {
      best = &seen;
      best_rank = rank;
    }
  }
  return best;
}

async::Awaitable<Result<Box>> DeployRun::create(action::Create what) {
  ContainerWish wish = order_.wish;
  wish.color = what.color;
  json::Value old, old_image;
  if (const Seen* model = model_for(what.host)) {
    old = model->body;
    // An image that is gone leaves what the container has from it: nothing is known to be the image's own.
    auto image = co_await engines_.get(model->host, "/images/" + text_at(old, "Image") + "/json");
    if (image) old_image = std::move(*image);
  }
  const std::string name = wish.service + "-" + wish.color + "-" + std::to_string(what.number);
  const std::string body = json::dump(create_body(old, old_image, wish));
  auto made = co_await engines_.call(what.host, "POST", "/containers/create?name=" + net::percent_encode(name), body,
                                     kCallLimit);
  if (!made) co_return fail(made.error().with(name));
  Box box;
  box.host = what.host;
  box.id = text_at(*made, "Id");
  box.name = name;
  box.color = wish.color;
  box.image = wish.image;
  box.ours = true;
  if (box.id.empty()) co_return fail(Errc::protocol, "Docker: a container without an ID");
  for (const std::string& network : further_networks(old, wish)) {
    json::Value member_of;
    member_of["Container"] = box.id;
    auto joined = co_await engines_.call(what.host, "POST", "/networks/" + net::percent_encode(network) + "/connect",
                                         json::dump(member_of), kCallLimit);
    if (joined) continue;
    co_await engines_.call(what.host, "DELETE", "/containers/" + box.id + "?force=1&v=1", "", kCallLimit);
    co_return fail(joined.error().with(name));
  }
  co_return box;
}

async::Awaitable<Result<input::Checks>> DeployRun::check(std::vector<Box> boxes) {
  input::Checks out;
  if (boxes.empty()) co_return out;
  for (const Box& box : boxes) {
    auto body = co_await engines_.get(box.host, "/containers/" + box.id + "/json");
    if (body && !keeps_ending(*body) && (is_running(*body) || is_restarting(*body))) continue;
    if (!body && body.error().code != Errc::not_found) co_return fail(std::move(body.error()));
    out.ended.push_back(box.name);
  }
  const consul::QueryOptions options = confirmed();
  const std::string name = service_name(order_.plan.service, boxes.front().color);
  auto entries = co_await call_.client.health_service(name, "", true, options);
  if (!entries) co_return fail(entries.error().with("Consul"));
  for (const consul::ServiceEntry& entry : entries->value) {
    Passing one;
    one.container = container_of(entry.service);
    one.address = address_of(entry);
    const bool asked = std::ranges::any_of(
        boxes, [&](const Box& box) { return !one.container.empty() && box.id.starts_with(one.container); });
    if (asked) out.passing.push_back(std::move(one));
  }
  co_return out;
}

async::Awaitable<Result<input::Written::Color>> DeployRun::write(action::Write what) {
  const consul::QueryOptions options = confirmed();
  if (!what.back && !what.old.empty()) {
    const std::string folder = call_.kv_prefix + "renderers/";
    auto records = co_await call_.client.kv_list(folder, options);
    if (!records) co_return fail(records.error().with("Consul"));
    followers_ = followers_of(records->value, folder, service_name(order_.plan.service, what.old));
  }
  consul::KvWrite how;
  how.cas = what.index;
  auto written = co_await call_.client.kv_put(order_.color_key, what.color, how);
  if (!written) co_return fail(written.error().with("Consul"));
  auto read = co_await call_.client.kv_get(order_.color_key, options);
  if (!read) co_return fail(read.error().with("Consul"));
  input::Written::Color now;
  if (read->value) {
    now.color = base::trim(read->value->value);
    now.index = read->value->modify_index;
  }
  co_return now;
}

async::Awaitable<Result<Following>> DeployRun::follow(action::Follow what) {
  const consul::QueryOptions options = confirmed();
  const std::string folder = call_.kv_prefix + "renderers/";
  auto records = co_await call_.client.kv_list(folder, options);
  if (!records) co_return fail(records.error().with("Consul"));
  co_return following_of(records->value, folder, followers_, service_name(order_.plan.service, what.old),
                         service_name(order_.plan.service, what.fresh));
}

async::Awaitable<Status> DeployRun::drain_boxes(std::vector<Box> boxes) {
  if (boxes.empty()) co_return Status();
  const std::string name = service_name(order_.plan.service, boxes.front().color);
  auto instances = co_await call_.drainer.of_service(name);
  if (!instances) co_return fail(std::move(instances.error()));
  std::erase_if(*instances, [&](const drain::Instance& one) {
    return one.container.empty() ||
           std::ranges::none_of(boxes, [&](const Box& box) { return box.id.starts_with(one.container); });
  });
  if (instances->empty()) co_return Status();
  std::vector<drain::Target> targets;
  for (const drain::Instance& one : *instances)
    targets.push_back(drain::Target{one.node, "container:" + one.container});
  drain::Request request;
  request.reason = "another colour of " + order_.plan.service + " has taken over";
  request.by = order_.by;
  auto asked = co_await call_.drainer.ask(std::move(targets), std::move(request));
  if (!asked) co_return fail(std::move(asked.error()));
  tickets_ = std::move(*asked);
  drain::OnProgress progress = tell_.progress(name);
  auto outcome = co_await call_.drainer.wait_until_out(*instances, order_.drain_limits, std::move(progress));
  if (!outcome) co_return fail(std::move(outcome.error()));
  if (!outcome->done)
    co_return fail(Errc::timeout, "not drained after " + base::format_duration(outcome->took) + ": " +
                                      drain::to_string(outcome->last));
  json::Value more = to_json(*outcome);
  tell_.say("drained", name + ": drained after " + base::format_duration(outcome->took), std::move(more));
  co_return Status();
}

}  // namespace longshore::app
