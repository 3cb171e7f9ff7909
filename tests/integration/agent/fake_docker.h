// A scripted Docker engine on a unix socket, written with another HTTP library than ours: containers that the test
// starts and ends, an event stream, and faults.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace httplib {
class Server;
struct Response;
}  // namespace httplib

namespace longshore::agent::test {

struct FakeContainer {
  std::string id;  // 64 digits
  std::string name;
  std::string address;  // "172.17.0.2"
  int host_port = 0;    // of 80/tcp; 0 = exposed only
  std::vector<std::string> env = {};
  std::string started_at = "2024-01-01T00:00:00Z";
};

std::string fake_id(int number);

class FakeDocker {
 public:
  explicit FakeDocker(std::string socket_path);
  ~FakeDocker();
  FakeDocker(const FakeDocker&) = delete;
  FakeDocker& operator=(const FakeDocker&) = delete;

  // A stopped engine refuses connections; its containers may change meanwhile (without events).
  void start();
  void stop();

  void run(const FakeContainer& container);  // create, connect, start
  void kill(const std::string& id);          // kill, die, disconnect, destroy
  void put(const FakeContainer& container);  // no event
  void remove(const std::string& id);        // no event
  void send_raw(const std::string& bytes);   // into every event stream
  void end_streams();
  void set_modern(bool modern);             // API 1.52: other shapes
  void set_failing(const std::string& id);  // its inspect answers 500; "" = none
  void set_hanging(const std::string& id);  // its inspect answers nothing; "" = none

  // How often something other than GET was asked. Must stay 0.
  std::uint64_t writes() const;
  std::uint64_t inspects() const;
  const std::string& path() const { return path_; }

 private:
  struct Stream {
    std::string pending;
    bool ended = false;
  };
  void serve();
  void emit(const std::string& type, const std::string& action, const std::string& id, const std::string& more);
  std::string inspect_json(const FakeContainer& container) const;
  std::string list_json() const;

  const std::string path_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, FakeContainer> containers_;
  std::list<std::shared_ptr<Stream>> streams_;
  std::string failing_;
  std::string hanging_;
  bool modern_ = false;
  bool stopping_ = false;
  std::uint64_t writes_ = 0;
  std::uint64_t inspects_ = 0;
  std::int64_t clock_ = 1'710'000'000'000'000'000;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
};

// "c<number>" with an address of its own.
inline FakeContainer one(int number) {
  return {.id = fake_id(number),
          .name = "c" + std::to_string(number),
          .address = "172.17." + std::to_string(number / 200) + "." + std::to_string(number % 200 + 2),
          .host_port = 0};
}

}  // namespace longshore::agent::test
