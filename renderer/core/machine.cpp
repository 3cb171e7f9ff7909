#include "renderer/core/machine.h"

#include <algorithm>

namespace longshore::render {
namespace {

template <class T>
std::shared_ptr<const T> share(T value) {
  return std::make_shared<const T>(std::move(value));
}

// A template that shows nothing for so long has what it has: its services are named, the others are free.
constexpr base::Duration kStarting = std::chrono::seconds(10);

}  // namespace

bool RenderMachine::starting() const {
  if (!started_at_ || latest_ >= *started_at_ + kStarting) return false;
  return std::ranges::any_of(templates_, [](const TemplateState& state) { return !state.first_done; });
}

// Longer than an instance's hold: the instance has to go first.
base::Duration hold_of_names(const HoldBook::Settings& settings) {
  return settings.hold.count() > 0 ? settings.hold + std::chrono::seconds(2) : base::Duration{};
}

RenderMachine::RenderMachine(MachineSettings settings, tmpl::Functions functions)
    : settings_(std::move(settings)),
      functions_(std::move(functions)),
      random_(settings_.seed),
      hold_(settings_.hold),
      traffic_(settings_.probe, settings_.hold.hold),
      foreign_(settings_.env),
      names_(hold_of_names(settings_.hold)) {
  make_groups(settings_.groups);
  make_notices(settings_.notices);
  for (const TemplateSpec& spec : settings_.templates) templates_.push_back(make_state(spec));
  if (settings_.child) child_.emplace(*settings_.child);
}

Actions RenderMachine::step(const Input& input, base::TimePoint now) {
  return step(Input(input), now);
}

Actions RenderMachine::step(Input&& input, base::TimePoint now) {
  if (exited_) return {};
  latest_ = now;
  std::visit([&](auto& told) { on(told, now); }, input);
  tend_child(now);
  finish_if_done(now);
  return std::exchange(actions_, {});
}

std::optional<base::TimePoint> RenderMachine::next_wake() const {
  std::optional<base::TimePoint> wake;
  const auto at = [&](std::optional<base::TimePoint> when) {
    if (when && (!wake || *when < *wake)) wake = when;
  };
  if (exited_) return wake;
  at(followups_.next_due());
  if (child_) at(child_->next_due());
  at(stop_by_);
  if (stop_by_) return wake;
  at(once_by_);
  if (publishes() && starting()) at(*started_at_ + kStarting);
  for (const auto& [name, group] : groups_) at(group.next_due(latest_));
  at(hold_.next_due());
  at(traffic_.next_due());
  at(guards_.next_due());
  for (const auto& [number, keeper] : notices_) at(keeper.next_due());
  at(names_.next_due());
  for (const TemplateState& state : templates_) {
    if (writes_in_flight_ == 0) at(state.due());
    at(state.settle_at);
    at(state.guard_until);
    if (state.waiting_since && !state.missing_named) at(*state.waiting_since + settings_.name_missing_after);
  }
  return wake;
}

bool RenderMachine::all_rendered() const {
  return std::ranges::all_of(templates_,
                             [](const TemplateState& state) { return state.phase == TemplateState::Phase::rendered; });
}

void RenderMachine::on(input::Start&, base::TimePoint now) {
  started_at_ = now;
  if (settings_.once && settings_.once_timeout.count() > 0) once_by_ = now + settings_.once_timeout;
  if (!settings_.dry && !settings_.parse_only)
    for (auto& [name, group] : groups_) obey(name, group.start(), now);
  if (!notices_.empty()) update_watches(now);
  load_templates(now);
}

void RenderMachine::on(input::Answered& answered, base::TimePoint now) {
  const Dependency& on = answered.on;
  if (!watched_.contains(on)) return;
  failed_in_row_.erase(on);
  if (failing_.erase(on) != 0 && failing_.empty()) say(base::Level::info, "registry_answers", {});
  const Known* known = snapshot_.find(on);
  Data data;
  HoldBook::Outcome outcome;
  if (on.has_instances()) {
    const auto before = instances_of(on);
    auto& entries = std::get<std::vector<consul::ServiceEntry>>(answered.answer);
    for (const ForeignInstances::Refusal& one : foreign_.remove(on, entries))
      say(base::Level::warn, "refused",
          {{"service", one.service},
           {"id", one.id},
           {"node", one.node},
           {"env", one.environment},
           {"reason", "it is of another environment"}});
    ServiceData fresh = make_service_data(on, std::move(entries), answered.index, before.get(), &nodes_);
    // Who never got traffic is not missed: nothing keeps it when it vanishes (a Consul that starts shows its past).
    outcome = hold_.answered(on, traffic_.without_waiting(on, before).get(), fresh, now);
    if (before) history_.compare(*before, fresh, answered.index, now);
    stamp(fresh, answered.index, before.get(), hold_.holds(on));
    const auto shown = guarded(on, share(std::move(fresh)), now);
    if (traffic_.enabled()) {
      const bool news = show_fresh(on, shown, now);
      apply(outcome, now);
      if (!news) return;
      changed(on, now);
      release_names(now);
      return;
    }
    data = shown;
  } else {
    if (auto* node = std::get_if<std::optional<consul::NodeServices>>(&answered.answer); node != nullptr && *node)
      foreign_.remove((*node)->services);
    data = make_data(on, std::move(answered.answer), known == nullptr ? nullptr : &known->data);
    if (on.kind == Dependency::Kind::services) {
      CatalogData fresh = *std::get<std::shared_ptr<const CatalogData>>(data);
      names_.answered(on, snapshot_.get<CatalogData>(on).get(), fresh, snapshot_, now);
      data = share(std::move(fresh));
    }
  }
  if (on == releases()) take_releases(*std::get<std::shared_ptr<const TreeData>>(data), now);
  const bool news = known == nullptr || !same_data(known->data, data);
  if (news)
    snapshot_.set(on, std::move(data));
  else
    snapshot_.mark_fresh(on);
  apply(outcome, now);
  if (!news) return;
  changed(on, now);
  if (on.kind == Dependency::Kind::service) release_names(now);
}

void RenderMachine::on(input::Confirmed& confirmed, base::TimePoint) {
  if (!watched_.contains(confirmed.on)) return;
  failed_in_row_.erase(confirmed.on);
  if (failing_.erase(confirmed.on) != 0 && failing_.empty()) say(base::Level::info, "registry_answers", {});
  snapshot_.mark_fresh(confirmed.on);
}

void RenderMachine::on(input::WatchFailed& failed, base::TimePoint now) {
  if (!watched_.contains(failed.on)) return;
  ++counters_.watch_errors;
  // One line per kind of trouble, not one per watch: an outage hits all of them at once.
  const bool heard =
      std::ranges::any_of(failing_, [&](const auto& other) { return other.second == failed.error.code; });
  say(heard ? base::Level::debug : base::Level::warn, "registry_unreachable",
      {{"watch", to_string(failed.on)}, {"error", failed.error.text}});
  failing_[failed.on] = failed.error.code;
  snapshot_.mark_stale(failed.on, now);
  if (!settings_.retry_attempts || ++failed_in_row_[failed.on] <= *settings_.retry_attempts) return;
  say(base::Level::error, "retries_exhausted", {{"watch", to_string(failed.on)}, {"error", failed.error.text}});
  end_with(kExitFailed, now);
}

void RenderMachine::on(input::Idle& idle, base::TimePoint now) {
  if (!stop_by_) {
    apply(hold_.tick(now), now);
    obey(traffic_.tick(now), now);
    tick_guards(now);
    release_names(now);
    if (!settings_.parse_only) evaluate_due({now, idle.wall_clock});
    if (holds_back() != watched_.contains(releases())) update_watches(now);
    tick_groups(now);
    tick_notices(now);
    name_missing(now);
    settle_files(now);
  }
  publish_word();
  start_followup(now);
}

void RenderMachine::on(input::Stop&, base::TimePoint now) {
  if (stop_by_) {
    if (child_ && child_->running()) act(action::SignalChild{9});
    stop_by_ = now;
    return;
  }
  say(base::Level::info, "stopping", {{"followups", std::to_string(followups_.pending())}});
  end_with(settings_.stop_exit_code, now);
}

bool RenderMachine::quiet() const {
  return writes_in_flight_ == 0 && groups_quiet() && followups_.settled();
}

// In order: what was written gets its followups, the child is asked to end.
void RenderMachine::end_with(int code, base::TimePoint now) {
  if (stop_by_) return;
  for (auto& [name, group] : groups_) group.close();
  stop_code_ = code;
  stop_by_ = now + settings_.stop_deadline;
  if (!child_) return;
  if (child_->running())
    stop_by_ = std::max(*stop_by_, now + child_->settings().kill_timeout + std::chrono::seconds(2));
  obey(child_->stop(now));
}

void RenderMachine::exit_with(int code) {
  exited_ = true;
  act(action::Exit{code});
}

void RenderMachine::finish_if_done(base::TimePoint now) {
  if (exited_) return;
  if (stop_by_) {
    const bool over = quiet() && (!child_ || !child_->running());
    if (over || now >= *stop_by_) exit_with(stop_code_);
    return;
  }
  using Phase = TemplateState::Phase;
  if (settings_.parse_only) {
    const auto unread = [](const TemplateState& state) { return state.phase == Phase::loading && !state.set; };
    if (std::ranges::any_of(templates_, unread)) return;
    const auto refused = [](const TemplateState& state) { return state.phase == Phase::refused; };
    exit_with(std::ranges::any_of(templates_, refused) ? kExitFailed : kExitDone);
    return;
  }
  if (!settings_.once) return;
  if (once_by_ && now >= *once_by_) {
    for (TemplateState& state : templates_) state.missing_named = false;
    once_by_.reset();
    say(base::Level::error, "once_timed_out", {{"after", base::format_duration(settings_.once_timeout)}});
    name_missing(base::TimePoint::max());
    end_with(kExitFailed, now);
    finish_if_done(now);
    return;
  }
  if (!quiet()) return;
  bool failed = followups_.any_failed();
  for (const TemplateState& state : templates_) {
    const bool lost = state.phase == Phase::refused || state.phase == Phase::failed ||
                      state.phase == Phase::unwritten || state.phase == Phase::held_back;
    if (!lost && state.phase != Phase::rendered) return;
    failed = failed || (lost && state.spec.error_fatal.value_or(true));
  }
  // With a supervised program its end is the end, and its code the code.
  if (child_ && !failed) {
    once_by_.reset();
    return;
  }
  exit_with(failed ? kExitFailed : kExitDone);
}

void RenderMachine::say(base::Level level, std::string event, std::vector<std::pair<std::string, std::string>> fields) {
  act(base::LogLine{level, std::move(event), std::move(fields)});
}

}  // namespace longshore::render
