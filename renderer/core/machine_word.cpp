// The part of the machine that knows how far its files have got, for those who take instances out of traffic.
#include <algorithm>
#include <iterator>
#include <optional>

#include "common/base/hash.h"
#include "renderer/core/machine.h"

namespace longshore::render {
namespace {

using Phase = TemplateState::Phase;

// As with groups: nobody can be looked at, so the old ones are taken for gone.
constexpr base::Duration kTrusted = std::chrono::seconds(1);

bool is_held_back(const TemplateState& state) {
  return state.phase == Phase::refused || state.phase == Phase::failed || state.phase == Phase::unwritten ||
         state.phase == Phase::held_back;
}

// What a template knew of a service; nothing: it has not got so far.
struct Said {
  std::optional<drain::Stage> applied = {}, settled = {};
};
using SaidOf = std::vector<std::pair<std::string, Said>>;  // by name

void merge(drain::Stage& into, const drain::Stage& other) {
  if (other.index < into.index) into = other;
}

// `out` has the same services in nearly the same order.
void add_stages(SaidOf& out, const RenderedFiles& files, std::size_t index, std::optional<drain::Stage> Said::*which) {
  const auto file = files.find(index);
  if (file == files.end() || file->second.seen == nullptr) return;
  auto at = out.begin();
  for (const Seen::Service& service : file->second.seen->services) {
    const drain::Stage stage{service.data->index, service.data->set_hash, file->second.generation};
    if (at == out.end() || at->first != service.name) {
      at = std::ranges::lower_bound(out, service.name, {}, &SaidOf::value_type::first);
      if (at == out.end() || at->first != service.name) at = out.emplace(at, service.name, Said{});
    }
    std::optional<drain::Stage>& known = at->second.*which;
    // The same service twice, with `near`: the older answer counts.
    if (known)
      merge(*known, stage);
    else
      known = stage;
    // The next one, if it is the next in order.
    if (std::next(at) != out.end()) ++at;
  }
}

// Which colours the file that settled was rendered for.
void add_colors(drain::RendererWord& out, const RenderedFiles& files, std::size_t index) {
  const auto file = files.find(index);
  if (file == files.end() || file->second.seen == nullptr) return;
  for (const Seen::Color& one : file->second.seen->colors) out.colors[one.service].insert(one.color);
}

}  // namespace

const Progress& RenderMachine::progress_of(const TemplateState& state) const {
  const auto group = groups_.find(state.spec.group);
  return group == groups_.end() ? state.progress : group->second.progress();
}

void RenderMachine::file_is_live(TemplateState& state, bool written, base::TimePoint now) {
  state.progress.live(state.index, state.seen, state.writes);
  if (written)
    if (const auto tell = own_followup(state)) {
      followups_.want(*tell, now);
      state.owed = true;
    }
  if (state.owed) return;
  state.progress.apply();
  if (!state.settle_at) state.progress.settle();
}

// A followup that is to run once more may not have seen the latest files.
void RenderMachine::files_told(const Followup& what, base::TimePoint now) {
  if (followups_.waits(what)) return;
  for (TemplateState& state : templates_) {
    const auto own = state.owed ? own_followup(state) : std::nullopt;
    if (!own || !own->same_as(what)) continue;
    state.owed = false;
    state.progress.apply();
    if (publishes()) state.settle_at = now + kTrusted;
  }
}

void RenderMachine::settle_files(base::TimePoint now) {
  for (TemplateState& state : templates_) {
    if (!state.settle_at || *state.settle_at > now) continue;
    state.settle_at.reset();
    state.progress.settle();
  }
}

drain::RendererWord RenderMachine::word() const {
  drain::RendererWord out;
  std::map<std::string, std::vector<std::string>> kept_out;
  if (traffic_.enabled() && traffic_.probes().counters().ejected != 0)
    for (const Dependency& on : watched_)
      if (on.kind == Dependency::Kind::service && on.peer.empty())
        if (std::vector<std::string> ids = traffic_.kept_out(on); !ids.empty())
          kept_out[on.datacenter.empty() ? on.name : on.name + "@" + on.datacenter.str()] = std::move(ids);
  out.starting = starting();
  out.stale = failing_.size();
  for (const auto& [name, group] : groups_) {
    out.generation = std::max(out.generation, group.generation());
    out.settled_generation = std::max(out.settled_generation, group.settled_generation());
    out.old_requests = std::max<std::uint64_t>(out.old_requests, group.old_requests());
  }
  for (const auto& [on, entry] : guards_.entries())
    if (entry.since) out.guarded.push_back(on.name + " keeps " + std::to_string(entry.kept.size()));
  for (const TemplateState& state : templates_) {
    if (state.guard_since) out.guarded.push_back(state.name());
    if (is_held_back(state)) out.held_back.push_back(state.name());
    if (const auto group = groups_.find(state.spec.group); group != groups_.end())
      for (const apply::GroupMachine::Quarantined& one : group->second.quarantined())
        if (one.index == state.index)
          out.quarantined.push_back(state.name() + (one.section.empty() ? "" : " " + one.section));
    const Progress& progress = progress_of(state);
    SaidOf said;
    said.reserve(state.used.size());
    for (const Dependency& on : state.used)
      if (on.kind == Dependency::Kind::service && on.peer.empty())
        said.emplace_back(on.datacenter.empty() ? on.name : on.name + "@" + on.datacenter.str(), Said{});
    if (!std::ranges::is_sorted(said, {}, &SaidOf::value_type::first))
      std::ranges::sort(said, {}, &SaidOf::value_type::first);
    const auto twice = std::ranges::unique(said, {}, &SaidOf::value_type::first);
    said.erase(twice.begin(), twice.end());
    add_stages(said, progress.applied(), state.index, &Said::applied);
    add_stages(said, progress.settled(), state.index, &Said::settled);
    add_colors(out, progress.settled(), state.index);
    for (const auto& [name, stages] : said) {
      drain::ServiceWord word{stages.applied.value_or(drain::Stage{}), stages.settled.value_or(drain::Stage{})};
      if (const auto kept = kept_out.find(name); kept != kept_out.end()) word.out = kept->second;
      const std::size_t before = out.services.size();
      const auto at = out.services.try_emplace(out.services.end(), name, word);
      if (out.services.size() != before) continue;
      merge(at->second.applied, word.applied);
      merge(at->second.settled, word.settled);
    }
  }
  return out;
}

// Changes when word() does, as far as others need to hear of it.
std::uint64_t RenderMachine::word_version() const {
  std::uint64_t version = 0;
  const auto add = [&](std::uint64_t value) { version = version * 0x100000001B3ULL + value; };
  for (const auto& [name, group] : groups_) {
    add(group.progress().version());
    add(group.old_requests() != 0);
    add(group.quarantined().size());
  }
  for (const TemplateState& state : templates_) {
    add(state.progress.version());
    add(is_held_back(state));
    add(state.used.size());
    add(state.guard_since.has_value());
  }
  for (const auto& [on, entry] : guards_.entries()) add(entry.since ? entry.kept.size() : 0);
  add(!failing_.empty());
  add(starting());
  return version;
}

void RenderMachine::publish_word() {
  if (!publishes()) return;
  const std::uint64_t version = word_version();
  if (version == published_) return;
  published_ = version;
  act(action::PublishWord{});
}

}  // namespace longshore::render
