#include "agent/core/node_watch.h"

namespace longshore::agent {

void NodeWatch::follow(const std::string& node) {
  if (node == node_) return;
  node_ = node;
  created_.reset();
  ticket_ = 0;
  due_ = {};
}

// Who may not read nodes sees none, always: no change, no loss.
bool NodeWatch::loaded(const input::OwnNodeLoaded& said, base::TimePoint now) {
  if (said.ticket != ticket_ || ticket_ == 0) return false;
  ticket_ = 0;
  due_ = now + kEvery;
  if (!said.created) return false;
  const bool lost = created_ && *created_ != *said.created;
  created_ = *said.created;
  if (lost) ++losses_;
  return lost;
}

void NodeWatch::tick(base::TimePoint now, Actions& out) {
  if (node_.empty() || ticket_ != 0 || due_ > now) return;
  ticket_ = ++tickets_;
  out.push_back(action::LoadOwnNode{ticket_, node_});
}

std::optional<base::TimePoint> NodeWatch::next_wake() const {
  if (node_.empty() || ticket_ != 0) return std::nullopt;
  return due_;
}

}  // namespace longshore::agent
