// Tells others in Consul's KV how far this renderer is: renderers/<id>, held by a session, so that a dead renderer can
// be told from a live one. Written only on change, one write at a time; the record outlives us unless we end in order.
#pragma once
#include <functional>
#include <string>

#include "common/async/input_queue.h"
#include "common/async/task_group.h"
#include "common/base/log_line.h"
#include "common/consul/client.h"
#include "common/drain/word.h"
#include "common/policy/backoff.h"
#include "common/policy/random.h"
#include "renderer/cluster_marker.h"

namespace longshore::render {

// This machine's, "unknown" without one.
std::string host_name();

// Stable across restarts with the same files: "<host name>-<8 digits>", of the machine's id and the destinations.
std::string renderer_id(std::vector<std::string> destinations);

class WordPublisher {
 public:
  using Compose = std::function<drain::RendererWord()>;
  using Log = std::function<void(base::LogLine)>;

  // `client` outlives this; the tasks of run() are joined first. prefix: "longshore/", or with an environment.
  WordPublisher(const async::Executor& executor, consul::Client& client, std::string prefix, std::string id,
                Compose compose, Log log);

  // There may be something new. Does not wait.
  void changed();
  // Until cancelled, or leave().
  async::Awaitable<void> run();
  // Ends in order: run() removes the record and its session after what it is doing. Waits for that until then.
  async::Awaitable<void> leave(base::TimePoint until);

  const std::string& id() const { return id_; }
  bool published() const { return !session_.empty() && !sent_.empty(); }
  std::uint64_t writes() const { return writes_; }
  const std::string& problem() const { return problem_; }
  const ClusterMarker& marker() const { return marker_; }

 private:
  struct Wake {};

  base::TimePoint next_due() const;
  async::Awaitable<Status> acquire();
  async::Awaitable<Status> write();
  async::Awaitable<void> renew();
  async::Awaitable<void> look_at_marker();
  async::Awaitable<void> remove();
  std::string key() const { return prefix_ + "renderers/" + id_; }
  void failed(const Error& error);

  consul::Client& client_;
  std::string prefix_;
  ClusterMarker marker_;
  std::string id_;
  std::string instance_;  // of this process
  Compose compose_;
  Log log_;
  async::InputQueue<Wake> wake_;
  async::InputQueue<Wake> left_;
  bool leaving_ = false;
  policy::Random random_;
  policy::Backoff backoff_{std::chrono::seconds(1), std::chrono::seconds(30)};
  std::string session_;
  std::string sent_;  // hash of what was sent, without the time
  bool dirty_ = false;
  bool held_before_ = false;  // the record was ours once
  base::TimePoint write_at_{};
  base::TimePoint renew_at_{};
  base::TimePoint retry_at_{};
  std::uint64_t writes_ = 0;
  std::string problem_;
};

}  // namespace longshore::render
