// What DeployRun asks of Docker and Consul, one answer each.
#include <algorithm>
#include <cstdlib>

#include "common/base/text.h"
#include "common/consul/service_env.h"
#include "common/deploy/registry_auth.h"
#include "common/deploy/taken_port.h"
#include "common/main/deploy_facts.h"
#include "common/main/deploy_run.h"
#include "renderer/io/plugin.h"

namespace longshore::app {
namespace {

using namespace deploy;
using namespace facts;

constexpr base::Duration kCallLimit = std::chrono::seconds(30);
constexpr base::Duration kStartAgain = std::chrono::milliseconds(100);
constexpr base::Duration kHelperLimit = std::chrono::seconds(30);
}  // namespace

async::Awaitable<Status> DeployRun::start(Box box) {
  Status ended = co_await end_drains();
  if (!ended) co_return ended;
  const std::string path = "/containers/" + box.id;
  StartTries tries;
  for (;;) {
    std::string target = path + "/start";
    auto answer = co_await engines_.call(box.host, "POST", std::move(target), "", kCallLimit);
    if (answer) co_return Status();
    if (taken_port(answer.error().text) == 0) co_return fail(std::move(answer.error()));
    // What it asks for tells whose choice the port was.
    target = path + "/json";
    auto body = co_await engines_.get(box.host, std::move(target));
    json::Value asks;
    if (body) asks = member(*body, "HostConfig");
    StartTries::Verdict verdict = tries.failed(box.name, answer.error().text, asks);
    if (!verdict.again) co_return fail(answer.error().code, std::move(verdict.text));
    tell_.say("port_taken", std::move(verdict.text));
    co_await async::sleep_for(kStartAgain);
  }
}

// What a run that was killed has asked for: whoever it was to stop serves until it is drained again.
async::Awaitable<Status> DeployRun::end_leftover_drains() {
  auto records = co_await call_.drainer.records();
  if (!records) co_return fail(records.error().with("Consul"));
  std::vector<drain::Target> left;
  for (const drain::Record& one : *records)
    if (one.asked == drain_words()) left.push_back(one.target);
  if (left.empty()) co_return Status();
  tell_.say("cleared", order_.plan.service + ": drains that an earlier run left: " + std::to_string(left.size()));
  co_return co_await call_.drainer.remove(std::move(left));
}

std::vector<std::string> DeployRun::drain_words() const {
  return {"deploy " + order_.plan.service};
}

// Also in an older batch: what is stopped needs no record, and one that is started again must not find it.
async::Awaitable<Status> DeployRun::end_drains() {
  if (tickets_.empty()) co_return Status();
  std::vector<drain::Ticket> tickets = tickets_;
  Status ended = co_await call_.drainer.end(std::move(tickets));
  if (ended) tickets_.clear();
  co_return ended;
}

async::Awaitable<Status> DeployRun::pull(std::string engine, std::string image) {
  if (image.empty())
    if (const Seen* model = model_for(engine)) image = text_at(member(model->body, "Config"), "Image");
  if (order_.pulling == Pulling::missing) {
    auto there = co_await engines_.get(engine, "/images/" + net::percent_encode(image, true) + "/json");
    if (there) co_return Status();
    if (there.error().code != Errc::not_found) co_return fail(std::move(there.error()));
  }
  const PullName name = pull_name(image);
  tell_.say("pulling", "pulling " + image + (engine.empty() ? std::string() : " on " + engine));
  // As `docker pull` does: an image that everybody may have needs no keychain that opens.
  std::string header, trouble;
  auto auth = co_await credentials(image);
  if (!auth && auth.error().code == Errc::cancelled) co_return fail(std::move(auth.error()));
  if (auth) {
    header = std::move(*auth);
  } else {
    trouble = auth.error().text;
    tell_.say("warning", trouble + "; pulling without credentials");
  }
  const Status pulled =
      co_await engines_.pull(std::move(engine), name.name, name.tag, std::move(header), order_.pull_limit);
  if (pulled || trouble.empty()) co_return pulled;
  co_return fail(pulled.error().code, pulled.error().text + " (without credentials: " + trouble + ")");
}

// For X-Registry-Auth; "" = none.
async::Awaitable<Result<std::string>> DeployRun::credentials(std::string image) {
  auto helper = credential_helper(order_.docker_config, image);
  if (!helper) co_return fail(std::move(helper.error()));
  if (helper->empty()) co_return registry_auth(order_.docker_config, image);
  // The server goes to its standard input. What it complains about is on its standard output, by its protocol.
  const std::string server = registry_of(image);
  render::PluginRequest request;
  request.words = {
      "/bin/sh", "-c",   R"(printf %s "$1" | "docker-credential-$2" get 2>/dev/null; code=$?; echo; echo "$code")",
      "sh",      server, *helper};
  request.environment = order_.environment;
  request.limit = kHelperLimit;
  auto said = co_await render::run_plugin(tasks_, std::move(request));
  if (!said) co_return fail(Errc::cancelled, "cancelled");
  // In words of ours: what the helper wrote may be a secret.
  if (!said->problem.empty()) co_return fail(said->trouble.with("docker-credential-" + *helper));
  const std::size_t line = said->text.rfind('\n');
  const std::size_t digits = line == std::string::npos ? 0 : line + 1;
  const int code = std::atoi(said->text.c_str() + digits);
  co_return auth_of_helper(*helper, server, code, std::string_view(said->text).substr(0, digits));
}

async::Awaitable<Result<Box>> DeployRun::create(action::Create what) {
  ContainerWish wish = order_.wish;
  wish.color = what.color;
  wish.run = what.run;
  json::Value old, old_image;
  if (!order_.model.is_null()) {
    old = order_.model;
  } else if (const Seen* model = model_for(what.host)) {
    old = model->body;
    // An image that is gone leaves what the container has from it: nothing is known to be the image's own.
    auto image = co_await engines_.get(model->host, "/images/" + text_at(old, "Image") + "/json");
    if (image) old_image = std::move(*image);
  }
  if (wish.image.empty()) wish.image = text_at(member(old, "Config"), "Image");
  const std::string name = service_name(wish.service, wish.color) + "-" + std::to_string(what.number);
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
  box.running = true;
  box.run = wish.run;
  if (box.id.empty()) co_return fail(Errc::protocol, "Docker: a container without an ID");
  for (const std::string& network : further_networks(old, wish)) {
    json::Value member_of;
    member_of["Container"] = box.id;
    auto joined = co_await engines_.call(what.host, "POST", "/networks/" + net::percent_encode(network) + "/connect",
                                         json::dump(member_of), kCallLimit);
    if (joined) continue;
    std::string path = "/containers/" + box.id + "?force=1&v=1";
    [[maybe_unused]] const auto removed = co_await engines_.call(what.host, "DELETE", std::move(path), "", kCallLimit);
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
  const consul::QueryOptions options = consul::confirmed();
  const std::string name = registered(boxes.front().color);
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
  const consul::QueryOptions options = consul::confirmed();
  // Once: a second attempt may come after a first one that was carried out, and load balancers that have followed.
  if (!what.back && what.old.empty()) switch_ = Switch{order_.plan.service, what.color, "", registered(what.color)};
  if (!what.back && !what.old.empty() && !followers_noted_) {
    const std::string folder = call_.kv_prefix + "renderers/";
    auto records = co_await call_.client.kv_list(folder, options);
    if (!records) co_return fail(records.error().with("Consul"));
    switch_ = Switch{order_.plan.service, what.color, registered(what.old), registered(what.color)};
    followers_ = followers_of(records->value, folder, switch_);
    followers_noted_ = true;
  }
  consul::KvWrite how;
  how.cas = what.index;
  auto written = co_await call_.client.kv_put(order_.color_key, what.color, how);
  if (!written) co_return fail(written.error().with("Consul"));
  // Beside the new colour it says nothing any more.
  if (*written) {
    std::string canary = order_.canary_key;
    [[maybe_unused]] const auto deleted = co_await call_.client.kv_delete(std::move(canary), std::nullopt, false);
  }
  auto read = co_await call_.client.kv_get(order_.color_key, options);
  if (!read) co_return fail(read.error().with("Consul"));
  input::Written::Color now;
  if (read->value) {
    now.color = base::trim(read->value->value);
    now.index = read->value->modify_index;
  }
  co_return now;
}

async::Awaitable<Status> DeployRun::share(action::Share what) {
  Result<bool> done = true;
  if (what.percent == 0)
    done = co_await call_.client.kv_delete(order_.canary_key, std::nullopt, false);
  else
    done = co_await call_.client.kv_put(order_.canary_key, what.color + "=" + std::to_string(what.percent),
                                        consul::KvWrite());
  if (!done) co_return fail(done.error().with("Consul"));
  co_return Status();
}

async::Awaitable<Result<Following>> DeployRun::follow() {
  const consul::QueryOptions options = consul::confirmed();
  const bool first = switch_.old.empty();
  if (first && first_.service.empty()) {
    auto self = co_await call_.client.agent_self();
    if (!self) co_return fail(self.error().with("Consul"));
    auto entries = co_await call_.client.health_service(switch_.fresh, "", false, options);
    if (!entries) co_return fail(entries.error().with("Consul"));
    consul::keep_environment(entries->value, consul::environment_of_prefix(call_.kv_prefix));
    first_ = drain::Expected{switch_.fresh, self->datacenter, entries->meta.index, drain::set_hash(entries->value)};
  }
  const std::string folder = call_.kv_prefix + "renderers/";
  auto records = co_await call_.client.kv_list(folder, options);
  if (!records) co_return fail(records.error().with("Consul"));
  if (first) co_return first_following_of(records->value, folder, switch_, first_);
  co_return following_of(records->value, folder, followers_, switch_);
}

// Those that stay must have traffic before others lose theirs: a load balancer asks a new one itself before it sends
// anything there, and until then has nobody if the last of the others goes.
async::Awaitable<Status> DeployRun::wait_until_known(std::string name, std::vector<drain::Instance> leaving) {
  const consul::QueryOptions options = consul::confirmed();
  auto entries = co_await call_.client.health_service(name, "", true, options);
  if (!entries) co_return fail(entries.error().with("Consul"));
  auto all = co_await call_.drainer.of_service(name);
  if (!all) co_return fail(std::move(all.error()));
  std::erase_if(*all, [&](const drain::Instance& one) {
    const bool passes = std::ranges::any_of(entries->value, [&](const consul::ServiceEntry& entry) {
      return entry.node.node == one.node && entry.service.id == one.id;
    });
    return !passes || std::ranges::find(leaving, one) != leaving.end();
  });
  if (all->empty()) co_return Status();
  drain::Limits limits = order_.drain_limits;
  limits.given_up = [this] { return gives_up(); };
  drain::OnProgress progress = tell_.progress(name);
  auto outcome = co_await call_.drainer.wait_until_back(std::move(*all), std::move(limits), std::move(progress));
  if (!outcome) co_return fail(std::move(outcome.error()));
  if (outcome->done) co_return Status();
  co_return fail(Errc::timeout, "new instances have no traffic after " + base::format_duration(outcome->took) + ": " +
                                    drain::to_string(outcome->last));
}

async::Awaitable<Status> DeployRun::drain_boxes(std::vector<Box> boxes) {
  if (boxes.empty()) co_return Status();
  const std::string name = registered(boxes.front().color);
  auto instances = co_await call_.drainer.of_service(name);
  if (!instances) co_return fail(std::move(instances.error()));
  std::erase_if(*instances, [&](const drain::Instance& one) {
    return one.container.empty() ||
           std::ranges::none_of(boxes, [&](const Box& box) { return box.id.starts_with(one.container); });
  });
  if (instances->empty()) co_return Status();
  if (order_.roll) {
    Status known = co_await wait_until_known(name, *instances);
    if (!known) co_return known;
  }
  std::vector<drain::Target> targets;
  for (const drain::Instance& one : *instances)
    targets.push_back(drain::Target{one.node, "container:" + one.container});
  drain::Request request;
  request.reason = order_.roll ? "another instance of " + order_.plan.service + " has taken over"
                               : "another colour of " + order_.plan.service + " has taken over";
  request.by = order_.by;
  request.asked = drain_words();
  Status before = co_await end_drains();
  if (!before) co_return before;
  auto asked = co_await call_.drainer.ask(std::move(targets), std::move(request));
  if (!asked) co_return fail(std::move(asked.error()));
  tickets_ = std::move(*asked);
  drain::OnProgress progress = tell_.progress(name);
  drain::Limits limits = order_.drain_limits;
  limits.given_up = [this] { return gives_up(); };
  auto outcome = co_await call_.drainer.wait_until_out(*instances, std::move(limits), std::move(progress));
  if (!outcome) co_return fail(std::move(outcome.error()));
  if (!outcome->done)
    co_return fail(Errc::timeout, "not drained after " + base::format_duration(outcome->took) + ": " +
                                      drain::to_string(outcome->last));
  json::Value more = to_json(*outcome);
  tell_.say("drained", name + ": drained after " + base::format_duration(outcome->took), std::move(more));
  co_return Status();
}

}  // namespace longshore::app
