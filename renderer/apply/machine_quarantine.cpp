// The part of a group's machine that deals with trees that the check refuses.
#include <algorithm>

#include "common/base/hash.h"
#include "renderer/apply/machine.h"
#include "renderer/apply/sections.h"

namespace longshore::render::apply {
namespace {

using Kind = action::Outcome::Kind;

std::string_view view(const Text& text) {
  return text ? std::string_view(*text) : std::string_view();
}

}  // namespace

Complaint GroupMachine::read_complaint(const std::string& output) const {
  std::vector<std::string> paths;
  for (const Part& part : staged_) paths.push_back(part.destination);
  return complaint_of(output, paths);
}

// The check's own words once, with the template and the line that they are about.
void GroupMachine::report(const char* event, base::Level level, const Complaint& complaint) {
  if (complaint.text == said_) return;
  said_ = complaint.text;
  std::vector<std::pair<std::string, std::string>> fields{{"error", complaint.text}};
  if (complaint.file && *complaint.file < staged_.size()) {
    const Part& part = staged_[*complaint.file];
    fields.emplace_back("template", part.label);
    fields.emplace_back("destination", part.destination);
    fields.emplace_back("line", std::to_string(complaint.line));
    fields.emplace_back("text", std::string(line_at(view(part.text), complaint.line).substr(0, 200)));
  }
  say(level, event, std::move(fields));
}

void GroupMachine::refused(input::Checked& told, base::TimePoint now) {
  Complaint complaint = read_complaint(told.output);
  const bool said_no = told.status.error().code == Errc::check_failed;
  if (complaint.text.empty() || !said_no) complaint.text = told.status.error().text;
  report("check_failed", base::Level::error, complaint);
  if (spec_.quarantine && said_no) {
    start_hunt(complaint);
    if (hunt_) return;
  }
  ++counters_.refused;
  problem_ = complaint.text;
  for (const Part& part : running_) {
    if (const auto wanted = wanted_.find(part.index); wanted != wanted_.end()) wanted->second.dirty = true;
    act(action::Outcome{part.index, Kind::refused, problem_});
  }
  retry_at_ = now + backoff_.next(chance_);
  state_ = State::idle;
  act(action::Discard{});
}

std::vector<GroupMachine::Unit> GroupMachine::left_out() const {
  std::vector<Unit> out;
  for (const Quarantined& one : quarantined_) out.push_back({one.index, one.section, one.hash});
  return out;
}

// The transaction's files without those units; a unit with another text than the refused one stays in.
std::vector<Part> GroupMachine::composed(const std::vector<Unit>& left_out) const {
  std::vector<Part> out;
  for (const Part& part : running_) {
    bool whole = false;
    std::vector<std::string> names;
    const std::vector<Section> sections = left_out.empty() ? std::vector<Section>{} : sections_of(view(part.text));
    for (const Unit& unit : left_out) {
      if (unit.index != part.index) continue;
      if (unit.section.empty()) whole = whole || unit.hash == base::fnv1a(view(part.text));
      const auto section = std::ranges::find(sections, unit.section, &Section::name);
      if (section != sections.end() && unit.hash == base::fnv1a(section->whole)) names.push_back(unit.section);
    }
    if (whole) continue;
    Part kept = part;
    if (!names.empty()) {
      const auto live = live_.find(part.index);
      const std::string_view good = live == live_.end() ? std::string_view() : view(live->second);
      kept.text = std::make_shared<const std::string>(without_sections(view(part.text), names, good));
    }
    out.push_back(std::move(kept));
  }
  return out;
}

// Units: sections that differ from those of the live file; files without sections as a whole.
void GroupMachine::start_hunt(const Complaint& complaint) {
  units_.clear();
  unit_problems_.clear();
  for (const Part& part : running_) {
    const auto live = live_.find(part.index);
    const std::string_view before = live == live_.end() ? std::string_view() : view(live->second);
    const std::vector<Section> old = sections_of(before);
    const std::vector<Section> now = sections_of(view(part.text));
    for (const Section& section : now) {
      const auto known = std::ranges::find(old, section.name, &Section::name);
      // One that lives may be bad too, by what it refers to; it has no good form then, but perhaps a fallback.
      const bool same = known != old.end() && known->whole == section.whole;
      if (!same || !section.fallback.empty()) units_.push_back({part.index, section.name, base::fnv1a(section.whole)});
    }
    if (now.empty()) units_.push_back({part.index, "", base::fnv1a(view(part.text))});
  }
  if (units_.empty()) return;
  hunted_ = complaint.text;
  unit_problems_.assign(units_.size(), "");
  const auto suspect = suspect_of(complaint);
  if (suspect) unit_problems_[*suspect] = complaint.text;
  hunt_.emplace(units_.size(), suspect);
  hunt_on(false, Complaint{}, {});
}

// Which unit the complaint is about; the lines are those of what was staged.
std::optional<std::size_t> GroupMachine::suspect_of(const Complaint& complaint) const {
  if (!complaint.file || *complaint.file >= staged_.size()) return std::nullopt;
  const Part& part = staged_[*complaint.file];
  const std::vector<Section> sections = sections_of(view(part.text));
  const Section* section = section_at(sections, view(part.text), complaint.line);
  const std::string name = section == nullptr ? "" : section->name;
  for (std::size_t i = 0; i < units_.size(); ++i)
    if (units_[i].index == part.index && units_[i].section == name) return i;
  return std::nullopt;
}

void GroupMachine::hunt_on(bool good, const Complaint& complaint, base::TimePoint now) {
  // The first call only asks for the first trial.
  const bool first = now == base::TimePoint{};
  if (!first) {
    const auto suspect = suspect_of(complaint);
    if (suspect && unit_problems_[*suspect].empty()) unit_problems_[*suspect] = complaint.text;
    hunt_->tried(good, good ? std::nullopt : suspect);
  }
  if (hunt_->state() == Hunt::State::hopeless) {
    hunt_.reset();
    ++counters_.refused;
    problem_ = hunted_;
    for (const Part& part : running_) {
      if (const auto wanted = wanted_.find(part.index); wanted != wanted_.end()) wanted->second.dirty = true;
      act(action::Outcome{part.index, Kind::refused, problem_});
    }
    retry_at_ = now + backoff_.next(chance_);
    state_ = State::idle;
    return act(action::Discard{});
  }
  if (hunt_->state() == Hunt::State::found) {
    // What is staged is what was tried.
    if (changed_.empty()) {
      for (const Part& part : staged_) act(action::Outcome{part.index, Kind::unchanged, {}});
      note_live();
      adopt_quarantine(now);
      state_ = State::idle;
      applied_once_ = true;
      return;
    }
    state_ = State::swapping;
    act(action::Swap{spec_.strict() || staged_.size() > 1});
    return;
  }
  std::vector<Unit> out;
  for (std::size_t i = 0; i < units_.size(); ++i)
    if (hunt_->excluded()[i]) out.push_back(units_[i]);
  staged_ = composed(out);
  stage();
}

// After a transaction: what it left out is quarantined, what it did not is healed.
void GroupMachine::adopt_quarantine(base::TimePoint now) {
  std::vector<Quarantined> fresh;
  const auto ran = [&](std::size_t index) {
    return std::ranges::find(running_, index, &Part::index) != running_.end();
  };
  const auto had = [](const std::vector<Quarantined>& list, std::size_t index, const std::string& section) {
    return std::ranges::any_of(list,
                               [&](const Quarantined& one) { return one.index == index && one.section == section; });
  };
  for (const Quarantined& old : quarantined_) {
    const auto part = std::ranges::find(running_, old.index, &Part::index);
    bool stays = part == running_.end();
    if (!stays && !hunt_ && !healing_) {
      if (old.section.empty()) stays = old.hash == base::fnv1a(view(part->text));
      for (const Section& section : sections_of(view(part->text)))
        if (section.name == old.section) stays = old.hash == base::fnv1a(section.whole);
    }
    if (stays) fresh.push_back(old);
  }
  if (hunt_)
    for (std::size_t i = 0; i < units_.size(); ++i) {
      if (!hunt_->excluded()[i]) continue;
      const std::string& problem = unit_problems_[i].empty() ? hunted_ : unit_problems_[i];
      fresh.push_back({units_[i].index, units_[i].section, units_[i].hash, problem, now});
    }
  for (Quarantined& one : fresh) {
    if (!ran(one.index)) continue;
    const auto part = std::ranges::find(running_, one.index, &Part::index);
    const auto before = std::ranges::find_if(quarantined_, [&](const Quarantined& old) {
      return old.index == one.index && old.section == one.section && old.hash == one.hash;
    });
    if (before != quarantined_.end()) {
      one.since = before->since;
      continue;
    }
    std::vector<std::pair<std::string, std::string>> fields{{"template", part->label},
                                                            {"destination", part->destination}};
    if (!one.section.empty()) fields.emplace_back("part", one.section);
    fields.emplace_back("error", one.problem);
    say(base::Level::error, "quarantined", std::move(fields));
    act(action::Outcome{one.index, Kind::refused, one.problem});
    heal_backoff_.reset();
    heal_at_.reset();
  }
  for (const Quarantined& old : quarantined_) {
    if (had(fresh, old.index, old.section)) continue;
    std::vector<std::pair<std::string, std::string>> fields;
    if (const auto wanted = wanted_.find(old.index); wanted != wanted_.end())
      fields.emplace_back("destination", wanted->second.part.destination);
    if (!old.section.empty()) fields.emplace_back("part", old.section);
    say(base::Level::info, "quarantine_over", std::move(fields));
  }
  quarantined_ = std::move(fresh);
  hunt_.reset();
  if (quarantined_.empty()) {
    heal_backoff_.reset();
    heal_at_.reset();
  } else if (!heal_at_) {
    heal_at_ = now + heal_backoff_.next(chance_);
  }
}

}  // namespace longshore::render::apply
