// The key store against the simplest thing that could be right.
#include <doctest/doctest.h>

#include <map>

#include "common/policy/random.h"
#include "common/registry/kv_store.h"

namespace longshore::registry {
namespace {

struct Plain {
  std::string value;
  std::string session;
  std::uint64_t modified = 0;
};

class Model {
 public:
  std::map<std::string, Plain> keys;

  void put(const std::string& key, const std::string& value, const std::string& session, std::uint64_t index) {
    Plain& one = keys[key];
    if (one.modified != 0 && one.value == value && one.session == session) return;
    one = Plain{value, session, index};
  }
};

}  // namespace

TEST_CASE("random operations against a map") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    KvStore store;
    Model model;
    policy::Random random(seed);
    Changes changes;
    for (std::uint64_t index = 2; index < 600; ++index) {
      const std::string key = std::string(1 + random.next() % 3, static_cast<char>('a' + random.next() % 3));
      const std::string value(random.next() % 3, 'v');
      const auto found = model.keys.find(key);
      const std::uint64_t modified = found == model.keys.end() ? 0 : found->second.modified;
      const std::uint64_t expected = random.next() % 2 == 0 ? modified : random.next() % index;
      switch (random.next() % 5) {
        case 0:
          store.set(KvStore::Entry{key, value, 0}, index, changes);
          model.put(key, value, "", index);
          break;
        case 1:
          CHECK(store.set_if(KvStore::Entry{key, value, 0}, expected, index, changes) == (expected == modified));
          if (expected == modified) model.put(key, value, "", index);
          break;
        case 2:
          store.erase(key, index, changes);
          model.keys.erase(key);
          break;
        case 3: {
          const bool gone = modified == 0 || expected == modified;
          CHECK(store.erase_if(key, expected, index, changes) == gone);
          if (gone) model.keys.erase(key);
          break;
        }
        default:
          store.erase_tree(key, index, changes);
          std::erase_if(model.keys, [&](const auto& entry) { return entry.first.starts_with(key); });
      }
      REQUIRE(store.size() == model.keys.size());
      for (const auto& [name, plain] : model.keys) {
        const consul::KvPair* pair = store.find(name);
        REQUIRE(pair != nullptr);
        CHECK(pair->value == plain.value);
        CHECK(pair->modify_index == plain.modified);
      }
    }
  }
}

TEST_CASE("keys up to a separator, each once") {
  KvStore store;
  Changes changes;
  for (const char* key : {"a", "a/1", "a/2", "a//3", "b/", "ab"}) store.set(KvStore::Entry{key, "", 0}, 2, changes);
  using Names = std::vector<std::string>;
  CHECK(store.keys("", "/") == Names{"a", "a/", "ab", "b/"});
  CHECK(store.keys("a/", "/") == Names{"a//", "a/1", "a/2"});
  CHECK(store.keys("a", "") == Names{"a", "a//3", "a/1", "a/2", "ab"});
  CHECK(store.keys("", "//") == Names{"a", "a//", "a/1", "a/2", "ab", "b/"});
}

TEST_CASE("locks count how often they changed hands") {
  KvStore store;
  Changes changes;
  const KvStore::Entry entry{"k", "v", 0};
  CHECK(store.lock(entry, "s", 2, changes));
  CHECK(store.find("k")->lock_index == 1);
  CHECK_FALSE(store.lock(entry, "t", 3, changes));
  CHECK(store.lock(entry, "s", 4, changes));
  CHECK(store.find("k")->lock_index == 1);
  CHECK_FALSE(store.unlock(entry, "t", 5, changes));
  CHECK(store.unlock(entry, "s", 6, changes));
  CHECK(store.lock(entry, "t", 7, changes));
  CHECK(store.find("k")->lock_index == 2);
}

}  // namespace longshore::registry
