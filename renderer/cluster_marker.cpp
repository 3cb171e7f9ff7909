#include "renderer/cluster_marker.h"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstdio>

#include "common/json/fields.h"

namespace longshore::render {
namespace {

std::string random_id() {
  std::array<std::uint64_t, 2> bytes{};
  if (::getrandom(bytes.data(), sizeof bytes, 0) != sizeof bytes) return {};
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(bytes[0]),
                static_cast<unsigned long long>(bytes[1]));
  return text.data();
}

std::string marker_text(const std::string& id) {
  json::Value out;
  out["version"] = 1;
  out["id"] = id;
  return json::dump(out);
}

// "" where the value is somebody else's.
std::string id_in(std::string_view text) {
  const auto document = json::parse(text, "cluster");
  if (!document) return {};
  const json::Fields fields(*document, "cluster");
  const auto id = fields.text("id");
  return id ? *id : std::string();
}

}  // namespace

async::Awaitable<Result<std::string>> ClusterMarker::read_or_write() {
  std::string key = prefix_ + "cluster";
  consul::QueryOptions confirmed = consul::confirmed();
  auto found = co_await client_.kv_get(key, confirmed);
  if (!found) co_return fail(std::move(found.error()));
  if (found->value) co_return id_in(found->value->value);
  std::string id = random_id();
  std::string text = marker_text(id);
  consul::KvWrite how;
  how.cas = 0;
  auto written = co_await client_.kv_put(key, std::move(text), std::move(how));
  if (!written) co_return fail(std::move(written.error()));
  if (*written) co_return id;
  // Somebody was faster.
  auto theirs = co_await client_.kv_get(key, confirmed);
  if (!theirs) co_return fail(std::move(theirs.error()));
  co_return theirs->value ? id_in(theirs->value->value) : std::string();
}

async::Awaitable<Result<std::optional<ClusterMarker::Change>>> ClusterMarker::look() {
  auto now = co_await read_or_write();
  if (!now) co_return fail(std::move(now.error()));
  std::optional<Change> change;
  if (!id_.empty() && !now->empty() && *now != id_) {
    change.emplace();
    change->was = id_;
    change->now = *now;
    ++changes_;
  }
  if (!now->empty()) id_ = *now;
  co_return change;
}

}  // namespace longshore::render
