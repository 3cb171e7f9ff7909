// The whole state of the registry, with one rising index: the agent's services and checks, catalog, KV, sessions. Pure:
// time comes as an argument, every effect is a value in take_changes(). Errors carry the words that Consul answers.
#pragma once
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/consul/codec.h"
#include "common/policy/random.h"
#include "common/registry/catalog.h"
#include "common/registry/event.h"
#include "common/registry/kv_store.h"
#include "common/registry/local_check.h"
#include "common/registry/session.h"

namespace longshore::registry {

struct Identity {
  std::string node;
  std::string node_id;  // UUID
  std::string address;
  std::string datacenter;
};

// A check that the edge has to run, by its id; a new generation replaces the old one.
struct RunnableCheck {
  std::string id;
  std::uint64_t generation = 0;
  consul::CheckDefinition definition;
  bool ever_passed = false;
};

// What one operation of a transaction gave; `error` set: the transaction fails.
struct TxnOutcome {
  std::vector<std::pair<consul::KvPair, bool>> results;  // true: with its value
  std::vector<consul::TxnError> errors;
};

// A catalog/register call; services and checks are optional.
struct CatalogRegistration {
  consul::Node node;
  bool skip_node_update = false;
  std::optional<consul::Service> service;
  std::vector<consul::HealthCheck> checks;
};

class Store {
 public:
  // random: for session ids.
  Store(Identity identity, std::uint64_t random);
  // Rows written by an earlier run, once, before anything else is called. Unreadable ones are left out and reported.
  // The index goes on above everything that run may have told.
  std::vector<std::string> restore(const std::vector<Row>& rows, base::TimePoint now);
  // Registers the own node; after restore().
  void start();

  // Agent. invalid_input = Consul's 400, rejected = 500, not_found = 404.
  Status register_service(const consul::Registration& registration, bool replace_checks, base::TimePoint now);
  bool deregister_service(const std::string& id);
  Status register_check(const consul::CheckRegistration& registration, base::TimePoint now);
  bool deregister_check(const std::string& id);
  // TTL checks only.
  Status update_ttl(const std::string& id, CheckStatus status, const std::string& output, base::TimePoint now);
  Status service_maintenance(const std::string& id, bool enable, const std::string& reason);
  void node_maintenance(bool enable, const std::string& reason);
  // What a run of a check found; ignored when the check is gone or has a newer definition.
  void check_result(const std::string& id, std::uint64_t generation, CheckStatus outcome, const std::string& output,
                    base::TimePoint now);
  std::vector<RunnableCheck> runnable_checks() const;
  // Alias checks follow what has changed; before take_changes().
  void settle_aliases(base::TimePoint now);
  // The newest output of an own check, which the catalog may not have yet.
  const std::string& check_output(const CheckRecord& check) const;

  // Catalog, for nodes that have no agent.
  Status catalog_register(const CatalogRegistration& registration);
  void catalog_deregister(const std::string& node, const std::string& service, const std::string& check);

  // KV. rejected = Consul's 500 (unknown session).
  void kv_set(const KvStore::Entry& entry);
  bool kv_set_if(const KvStore::Entry& entry, std::uint64_t expected);
  Result<bool> kv_lock(const KvStore::Entry& entry, const std::string& session, base::TimePoint now);
  bool kv_unlock(const KvStore::Entry& entry, const std::string& session);
  void kv_erase(const std::string& key);
  bool kv_erase_if(const std::string& key, std::uint64_t expected);
  void kv_erase_tree(const std::string& prefix);
  // All or nothing: with an error nothing has changed.
  TxnOutcome transact(const std::vector<consul::TxnOperation>& operations, base::TimePoint now);

  // Sessions.
  // ttl_text: the TTL as the client wrote it, "" = as we would.
  Result<std::string> create_session(const consul::SessionRequest& request, std::string ttl_text, base::TimePoint now);
  const SessionRecord* renew_session(const std::string& id, base::TimePoint now);
  void destroy_session(const std::string& id, base::TimePoint now);

  // Gives it its id, which is the answer, its time and its index. `listed`: this node is meant. The newest 256 are
  // kept, in memory only, oldest first.
  std::string fire_event(Event event, bool listed);
  const std::deque<Event>& events() const { return events_; }

  // TTLs, sessions, reaping and late outputs that are due; next_due() tells when to call again.
  void expire(base::TimePoint now);
  std::optional<base::TimePoint> next_due() const;

  Changes take_changes();
  const Identity& identity() const { return identity_; }
  const Catalog& catalog() const { return catalog_; }
  const KvStore& kv() const { return kv_; }
  const std::map<std::string, SessionRecord>& sessions() const { return sessions_; }
  std::uint64_t sessions_index() const { return sessions_index_; }
  std::uint64_t index() const { return index_; }

 private:
  std::uint64_t next_index();
  OnNode own(const std::string& id) const { return OnNode(identity_.node, id); }
  void put_own_check(const std::string& id, const consul::CheckDefinition& definition, const std::string& service_id,
                     const std::string& name, std::uint64_t index, base::TimePoint now);
  void remove_own_check(const std::string& id, std::uint64_t index);
  void remove_own_service(const std::string& id, std::uint64_t index);
  void put_maintenance(const std::string& id, consul::HealthCheck check, bool enable, const std::string& reason);
  void set_status(const std::string& id, LocalCheck& local, CheckStatus status, const std::string& output,
                  base::TimePoint now);
  struct AliasView {
    CheckStatus status;
    std::string output;
  };
  AliasView view_of_alias(const std::string& id, const consul::CheckDefinition& definition) const;
  void end_session(const std::string& id, std::uint64_t index, base::TimePoint now);
  bool lock_delayed(const std::string& key, base::TimePoint now) const;
  void expire_checks(base::TimePoint now);
  Status run_operation(const consul::TxnOperation& operation, std::uint64_t index, base::TimePoint now,
                       TxnOutcome& outcome);
  Status run_check_operation(const consul::TxnOperation& operation, TxnOutcome& outcome);
  void rewrite_rows(const std::vector<Row>& rows);
  Status restore_row(const Row& row, const std::string& old_node, base::TimePoint now);

  Identity identity_;
  policy::Random random_;
  Catalog catalog_;
  KvStore kv_;
  std::map<std::string, LocalCheck> local_checks_;
  std::set<std::string> aliases_;  // of them, by id
  std::map<std::string, SessionRecord> sessions_;
  std::map<std::string, base::TimePoint> lock_delays_;  // key -> not before
  std::uint64_t sessions_index_ = 0;
  std::deque<Event> events_;
  std::uint64_t events_fired_ = 0;
  std::uint64_t index_ = 1;
  std::uint64_t reserved_ = 0;  // a restart begins above this
  std::uint64_t generation_ = 0;
  Changes changes_;
};

}  // namespace longshore::registry
