#include "common/drain/drainer.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>

#include "common/base/text.h"
#include "common/consul/gap_meta.h"
#include "common/consul/service_env.h"
#include "common/drain/drainer_reads.h"
#include "common/json/fields.h"

namespace longshore::drain {
namespace {

constexpr base::Duration kLookAgain = std::chrono::milliseconds(25);
constexpr base::Duration kAskAgain = std::chrono::milliseconds(500);
// A renderer that lives tells of another set within this.
constexpr base::Duration kSure = std::chrono::seconds(1);

bool in_maintenance(const consul::ServiceEntry& entry) {
  return std::ranges::any_of(entry.checks, [](const consul::HealthCheck& check) {
    return check.check_id == "_node_maintenance" || check.check_id.starts_with("_service_maintenance:");
  });
}

const consul::ServiceEntry* entry_of(const std::vector<consul::ServiceEntry>& entries, const Instance& instance) {
  const auto found = std::ranges::find_if(entries, [&](const consul::ServiceEntry& entry) {
    return entry.node.node == instance.node && entry.service.id == instance.id;
  });
  return found == entries.end() ? nullptr : &*found;
}

void add(std::vector<std::string>& into, const std::vector<std::string>& from) {
  for (const std::string& one : from)
    if (std::ranges::find(into, one) == into.end()) into.push_back(one);
}

// Left by a former try of the same: a stop that was interrupted goes on.
bool same_asker(const std::string& record, const Request& request) {
  const auto value = json::parse(record, "drain");
  if (!value || !value->is_object() || request.by.empty()) return false;
  const json::Fields fields(*value, "");
  return fields.text("by").value_or("") == request.by && fields.text("reason").value_or("") == request.reason &&
         fields.texts("asked").value_or(std::vector<std::string>()) == request.asked;
}

}  // namespace

Instance instance_of(const std::string& node, const consul::Service& service) {
  Instance out{node, service.name, service.id, container_of(service)};
  const auto drain = service.meta.find("longshore-drain");
  if (drain == service.meta.end()) return out;
  if (const auto time = base::parse_duration(drain->second); time && time->count() >= 0) out.finish = *time;
  return out;
}

// The container's name is the middle one of the three parts of IDs that Registrator and our agent derive.
bool has_name(const consul::Service& service, const std::string& name) {
  const std::size_t host = service.id.find(':');
  return host != std::string::npos && !name.empty() &&
         std::string_view(service.id).substr(host + 1).starts_with(name + ":");
}

std::string rfc3339_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string to_string(const Progress& progress) {
  std::vector<std::string> parts;
  if (!progress.serving.empty()) parts.push_back("still in traffic: " + base::join(progress.serving, ", "));
  if (!progress.waiting.empty()) parts.push_back("waiting for " + base::join(progress.waiting, ", "));
  if (!progress.missing.empty()) parts.push_back("missing: " + base::join(progress.missing, ", "));
  if (parts.empty() && !progress.busy.empty()) parts.push_back("old requests at " + base::join(progress.busy, ", "));
  return base::join(parts, "; ");
}

bool is_target(const std::string& what, const consul::Service& service) {
  if (consul::is_placeholder(service)) return false;
  if (what == "*" || what == service.id) return true;
  if (!what.starts_with(kContainer)) return false;
  const std::string asked = what.substr(kContainer.size());
  const std::string id = container_of(service);
  if (asked.size() >= kShortId && !id.empty() && asked.starts_with(id)) return true;
  return has_name(service, asked);
}

bool is_out(const std::vector<consul::ServiceEntry>& entries, const Instance& instance) {
  const consul::ServiceEntry* entry = entry_of(entries, instance);
  return entry == nullptr || in_maintenance(*entry);
}

async::Awaitable<Result<std::string>> Drainer::own_node() {
  if (!node_.empty()) co_return node_;
  auto self = co_await client_.agent_self();
  if (!self) co_return fail(std::move(self.error()));
  node_ = self->node_name;
  datacenter_ = self->datacenter;
  co_return node_;
}

async::Awaitable<Result<std::vector<Instance>>> Drainer::on_node(std::string node) {
  const consul::QueryOptions options = consul::confirmed();
  auto answer = co_await client_.catalog_node(node, options);
  if (!answer) co_return fail(std::move(answer.error()));
  std::vector<Instance> out;
  if (answer->value)
    for (const auto& [id, service] : answer->value->services)
      if (!consul::is_placeholder(service)) out.push_back(instance_of(node, service));
  co_return out;
}

async::Awaitable<Result<std::vector<Instance>>> Drainer::of_service(std::string service) {
  const consul::QueryOptions options = consul::confirmed();
  auto answer = co_await client_.health_service(std::move(service), "", false, options);
  if (!answer) co_return fail(std::move(answer.error()));
  std::vector<Instance> out;
  consul::keep_environment(answer->value, environment_);
  for (const consul::ServiceEntry& entry : answer->value)
    if (!consul::is_placeholder(entry.service)) out.push_back(instance_of(entry.node.node, entry.service));
  co_return out;
}

async::Awaitable<Result<Subject>> Drainer::whole_node(std::string node) {
  Subject out;
  out.kind = Subject::Kind::node;
  auto instances = co_await on_node(node);
  if (!instances) co_return fail(std::move(instances.error()));
  out.targets.push_back({std::move(node), "*"});
  for (Instance& one : *instances)
    if (one.service != "consul") out.instances.push_back(std::move(one));
  co_return out;
}

async::Awaitable<Result<std::string>> Drainer::node_named(std::string node) {
  const consul::QueryOptions options = consul::confirmed();
  auto answer = co_await client_.catalog_node(std::move(node), options);
  if (!answer) co_return fail(std::move(answer.error()));
  co_return answer->value ? answer->value->node.node : std::string();
}

async::Awaitable<Result<std::vector<Ticket>>> Drainer::ask(std::vector<Target> targets, Request request) {
  json::Value value;
  value["version"] = 1;
  value["mode"] = request.mode;
  value["reason"] = request.reason;
  value["by"] = request.by;
  if (!request.asked.empty()) value["asked"] = request.asked;
  value["at"] = rfc3339_now();
  const std::string text = json::dump(value);
  std::vector<Ticket> out;
  for (const Target& target : targets) {
    Ticket ticket;
    ticket.key = key_of(target);
    consul::KvWrite only_new;
    only_new.cas = 0;
    auto written = co_await client_.kv_put(ticket.key, text, only_new);
    if (!written) co_return fail(std::move(written.error()));
    ticket.ours = ticket.fresh = *written;
    const consul::QueryOptions options = consul::confirmed();
    auto read = co_await client_.kv_get(ticket.key, options);
    if (!read) co_return fail(std::move(read.error()));
    if (read->value) ticket.modify_index = read->value->modify_index;
    if (read->value && !ticket.ours) ticket.ours = same_asker(read->value->value, request);
    out.push_back(std::move(ticket));
  }
  co_return out;
}

async::Awaitable<Result<Progress>> Drainer::progress(std::vector<Instance> instances) {
  co_return co_await look(std::move(instances), Wanted::out);
}

// As a renderer of this environment sees them.
std::uint64_t Drainer::hash_of_ours(std::vector<consul::ServiceEntry> entries) const {
  consul::keep_environment(entries, environment_);
  return set_hash(std::move(entries));
}

async::Awaitable<Result<Progress>> Drainer::look(std::vector<Instance> instances, Wanted wanted) {
  if (datacenter_.empty()) {
    auto own = co_await own_node();
    if (!own) co_return fail(std::move(own.error()));
  }
  const consul::QueryOptions options = consul::confirmed();
  const std::string folder = prefix_ + "renderers/";
  std::set<std::string> services;
  for (const Instance& instance : instances) services.insert(instance.service);
  Progress out;
  std::vector<Expected> expected;
  for (const std::string& service : services) {
    auto answer = co_await client_.health_service(service, "", false, options);
    if (!answer) co_return fail(std::move(answer.error()));
    Expected one{service, datacenter_, 0, hash_of_ours(answer->value)};
    bool there = true;
    for (const Instance& instance : instances) {
      if (instance.service != service) continue;
      const consul::ServiceEntry* entry = entry_of(answer->value, instance);
      const bool reached =
          wanted == Wanted::out ? is_out(answer->value, instance) : entry == nullptr || !in_maintenance(*entry);
      if (!reached) {
        out.serving.push_back(instance.id);
        since_.erase(instance);
        there = false;
        continue;
      }
      const auto [at, first] = since_.emplace(instance, answer->meta.index);
      // A store that begins anew counts from the beginning.
      if (answer->meta.index < at->second) at->second = answer->meta.index;
      one.index = std::max(one.index, at->second);
    }
    if (there) expected.push_back(std::move(one));
  }
  // After the sets: a record that is older than them says less, never more.
  auto records = co_await client_.kv_list(folder, options);
  if (!records) co_return fail(std::move(records.error()));
  for (const Expected& one : expected) {
    const Standing standing = judge(records->value, folder, one);
    add(out.settled, standing.settled);
    add(out.waiting, standing.waiting);
    add(out.busy, standing.busy);
    add(out.missing, standing.missing);
    for (const std::string& id : standing.unsure) {
      const auto [at, first] = unsure_since_.emplace(std::pair(one.service, id), async::now());
      if (async::now() - at->second < kSure) add(out.waiting, {id});
    }
  }
  std::erase_if(out.settled, [&](const std::string& id) {
    return std::ranges::find(out.waiting, id) != out.waiting.end() ||
           std::ranges::find(out.missing, id) != out.missing.end();
  });
  co_return out;
}

base::Duration finish_time(const std::vector<Instance>& instances, const Limits& limits) {
  if (limits.finish_chosen || instances.empty()) return limits.finish;
  base::Duration longest{};
  for (const Instance& one : instances) longest = std::max(longest, one.finish.value_or(limits.finish));
  return longest;
}

async::Awaitable<Result<Outcome>> Drainer::wait(std::vector<Instance> instances, Limits limits, OnProgress on_progress,
                                                Wanted wanted) {
  const base::TimePoint started = async::now();
  const base::TimePoint until = started + limits.all;
  std::optional<base::TimePoint> finish_by;
  std::optional<Progress> last;
  std::optional<Error> problem;
  Outcome out;
  for (;;) {
    std::vector<Instance> all = instances;
    auto progress = co_await look(std::move(all), wanted);
    base::Duration pause = kAskAgain;
    if (!progress) {
      problem = std::move(progress.error());
    } else {
      pause = kLookAgain;
      // Who is gone cannot show what came back.
      if (wanted == Wanted::back) {
        progress->missing.clear();
        progress->busy.clear();
      }
      if (on_progress && (!last || *last != *progress)) on_progress(*progress);
      last = std::move(*progress);
      out.done = last->done();
      if (out.done && !finish_by) finish_by = std::min(until, async::now() + finish_time(instances, limits));
      out.finished = last->busy.empty();
      if (out.done && (out.finished || async::now() >= *finish_by)) break;
    }
    if (async::now() >= until || (limits.given_up && limits.given_up())) break;
    co_await async::sleep_for(pause);
  }
  if (!last) co_return fail(problem ? std::move(*problem) : Error{Errc::timeout, "no answer"});
  out.last = std::move(*last);
  out.took = std::chrono::ceil<std::chrono::milliseconds>(async::now() - started);
  co_return out;
}

async::Awaitable<Result<Outcome>> Drainer::wait_until_out(std::vector<Instance> instances, Limits limits,
                                                          OnProgress on_progress) {
  since_.clear();
  unsure_since_.clear();
  co_return co_await wait(std::move(instances), limits, std::move(on_progress), Wanted::out);
}

async::Awaitable<Result<Outcome>> Drainer::wait_until_back(std::vector<Instance> instances, Limits limits,
                                                           OnProgress on_progress) {
  since_.clear();
  unsure_since_.clear();
  co_return co_await wait(std::move(instances), limits, std::move(on_progress), Wanted::back);
}

async::Awaitable<Status> Drainer::end(std::vector<Ticket> tickets) {
  Status out;
  for (Ticket& ticket : tickets) {
    if (!ticket.ours) continue;
    auto done = co_await client_.kv_delete(std::move(ticket.key), ticket.modify_index, false);
    if (!done) out = fail(std::move(done.error()));
  }
  co_return out;
}

async::Awaitable<Result<std::vector<Record>>> Drainer::records() {
  const std::string folder = prefix_ + "drains/";
  const consul::QueryOptions options = consul::confirmed();
  auto pairs = co_await client_.kv_list(folder, options);
  if (!pairs) co_return fail(std::move(pairs.error()));
  std::vector<Record> out;
  for (const consul::KvPair& pair : pairs->value) {
    const std::size_t slash = pair.key.find('/', folder.size());
    if (!pair.key.starts_with(folder) || slash == std::string::npos) continue;
    Record record;
    record.target = {pair.key.substr(folder.size(), slash - folder.size()), pair.key.substr(slash + 1)};
    // People write such records by hand: the key alone counts.
    if (const auto value = json::parse(pair.value, pair.key); value && value->is_object()) {
      const json::Fields fields(*value, "");
      record.by = fields.text("by").value_or("");
      record.asked = fields.texts("asked").value_or(std::vector<std::string>());
    }
    out.push_back(std::move(record));
  }
  co_return out;
}

async::Awaitable<Status> Drainer::remove(std::vector<Target> targets) {
  for (const Target& target : targets) {
    std::string key = key_of(target);
    auto done = co_await client_.kv_delete(std::move(key), std::nullopt, false);
    if (!done) co_return fail(std::move(done.error()));
  }
  co_return Status();
}

}  // namespace longshore::drain
