// The shell's part of the reaper: the key, what Consul says of nodes, and the removal itself. Each call ends with one
// input.
#pragma once
#include <string>

#include "agent/core/messages.h"
#include "agent/lock_record.h"
#include "common/async/executor.h"
#include "common/async/input_queue.h"
#include "common/consul/client.h"

namespace longshore::agent {

struct ReapSettings {
  std::string check;                                      // -reap-check, "" = none
  base::Duration check_limit = std::chrono::seconds(30);  // > 0; -reap-check-timeout
  bool operator==(const ReapSettings&) const = default;
};

// Key longshore/[<env>/]reaper.
std::string reaper_key(std::string_view env);

// {"node", "status", …} rows of GET /v1/health/state/any: only those of the check serfHealth count.
Result<std::vector<NodeHealth>> decode_node_health(std::string_view text);
// CreateIndex of the node in an answer of GET /v1/catalog/node/<name>, 0 = it is not there.
Result<std::uint64_t> decode_node_created(std::string_view text);
// One transaction: the reaper's key is still this session's, the node's serfHealth has not changed since `index`, and
// then the node goes, with its services, checks and sessions.
std::string encode_reap(const std::string& key, const action::ReapNode& what);

class ReapEffects {
 public:
  // client: with short limits. Both must outlive it.
  ReapEffects(consul::Client& client, async::InputQueue<Input>& queue, std::string env, ReapSettings settings);

  async::Awaitable<void> lead(action::LeadReap what);
  async::Awaitable<void> load_nodes(action::LoadNodes what);
  async::Awaitable<void> reap(action::ReapNode what);
  async::Awaitable<void> load_own(action::LoadOwnNode what);

 private:
  struct Verdict {
    ReapOutcome outcome = ReapOutcome::failed;
    std::string detail;
  };
  async::Awaitable<Verdict> judge(action::ReapNode what);
  async::Awaitable<Verdict> ask(action::ReapNode what);
  async::Awaitable<Verdict> look_again(action::ReapNode what);
  async::Awaitable<Verdict> remove(action::ReapNode what);

  consul::Client& client_;
  async::InputQueue<Input>& queue_;
  const std::string env_;
  const ReapSettings settings_;
  const Process self_;
};

}  // namespace longshore::agent
