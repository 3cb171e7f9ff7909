#include "renderer/pages_groups.h"

namespace longshore::render {
namespace {

using Group = apply::GroupMachine;

std::string destination_of(const RenderMachine& machine, std::size_t index) {
  for (const TemplateState& state : machine.templates())
    if (state.index == index) return state.spec.destination;
  return {};
}

json::Value left_out_json(const RenderMachine& machine, const Group::Quarantined& one, base::TimePoint now) {
  json::Value out;
  out["destination"] = destination_of(machine, one.index);
  if (!one.section.empty()) out["part"] = one.section;
  out["problem"] = one.problem;
  out["seconds"] = base::to_seconds(now - one.since);
  return out;
}

}  // namespace

json::Value groups_json(const RenderMachine& machine, base::TimePoint now) {
  json::Value out = json::Value::array();
  for (const auto& [name, group] : machine.groups()) {
    json::Value item;
    item["name"] = name;
    item["state"] = apply::to_string(group.state());
    item["generation"] = group.generation();
    item["owed"] = group.owed();
    item["waits_for_turn"] = group.waits_for_turn();
    if (group.applied_at()) item["applied_seconds_ago"] = base::to_seconds(now - *group.applied_at());
    item["settled"] = group.settled_at().has_value();
    item["generations_living"] = group.budget().generations();
    item["old_connections"] = group.old_requests();
    if (!group.problem().empty()) item["problem"] = group.problem();
    item["destinations"] = json::Value::array();
    for (const TemplateState& state : machine.templates())
      if (state.spec.group == name) item["destinations"].push_back(state.spec.destination);
    item["quarantined"] = json::Value::array();
    for (const Group::Quarantined& one : group.quarantined())
      item["quarantined"].push_back(left_out_json(machine, one, now));
    out.push_back(std::move(item));
  }
  return out;
}

status::MetricSet group_metrics(const RenderMachine& machine) {
  using status::MetricKind;
  status::MetricSet out;
  // One sample for each group: the configuration bounds their number.
  const auto add = [&](const char* name, const char* help, MetricKind kind, auto value) {
    if (machine.groups().empty()) return;
    status::Metric metric{name, help, kind, {}};
    for (const auto& [group, state] : machine.groups())
      metric.samples.push_back({{{"group", group}}, static_cast<double>(value(state))});
    out.push_back(std::move(metric));
  };
  add("longshore_render_group_applied_total", "Changes of files that went live together.", MetricKind::counter,
      [](const Group& group) { return group.counters().applied; });
  add("longshore_render_group_refused_total", "Changes that the group's check refused.", MetricKind::counter,
      [](const Group& group) { return group.counters().refused; });
  if (!machine.groups().empty()) {
    status::Metric checks{
        "longshore_render_group_checks_total", "Runs of the group's check by result.", MetricKind::counter, {}};
    for (const auto& [group, state] : machine.groups()) {
      const Group::Counters& count = state.counters();
      const auto add_result = [&](const char* result, std::uint64_t value) {
        checks.samples.push_back({{{"group", group}, {"result", result}}, static_cast<double>(value)});
      };
      add_result("passed", count.checks_passed);
      add_result("refused", count.checks_refused);
      add_result("broken", count.checks_broken);
    }
    out.push_back(std::move(checks));
  }
  if (!machine.groups().empty()) {
    status::Metric turns{"longshore_render_group_turns_total",
                         "Changes by whether they had their turn among the load balancers.",
                         MetricKind::counter,
                         {}};
    for (const auto& [group, state] : machine.groups()) {
      const auto add_outcome = [&](const char* outcome, std::uint64_t value) {
        turns.samples.push_back({{{"group", group}, {"outcome", outcome}}, static_cast<double>(value)});
      };
      add_outcome("given", state.counters().turns);
      add_outcome("without", state.counters().without_turn);
    }
    out.push_back(std::move(turns));
  }
  add("longshore_render_group_restored_total", "Changes that were undone because nobody took them up.",
      MetricKind::counter, [](const Group& group) { return group.counters().restored; });
  add("longshore_render_group_held_total", "Changes that waited for the group's budget.", MetricKind::counter,
      [](const Group& group) { return group.counters().held_by_budget; });
  add("longshore_render_group_problem", "1: the files are not what the data says.", MetricKind::gauge,
      [](const Group& group) { return group.problem().empty() ? 0 : 1; });
  add("longshore_render_group_quarantined", "Parts of files that are left out.", MetricKind::gauge,
      [](const Group& group) { return group.quarantined().size(); });
  add("longshore_render_group_generations", "Generations of nginx's workers that live.", MetricKind::gauge,
      [](const Group& group) { return group.budget().generations(); });
  return out;
}

}  // namespace longshore::render
