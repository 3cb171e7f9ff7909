// `watch {}`: somebody is told when a service has fewer passing instances than it should, and when it has enough again.
// Pure: what is counted comes in, what is to be told goes out.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/policy/backoff.h"
#include "renderer/core/command.h"
#include "renderer/core/data.h"
#include "renderer/core/query.h"

namespace longshore::render {

struct NoticeSpec {
  std::string service = {};  // as it was written, with tag and datacenter
  ServiceQuery query = {};
  std::size_t below = 1;                             // fewer passing ones than this are too few; at least 1
  base::Duration lasting = std::chrono::seconds(2);  // a state that lasts less is told nobody
  // Who is told: a command, or a URL that gets a POST. One of the two.
  Command command = {};
  std::shared_ptr<const std::map<std::string, std::string, std::less<>>> environment = {};
  std::string url = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // of the POST
  base::Duration timeout = std::chrono::seconds(30);              // of one try
};

struct Notice {
  enum class Event : std::uint8_t { low, enough };
  struct Member {
    std::string node, id, address;
    bool operator==(const Member&) const = default;
  };
  Event event = Event::low;
  std::string service = {};
  std::size_t below = 1;
  std::vector<Member> left = {};  // passing now
  std::vector<Member> gone = {};  // passing when there were enough, and not now
};
std::string_view to_string(Notice::Event event);

class NoticeKeeper {
 public:
  explicit NoticeKeeper(NoticeSpec spec) : spec_(std::move(spec)) {}
  // The same watch with other settings of telling: what was told stays told.
  void configure(NoticeSpec spec) { spec_ = std::move(spec); }
  bool same_watch(const NoticeSpec& other) const {
    return spec_.service == other.service && spec_.below == other.below;
  }

  // What is known of the service; the same pointer again costs nothing.
  void counted(const std::shared_ptr<const ServiceData>& data, base::TimePoint now);
  // What to tell now, if anything; it is then on its way.
  std::optional<Notice> start(base::TimePoint now);
  // It got there, or not. Returns the wait before the next try. A state that has changed back meanwhile is dropped.
  std::optional<base::Duration> done(bool success, base::TimePoint now, double chance);
  std::optional<base::TimePoint> next_due() const;

  const NoticeSpec& spec() const { return spec_; }
  // Nothing: the service is not known yet.
  std::optional<std::size_t> passing() const;
  bool low() const { return state_ == Notice::Event::low; }
  Notice::Event told() const { return told_; }
  bool on_its_way() const { return on_its_way_.has_value(); }
  int failures() const { return backoff_.failures(); }

 private:
  NoticeSpec spec_;
  std::shared_ptr<const ServiceData> seen_;
  std::vector<Notice::Member> passing_, enough_;  // enough_: when there were enough, for `gone`
  Notice::Event state_ = Notice::Event::enough;
  // Nobody needs to hear at the start that there are enough.
  Notice::Event told_ = Notice::Event::enough;
  base::TimePoint since_{};
  std::optional<Notice::Event> on_its_way_;
  policy::Backoff backoff_{std::chrono::seconds(1), std::chrono::seconds(60)};
  base::TimePoint again_{};
};

}  // namespace longshore::render
