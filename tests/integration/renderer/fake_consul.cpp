#include "tests/integration/renderer/fake_consul.h"

#include <httplib.h>

#include "common/json/json.h"

namespace longshore::render::test {
namespace {

// Padded alphabet; httplib has one of its own, but not as a public function.
std::string base64(const std::string& text) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    unsigned bits = 0;
    const std::size_t have = std::min<std::size_t>(3, text.size() - at);
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < have ? static_cast<unsigned char>(text[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) out += i <= have ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

}  // namespace

FakeConsul::FakeConsul() {
  start();
}
FakeConsul::~FakeConsul() {
  stop();
}

std::string FakeConsul::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void FakeConsul::start() {
  stopping_ = false;
  server_ = std::make_unique<httplib::Server>();
  server_->new_task_queue = [] { return new httplib::ThreadPool(64); };
  server_->set_keep_alive_max_count(100000);
  server_->set_keep_alive_timeout(1);  // seconds; stop() waits for idle connections
  server_->set_tcp_nodelay(true);
  server_->Get(R"(/v1/health/service/([^/]+))", [this](const httplib::Request& request, httplib::Response& response) {
    const std::string name = request.matches[1];
    serve(request, response, "service:" + name, [this, name] { return health(name); });
  });
  server_->Get("/v1/catalog/services", [this](const httplib::Request& request, httplib::Response& response) {
    serve(request, response, "catalog", [this] { return catalog(); });
  });
  server_->Get(R"(/v1/kv/(.*))", [this](const httplib::Request& request, httplib::Response& response) {
    const std::string name = request.matches[1];
    const bool recurse = request.has_param("recurse");
    serve(request, response, "kv", [this, name, recurse] { return recurse ? keys(name) : key(name); });
    if (response.body == "null") {
      response.status = 404;
      response.body.clear();
    }
  });
  if (port_ == 0)
    port_ = server_->bind_to_any_port("127.0.0.1");
  else
    server_->bind_to_port("127.0.0.1", port_);
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

void FakeConsul::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (server_) server_->stop();
  if (thread_.joinable()) thread_.join();
  server_.reset();
}

template <class Body>
void FakeConsul::serve(const httplib::Request& request, httplib::Response& response, std::string what, Body body) {
  std::unique_lock lock(mutex_);
  ++requests_;
  const std::uint64_t seen = request.has_param("index") ? std::stoull(request.get_param_value("index")) : 0;
  const auto index = [&] { return indexes_.contains(what) ? indexes_[what] : std::min<std::uint64_t>(index_, 100); };
  const Mode mode = mode_;
  if (mode == Mode::answers && seen != 0)
    wake_.wait_for(lock, std::chrono::seconds(20), [&] { return stopping_ || mode_ != mode || index() != seen; });
  if (mode_ == Mode::server_error) {
    response.status = 500;
    response.set_content("No cluster leader", "text/plain");
    return;
  }
  if (mode_ == Mode::rate_limited) {
    response.status = 429;
    return;
  }
  response.set_header("X-Consul-Index", std::to_string(index()));
  response.set_header("X-Consul-KnownLeader", mode_ == Mode::leaderless ? "false" : "true");
  response.set_header("X-Consul-LastContact", "0");
  response.set_content(mode_ == Mode::garbage ? "[{\"Node\":" : body(), "application/json");
}

void FakeConsul::changed(const std::string& what) {
  indexes_[what] = ++index_;
  wake_.notify_all();
}

void FakeConsul::set_service(const std::string& name, std::vector<FakeInstance> instances) {
  const std::lock_guard lock(mutex_);
  if (instances.empty())
    services_.erase(name);
  else
    services_[name] = std::move(instances);
  changed("service:" + name);
  changed("catalog");
}

void FakeConsul::set_key(const std::string& key, std::optional<std::string> value) {
  const std::lock_guard lock(mutex_);
  if (value)
    keys_[key] = {*value, index_ + 1};
  else
    keys_.erase(key);
  changed("kv");
}

void FakeConsul::set_mode(Mode mode) {
  const std::lock_guard lock(mutex_);
  mode_ = mode;
  wake_.notify_all();
}

void FakeConsul::wipe() {
  const std::lock_guard lock(mutex_);
  services_.clear();
  keys_.clear();
  indexes_.clear();
  index_ = 5;
  wake_.notify_all();
}

std::uint64_t FakeConsul::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string FakeConsul::health(const std::string& name) const {
  json::Value out = json::Value::array();
  if (const auto found = services_.find(name); found != services_.end())
    for (const FakeInstance& instance : found->second)
      out.push_back({{"Node", {{"Node", instance.node}, {"Address", "127.0.0.1"}}},
                     {"Service",
                      {{"ID", instance.id},
                       {"Service", name},
                       {"Tags", json::Value::array()},
                       {"Address", instance.address},
                       {"Port", instance.port}}},
                     {"Checks", {{{"CheckID", "c"}, {"Node", instance.node}, {"Status", instance.status}}}}});
  return json::dump(out);
}

std::string FakeConsul::catalog() const {
  json::Value out = json::Value::object();
  for (const auto& [name, instances] : services_) out[name] = json::Value::array();
  return json::dump(out);
}

std::string FakeConsul::key(const std::string& name) const {
  const auto found = keys_.find(name);
  if (found == keys_.end()) return "null";
  const json::Value pair = {
      {"Key", name}, {"Value", base64(found->second.first)}, {"ModifyIndex", found->second.second}};
  return json::dump(json::Value::array({pair}));
}

std::string FakeConsul::keys(const std::string& prefix) const {
  json::Value out = json::Value::array();
  for (const auto& [key, value] : keys_)
    if (key.starts_with(prefix))
      out.push_back({{"Key", key}, {"Value", base64(value.first)}, {"ModifyIndex", value.second}});
  return out.empty() ? "null" : json::dump(out);
}

}  // namespace longshore::render::test
