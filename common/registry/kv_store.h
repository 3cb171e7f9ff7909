// Keys and values with Consul's indexes and locks. Pure; sessions are the store's.
// Source of the rules: agent/consul/state/kvs.go and graveyard.go of Consul 1.8.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/consul/model.h"
#include "common/registry/changes.h"

namespace longshore::registry {

class KvStore {
 public:
  // What a writer is told; `index` fields are set by the store.
  struct Entry {
    std::string key;
    std::string value;
    std::uint64_t flags = 0;
  };

  // Keeps the lock; a plain write sets LockIndex to 0, as Consul does.
  void set(const Entry& entry, std::uint64_t index, Changes& changes);
  // expected 0: only if absent.
  bool set_if(const Entry& entry, std::uint64_t expected, std::uint64_t index, Changes& changes);
  // False when another session holds it. The caller has checked session and lock delay.
  bool lock(const Entry& entry, const std::string& session, std::uint64_t index, Changes& changes);
  bool unlock(const Entry& entry, const std::string& session, std::uint64_t index, Changes& changes);
  void erase(const std::string& key, std::uint64_t index, Changes& changes);
  // True when it is gone afterwards.
  bool erase_if(const std::string& key, std::uint64_t expected, std::uint64_t index, Changes& changes);
  void erase_tree(const std::string& prefix, std::uint64_t index, Changes& changes);
  // The session ended: its keys are released or deleted. Answers the keys.
  std::vector<std::string> end_session(const std::string& session, bool remove, std::uint64_t index, Changes& changes);

  // For all-or-nothing: what `keys` were before, to be put back when a later operation fails.
  struct Before {
    std::vector<std::pair<std::string, std::optional<consul::KvPair>>> pairs;
    std::vector<std::pair<std::string, std::optional<std::uint64_t>>> graves;
    std::uint64_t index = 0;
  };
  Before before(const std::vector<std::string>& keys) const;
  void roll_back(const Before& before);

  void restore(consul::KvPair pair);
  void start_at(std::uint64_t index);

  const consul::KvPair* find(const std::string& key) const;
  std::vector<const consul::KvPair*> list(const std::string& prefix) const;
  // Names below the prefix; with a separator only up to the next one, each once.
  std::vector<std::string> keys(const std::string& prefix, const std::string& separator) const;
  std::size_t size() const { return pairs_.size(); }

  // X-Consul-Index of a read of one key: its own, or the table's when it is absent. 0 = nothing ever written.
  std::uint64_t key_index(const std::string& key) const;
  // Of a read below a prefix: the newest of its entries and of its deletions.
  std::uint64_t prefix_index(const std::string& prefix) const;
  std::uint64_t index() const { return index_; }

 private:
  void write(consul::KvPair pair, std::uint64_t index, Changes& changes);
  void drop_old_graves();
  void touch(const std::string& key, std::uint64_t index, Changes& changes);

  std::map<std::string, consul::KvPair> pairs_;
  // When deleted keys were deleted; bounded: what is dropped raises the floor for every prefix.
  std::map<std::string, std::uint64_t> graves_;
  std::uint64_t grave_floor_ = 0;
  std::uint64_t index_ = 0;
};

}  // namespace longshore::registry
