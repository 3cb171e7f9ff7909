#include "common/registry/kv_store.h"

#include <algorithm>

#include "common/registry/rows.h"

namespace longshore::registry {
namespace {

constexpr std::size_t kMostGraves = 10'000;

consul::KvPair pair_of(const KvStore::Entry& entry) {
  consul::KvPair pair;
  pair.key = entry.key;
  pair.value = entry.value;
  pair.flags = entry.flags;
  return pair;
}

bool same_content(const consul::KvPair& left, const consul::KvPair& right) {
  return left.value == right.value && left.flags == right.flags && left.session == right.session &&
         left.lock_index == right.lock_index;
}

}  // namespace

void KvStore::set(const Entry& entry, std::uint64_t index, Changes& changes) {
  consul::KvPair pair = pair_of(entry);
  if (const consul::KvPair* before = find(entry.key); before != nullptr) pair.session = before->session;
  write(std::move(pair), index, changes);
}

bool KvStore::set_if(const Entry& entry, std::uint64_t expected, std::uint64_t index, Changes& changes) {
  const consul::KvPair* before = find(entry.key);
  const std::uint64_t modified = before == nullptr ? 0 : before->modify_index;
  if (modified != expected) return false;
  set(entry, index, changes);
  return true;
}

bool KvStore::lock(const Entry& entry, const std::string& session, std::uint64_t index, Changes& changes) {
  const consul::KvPair* before = find(entry.key);
  consul::KvPair pair = pair_of(entry);
  pair.session = session;
  pair.lock_index = 1;
  if (before != nullptr) {
    if (!before->session.empty() && before->session != session) return false;
    pair.lock_index = before->session == session ? before->lock_index : before->lock_index + 1;
  }
  write(std::move(pair), index, changes);
  return true;
}

bool KvStore::unlock(const Entry& entry, const std::string& session, std::uint64_t index, Changes& changes) {
  const consul::KvPair* before = find(entry.key);
  if (before == nullptr || before->session != session) return false;
  consul::KvPair pair = pair_of(entry);
  pair.lock_index = before->lock_index;
  write(std::move(pair), index, changes);
  return true;
}

void KvStore::erase(const std::string& key, std::uint64_t index, Changes& changes) {
  if (pairs_.erase(key) == 0) return;
  graves_[key] = index;
  if (graves_.size() > kMostGraves) drop_old_graves();
  touch(key, index, changes);
  changes.rows.push_back(Row{"kv", key, std::nullopt});
}

bool KvStore::erase_if(const std::string& key, std::uint64_t expected, std::uint64_t index, Changes& changes) {
  const consul::KvPair* before = find(key);
  if (before == nullptr) return true;
  if (before->modify_index != expected) return false;
  erase(key, index, changes);
  return true;
}

void KvStore::erase_tree(const std::string& prefix, std::uint64_t index, Changes& changes) {
  for (const std::string& key : keys(prefix, "")) erase(key, index, changes);
}

std::vector<std::string> KvStore::end_session(const std::string& session, bool remove, std::uint64_t index,
                                              Changes& changes) {
  std::vector<std::string> held;
  for (const auto& [key, pair] : pairs_)
    if (pair.session == session) held.push_back(key);
  for (const std::string& key : held) {
    if (remove) {
      erase(key, index, changes);
      continue;
    }
    consul::KvPair pair = pairs_.at(key);
    pair.session.clear();
    write(std::move(pair), index, changes);
  }
  return held;
}

KvStore::Before KvStore::before(const std::vector<std::string>& keys) const {
  Before out;
  out.index = index_;
  for (const std::string& key : keys) {
    const auto pair = pairs_.find(key);
    const auto grave = graves_.find(key);
    out.pairs.emplace_back(key, std::nullopt);
    out.graves.emplace_back(key, std::nullopt);
    if (pair != pairs_.end()) out.pairs.back().second = pair->second;
    if (grave != graves_.end()) out.graves.back().second = grave->second;
  }
  return out;
}

void KvStore::roll_back(const Before& before) {
  index_ = before.index;
  for (const auto& [key, pair] : before.pairs) {
    if (pair)
      pairs_[key] = *pair;
    else
      pairs_.erase(key);
  }
  for (const auto& [key, grave] : before.graves) {
    if (grave)
      graves_[key] = *grave;
    else
      graves_.erase(key);
  }
}

void KvStore::restore(consul::KvPair pair) {
  pairs_[pair.key] = std::move(pair);
}

void KvStore::start_at(std::uint64_t index) {
  index_ = grave_floor_ = index;
}

const consul::KvPair* KvStore::find(const std::string& key) const {
  const auto found = pairs_.find(key);
  return found == pairs_.end() ? nullptr : &found->second;
}

std::vector<const consul::KvPair*> KvStore::list(const std::string& prefix) const {
  std::vector<const consul::KvPair*> out;
  for (auto it = pairs_.lower_bound(prefix); it != pairs_.end() && it->first.starts_with(prefix); ++it)
    out.push_back(&it->second);
  return out;
}

std::vector<std::string> KvStore::keys(const std::string& prefix, const std::string& separator) const {
  std::vector<std::string> out;
  for (auto it = pairs_.lower_bound(prefix); it != pairs_.end() && it->first.starts_with(prefix); ++it) {
    std::string name = it->first;
    const std::size_t end = separator.empty() ? std::string::npos : name.find(separator, prefix.size());
    if (end != std::string::npos) name.resize(end + separator.size());
    if (out.empty() || out.back() != name) out.push_back(std::move(name));
  }
  return out;
}

std::uint64_t KvStore::key_index(const std::string& key) const {
  const consul::KvPair* pair = find(key);
  return pair == nullptr ? index_ : pair->modify_index;
}

std::uint64_t KvStore::prefix_index(const std::string& prefix) const {
  if (prefix.empty()) return index_;
  std::uint64_t newest = 0;
  for (const consul::KvPair* pair : list(prefix)) newest = std::max(newest, pair->modify_index);
  bool deleted = false;
  for (auto it = graves_.lower_bound(prefix); it != graves_.end() && it->first.starts_with(prefix); ++it) {
    newest = std::max(newest, it->second);
    deleted = true;
  }
  if (newest == 0 && !deleted) return index_;
  return std::max(newest, grave_floor_);
}

void KvStore::write(consul::KvPair pair, std::uint64_t index, Changes& changes) {
  const consul::KvPair* before = find(pair.key);
  pair.create_index = before == nullptr ? index : before->create_index;
  // Source: kvsSetTxn leaves an entry that is written unchanged alone, with its index.
  if (before != nullptr && same_content(*before, pair)) return;
  pair.modify_index = index;
  touch(pair.key, index, changes);
  const std::string key = pair.key;
  pairs_[key] = std::move(pair);
  changes.rows.push_back(kv_row(pairs_.at(key)));
}

// The older half at once, so that the cost per deletion stays constant.
void KvStore::drop_old_graves() {
  std::vector<std::uint64_t> ages;
  for (const auto& [key, index] : graves_) ages.push_back(index);
  const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
  std::nth_element(ages.begin(), middle, ages.end());
  grave_floor_ = std::max(grave_floor_, *middle);
  std::erase_if(graves_, [this](const auto& grave) { return grave.second <= grave_floor_; });
}

void KvStore::touch(const std::string& key, std::uint64_t index, Changes& changes) {
  index_ = index;
  changes.topics.push_back({Topic::Kind::kv, key});
}

}  // namespace longshore::registry
