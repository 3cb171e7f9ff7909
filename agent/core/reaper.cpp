#include "agent/core/reaper.h"

#include <algorithm>
#include <utility>

#include "common/base/duration.h"

namespace longshore::agent {
namespace {

constexpr base::Duration kLookAtLeast = std::chrono::seconds(1);
constexpr base::Duration kLookAtMost = std::chrono::seconds(10);

std::string whole_seconds(base::Duration time) {
  return base::format_duration(std::chrono::duration_cast<std::chrono::seconds>(time));
}

}  // namespace

Reaper::Reaper(const AgentOptions& options, std::uint64_t seed)
    : options_(options), look_every_(std::clamp(options.reap_after / 4, kLookAtLeast, kLookAtMost)), random_(seed) {}

void Reaper::stand_down() {
  leading_ = false;
  look_ticket_ = reap_ticket_ = 0;
  failed_.clear();
  doomed_.clear();
}

// One line per problem, however often it comes.
void Reaper::report(const std::string& problem, base::LogLine line, Actions& out) {
  if (problem != problem_) out.push_back(std::move(line));
  problem_ = problem;
}

void Reaper::led(const input::ReapLed& said, base::TimePoint now, Actions& out) {
  if (said.ticket != lead_ticket_ || lead_ticket_ == 0) return;
  lead_ticket_ = 0;
  if (!said.answer) {
    lead_at_ = now + backoff_.next(random_.chance());
    // Who cannot confirm that it leads does not act; what it has seen so far still counts if it can again.
    const Error& error = said.answer.error();
    const std::string problem = error.code == Errc::unreachable ? problem_ : error.text;
    return report(problem, {base::Level::warn, "reaper_unavailable", {{"error", error.text}}}, out);
  }
  backoff_.reset();
  lead_at_ = now + kLeadEvery;
  holder_ = said.answer->held ? std::string() : said.answer->holder;
  if (said.answer->held == leading_) return;
  stand_down();
  leading_ = said.answer->held;
  look_at_ = now;
  problem_.clear();
  base::LogLine line{base::Level::info, leading_ ? "reaper_leads" : "reaper_stands_down", {}};
  if (leading_) line.fields.emplace_back("reap_after", base::format_duration(options_.reap_after));
  if (!leading_) line.fields.emplace_back("holder", holder_);
  out.push_back(std::move(line));
}

void Reaper::nodes_loaded(const input::NodesLoaded& said, const std::string& own_node, base::TimePoint now,
                          Actions& out) {
  if (said.ticket != look_ticket_ || look_ticket_ == 0) return;
  look_ticket_ = 0;
  look_at_ = now + look_every_;
  if (!leading_) return;
  if (!said.nodes) {
    const Error& error = said.nodes.error();
    return report(error.text, {base::Level::warn, "reaper_blind", {{"error", error.text}}}, out);
  }
  nodes_ = said.nodes->size();
  std::map<std::string, FailedNode> fresh;
  for (const NodeHealth& seen : *said.nodes) {
    if (!seen.failed) continue;
    const auto known = failed_.find(seen.node);
    if (known != failed_.end() && known->second.index == seen.index) {
      fresh.insert(*known);
      continue;
    }
    fresh[seen.node] = FailedNode{seen.index, now, now, {}};
    out.push_back(base::LogLine{base::Level::info,
                                "node_failed",
                                {{"node", seen.node}, {"removed_in", base::format_duration(options_.reap_after)}}});
  }
  failed_ = std::move(fresh);
  const std::size_t percent = nodes_ == 0 ? 0 : failed_.size() * 100 / nodes_;
  // 2 of 3 are more than 50 percent, 66.7, and so are 51 of 100.
  if (failed_.size() * 100 > nodes_ * static_cast<std::size_t>(options_.reap_limit)) {
    ++counts_.refusals;
    return report("too many nodes are failed",
                  {base::Level::warn,
                   "reaper_refuses",
                   {{"failed", std::to_string(failed_.size())},
                    {"nodes", std::to_string(nodes_)},
                    {"percent", std::to_string(percent)},
                    {"reason", "more than -reap-limit: this side may be the one that is cut off"}}},
                  out);
  }
  problem_.clear();
  for (const auto& [node, failed] : failed_) {
    const bool due = failed.since + options_.reap_after <= now && failed.ask_at <= now;
    if (due && node != own_node && doomed_.size() < kAtOnce) doomed_.push_back(node);
  }
  reap_next(now, out);
}

void Reaper::reap_next(base::TimePoint now, Actions& out) {
  while (reap_ticket_ == 0 && !doomed_.empty()) {
    const std::string node = std::move(doomed_.front());
    doomed_.pop_front();
    const auto found = failed_.find(node);
    if (found == failed_.end()) continue;
    reap_ticket_ = ++tickets_;
    out.push_back(action::ReapNode{reap_ticket_, session_, node, found->second.index, now - found->second.since});
  }
}

void Reaper::reaped(const input::NodeReaped& said, base::TimePoint now, Actions& out) {
  if (said.ticket != reap_ticket_ || reap_ticket_ == 0) return;
  reap_ticket_ = 0;
  const auto found = failed_.find(said.node);
  const base::Duration failed_for = found == failed_.end() ? base::Duration{} : now - found->second.since;
  base::LogLine line{base::Level::info, "node_spared", {{"node", said.node}, {"reason", said.detail}}};
  switch (said.outcome) {
    case ReapOutcome::removed:
      ++counts_.reaped;
      failed_.erase(said.node);
      line = {base::Level::warn, "node_reaped", {{"node", said.node}, {"failed_for", whole_seconds(failed_for)}}};
      if (!said.detail.empty()) line.fields.emplace_back("reason", said.detail);
      out.push_back(std::move(line));
      break;
    case ReapOutcome::alive:
      ++counts_.spared;
      // Whether it fails again is seen by the next look, with its whole time before it.
      failed_.erase(said.node);
      out.push_back(std::move(line));
      break;
    case ReapOutcome::not_ours:
      stand_down();
      lead_at_ = now;
      return;
    case ReapOutcome::kept:
    case ReapOutcome::unclear:
    case ReapOutcome::failed: {
      ++counts_.spared;
      if (said.outcome != ReapOutcome::kept) line.level = base::Level::warn;
      if (found == failed_.end()) break;
      if (found->second.verdict != said.detail) out.push_back(std::move(line));
      found->second.verdict = said.detail;
      found->second.ask_at = now + kAskAgain;
      break;
    }
  }
  reap_next(now, out);
}

void Reaper::tick(const std::string& session, base::TimePoint now, Actions& out) {
  if (!on()) return;
  if (session != session_) {
    if (leading_) out.push_back(base::LogLine{base::Level::info, "reaper_stands_down", {{"reason", "session lost"}}});
    stand_down();
    session_ = session;
    lead_ticket_ = 0;
    lead_at_ = now;
  }
  if (session_.empty()) return;
  if (lead_ticket_ == 0 && lead_at_ <= now) {
    lead_ticket_ = ++tickets_;
    out.push_back(action::LeadReap{lead_ticket_, session_});
  }
  if (leading_ && look_ticket_ == 0 && reap_ticket_ == 0 && look_at_ <= now) {
    look_ticket_ = ++tickets_;
    out.push_back(action::LoadNodes{look_ticket_});
  }
}

std::optional<base::TimePoint> Reaper::next_wake() const {
  if (!on() || session_.empty()) return std::nullopt;
  std::optional<base::TimePoint> wake;
  if (lead_ticket_ == 0) wake = lead_at_;
  if (leading_ && look_ticket_ == 0 && reap_ticket_ == 0) wake = wake ? std::min(*wake, look_at_) : look_at_;
  return wake;
}

}  // namespace longshore::agent
