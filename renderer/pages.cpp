#include "renderer/pages.h"

#include <algorithm>

#include "renderer/pages_groups.h"

namespace longshore::render {
namespace {

using Phase = TemplateState::Phase;

const char* phase_name(Phase phase) {
  switch (phase) {
    case Phase::loading:
      return "loading";
    case Phase::refused:
      return "refused";
    case Phase::waiting:
      return "waiting";
    case Phase::failed:
      return "failed";
    case Phase::writing:
      return "writing";
    case Phase::unwritten:
      return "unwritten";
    case Phase::applying:
      return "applying";
    case Phase::held_back:
      return "held_back";
    case Phase::rendered:
      return "rendered";
  }
  return "";
}

status::Metric single(std::string name, std::string help, status::MetricKind kind, double value) {
  return {std::move(name), std::move(help), kind, {{{}, value}}};
}

json::Value names_of(const Dependencies& dependencies) {
  json::Value out = json::Value::array();
  for (const Dependency& on : dependencies) out.push_back(to_string(on));
  return out;
}

}  // namespace

status::Readiness readiness(const RenderMachine& machine) {
  for (const TemplateState& state : machine.templates()) {
    if (state.first_done && state.phase != Phase::unwritten) continue;
    std::string why = state.name() + " is " + phase_name(state.phase);
    if (!state.problem.empty()) why += ": " + state.problem;
    return {false, std::move(why)};
  }
  if (machine.stale() != 0) return {false, std::to_string(machine.stale()) + " watches get no answer"};
  for (const auto& [name, group] : machine.groups())
    if (!group.problem().empty()) return {false, "group " + name + ": " + group.problem()};
  if (const auto failing = machine.followups().failing()) return {false, "failing: " + to_string(*failing)};
  return {true, std::to_string(machine.templates().size()) + " templates rendered"};
}

namespace {

void add_probes(status::MetricSet& out, const Traffic& traffic) {
  using status::MetricKind;
  const ProbeMachine::Counters& count = traffic.probes().counters();
  std::size_t away = 0, waiting = 0, kept = 0;
  for (const ProbeMachine::View& view : traffic.probes().remarkable())
    ++(view.verdict == ProbeMachine::Verdict::out       ? away
       : view.verdict == ProbeMachine::Verdict::waiting ? waiting
                                                        : kept);
  const auto add = [&](const char* name, const char* help, MetricKind kind, std::uint64_t value) {
    out.push_back(single(name, help, kind, static_cast<double>(value)));
  };
  add("longshore_probe_backends", "Instances that are probed.", MetricKind::gauge, traffic.probes().backends());
  add("longshore_probe_backends_out", "Instances that probes took out of traffic.", MetricKind::gauge, away);
  add("longshore_probe_backends_waiting", "New instances that have not answered yet.", MetricKind::gauge, waiting);
  add("longshore_probe_backends_kept", "Instances in traffic that fail, kept by the floor, or never answered.",
      MetricKind::gauge, kept);
  add("longshore_probe_instances_doubted", "Instances in traffic that the registry calls critical, all at once.",
      MetricKind::gauge, traffic.critical().size());
  add("longshore_probe_started_total", "Probes.", MetricKind::counter, count.started);
  add("longshore_probe_failed_total", "Probes that failed.", MetricKind::counter, count.failed);
  add("longshore_probe_ejected_total", "Instances taken out.", MetricKind::counter, count.ejected);
  add("longshore_probe_returned_total", "Instances taken back.", MetricKind::counter, count.returned);
  add("longshore_probe_kept_by_floor_total", "Instances that failed and stayed, because of the floor.",
      MetricKind::counter, count.kept_by_floor);
  add("longshore_probe_admitted_total", "New instances that answered.", MetricKind::counter, count.admitted);
  add("longshore_probe_admitted_unproven_total", "New instances that got traffic without an answer.",
      MetricKind::counter, count.admitted_unproven);
  add("longshore_probe_fallbacks_total", "Services that came to be probed by connections only.", MetricKind::counter,
      count.fallbacks);
}

json::Value probes_json(const Traffic& traffic, base::TimePoint now) {
  json::Value out;
  out["enabled"] = traffic.enabled();
  out["backends"] = traffic.probes().backends();
  out["tcp_only"] = traffic.probes().tcp_only();
  out["doubted"] = traffic.critical().size();
  out["instances"] = json::Value::array();
  for (const ProbeMachine::View& view : traffic.probes().remarkable()) {
    json::Value item;
    item["service"] = view.service;
    item["id"] = view.id;
    item["node"] = view.node;
    constexpr const char* kStates[] = {"kept", "out", "waiting"};
    item["state"] = kStates[static_cast<std::size_t>(view.verdict)];
    item["reason"] = view.reason;
    item["fails"] = view.fails;
    item["seconds"] = base::to_seconds(now - view.since);
    out["instances"].push_back(std::move(item));
  }
  return out;
}

void add_guards(status::MetricSet& out, const RenderMachine& machine) {
  const GuardBook& guards = machine.guards();
  const GuardBook::Counters& count = guards.counters();
  const auto add = [&](const char* name, const char* help, status::MetricKind kind, std::uint64_t value) {
    out.push_back(single(name, help, kind, static_cast<double>(value)));
  };
  using status::MetricKind;
  add("longshore_guard_instances_kept", "Instances that went without a word and that a guard keeps.", MetricKind::gauge,
      guards.kept());
  add("longshore_guard_holds_total", "Changes of which guards held something back.", MetricKind::counter, count.holds);
  add("longshore_guard_instances_kept_total", "Instances that guards have kept.", MetricKind::counter, count.instances);
  add("longshore_guard_files_held_total", "Times that a guard held back a whole file.", MetricKind::counter,
      machine.counters().guarded_files);
  status::Metric ended{"longshore_guard_holds_ended_total", "How such holds ended.", MetricKind::counter, {}};
  const auto end = [&](const char* how, std::uint64_t value) {
    ended.samples.push_back({{{"reason", how}}, static_cast<double>(value)});
  };
  end("returned", count.returned);
  end("released", count.released);
  end("limit", count.limit);
  end("said", count.said);
  out.push_back(std::move(ended));
}

json::Value guards_json(const RenderMachine& machine, base::TimePoint now) {
  json::Value out = json::Value::array();
  for (const auto& [on, entry] : machine.guards().entries()) {
    if (!entry.since) continue;
    json::Value item;
    item["service"] = on.name;
    item["dependency"] = to_string(on);
    item["reason"] = entry.reason;
    item["seconds"] = base::to_seconds(now - *entry.since);
    if (entry.rule.limit.count() > 0) item["ends_in_seconds"] = base::to_seconds(*entry.since + entry.rule.limit - now);
    item["instances"] = json::Value::array();
    for (const auto& [key, instance] : entry.kept)
      item["instances"].push_back({{"node", key.first}, {"id", key.second}, {"address", address_of(*instance)}});
    out.push_back(std::move(item));
  }
  for (const TemplateState& state : machine.templates()) {
    if (!state.guard_since) continue;
    json::Value item;
    item["template"] = state.name();
    item["reason"] = "what it needs is not there";
    item["absent"] = names_of(state.guard_lacks);
    item["seconds"] = base::to_seconds(now - *state.guard_since);
    if (state.guard_until) item["ends_in_seconds"] = base::to_seconds(*state.guard_until - now);
    out.push_back(std::move(item));
  }
  return out;
}

json::Value remarks_json(const RenderMachine& machine) {
  json::Value out = json::Value::array();
  for (const TemplateState& state : machine.templates()) {
    for (const std::string& text : state.remarks.texts())
      out.push_back({{"template", state.spec.label()}, {"remark", text}});
    if (state.remarks.more() != 0)
      out.push_back(
          {{"template", state.spec.label()}, {"remark", "and " + std::to_string(state.remarks.more()) + " more"}});
  }
  return out;
}

json::Value notices_json(const RenderMachine& machine) {
  json::Value out = json::Value::array();
  for (const auto& [number, keeper] : machine.notices()) {
    json::Value item;
    item["service"] = keeper.spec().service;
    item["below"] = keeper.spec().below;
    item["state"] = keeper.passing() ? to_string(keeper.low() ? Notice::Event::low : Notice::Event::enough) : "unknown";
    if (const auto passing = keeper.passing()) item["instances"] = *passing;
    item["told"] = to_string(keeper.told());
    item["failed_tries"] = keeper.failures();
    out.push_back(std::move(item));
  }
  return out;
}

// Each command or signal after a change is done or failed; where a group waits for new workers their answer follows.
status::Metric reloads(const RenderMachine& machine) {
  std::uint64_t confirmed = 0, unconfirmed = 0;
  for (const auto& [name, group] : machine.groups()) {
    confirmed += group.counters().confirmed;
    unconfirmed += group.counters().unconfirmed;
  }
  status::Metric out{"longshore_render_reloads_total",
                     "Commands and signals after changes by outcome; confirmed: new workers of nginx answered.",
                     status::MetricKind::counter,
                     {}};
  const auto add = [&](const char* outcome, std::uint64_t value) {
    out.samples.push_back({{{"outcome", outcome}}, static_cast<double>(value)});
  };
  add("done", machine.counters().followups_done);
  add("failed", machine.counters().followup_errors);
  add("confirmed", confirmed);
  add("unconfirmed", unconfirmed);
  return out;
}

}  // namespace

status::MetricSet metrics(const RenderMachine& machine, const Watcher& watcher, consul::Client& client,
                          base::TimePoint now) {
  using status::MetricKind;
  const MachineCounters& count = machine.counters();
  const auto counter = [](const char* name, const char* help, std::uint64_t value) {
    return single(name, help, MetricKind::counter, static_cast<double>(value));
  };
  const auto gauge = [](const char* name, const char* help, std::size_t value) {
    return single(name, help, MetricKind::gauge, static_cast<double>(value));
  };
  std::size_t rendered = 0, remarks = 0;
  for (const TemplateState& state : machine.templates()) {
    rendered += state.phase == Phase::rendered ? 1 : 0;
    remarks += state.remarks.size();
  }
  double stale_for = 0;
  for (const auto& [on, known] : machine.snapshot().entries())
    if (known.stale_since) stale_for = std::max(stale_for, base::to_seconds(now - *known.stale_since));
  const auto oldest = watcher.pool().oldest_answer();
  std::uint64_t answers = 0;
  for (const auto& [on, entry] : watcher.pool().entries()) answers += entry.answers;
  status::MetricSet out = {
      gauge("longshore_render_templates", "Templates.", machine.templates().size()),
      gauge("longshore_render_templates_rendered", "Templates whose file is what the data says.", rendered),
      gauge("longshore_render_remarks", "What templates leave out or cannot use, and say so.", remarks),
      gauge("longshore_render_watches", "Watched dependencies.", machine.watched().size()),
      gauge("longshore_render_watches_stale", "Watches whose last try failed.", machine.stale()),
      single("longshore_render_data_age_seconds", "For how long the oldest data in use could not be asked for again.",
             MetricKind::gauge, stale_for),
      single("longshore_render_watch_age_seconds",
             "How long ago the query that has been silent for longest was answered; about a minute is normal.",
             MetricKind::gauge, oldest ? base::to_seconds(now - *oldest) : 0),
      gauge("longshore_render_connections", "Open connections to Consul.", client.http().connections()),
      gauge("longshore_render_own_queries", "Dependencies with a parked query of their own.", watcher.pool().own()),
      gauge("longshore_render_signals", "Parked queries that cover many dependencies.", watcher.pool().signals()),
      counter("longshore_render_requests_total", "Requests to Consul.", client.http().requests()),
      counter("longshore_render_probes_total", "Indexes of covered dependencies that were asked for.",
              watcher.pool().probes()),
      counter("longshore_render_lists_total", "Lists of everything that covered dependencies were compared with.",
              watcher.pool().prints()),
      counter("longshore_render_reads_total", "Reads that did not wait for a change.", watcher.pool().reads()),
      gauge("longshore_render_instances_held", "Vanished instances that are held.", machine.hold().held().size()),
      gauge("longshore_render_instances_foreign", "Instances of other environments in the answers; they are left out.",
            machine.foreign().present()),
      counter("longshore_render_instances_refused_total", "Instances left out because they are of another environment.",
              machine.foreign().total()),
      gauge("longshore_render_followups_pending", "Commands and reloads that wait or run.",
            machine.followups().pending()),
      counter("longshore_render_watch_answers_total", "Answers of running watches.", answers),
      counter("longshore_render_watch_errors_total", "Failed tries of watches.", count.watch_errors),
      counter("longshore_render_evaluations_total", "Runs of templates.", count.evaluations),
      counter("longshore_render_evaluation_errors_total", "Runs of templates that failed.", count.evaluation_errors),
      counter("longshore_render_files_written_total", "Files replaced.", count.files_written),
      counter("longshore_render_nginx_workers_retired_total",
              "Old workers of nginx that were told to finish because new ones answered.", count.workers_retired),
      counter("longshore_render_file_errors_total", "Files that could not be written.", count.write_errors),
      counter("longshore_render_followups_total", "Commands and reloads started.", count.followups_run),
      counter("longshore_render_followup_errors_total", "Commands and reloads that failed.", count.followup_errors),
      reloads(machine),
      counter("longshore_render_instances_vanished_total", "Instances that vanished from answers.",
              machine.hold().held_total()),
      counter("longshore_render_instances_released_early_total",
              "Vanished instances given up before the end of their hold: withdrawn, drained or refusing.",
              count.released_early),
  };
  if (!machine.notices().empty()) {
    const auto low = std::ranges::count_if(machine.notices(), [](const auto& entry) { return entry.second.low(); });
    out.push_back(gauge("longshore_render_services_low", "Services of `watch` blocks with too few instances.",
                        static_cast<std::size_t>(low)));
    out.push_back(
        counter("longshore_render_notices_total", "Notices of `watch` blocks that got there.", count.notices));
    out.push_back(
        counter("longshore_render_notice_errors_total", "Tries of such notices that failed.", count.notice_errors));
  }
  for (status::Metric& metric : group_metrics(machine)) out.push_back(std::move(metric));
  add_guards(out, machine);
  if (machine.traffic().enabled()) add_probes(out, machine.traffic());
  return out;
}

std::string status_json(const RenderMachine& machine, const Watcher& watcher, const WordPublisher* publisher,
                        base::TimePoint now) {
  json::Value out;
  out["version"] = 1;
  out["templates"] = json::Value::array();
  for (const TemplateState& state : machine.templates()) {
    json::Value item;
    item["source"] = state.spec.source;
    item["destination"] = state.spec.destination;
    item["phase"] = phase_name(state.phase);
    item["dependencies"] = state.used.size();
    item["missing"] = names_of(state.missing);
    if (!state.problem.empty()) item["problem"] = state.problem;
    out["templates"].push_back(std::move(item));
  }
  out["watches"] = json::Value::array();
  for (const auto& [on, state] : watcher.pool().entries()) {
    json::Value item;
    item["dependency"] = to_string(on);
    item["index"] = state.index;
    item["answers"] = state.answers;
    item["how"] = watcher.pool().how(state);
    item["failures"] = state.failures;
    if (state.answered_at) item["age_seconds"] = base::to_seconds(now - *state.answered_at);
    const Known* known = machine.snapshot().find(on);
    item["knowledge"] = known == nullptr ? "never_read" : known->stale_since ? "stale" : "known";
    if (known != nullptr && known->stale_since) item["stale_seconds"] = base::to_seconds(now - *known->stale_since);
    out["watches"].push_back(std::move(item));
  }
  out["held"] = json::Value::array();
  for (const auto& [key, held] : machine.hold().held()) {
    json::Value item;
    item["service"] = held.instance->entry.service.name;
    item["id"] = key.id;
    item["node"] = key.node;
    item["held_seconds"] = base::to_seconds(now - held.since);
    out["held"].push_back(std::move(item));
  }
  out["guards"] = guards_json(machine, now);
  out["groups"] = groups_json(machine, now);
  out["probes"] = probes_json(machine.traffic(), now);
  out["notices"] = notices_json(machine);
  out["remarks"] = remarks_json(machine);
  if (publisher != nullptr) {
    out["word"] = {{"id", publisher->id()}, {"published", publisher->published()}, {"writes", publisher->writes()}};
    if (!publisher->problem().empty()) out["word"]["problem"] = publisher->problem();
    const ClusterMarker& marker = publisher->marker();
    if (!marker.id().empty()) out["cluster"] = {{"id", marker.id()}, {"replaced", marker.changes()}};
  }
  out["followups_pending"] = machine.followups().pending();
  return json::dump(out);
}

}  // namespace longshore::render
