// A scripted Consul on a real socket, written with another HTTP library than ours: blocking queries with an index that
// the test controls, errors, silence, emptiness.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace longshore::render::test {

struct FakeInstance {
  std::string node;
  std::string id;
  std::string address;
  int port = 0;
  std::string status = "passing";
};

class FakeConsul {
 public:
  enum class Mode {
    answers,
    server_error,  // 500 "No cluster leader", also to queries that are parked
    leaderless,    // answers, with X-Consul-KnownLeader: false
    rate_limited,  // 429
    garbage,       // 200 and half a JSON document
  };

  FakeConsul();
  ~FakeConsul();
  FakeConsul(const FakeConsul&) = delete;
  FakeConsul& operator=(const FakeConsul&) = delete;

  std::string address() const;
  // Ends every connection and refuses new ones; start() listens on the same port again.
  void stop();
  void start();

  void set_service(const std::string& name, std::vector<FakeInstance> instances);  // also in the catalog, unless empty
  void set_key(const std::string& key, std::optional<std::string> value);
  void set_mode(Mode mode);
  // A restarted server without its data: everything empty, the index begins anew.
  void wipe();
  std::uint64_t requests() const;

 private:
  template <class Body>
  void serve(const httplib::Request& request, httplib::Response& response, std::string what, Body body);
  void changed(const std::string& what);
  std::string health(const std::string& name) const;
  std::string catalog() const;
  std::string key(const std::string& name) const;
  std::string keys(const std::string& prefix) const;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, std::vector<FakeInstance>> services_;
  std::map<std::string, std::pair<std::string, std::uint64_t>> keys_;
  std::map<std::string, std::uint64_t> indexes_;  // "service:web", "catalog", "kv"
  std::uint64_t index_ = 100;
  Mode mode_ = Mode::answers;
  bool stopping_ = false;
  std::uint64_t requests_ = 0;
  int port_ = 0;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
};

}  // namespace longshore::render::test
