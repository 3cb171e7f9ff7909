#include "agent/kv_store.h"

#include "agent/core/kv_entry.h"
#include "agent/core/meta.h"
#include "agent/core/ownership.h"

namespace longshore::agent {
namespace {

using Services = std::map<std::string, consul::Service>;

// A key that is not held as the lease wants it differs from what is wanted by this mark, and is written again.
constexpr const char* kLeaseMark = "longshore-lease";

class KvStore final : public ServiceStore {
 public:
  KvStore(consul::Client& client, KvStoreSettings settings, async::TaskGroup& tasks, status::Log& log)
      : client_(client), settings_(std::move(settings)), log_(log) {
    if (settings_.lease.count() > 0) tasks.spawn("lease", keep_lease());
  }

  async::Awaitable<Result<Services>> load(std::string only_id) override {
    Services out;
    consul::QueryOptions query;
    if (!only_id.empty()) {
      const auto known = keys_.find(only_id);
      std::string key = known == keys_.end() ? settings_.prefix + "/" : known->second.key;
      auto pair = co_await client_.kv_get(std::move(key), std::move(query));
      if (!pair) co_return fail(pair.error());
      if (pair->value && known != keys_.end()) take(*pair->value, out);
      co_return out;
    }
    auto pairs = co_await client_.kv_list(settings_.prefix + "/", std::move(query));
    if (!pairs) co_return fail(pairs.error());
    if (settings_.lease.count() > 0 && session_.empty()) {
      std::string candidate = session_in(pairs->value);
      const Status session = co_await begin_lease(std::move(candidate));
      if (!session) co_return fail(session.error());
    }
    for (const consul::KvPair& pair : pairs->value) take(pair, out);
    co_return out;
  }

  async::Awaitable<Status> put(consul::Registration service, bool) override {
    std::string key = kv_key(settings_.prefix, service.name, service.id);
    const auto known = keys_.find(service.id);
    const Key before = known == keys_.end() ? Key() : known->second;
    consul::KvWrite how;
    how.flags = kv_flags(settings_.owner, service.meta[std::string(kMetaContainer)]);
    how.acquire = session_;
    if (session_.empty() && before.key == key) how.release = before.session;
    std::string value = kv_value(service.address, service.port);
    auto written = co_await client_.kv_put(key, std::move(value), std::move(how));
    if (!written) co_return fail(written.error());
    if (!*written) co_return fail(Errc::rejected, "KV " + key + ": another session holds it");
    keys_[service.id] = Key{key, session_};
    // Its name changed: the old key would stand for a second service.
    if (!before.key.empty() && before.key != key) {
      auto gone = co_await client_.kv_delete(before.key, std::nullopt, false);
      if (!gone)
        log_.write({base::Level::warn, "kv_old_key_stays", {{"key", before.key}, {"error", gone.error().text}}});
    }
    co_return Status();
  }

  async::Awaitable<Status> remove(std::string id) override {
    const auto known = keys_.find(id);
    if (known == keys_.end()) co_return Status();
    auto gone = co_await client_.kv_delete(known->second.key, std::nullopt, false);
    if (!gone) co_return fail(gone.error());
    keys_.erase(id);
    co_return Status();
  }

 private:
  struct Key {
    std::string key;
    std::string session;  // that holds it
  };

  // Keys of other hosts share the prefix: only those that are ours, or were Registrator's here, are told.
  void take(const consul::KvPair& pair, Services& out) {
    std::optional<consul::Service> service = kv_service(settings_.prefix, pair);
    if (!service) return;
    const auto owner = service->meta.find(std::string(kMetaOwner));
    const bool ours = owner != service->meta.end() && owner->second == settings_.owner;
    const auto classic = parse_classic_id(service->id);
    const bool adoptable = owner == service->meta.end() && classic && classic->hostname == settings_.hostname;
    const auto known = keys_.find(service->id);
    if (!ours && !adoptable && (known == keys_.end() || known->second.key != pair.key)) return;
    if (pair.session != session_) service->meta[kLeaseMark] = pair.session.empty() ? "none" : "other";
    keys_[service->id] = Key{pair.key, pair.session};
    std::string id = service->id;
    out.insert_or_assign(std::move(id), std::move(*service));
  }

  // The session of an earlier life of this agent, "" = none.
  std::string session_in(const std::vector<consul::KvPair>& pairs) const {
    for (const consul::KvPair& pair : pairs) {
      const auto service = kv_service(settings_.prefix, pair);
      if (!service || pair.session.empty()) continue;
      const auto owner = service->meta.find(std::string(kMetaOwner));
      if (owner != service->meta.end() && owner->second == settings_.owner) return pair.session;
    }
    return {};
  }

  async::Awaitable<Status> begin_lease(std::string candidate) {
    if (!candidate.empty()) {
      auto renewed = co_await client_.session_renew(candidate);
      if (renewed) {
        session_ = std::move(candidate);
        co_return Status();
      }
    }
    consul::SessionRequest request;
    request.name = "longshore agent " + settings_.hostname;
    request.ttl = settings_.lease;
    request.lock_delay = base::Duration{};
    request.behavior = "delete";
    auto created = co_await client_.session_create(std::move(request));
    if (!created) co_return fail(created.error());
    session_ = std::move(*created);
    log_.write({base::Level::info, "kv_lease", {{"ttl", base::format_duration(settings_.lease)}}});
    co_return Status();
  }

  async::Awaitable<void> keep_lease() {
    for (;;) {
      co_await async::sleep_for(settings_.renew_every);
      if (session_.empty()) continue;
      std::string session = session_;
      auto renewed = co_await client_.session_renew(std::move(session));
      if (renewed || renewed.error().code != Errc::not_found) continue;
      // Its keys went with it; the next look finds them missing, and the next full read begins another one.
      log_.write({base::Level::warn, "kv_lease_lost", {{"reason", "the session is gone"}}});
      session_.clear();
    }
  }

  consul::Client& client_;
  const KvStoreSettings settings_;
  status::Log& log_;
  std::map<std::string, Key> keys_;  // by service ID
  std::string session_;
};

}  // namespace

std::unique_ptr<ServiceStore> make_kv_store(consul::Client& client, KvStoreSettings settings, async::TaskGroup& tasks,
                                            status::Log& log) {
  return std::make_unique<KvStore>(client, std::move(settings), tasks, log);
}

}  // namespace longshore::agent
