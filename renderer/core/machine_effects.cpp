// The part of the machine that deals with vanished instances and with commands.
#include "renderer/core/machine.h"

#include <set>

namespace longshore::render {
namespace {

using Event = HoldBook::Event;

base::LogLine describe(const HoldBook::Report& report) {
  const Instance& instance = *report.instance;
  base::LogLine line;
  line.fields = {
      {"service", instance.entry.service.name}, {"id", instance.entry.service.id}, {"node", instance.entry.node.node}};
  switch (report.event) {
    case Event::vanished:
      line.level = base::Level::debug;
      line.event = "instance_vanished";
      break;
    case Event::held:
      line.level = base::Level::warn;
      line.event = "instance_held";
      line.fields.emplace_back("reason", "it vanished without a withdrawal note and does not refuse connections");
      break;
    case Event::returned:
      line.event = "instance_returned";
      break;
    case Event::released:
      line.level = report.reason == "hold_over" ? base::Level::warn : base::Level::info;
      line.event = "instance_removed";
      line.fields.emplace_back("reason", report.reason);
      break;
  }
  return line;
}

}  // namespace

void RenderMachine::on(input::NotesLoaded& loaded, base::TimePoint now) {
  if (!loaded.notes)
    say(base::Level::debug, "notes_unreadable", {{"node", loaded.node}, {"error", loaded.notes.error().text}});
  apply(hold_.notes(loaded.node, loaded.kind, loaded.notes), now);
  obey(guards_.notes(loaded.node, loaded.kind, loaded.notes, now), now);
}

void RenderMachine::on(input::Probed& probed, base::TimePoint now) {
  apply(hold_.probed(probed.target, probed.result, now), now);
}

void RenderMachine::apply(const HoldBook::Outcome& outcome, base::TimePoint now) {
  Dependencies lighter;
  for (const HoldBook::Report& report : outcome.reports) {
    act(describe(report));
    if (report.event != Event::released) continue;
    lighter.insert(report.on);
    history_.left(*report.instance, "it vanished from Consul: " + report.reason, 0, now);
    if (report.reason != "hold_over") ++counters_.released_early;
    if (report.reason == "withdrawn" || report.reason == "drained") guards_.said(report.on, *report.instance);
  }
  for (const Dependency& on : lighter)
    if (const auto data = instances_of(on)) {
      ServiceData kept = HoldBook::without(*data, on, outcome);
      stamp(kept, data->index, nullptr, false);
      const auto shared = guarded(on, std::make_shared<const ServiceData>(std::move(kept)), now);
      if (traffic_.enabled())
        obey(traffic_.released(on, shared, now), now);
      else
        replace_held(on, shared, now);
    }
  if (!lighter.empty()) release_names(now);
  for (const std::string& node : outcome.read_notes) act(action::ReadNotes{node});
  for (const ProbeTarget& target : outcome.probes) act(action::Probe{target});
}

// Data that changes by our own decision is as fresh or stale as it was.
void RenderMachine::replace_held(const Dependency& on, Data data, base::TimePoint now) {
  const auto stale_since = snapshot_.find(on)->stale_since;
  snapshot_.set(on, std::move(data));
  if (stale_since) snapshot_.mark_stale(on, *stale_since);
  changed(on, now);
}

void RenderMachine::release_names(base::TimePoint now) {
  for (const auto& [on, entry] : guards_.entries())
    if (entry.since) names_.prolong(on.name, now);
  for (auto& [on, data] : names_.release(snapshot_, now))
    replace_held(on, std::make_shared<const CatalogData>(std::move(data)), now);
}

// Whom a template without a group tells.
std::optional<Followup> RenderMachine::own_followup(const TemplateState& state) const {
  if (settings_.dry || groups_.contains(state.spec.group)) return std::nullopt;
  if (!state.spec.command.empty())
    return Followup{Followup::Kind::command, state.spec.command, state.spec.command_timeout,
                    state.spec.command_environment};
  if (!settings_.reload_pid_file.empty()) return Followup{Followup::Kind::reload, settings_.reload_pid_file, {}, {}};
  return std::nullopt;
}

void RenderMachine::start_followup(base::TimePoint now) {
  if (writes_in_flight_ != 0) return;
  std::optional<Followup> next = followups_.start(now);
  if (!next) return;
  running_ = *next;
  ++counters_.followups_run;
  std::optional<action::Confirmation> confirmation = confirmation_for(*next);
  switch (next->kind) {
    case Followup::Kind::command:
      return act(action::RunCommand{next->what, next->timeout, next->environment, std::move(confirmation)});
    case Followup::Kind::reload:
      return act(action::SendReload{next->what.words.front(), next->signal, std::move(confirmation)});
    case Followup::Kind::pid:
    case Followup::Kind::container:
      return act(action::SendSignal{next->kind, next->what.words.front(), next->signal, std::move(confirmation)});
    case Followup::Kind::child: {
      Status sent;
      if (!child_) sent = fail(Errc::not_found, "there is no supervised program");
      // One that does not run yet starts with the files as they are.
      if (child_ && child_->running()) act(action::SignalChild{next->signal});
      input::FollowupDone done{std::move(sent), {}, {}};
      return on(done, now);
    }
  }
}

void RenderMachine::on(input::WorkersRetired& retired, base::TimePoint) {
  counters_.workers_retired += retired.workers;
  say(base::Level::info, "nginx_workers_retired",
      {{"master", std::to_string(retired.master)},
       {"workers", std::to_string(retired.workers)},
       {"after", base::format_duration(retired.took)}});
}

void RenderMachine::on(input::FollowupDone& done, base::TimePoint now) {
  if (!running_) return;
  const Followup ran = std::move(*running_);
  const bool reload = ran.kind != Followup::Kind::command;
  const std::string what =
      ran.kind == Followup::Kind::command || ran.kind == Followup::Kind::reload ? to_string(ran.what) : to_string(ran);
  running_.reset();
  const auto retry = followups_.done(done.status.has_value(), now, random_.chance());
  std::vector<std::pair<std::string, std::string>> fields{{ran.kind == Followup::Kind::reload ? "pid_file"
                                                           : reload                           ? "to"
                                                                                              : "command",
                                                           what}};
  if (done.status) {
    ++counters_.followups_done;
    fields.emplace_back("took", base::format_duration(done.took));
  } else {
    ++counters_.followup_errors;
    fields.emplace_back("error", done.status.error().text);
    if (retry && !settings_.once) fields.emplace_back("retry_in", base::format_duration(*retry));
  }
  if (!done.output.empty()) fields.emplace_back("output", done.output);
  const bool ok = done.status.has_value();
  say(ok ? base::Level::info : base::Level::error,
      reload ? (ok ? "reload_sent" : "reload_failed") : (ok ? "command_done" : "command_failed"), std::move(fields));
  tell_groups(ran, done.status, now);
  if (done.status) files_told(ran, now);
  start_followup(now);
}

}  // namespace longshore::render
