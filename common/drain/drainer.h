// Taking something out of all load balancers and waiting for their word. The record in Consul's KV is the request; the
// owning agent carries it out, the renderers follow, and each says in its own record how far it is.
//
//   Drainer drainer(consul, "longshore/");
//   auto subject = co_await drainer.find("web");                   // instances, and the records that mean them
//   auto tickets = co_await drainer.ask(subject->targets, request);
//   auto outcome = co_await drainer.wait_until_out(subject->instances, limits, on_progress);
//   ... stop it ...
//   co_await drainer.end(tickets);
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/async/executor.h"
#include "common/consul/client.h"
#include "common/consul/service_env.h"
#include "common/drain/word.h"

namespace longshore::drain {

// A record drains/<node>/<what>; what: a service ID, "container:<12 or more digits>", or "*" for the whole host.
struct Target {
  std::string node = {};  // Consul's node name
  std::string what = {};
  auto operator<=>(const Target&) const = default;
};

// A registered instance.
struct Instance {
  std::string node = {};
  std::string service = {};
  std::string id = {};
  std::string container = {};  // 12 digits of its ID; "": not one of ours
  // How long requests that older workers still have are waited for: SERVICE_DRAIN, in Meta longshore-drain.
  std::optional<base::Duration> finish = {};
  auto operator<=>(const Instance&) const = default;
};

struct Subject {
  enum class Kind { service, service_id, container, node };
  Kind kind = Kind::service;
  std::vector<Target> targets = {};
  std::vector<Instance> instances = {};
};

// A record as it is found.
struct Record {
  Target target = {};
  std::string by = {};
  std::vector<std::string> asked = {};  // the words with which it was asked for
  bool operator==(const Record&) const = default;
};

struct Request {
  std::string mode = "maintain";  // or "deregister"
  std::string reason = {};
  std::string by = {};
  std::vector<std::string> asked = {};
};

// The record as it is in the store.
struct Ticket {
  std::string key = {};
  std::uint64_t modify_index = 0;
  // Written now, or by a former try with the same reason, asker and words. false: ending it is somebody else's.
  bool ours = false;
  bool fresh = false;  // written now
};

struct Progress {
  std::vector<std::string> serving = {};  // service IDs that Consul still shows in traffic
  std::vector<std::string> settled = {};  // renderers
  std::vector<std::string> waiting = {};
  std::vector<std::string> busy = {};
  std::vector<std::string> missing = {};
  bool done() const { return serving.empty() && waiting.empty() && missing.empty(); }
  bool operator==(const Progress&) const = default;
};
// "still served: web-1; waiting for lb-1; missing: lb-2"
std::string to_string(const Progress& progress);

struct Limits {
  base::Duration all = std::chrono::seconds(60);
  base::Duration finish = std::chrono::seconds(10);  // of it, for requests that older workers still have
  bool finish_chosen = false;                        // by a person: what instances say does not matter
  std::function<bool()> given_up = {};               // asked again and again: the wait ends, not done
};

struct Outcome {
  bool done = false;     // nobody sends it new requests
  bool finished = true;  // nor has anybody old ones; false: their time was over
  Progress last = {};
  base::Duration took{};
};
using OnProgress = std::function<void(const Progress&)>;  // on each change

// The longest that one of them asks for; one that does not say has limits.finish. Pure.
base::Duration finish_time(const std::vector<Instance>& instances, const Limits& limits);

// For the records: "2024-05-01T12:00:00Z".
std::string rfc3339_now();

// Does a service of a node fall under the record? Pure.
bool is_target(const std::string& what, const consul::Service& service);
// Out of traffic whatever its checks may say next: gone, or in maintenance. Pure.
bool is_out(const std::vector<consul::ServiceEntry>& entries, const Instance& instance);

class Drainer {
 public:
  // prefix: "longshore/", or with an environment "longshore/E/". `client` outlives this.
  Drainer(consul::Client& client, std::string prefix)
      : client_(client), prefix_(std::move(prefix)), environment_(consul::environment_of_prefix(prefix_)) {}

  // Errors are Consul's (unreachable, server_error, ..); nothing registered is no error.
  async::Awaitable<Result<std::string>> own_node();
  async::Awaitable<Result<std::vector<Instance>>> on_node(std::string node);
  // Of our environment only.
  async::Awaitable<Result<std::vector<Instance>>> of_service(std::string service);
  // A service's name, a service ID, a container's name or ID (of our node first, then of all); "service:", "id:" and
  // "container:" in front choose. not_found: nothing of it is registered.
  async::Awaitable<Result<Subject>> find(std::string word);
  async::Awaitable<Result<Subject>> whole_node(std::string node);
  // A node's name as Consul writes it, which finds it in any case of letters; "" = there is none.
  async::Awaitable<Result<std::string>> node_named(std::string node);

  // Writes the requests that are not there already.
  async::Awaitable<Result<std::vector<Ticket>>> ask(std::vector<Target> targets, Request request);
  // How far it is.
  async::Awaitable<Result<Progress>> progress(std::vector<Instance> instances);
  // Until nobody sends requests to them any more and old ones are over, or the time is. An unreachable Consul is
  // asked again; the error is the last one when it never answered.
  async::Awaitable<Result<Outcome>> wait_until_out(std::vector<Instance> instances, Limits limits,
                                                   OnProgress on_progress);
  // Until they are in no maintenance and all live renderers know what Consul says now; missing ones are not waited for.
  async::Awaitable<Result<Outcome>> wait_until_back(std::vector<Instance> instances, Limits limits,
                                                    OnProgress on_progress);
  // Does another container's instance of its service pass, and do all renderers that live know it and give it traffic?
  // (`instance` may be of no container: any instance then.)
  async::Awaitable<Result<bool>> another_serves(Instance instance);
  // Deletes those of ours that are still as they were written.
  async::Awaitable<Status> end(std::vector<Ticket> tickets);
  // The records there are, of all nodes; and their end, whoever asked for them.
  async::Awaitable<Result<std::vector<Record>>> records();
  async::Awaitable<Status> remove(std::vector<Target> targets);

 private:
  enum class Wanted { out, back };
  async::Awaitable<Result<Outcome>> wait(std::vector<Instance> instances, Limits limits, OnProgress on_progress,
                                         Wanted wanted);
  async::Awaitable<Result<Progress>> look(std::vector<Instance> instances, Wanted wanted);
  std::string key_of(const Target& target) const { return prefix_ + "drains/" + target.node + "/" + target.what; }

  // Services of our environment whose names begin so, a few.
  async::Awaitable<std::vector<std::string>> names_like(std::string prefix);
  std::uint64_t hash_of_ours(std::vector<consul::ServiceEntry> entries) const;

  consul::Client& client_;
  std::string prefix_;
  std::string environment_;
  std::string datacenter_;
  std::string node_;
  // The answer in which an instance was out (or back) first: renderers need not know more than that.
  std::map<Instance, std::uint64_t> since_;
  std::map<std::pair<std::string, std::string>, base::TimePoint> unsure_since_;  // by service and renderer
};

}  // namespace longshore::drain
