// The part of the machine that tells others when services have too few instances.
#include <algorithm>

#include "common/base/text.h"
#include "renderer/core/machine.h"

namespace longshore::render {
namespace {

std::string list(const std::vector<Notice::Member>& members) {
  std::vector<std::string> out;
  for (const Notice::Member& one : members) out.push_back(one.id + " on " + one.node);
  return base::join(out, ", ");
}

}  // namespace

void RenderMachine::make_notices(const std::vector<NoticeSpec>& specs) {
  std::map<std::uint64_t, NoticeKeeper> before = std::exchange(notices_, {});
  for (const NoticeSpec& spec : specs) {
    const auto known = std::ranges::find_if(before, [&](const auto& entry) { return entry.second.same_watch(spec); });
    if (known == before.end()) {
      notices_.emplace(next_notice_++, NoticeKeeper(spec));
      continue;
    }
    known->second.configure(spec);
    notices_.insert(before.extract(known));
  }
}

void RenderMachine::tick_notices(base::TimePoint now) {
  for (auto& [number, keeper] : notices_) {
    keeper.counted(snapshot_.get<ServiceData>(keeper.spec().query.on), now);
    auto notice = keeper.start(now);
    if (!notice) continue;
    const bool low = notice->event == Notice::Event::low;
    std::vector<std::pair<std::string, std::string>> fields{{"service", notice->service},
                                                            {"instances", std::to_string(notice->left.size())},
                                                            {"below", std::to_string(notice->below)}};
    if (low && !notice->gone.empty()) fields.emplace_back("gone", list(notice->gone));
    // A further try is no news.
    const bool again = keeper.failures() > 0;
    say(again ? base::Level::debug
        : low ? base::Level::warn
              : base::Level::info,
        low ? "service_low" : "service_enough", std::move(fields));
    act(action::Tell{number, std::move(*notice), keeper.spec()});
  }
}

void RenderMachine::on(input::Told& told, base::TimePoint now) {
  const auto keeper = notices_.find(told.number);
  if (keeper == notices_.end()) return;
  const std::string service = keeper->second.spec().service;
  const auto retry = keeper->second.done(told.status.has_value(), now, random_.chance());
  ++(told.status ? counters_.notices : counters_.notice_errors);
  std::vector<std::pair<std::string, std::string>> fields{{"service", service}, {"to", told.to}};
  if (told.status)
    fields.emplace_back("took", base::format_duration(told.took));
  else
    fields.emplace_back("error", told.status.error().text);
  if (retry) fields.emplace_back("retry_in", base::format_duration(*retry));
  if (!told.output.empty()) fields.emplace_back("output", told.output);
  say(told.status ? base::Level::info : base::Level::error, told.status ? "notice_sent" : "notice_failed",
      std::move(fields));
}

}  // namespace longshore::render
