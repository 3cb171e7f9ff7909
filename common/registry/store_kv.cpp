// KV and transactions of the store.
#include <algorithm>

#include "common/registry/store.h"

namespace longshore::registry {
namespace {

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

KvStore::Entry entry_of(const consul::TxnOperation& operation) {
  return KvStore::Entry{operation.key, operation.value, operation.flags};
}

}  // namespace

void Store::kv_set(const KvStore::Entry& entry) {
  kv_.set(entry, next_index(), changes_);
}

bool Store::kv_set_if(const KvStore::Entry& entry, std::uint64_t expected) {
  return kv_.set_if(entry, expected, next_index(), changes_);
}

Result<bool> Store::kv_lock(const KvStore::Entry& entry, const std::string& session, base::TimePoint now) {
  if (!sessions_.contains(session)) return fail(Errc::rejected, "invalid session " + quoted(session));
  if (lock_delayed(entry.key, now)) return false;
  return kv_.lock(entry, session, next_index(), changes_);
}

bool Store::kv_unlock(const KvStore::Entry& entry, const std::string& session) {
  return kv_.unlock(entry, session, next_index(), changes_);
}

void Store::kv_erase(const std::string& key) {
  kv_.erase(key, next_index(), changes_);
}

bool Store::kv_erase_if(const std::string& key, std::uint64_t expected) {
  return kv_.erase_if(key, expected, next_index(), changes_);
}

void Store::kv_erase_tree(const std::string& prefix) {
  kv_.erase_tree(prefix, next_index(), changes_);
}

bool Store::lock_delayed(const std::string& key, base::TimePoint now) const {
  const auto found = lock_delays_.find(key);
  return found != lock_delays_.end() && found->second > now;
}

TxnOutcome Store::transact(const std::vector<consul::TxnOperation>& operations, base::TimePoint now) {
  std::vector<std::string> touched;
  for (const consul::TxnOperation& operation : operations) {
    touched.push_back(operation.key);
    if (operation.verb == "delete-tree")
      for (const std::string& key : kv_.keys(operation.key, "")) touched.push_back(key);
  }
  const std::uint64_t index = next_index();
  const KvStore::Before before = kv_.before(touched);
  const std::size_t topics = changes_.topics.size();
  const std::size_t rows = changes_.rows.size();
  TxnOutcome outcome;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Status done = run_operation(operations[i], index, now, outcome);
    if (!done) outcome.errors.push_back(consul::TxnError{static_cast<std::int64_t>(i), done.error().text});
  }
  if (outcome.errors.empty()) return outcome;
  outcome.results.clear();
  kv_.roll_back(before);
  changes_.topics.resize(topics);
  changes_.rows.resize(rows);
  return outcome;
}

Status Store::run_operation(const consul::TxnOperation& operation, std::uint64_t index, base::TimePoint now,
                            TxnOutcome& outcome) {
  const std::string& key = operation.key;
  const std::string& verb = operation.verb;
  const auto stale = [&](const char* what) {
    return fail(Errc::rejected, "failed to " + std::string(what) + " key " + quoted(key) + ", index is stale");
  };
  if (key.empty() && verb != "get-tree" && verb != "delete-tree") return fail(Errc::rejected, "Must provide key");
  if (verb == "delete") {
    kv_.erase(key, index, changes_);
    return {};
  }
  if (verb == "delete-tree") {
    kv_.erase_tree(key, index, changes_);
    return {};
  }
  if (verb == "delete-cas") {
    if (!kv_.erase_if(key, operation.index, index, changes_)) return stale("delete");
    return {};
  }
  if (verb == "set") {
    kv_.set(entry_of(operation), index, changes_);
  } else if (verb == "cas") {
    if (!kv_.set_if(entry_of(operation), operation.index, index, changes_)) return stale("set");
  } else if (verb == "lock") {
    if (operation.session.empty()) return fail(Errc::rejected, "missing session");
    if (!sessions_.contains(operation.session))
      return fail(Errc::rejected, "invalid session " + quoted(operation.session));
    if (lock_delayed(key, now))
      return fail(Errc::rejected, "rejecting lock of key " + quoted(key) + " due to lock delay");
    if (!kv_.lock(entry_of(operation), operation.session, index, changes_))
      return fail(Errc::rejected, "failed to lock key " + quoted(key) + ", lock is already held");
  } else if (verb == "unlock") {
    if (operation.session.empty()) return fail(Errc::rejected, "missing session");
    if (!kv_.unlock(entry_of(operation), operation.session, index, changes_))
      return fail(Errc::rejected,
                  "failed to unlock key " + quoted(key) + ", lock isn't held, or is held by another session");
  } else {
    return run_check_operation(operation, outcome);
  }
  outcome.results.emplace_back(*kv_.find(key), false);
  return {};
}

// The verbs that only look.
Status Store::run_check_operation(const consul::TxnOperation& operation, TxnOutcome& outcome) {
  const std::string& key = operation.key;
  const std::string& verb = operation.verb;
  const consul::KvPair* pair = kv_.find(key);
  if (verb == "get-tree") {
    for (const consul::KvPair* below : kv_.list(key)) outcome.results.emplace_back(*below, true);
    return {};
  }
  if (verb == "check-not-exists") {
    if (pair != nullptr) return fail(Errc::rejected, "key " + quoted(key) + " exists");
    return {};
  }
  if (verb != "get" && verb != "check-index" && verb != "check-session")
    return fail(Errc::rejected, "unknown KV verb " + quoted(verb));
  if (pair == nullptr) {
    const std::string what = verb == "get" ? "" : "failed to check " + verb.substr(6) + ", ";
    return fail(Errc::rejected, what + "key " + quoted(key) + " doesn't exist");
  }
  if (verb == "check-index" && pair->modify_index != operation.index)
    return fail(Errc::rejected, "failed index check for key " + quoted(key) + ", current modify index " +
                                    std::to_string(pair->modify_index) + " != " + std::to_string(operation.index));
  if (verb == "check-session" && pair->session != operation.session)
    return fail(Errc::rejected, "failed session check for key " + quoted(key) + ", current session " +
                                    quoted(pair->session) + " != " + quoted(operation.session));
  outcome.results.emplace_back(*pair, verb == "get");
  return {};
}

}  // namespace longshore::registry
