// The part of the machine that turns data into files.
#include <algorithm>
#include <iterator>

#include "common/base/text.h"
#include "renderer/core/evaluate.h"
#include "renderer/core/machine.h"
#include "renderer/core/permitted.h"

namespace longshore::render {
namespace {

using Phase = TemplateState::Phase;

// "a, b, c and 7 more"
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::vector<std::string> shown(names.begin(), names.begin() + static_cast<long>(std::min(names.size(), kMost)));
  std::string text = base::join(shown, ", ");
  if (names.size() > kMost) text += " and " + std::to_string(names.size() - kMost) + " more";
  return text;
}

}  // namespace

void RenderMachine::load_templates(base::TimePoint now) {
  for (const TemplateState& state : templates_) {
    if (!state.spec.contents) {
      act(action::LoadTemplate{state.index, state.spec.source});
      continue;
    }
    input::TemplateLoaded inlined{state.index, *state.spec.contents};
    on(inlined, now);
  }
}

void RenderMachine::on(input::TemplateLoaded& loaded, base::TimePoint now) {
  TemplateState* found = find_template(loaded.index);
  if (found == nullptr) return;
  TemplateState& state = *found;
  if (!loaded.text) {
    state.problem = loaded.text.error().text;
    if (!state.set) state.phase = Phase::refused;
    say(base::Level::error, "template_unreadable", {{"template", state.spec.label()}, {"error", state.problem}});
    if (state.spec.error_fatal.value_or(false)) end_with(kExitFailed, now);
    return;
  }
  const std::string& left = state.spec.left_delimiter.empty() ? settings_.left_delimiter : state.spec.left_delimiter;
  const std::string& right =
      state.spec.right_delimiter.empty() ? settings_.right_delimiter : state.spec.right_delimiter;
  const bool sees_checks = may_see_checks(*loaded.text);
  tmpl::ParseOptions options;
  options.left_delimiter = left;
  options.right_delimiter = right;
  tmpl::ParseResult parsed = tmpl::parse(state.spec.label(), std::move(*loaded.text),
                                         permitted(functions_, state.spec.function_denylist), options);
  if (!parsed) {
    refuse_template(state, {parsed.error()});
    if (!state.set) state.phase = Phase::refused;
    if (state.spec.error_fatal.value_or(false)) end_with(kExitFailed, now);
    return;
  }
  state.set = std::move(*parsed);
  // Whether checks are seen, and the options of a template, may be other ones now.
  for (TemplateState& each : templates_) each.memo.reset();
  state.sees_checks = sees_checks;
  state.dirty = true;
  state.problem.clear();
  if (state.phase == Phase::refused || state.phase == Phase::failed) state.phase = Phase::loading;
}

void RenderMachine::changed(const Dependency& on, base::TimePoint now) {
  for (TemplateState& state : templates_) {
    if (!state.used.contains(on)) continue;
    if (settings_.once && state.first_done) continue;
    if (on.kind != Dependency::Kind::plugin) state.plugins_old = true;
    if (state.missing.empty()) {
      state.dirty = true;
      state.quiet.changed(now);
      continue;
    }
    state.awaited.erase(on);
    if (state.awaited.empty())
      state.dirty = true;
    else
      state.discovery.changed(now);
  }
}

void RenderMachine::evaluate_due(const Now& now) {
  // A pass ends when all that it writes is written; followups of a pass come between.
  if (writes_in_flight_ != 0) return;
  bool used_changed = false;
  for (TemplateState& state : templates_) {
    const auto due = state.due();
    if (!due || *due > now.at) continue;
    used_changed = evaluate_one(state, now) || used_changed;
  }
  if (used_changed) update_watches(now.at);
}

// A program may look at what has changed: the template gets what it says now, not what it said then.
void RenderMachine::run_plugins_again(TemplateState& state) {
  if (!std::exchange(state.plugins_old, false)) return;
  for (const Dependency& on : state.used) {
    if (on.kind != Dependency::Kind::plugin || !watched_.contains(on) || snapshot_.find(on) == nullptr) continue;
    snapshot_.forget(on);
    act(action::StopWatch{on});
    act(action::StartWatch{on});
  }
}

