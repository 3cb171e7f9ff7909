// What the registry tells on /readyz, /metrics and /v1/status.
#include "common/json/json.h"
#include "common/registry/server_state.h"

namespace longshore::registry {
namespace {

using status::Metric;
using status::MetricKind;
using status::MetricSet;
using status::Sample;

Metric single(std::string name, std::string help, MetricKind kind, std::size_t value) {
  Sample sample;
  sample.value = static_cast<double>(value);
  Metric metric;
  metric.name = std::move(name);
  metric.help = std::move(help);
  metric.kind = kind;
  metric.samples.push_back(std::move(sample));
  return metric;
}

std::map<std::string, std::size_t> checks_by_status(const Store& store) {
  std::map<std::string, std::size_t> out{{"passing", 0}, {"warning", 0}, {"critical", 0}};
  for (const auto& [id, record] : store.catalog().checks()) ++out[record.value.status];
  return out;
}

Metric checks_metric(const Store& store) {
  Metric metric = single("longshore_registry_checks", "Checks by status.", MetricKind::gauge, 0);
  metric.samples.clear();
  for (const auto& [status, count] : checks_by_status(store)) {
    Sample sample;
    sample.labels.emplace_back("status", status);
    sample.value = static_cast<double>(count);
    metric.samples.push_back(std::move(sample));
  }
  return metric;
}

}  // namespace

status::Source Server::State::make_source() {
  // The source may outlive the server's address but not its state: whoever asks is a task of the same group.
  status::Source out;
  out.readiness = [this] {
    status::Readiness readiness;
    readiness.ready = tasks != nullptr && !stopping && disk_problem.empty();
    if (tasks == nullptr)
      readiness.why = "starting";
    else if (stopping)
      readiness.why = "stopping";
    else
      readiness.why = disk_problem.empty() ? "serving" : "not written down: " + disk_problem;
    return readiness;
  };
  out.metrics = [this] {
    MetricSet set;
    if (!store) return set;
    set.push_back(single("longshore_registry_index", "The registry's index.", MetricKind::gauge, store->index()));
    set.push_back(single("longshore_registry_services", "Service instances.", MetricKind::gauge,
                         store->catalog().services().size()));
    set.push_back(single("longshore_registry_keys", "Keys in KV.", MetricKind::gauge, store->kv().size()));
    set.push_back(single("longshore_registry_sessions", "Sessions.", MetricKind::gauge, store->sessions().size()));
    set.push_back(
        single("longshore_registry_parked_requests", "Blocking queries that wait.", MetricKind::gauge, waiters.size()));
    set.push_back(single("longshore_registry_connections", "Open connections.", MetricKind::gauge,
                         http ? http->connections() : 0));
    set.push_back(single("longshore_registry_requests_total", "Requests.", MetricKind::counter, counters.requests));
    set.push_back(single("longshore_registry_refused_requests_total", "Foreign hosts and origins, wrong tokens.",
                         MetricKind::counter, counters.refused));
    set.push_back(single("longshore_registry_check_runs_total", "Runs of HTTP and TCP checks.", MetricKind::counter,
                         counters.checks_run));
    set.push_back(single("longshore_registry_commits_total", "Transactions written down.", MetricKind::counter,
                         counters.commits));
    set.push_back(single("longshore_registry_commit_failures_total", "Transactions that failed.", MetricKind::counter,
                         counters.commit_failures));
    set.push_back(checks_metric(*store));
    return set;
  };
  out.status_json = [this] {
    json::Value value = json::Value::object();
    if (!store) return json::dump(value);
    value["node"] = store->identity().node;
    value["datacenter"] = store->identity().datacenter;
    value["index"] = store->index();
    value["services"] = store->catalog().services().size();
    value["checks"] = checks_by_status(*store);
    value["keys"] = store->kv().size();
    value["sessions"] = store->sessions().size();
    value["parked_requests"] = waiters.size();
    value["data_dir"] = options.data_dir;
    return json::dump(value);
  };
  return out;
}

}  // namespace longshore::registry
