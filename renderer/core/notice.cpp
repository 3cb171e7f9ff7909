#include "renderer/core/notice.h"

#include <algorithm>

#include "common/base/text.h"
#include "renderer/core/history.h"

namespace longshore::render {
namespace {

bool has_tag(const Instance& instance, const std::string& tag) {
  return tag.empty() || std::ranges::any_of(instance.entry.service.tags, [&](const std::string& one) {
           return base::to_lower_ascii(one) == base::to_lower_ascii(tag);
         });
}

}  // namespace

std::string_view to_string(Notice::Event event) {
  return event == Notice::Event::low ? "low" : "enough";
}

void NoticeKeeper::counted(const std::shared_ptr<const ServiceData>& data, base::TimePoint now) {
  if (data == nullptr || data == seen_) return;
  const bool first = seen_ == nullptr;
  seen_ = data;
  passing_.clear();
  for (const InstancePtr& one : data->instances)
    if (one->health == Health::passing && has_tag(*one, spec_.query.tag))
      passing_.push_back({one->entry.node.node, one->entry.service.id, address_of(*one)});
  const Notice::Event fresh = passing_.size() < spec_.below ? Notice::Event::low : Notice::Event::enough;
  if (first || fresh != state_) since_ = now;
  state_ = fresh;
  if (fresh == Notice::Event::enough) enough_ = passing_;
}

std::optional<std::size_t> NoticeKeeper::passing() const {
  if (seen_ == nullptr) return std::nullopt;
  return passing_.size();
}

std::optional<base::TimePoint> NoticeKeeper::next_due() const {
  if (seen_ == nullptr || on_its_way_ || state_ == told_) return std::nullopt;
  return std::max(since_ + spec_.lasting, again_);
}

std::optional<Notice> NoticeKeeper::start(base::TimePoint now) {
  const auto due = next_due();
  if (!due || *due > now) return std::nullopt;
  on_its_way_ = state_;
  Notice out{state_, spec_.service, spec_.below, passing_, {}};
  if (state_ == Notice::Event::low)
    std::ranges::copy_if(enough_, std::back_inserter(out.gone),
                         [&](const Notice::Member& one) { return std::ranges::find(passing_, one) == passing_.end(); });
  return out;
}

std::optional<base::Duration> NoticeKeeper::done(bool success, base::TimePoint now, double chance) {
  if (!on_its_way_) return std::nullopt;
  const Notice::Event what = *on_its_way_;
  on_its_way_.reset();
  if (success) {
    told_ = what;
    backoff_.reset();
    again_ = {};
    return std::nullopt;
  }
  const base::Duration wait = backoff_.next(chance);
  again_ = now + wait;
  return wait;
}

}  // namespace longshore::render