// True: the template uses other data than before.
bool RenderMachine::evaluate_one(TemplateState& state, const Now& now) {
  ++counters_.evaluations;
  run_plugins_again(state);
  EvaluateContext context{settings_.environment, now.wall, {}, state.spec.sandbox_path};
  // One answer for all templates: otherwise a service that two of them use would be watched twice.
  context.with_checks = std::ranges::any_of(templates_, &TemplateState::sees_checks);
  context.sites = &settings_.sites;
  context.options.missing_key = state.spec.error_on_missing_key ? tmpl::MissingKey::error : tmpl::MissingKey::zero;
  if (!state.memo && state.first_done && !settings_.once) state.memo = std::make_unique<tmpl::Memo>();
  context.options.memo = state.memo.get();
  Outcome outcome = evaluate(*state.set, snapshot_, context);
  guard_template(state, outcome, now.at);
  state.dirty = false;
  state.quiet.acted();
  state.discovery.acted();
  state.write_again.reset();
  // A run that ended early has not seen all; what it did not get to is still needed.
  if (!outcome.errors.empty()) outcome.used.insert(state.used.begin(), state.used.end());
  const bool changed = state.used != outcome.used;
  if (changed) state.used = std::move(outcome.used);
  state.missing = std::move(outcome.missing);
  state.awaited = state.missing;
  if (outcome.kind == Outcome::Kind::waiting) {
    state.phase = Phase::waiting;
    if (!state.waiting_since) {
      state.waiting_since = now.at;
      state.missing_named = false;
    }
    if (apply::GroupMachine* group = group_of(state)) group->wait_for(state.index, now.at);
    if (settings_.err_on_failed_lookup) fail_lookups(state, now.at);
    return changed;
  }
  state.waiting_since.reset();
  if (publishes()) state.seen = seen_services(state.used, snapshot_, settings_.sites.colors_prefix);
  if (outcome.kind == Outcome::Kind::failed) {
    ++counters_.evaluation_errors;
    state.phase = Phase::failed;
    if (apply::GroupMachine* group = group_of(state)) group->wait_no_more(state.index);
    refuse_template(state, outcome.errors);
    if (state.spec.error_fatal.value_or(false)) end_with(kExitFailed, now.at);
    return changed;
  }
  take_remarks(state, std::move(outcome.remarks));
  if (group_of(state) != nullptr && !settings_.dry) {
    hand_over(state, std::move(outcome), now.at);
    return changed;
  }
  state.phase = Phase::writing;
  ++writes_in_flight_;
  act(action::WriteFile{state.index, state.spec.destination, std::move(outcome.text), settings_.dry, state.spec.file,
                        std::move(outcome.extra_files)});
  return changed;
}

