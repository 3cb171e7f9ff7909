#include "agent/core/drains.h"

#include <utility>

namespace longshore::agent {
namespace {

// Who asks for a drain while Consul has no leader waits at most this much longer than that lasts.
consul::BlockingSettings settings() {
  consul::BlockingSettings out;
  out.backoff_most = std::chrono::seconds(5);
  return out;
}

}  // namespace

DrainWatch::DrainWatch(std::uint64_t seed) : query_(settings(), seed) {}

void DrainWatch::follow(const std::string& node, base::TimePoint now) {
  if (node == node_) return;
  node_ = node;
  records_.clear();
  decided_ = false;
  ticket_ = 0;
  ask_ = query_.start(now);
}

void DrainWatch::again(base::TimePoint now) {
  if (node_.empty() || (ticket_ != 0 && ask_.index == 0)) return;
  ticket_ = 0;
  ask_ = query_.start(now);
}

bool DrainWatch::loaded(const input::DrainsLoaded& said, base::TimePoint now, Actions& out) {
  if (said.ticket != ticket_ || ticket_ == 0) return false;
  ticket_ = 0;
  if (!said.records) {
    decided_ = true;
    ask_ = query_.failed(now).ask;
    const Error& error = said.records.error();
    // An outage has its own line.
    if (error.text != error_ && error.code == Errc::rejected)
      out.push_back(base::LogLine{base::Level::warn,
                                  "drains_unreadable",
                                  {{"error", error.text}, {"fix", "the token needs key_prefix read and write"}}});
    error_ = error.text;
    return false;
  }
  decided_ = true;
  error_.clear();
  std::map<std::string, DrainRecord> fresh;
  for (const DrainRecord& record : said.records->records) fresh.insert_or_assign(record.target, record);
  const bool same = fresh == records_;
  ask_ = query_.answered(said.records->index, same, now).ask;
  if (same) return false;
  for (const auto& [target, record] : fresh)
    if (!records_.contains(target)) {
      base::LogLine line{base::Level::info, "drain_asked", {{"target", target}, {"by", record.author}}};
      line.fields.emplace_back("how", record.by == LeaveBy::maintain ? "maintain" : "deregister");
      if (!record.reason.empty()) line.fields.emplace_back("reason", record.reason);
      if (!record.problem.empty()) line.fields.emplace_back("problem", record.problem);
      out.push_back(std::move(line));
    }
  for (const auto& [target, record] : records_)
    if (!fresh.contains(target)) out.push_back(base::LogLine{base::Level::info, "drain_over", {{"target", target}}});
  records_ = std::move(fresh);
  return true;
}

void DrainWatch::tick(base::TimePoint now, Actions& out) {
  if (node_.empty() || ticket_ != 0 || ask_.at > now) return;
  ticket_ = ++tickets_;
  out.push_back(action::LoadDrains{ticket_, node_, ask_.index, ask_.wait, ask_.time_limit});
}

std::optional<base::TimePoint> DrainWatch::next_wake() const {
  if (node_.empty() || ticket_ != 0) return std::nullopt;
  return ask_.at;
}

const DrainRecord* DrainWatch::find(const std::string& service_id, std::string_view container_id,
                                    const std::string& container_name) const {
  constexpr std::size_t kShortId = 12;
  if (records_.empty()) return nullptr;
  if (const auto own = records_.find(service_id); own != records_.end()) return &own->second;
  for (const auto& [target, record] : records_) {
    if (!target.starts_with(kContainerDrain)) continue;
    const std::string_view wanted = std::string_view(target).substr(kContainerDrain.size());
    const bool by_id = wanted.size() >= kShortId && container_id.starts_with(wanted);
    if (by_id || wanted == container_name) return &record;
  }
  const auto whole = records_.find(std::string(kWholeNode));
  return whole == records_.end() ? nullptr : &whole->second;
}

}  // namespace longshore::agent
