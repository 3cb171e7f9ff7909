#include "renderer/core/followups.h"

#include <algorithm>

namespace longshore::render {

void Followups::want(const Followup& what, base::TimePoint now) {
  const auto same = std::ranges::find_if(waiting_, [&](const Entry& entry) { return entry.what.same_as(what); });
  if (same == waiting_.end()) {
    Entry entry;
    entry.what = what;
    entry.due = now;
    waiting_.push_back(std::move(entry));
    return;
  }
  same->due = now;
  same->what.timeout = std::max(same->what.timeout, what.timeout);
}

std::optional<Followup> Followups::start(base::TimePoint now) {
  if (running_) return std::nullopt;
  const auto first = std::ranges::find_if(waiting_, [&](const Entry& entry) { return entry.due <= now; });
  if (first == waiting_.end()) return std::nullopt;
  running_ = std::move(*first);
  waiting_.erase(first);
  return running_->what;
}

std::optional<base::Duration> Followups::done(bool success, base::TimePoint now, double chance) {
  if (!running_) return std::nullopt;
  Entry ended = std::move(*running_);
  running_.reset();
  if (success) return std::nullopt;
  const base::Duration wait = ended.backoff.next(chance);
  const auto again = std::ranges::find_if(waiting_, [&](const Entry& entry) { return entry.what.same_as(ended.what); });
  // Asked for again while it ran: that run comes first, with the backoff that it inherits.
  if (again != waiting_.end()) {
    again->backoff = ended.backoff;
    return std::max(base::Duration::zero(), again->due - now);
  }
  ended.due = now + wait;
  waiting_.push_back(std::move(ended));
  return wait;
}

std::optional<base::TimePoint> Followups::next_due() const {
  if (running_ || waiting_.empty()) return std::nullopt;
  return std::ranges::min_element(waiting_, {}, &Entry::due)->due;
}

bool Followups::waits(const Followup& what) const {
  return std::ranges::any_of(waiting_, [&](const Entry& entry) { return entry.what.same_as(what); });
}

bool Followups::settled() const {
  return !running_ && std::ranges::all_of(waiting_, [](const Entry& entry) { return entry.backoff.failures() > 0; });
}

std::optional<Followup> Followups::failing() const {
  if (running_ && running_->backoff.failures() > 0) return running_->what;
  const auto failed = std::ranges::find_if(waiting_, [](const Entry& entry) { return entry.backoff.failures() > 0; });
  if (failed == waiting_.end()) return std::nullopt;
  return failed->what;
}

std::string to_string(const Followup& what) {
  const std::string text = to_string(what.what);
  switch (what.kind) {
    case Followup::Kind::command:
      return text;
    case Followup::Kind::reload:
      return "reload " + text;
    case Followup::Kind::pid:
      return "signal process " + text;
    case Followup::Kind::container:
      return "signal container " + text;
    case Followup::Kind::child:
      return "signal the supervised program";
  }
  return text;
}

}  // namespace longshore::render