namespace {

// A log line shows quotes and backslashes escaped, one column wider each: the caret below moves along.
std::vector<std::string> picture_rows(const std::string& picture) {
  std::vector<std::string> rows;
  for (std::string& row : base::split(picture, '\n')) {
    const std::size_t caret = row.find_first_not_of(" |");
    if (caret == std::string::npos) continue;
    if (!rows.empty() && row[caret] == '^') {
      const std::string_view above = std::string_view(rows.back()).substr(0, caret);
      row.insert(caret,
                 static_cast<std::size_t>(std::ranges::count_if(above, [](char c) { return c == '"' || c == '\\'; })),
                 ' ');
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// What a template quotes of itself may be as long as the template.
std::string shortened(const std::string& text) {
  constexpr std::size_t kBegin = 1500, kEnd = 500;
  if (text.size() <= kBegin + kEnd) return text;
  const auto whole_from = [&text](std::size_t at) {  // no character is cut in two; what is none may be
    const std::size_t most = std::min(text.size(), at + 3);
    while (at < most && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) ++at;
    return at;
  };
  return text.substr(0, whole_from(kBegin)) + " ... " + text.substr(whole_from(text.size() - kEnd));
}

}  // namespace

// Says what is wrong, with the source line and a caret, unless that is what was said last.
void RenderMachine::refuse_template(TemplateState& state, const std::vector<tmpl::Diagnostic>& errors) {
  std::string problem;
  for (const tmpl::Diagnostic& error : errors) problem += (problem.empty() ? "" : "; ") + tmpl::to_error(error).text;
  if (problem == state.problem) return;
  state.problem = std::move(problem);
  for (const tmpl::Diagnostic& error : errors) {
    // Columns are for people here: from 1. The error is the original's text; what we add to it has a key of its own.
    std::vector<std::pair<std::string, std::string>> fields{{"template", state.spec.label()},
                                                            {"line", std::to_string(error.location.line)},
                                                            {"column", std::to_string(error.location.column + 1)},
                                                            {"error", shortened(error.text)}};
    if (!error.hint.empty()) fields.emplace_back("hint", error.hint);
    say(base::Level::error, "template_error", std::move(fields));
    const std::string picture = tmpl::caret(error);
    if (picture.empty()) continue;
    for (const std::string& row : picture_rows(picture)) say(base::Level::error, "template_source", {{"at", row}});
  }
}

void RenderMachine::on(input::FileDone& done, base::TimePoint now) {
  TemplateState* found = find_template(done.index);
  if (found == nullptr) {
    // Its template went away with a reload.
    if (--writes_in_flight_ == 0) start_followup(now);
    return;
  }
  TemplateState& state = *found;
  if (state.phase != Phase::writing) return;
  --writes_in_flight_;
  if (!done.outcome) {
    ++counters_.write_errors;
    state.phase = Phase::unwritten;
    state.problem = done.outcome.error().text;
    const base::Duration wait = state.write_backoff.next(random_.chance());
    if (!settings_.once) state.write_again = now + wait;
    std::vector<std::pair<std::string, std::string>> fields = {{"destination", state.spec.destination},
                                                               {"error", state.problem}};
    if (!settings_.once) fields.emplace_back("retry_in", base::format_duration(wait));
    say(base::Level::error, "file_write_failed", std::move(fields));
  } else {
    state.phase = Phase::rendered;
    state.first_done = true;
    state.problem.clear();
    state.write_backoff.reset();
    const bool written = *done.outcome != FilePlan::unchanged;
    const char* event = !written ? "file_unchanged" : settings_.dry ? "file_printed" : "file_written";
    say(written ? base::Level::info : base::Level::debug, event,
        {{"destination", state.spec.destination}, {"template", state.spec.label()}});
    if (written) {
      state.written_at = now;
      ++state.writes;
      ++counters_.files_written;
      child_outdated_ = true;
    }
    file_is_live(state, written, now);
  }
  if (writes_in_flight_ == 0) start_followup(now);
}

void RenderMachine::update_watches(base::TimePoint now) {
  Dependencies wanted;
  for (const TemplateState& state : templates_) wanted.insert(state.used.begin(), state.used.end());
  for (const auto& [number, keeper] : notices_) wanted.insert(keeper.spec().query.on);
  if (holds_back())
    wanted.insert(releases());
  else
    releases_.reset();
  std::vector<Dependency> gone;
  std::ranges::set_difference(watched_, wanted, std::back_inserter(gone));
  std::vector<Dependency> fresh;
  std::ranges::set_difference(wanted, watched_, std::back_inserter(fresh));
  for (Dependency& on : gone) {
    snapshot_.forget(on);
    hold_.forget(on);
    obey(traffic_.forget(on, now), now);
    guards_.forget(on);
    names_.forget(on);
    failing_.erase(on);
    failed_in_row_.erase(on);
    foreign_.forget(on);
    act(action::StopWatch{std::move(on)});
  }
  for (Dependency& on : fresh) act(action::StartWatch{std::move(on)});
  watched_ = std::move(wanted);
}

// err_on_failed_lookup. Whoever has no answer yet may still get one.
void RenderMachine::fail_lookups(const TemplateState& state, base::TimePoint now) {
  for (const Dependency& on : state.missing) {
    if (snapshot_.find(on) == nullptr) continue;
    say(base::Level::error, "lookup_failed", {{"template", state.spec.label()}, {"absent", to_string(on)}});
    end_with(kExitFailed, now);
    return;
  }
}

void RenderMachine::name_missing(base::TimePoint now) {
  for (TemplateState& state : templates_) {
    if (!state.waiting_since || state.missing_named || now < *state.waiting_since + settings_.name_missing_after)
      continue;
    state.missing_named = true;
    std::vector<std::string> unanswered, insufficient;
    for (const Dependency& on : state.missing)
      (snapshot_.find(on) == nullptr ? unanswered : insufficient).push_back(to_string(on));
    std::vector<std::pair<std::string, std::string>> fields{{"template", state.spec.label()}};
    if (!unanswered.empty()) fields.emplace_back("unanswered", some_of(unanswered));
    if (!insufficient.empty()) fields.emplace_back("absent", some_of(insufficient));
    say(base::Level::warn, "template_waiting", std::move(fields));
  }
}

}  // namespace longshore::render
