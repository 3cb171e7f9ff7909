#include "common/registry/exchange.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::registry {
namespace {

constexpr base::Duration kLongestWait = std::chrono::minutes(10);
constexpr char kText[] = "text/plain; charset=utf-8";

}  // namespace

Exchange::Exchange(Store& store_in, const Call& call, net::Target target)
    : store(store_in), now(call.now), call_(call), target_(std::move(target)) {}

std::string Exchange::param(std::string_view key) const {
  return std::string(target_.get(key).value_or(""));
}

std::vector<std::string> Exchange::params(std::string_view key) const {
  std::vector<std::string> out;
  for (const net::QueryItem& item : target_.query)
    if (item.key == key) out.push_back(item.value);
  return out;
}

std::string Exchange::encoded_query() const {
  std::vector<net::QueryItem> sorted = target_.query;
  for (net::QueryItem& item : sorted) item.has_value = true;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& left, const auto& right) { return left.key < right.key; });
  const std::string target = net::build_target("", sorted);
  return target.empty() ? target : target.substr(1);
}

std::optional<net::Response> Exchange::bad_options(bool index_on_error) {
  if (const std::string wait = param("wait"); !wait.empty()) {
    const auto parsed = base::parse_duration(wait);
    if (!parsed) return error(400, "Invalid wait time");
    if (*parsed > base::Duration{}) wait_ = std::min(*parsed, kLongestWait);
  }
  if (const std::string index = param("index"); !index.empty()) {
    const auto parsed = base::parse_uint(index);
    if (!parsed) return error(400, "Invalid index");
    known_index_ = *parsed;
  }
  if (has("stale") && has("consistent"))
    return error(400, "Cannot specify ?stale with ?consistent, conflicting semantics.");
  if (has("stale")) consistency_ = "stale";
  if (has("consistent")) consistency_ = "consistent";
  const std::string dc = param("dc");
  if (!dc.empty() && dc != store.identity().datacenter) {
    const std::string text = "No path to datacenter";
    if (index_on_error) return rpc_error(text);
    return error(500, text);
  }
  return std::nullopt;
}

base::TimePoint Exchange::wait_end() const {
  if (call_.until) return *call_.until;
  // Source: blockingQuery adds up to a sixteenth, so that clients that came together do not come back together.
  const auto jitter = static_cast<std::int64_t>(static_cast<double>(wait_.count()) / 16 * call_.chance);
  return now + wait_ + base::Duration(jitter);
}

std::optional<Wait> Exchange::park(std::uint64_t index, std::vector<Topic> topics) const {
  if (known_index_ == 0 || index > known_index_) return std::nullopt;
  // An index from before a restart without data: Consul would wait for its counter to catch up. The lower index in
  // an answer at once is what tells the client to start over.
  if (known_index_ > store.index()) return std::nullopt;
  const base::TimePoint until = wait_end();
  if (until <= now) return std::nullopt;
  return Wait{std::move(topics), until};
}

void Exchange::index_headers(net::Response& response, std::uint64_t index) const {
  response.headers.set("X-Consul-Index", std::to_string(std::max<std::uint64_t>(index, 1)));
  response.headers.set("X-Consul-KnownLeader", "true");
  response.headers.set("X-Consul-LastContact", "0");
}

net::Response Exchange::answer(const json::Value& body, std::uint64_t index, bool consistency) const {
  net::Response response = plain_json(body);
  index_headers(response, index);
  if (consistency) {
    response.headers.set("X-Consul-Effective-Consistency", consistency_);
    if (has("cached")) response.headers.set("X-Cache", "MISS");
  }
  return response;
}

net::Response Exchange::plain_json(const json::Value& body, int status) const {
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = text(body);
  return response;
}

net::Response Exchange::error(int status, const std::string& text) const {
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", kText);
  response.body = text;
  return response;
}

net::Response Exchange::rpc_error(const std::string& text) const {
  net::Response response = error(500, text);
  index_headers(response, 1);
  response.headers.set("X-Consul-KnownLeader", "false");
  return response;
}

std::string Exchange::text(const json::Value& body) const {
  if (!has("pretty")) return json::dump(body);
  return json::dump(body, 4) + "\n";
}

int status_of(const Error& error) {
  if (error.code == Errc::invalid_input || error.code == Errc::protocol) return 400;
  return error.code == Errc::not_found ? 404 : 500;
}

std::optional<bool> parse_bool(std::string_view text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  return std::nullopt;
}

}  // namespace longshore::registry
