// From the switch on: the load balancers' word, the end of the old colour, and the ways back.
#include <algorithm>
#include <iterator>

#include "common/base/text.h"
#include "common/deploy/machine.h"

namespace longshore::deploy {
namespace {

constexpr base::Duration kLookAgain = std::chrono::milliseconds(20);
constexpr base::Duration kTryAgain = std::chrono::milliseconds(500);
// So long renderers may take to notice a service that was not there before.
constexpr base::Duration kNotice = std::chrono::seconds(1);

// Why nobody was waited for.
const char* why_nobody(bool first, std::size_t renderers) {
  if (!first) return "no renderer used the old colour";
  return renderers == 0 ? "there is no renderer: nothing sends requests to it yet"
                        : "no renderer uses it: no template asks for it or its colour";
}

}  // namespace

Actions Machine::write() {
  const bool first = stage_ != Stage::writing;
  stage_ = Stage::writing;
  Actions out;
  if (first) out.push_back(record("switch"));
  out.push_back(action::Write{fresh_, index_, old_, false});
  return out;
}

Actions Machine::written(const input::Written& said, base::TimePoint now) {
  if (!said.now) {
    // It may have been written all the same: the next attempt shows what the key says.
    if (interrupted_ || (until_ != base::TimePoint{} && now >= until_ + plan_.follow_limit))
      return finish(1, "unknown",
                    plan_.service + ": whether it is " + fresh_ + " is not known: " + said.now.error().text +
                        "; both colours were left running");
    return {action::Sleep{kTryAgain}};
  }
  if (said.now->color != fresh_) {
    const std::string why = said.now->color == old_
                                ? "the colour's key was written meanwhile"
                                : "somebody else made it " + base::log_value(said.now->color) + " meanwhile";
    return canary_step_ > 0 ? retreat(why) : undo(why);
  }
  index_ = said.now->index;
  stage_ = Stage::following;
  since_ = now;
  until_ = now + plan_.follow_limit;
  return {action::Say{"switched", plan_.service + " is " + fresh_}, record("settling"), action::Follow{old_, fresh_}};
}

Actions Machine::followed(const input::Followed& said, base::TimePoint now) {
  // A renderer that lists all services may be about to hear of this one.
  const bool early = old_.empty() && said.following && said.following->settled.size() < said.following->renderers &&
                     now < since_ + kNotice && !interrupted_;
  if (said.following && said.following->done() && !early) {
    std::vector<std::string> settled = said.following->settled;
    std::ranges::copy(said.following->unsure, std::back_inserter(settled));
    Actions out{action::Say{
        "settled",
        plan_.service + ": " + fresh_ + " has settled after " +
            base::format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(now - since_)) + ", " +
            (settled.empty() ? why_nobody(old_.empty(), said.following->renderers) : base::join(settled, ", ")),
        now - since_}};
    if (old_boxes_.empty() || old_.empty()) {
      // Whether anybody sends them requests, only their owner knows.
      const std::string left = plain_.empty() || !old_.empty()
                                   ? ""
                                   : "; " + base::join(plain_, ", ") +
                                         " without a colour still run: when no template uses " + plan_.service +
                                         " any more, `longshore stop " + base::join(plain_, " ") + "` ends them";
      for (Action& next : finish(0, "deployed", plan_.service + " is " + fresh_ + left)) out.push_back(std::move(next));
      return out;
    }
    stage_ = Stage::keeping;
    until_ = now + plan_.keep;
    out.push_back(record("keeping"));
    for (Action& next : slept(now)) out.push_back(std::move(next));
    return out;
  }
  const std::string text = said.following ? to_string(*said.following) : said.following.error().text;
  // There is no old colour to go back to: it stays.
  if (old_.empty() && (interrupted_ || now >= until_))
    return finish(1, "not_settled",
                  plan_.service + " is " + fresh_ + ", and not everywhere yet: " +
                      (interrupted_ ? "interrupted" : "after " + base::format_duration(plan_.follow_limit)) +
                      (text.empty() ? "" : ", " + text));
  if (interrupted_) return restore("interrupted");
  if (now >= until_) return restore("not settled after " + base::format_duration(plan_.follow_limit) + ": " + text);
  Actions out;
  if (text != waiting_said_ && !text.empty()) out.push_back(action::Say{"waiting", plan_.service + ": " + text});
  waiting_said_ = text;
  out.push_back(action::Sleep{said.following ? kLookAgain : kTryAgain});
  return out;
}

Actions Machine::drain() {
  stage_ = Stage::draining;
  todo_ = old_boxes_;
  return {record("draining"), action::Drain{old_boxes_}};
}

Actions Machine::stop_next() {
  stage_ = Stage::stopping;
  if (!todo_.empty()) return {action::Stop{todo_.front()}};
  return finish(0, "deployed", plan_.service + " is " + fresh_ + "; " + old_ + " is stopped and kept for -rollback");
}

Actions Machine::undo(const std::string& why) {
  stage_ = Stage::undoing;
  todo_ = touched_;
  Actions out{action::Say{"failed", plan_.service + ": " + why +
                                        (old_.empty() ? std::string("; nothing was switched") : "; it stays " + old_)},
              record("undoing")};
  for (Action& next : undo_next()) out.push_back(std::move(next));
  return out;
}

// What cannot be undone is found by the next run.
Actions Machine::undo_next() {
  if (todo_.empty() && undone_code_ == 0)
    return finish(0, "deployed", plan_.service + " is " + old_ + " alone; " + fresh_ + " is stopped");
  if (todo_.empty()) return finish(1, "", "");
  if (plan_.rollback) return {action::Stop{todo_.front()}};
  return {action::Remove{todo_.front()}};
}

Actions Machine::restore(const std::string& why) {
  Actions out;
  if (!why.empty()) out.push_back(action::Say{"failed", plan_.service + ": " + why + "; back to " + old_});
  stage_ = Stage::restoring;
  out.push_back(record("restoring"));
  out.push_back(action::Write{old_, index_, fresh_, true});
  return out;
}

Actions Machine::restored(const input::Written& said, base::TimePoint now) {
  if (!said.now && now < until_ + plan_.follow_limit) return {action::Sleep{kTryAgain}};
  if (!said.now)
    return finish(1, "unknown",
                  plan_.service + ": whether it is " + old_ + " again is not known: " + said.now.error().text +
                      "; both colours were left running");
  if (said.now->color != old_)
    return finish(1, "not_restored", plan_.service + " is " + base::log_value(said.now->color) + " by somebody else");
  // Load balancers that had followed may still use them: the next run clears them.
  return finish(1, "restored",
                plan_.service + " is " + old_ + " again; the containers of " + fresh_ + " were left running");
}

Actions Machine::finish(int code, const std::string& event, const std::string& text) {
  stage_ = Stage::ended;
  Actions out;
  if (!event.empty()) out.push_back(action::Say{event, text});
  out.push_back(record(code == 0 ? "done" : "failed"));
  out.push_back(action::Finish{code});
  return out;
}

}  // namespace longshore::deploy
