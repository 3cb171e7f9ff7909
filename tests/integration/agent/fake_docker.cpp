#include "tests/integration/agent/fake_docker.h"

#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace longshore::agent::test {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kThreads = 64;  // a kept connection holds one

}  // namespace

std::string fake_id(int number) {
  std::string id = std::to_string(100'000 + number);
  return id + std::string(64 - id.size(), 'a');
}

FakeDocker::FakeDocker(std::string socket_path) : path_(std::move(socket_path)) {}

FakeDocker::~FakeDocker() {
  stop();
}

void FakeDocker::start() {
  stop();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = false;
  }
  server_ = std::make_unique<httplib::Server>();
  server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server_->set_keep_alive_max_count(1'000'000);
  server_->set_keep_alive_timeout(1);
  serve();
  ::unlink(path_.c_str());
  server_->set_address_family(AF_UNIX);
  thread_ = std::thread([this] { server_->listen(path_, 80); });
  while (!server_->is_running()) std::this_thread::yield();
}

void FakeDocker::stop() {
  if (!server_) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  server_->stop();
  thread_.join();
  server_.reset();
  ::unlink(path_.c_str());
  const std::lock_guard lock(mutex_);
  streams_.clear();
}

void FakeDocker::serve() {
  // With and without a version in front.
  const std::string version = "(?:/v[0-9.]+)?";
  const auto json = [](httplib::Response& response, const Json& body) {
    response.set_content(body.dump(), "application/json");
  };
  server_->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response&) {
    if (request.method != "GET") {
      const std::lock_guard lock(mutex_);
      ++writes_;
    }
    return httplib::Server::HandlerResponse::Unhandled;
  });
  server_->Get(version + "/version", [this, json](const httplib::Request&, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    json(response,
         {{"Version", "x"}, {"ApiVersion", modern_ ? "1.52" : "1.41"}, {"MinAPIVersion", modern_ ? "1.44" : "1.12"}});
  });
  server_->Get(version + "/info", [json](const httplib::Request&, httplib::Response& response) {
    json(response, {{"ID", "ENGINE"}, {"Name", "box"}, {"ServerVersion", "20.10.24"}});
  });
  server_->Get(version + "/containers/json", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(list_json(), "application/json");
  });
  server_->Get(version + "/containers/([0-9a-f]+)/json",
               [this](const httplib::Request& request, httplib::Response& response) {
                 std::unique_lock lock(mutex_);
                 ++inspects_;
                 const std::string id = request.matches[1];
                 wake_.wait(lock, [&] { return stopping_ || hanging_ != id; });
                 const auto found = containers_.find(id);
                 if (failing_ == id || found == containers_.end()) {
                   response.status = failing_ == id ? 500 : 404;
                   response.set_content(R"({"message": "No such container or trouble"})", "application/json");
                   return;
                 }
                 response.set_content(inspect_json(found->second), "application/json");
               });
  server_->Get(version + "/events", [this](const httplib::Request&, httplib::Response& response) {
    auto stream = std::make_shared<Stream>();
    {
      const std::lock_guard lock(mutex_);
      streams_.push_back(stream);
    }
    response.set_chunked_content_provider("application/json", [this, stream](std::size_t, httplib::DataSink& sink) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || stream->ended || !stream->pending.empty(); });
      const std::string bytes = std::exchange(stream->pending, {});
      const bool end = stopping_ || stream->ended;
      lock.unlock();
      if (!bytes.empty() && !sink.write(bytes.data(), bytes.size())) return false;
      if (end) sink.done();
      return true;
    });
  });
}

std::string FakeDocker::inspect_json(const FakeContainer& one) const {
  Json published = nullptr;
  if (one.host_port != 0)
    published = Json::array({{{"HostIp", "0.0.0.0"}, {"HostPort", std::to_string(one.host_port)}}});
  Json settings = {{"Ports", {{"80/tcp", published}}},
                   {"Networks", {{"bridge", {{"NetworkID", "n"}, {"IPAddress", one.address}}}}}};
  if (!modern_) settings["IPAddress"] = one.address;
  return Json{{"Id", one.id},
              {"Name", "/" + one.name},
              {"Image", "sha256:0"},
              {"State", {{"Status", "running"}, {"Running", true}, {"StartedAt", one.started_at}}},
              {"Config", {{"Image", "app:1"}, {"Env", one.env}, {"ExposedPorts", {{"80/tcp", Json::object()}}}}},
              {"HostConfig", {{"NetworkMode", "default"}}},
              {"NetworkSettings", settings}}
      .dump();
}

std::string FakeDocker::list_json() const {
  const std::lock_guard lock(mutex_);
  Json rows = Json::array();
  for (const auto& [id, one] : containers_)
    rows.push_back({{"Id", id},
                    {"Names", {"/" + one.name}},
                    {"State", "running"},
                    {"Ports", {{{"PrivatePort", 80}, {"PublicPort", one.host_port}}}}});
  return rows.dump();
}

// Under the lock.
void FakeDocker::emit(const std::string& type, const std::string& action, const std::string& id,
                      const std::string& more) {
  const std::string attributes = type == "network" ? R"("container":")" + id + "\"" : more;
  std::string line = R"({"Type":")" + type + R"(","Action":")" + action + R"(","Actor":{"ID":")" +
                     (type == "network" ? "net" : id) + R"(","Attributes":{)" + attributes + "}}";
  if (!modern_ && type == "container") line += R"(,"status":")" + action + R"(","id":")" + id + "\"";
  line += R"(,"scope":"local","timeNano":)" + std::to_string(++clock_) + "}\n";
  for (const auto& stream : streams_) stream->pending += line;
}

void FakeDocker::run(const FakeContainer& container) {
  const std::lock_guard lock(mutex_);
  containers_[container.id] = container;
  emit("container", "create", container.id, "");
  emit("network", "connect", container.id, "");
  emit("container", "start", container.id, "");
  wake_.notify_all();
}

void FakeDocker::kill(const std::string& id) {
  const std::lock_guard lock(mutex_);
  containers_.erase(id);
  emit("container", "kill", id, R"("signal":"15")");
  emit("container", "die", id, R"("exitCode":"0")");
  emit("network", "disconnect", id, "");
  emit("container", "destroy", id, "");
  wake_.notify_all();
}

void FakeDocker::put(const FakeContainer& container) {
  const std::lock_guard lock(mutex_);
  containers_[container.id] = container;
}

void FakeDocker::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  containers_.erase(id);
}

void FakeDocker::send_raw(const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  for (const auto& stream : streams_) stream->pending += bytes;
  wake_.notify_all();
}

void FakeDocker::end_streams() {
  const std::lock_guard lock(mutex_);
  for (const auto& stream : streams_) stream->ended = true;
  streams_.clear();
  wake_.notify_all();
}

void FakeDocker::set_modern(bool modern) {
  const std::lock_guard lock(mutex_);
  modern_ = modern;
}

void FakeDocker::set_failing(const std::string& id) {
  const std::lock_guard lock(mutex_);
  failing_ = id;
}

void FakeDocker::set_hanging(const std::string& id) {
  const std::lock_guard lock(mutex_);
  hanging_ = id;
  wake_.notify_all();
}

std::uint64_t FakeDocker::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

std::uint64_t FakeDocker::inspects() const {
  const std::lock_guard lock(mutex_);
  return inspects_;
}

}  // namespace longshore::agent::test
