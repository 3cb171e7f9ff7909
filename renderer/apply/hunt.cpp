#include "renderer/apply/hunt.h"

#include <algorithm>

namespace longshore::render::apply {

Hunt::Hunt(std::size_t units, std::optional<std::size_t> suspect) : culprit_(units, false), excluded_(units, false) {
  if (units == 0)
    state_ = State::hopeless;
  else if (suspect)
    culprit_[*suspect] = excluded_[*suspect] = true;
  else
    bisect();
}

void Hunt::tried(bool good, std::optional<std::size_t> suspect) {
  if (state_ != State::trying) return;
  if (!bisecting_) {
    if (good)
      state_ = State::found;
    else if (suspect && !culprit_[*suspect])
      culprit_[*suspect] = excluded_[*suspect] = true;
    else
      bisect();
    return;
  }
  if (!base_known_) {
    base_known_ = true;
    if (!good) {
      state_ = State::hopeless;
      return;
    }
  } else if (good) {
    low_ = (low_ + high_) / 2;
  } else {
    high_ = (low_ + high_) / 2;
  }
  if (high_ - low_ > 1) return try_first((low_ + high_) / 2);
  // All before it are good together, and bad with it.
  culprit_[open_[high_ - 1]] = true;
  bisecting_ = false;
  excluded_ = culprit_;
}

void Hunt::bisect() {
  bisecting_ = true;
  open_.clear();
  for (std::size_t i = 0; i < culprit_.size(); ++i)
    if (!culprit_[i]) open_.push_back(i);
  if (open_.empty()) {
    state_ = State::hopeless;
    return;
  }
  low_ = 0;
  high_ = open_.size();
  if (!base_known_) return try_first(0);
  if (high_ > 1) return try_first(high_ / 2);
  culprit_[open_.front()] = true;
  bisecting_ = false;
  excluded_ = culprit_;
}

void Hunt::try_first(std::size_t count) {
  excluded_ = culprit_;
  for (std::size_t i = count; i < open_.size(); ++i) excluded_[open_[i]] = true;
}

}  // namespace longshore::render::apply
