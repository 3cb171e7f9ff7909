#include "agent/reap_effects.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "agent/reap_command.h"
#include "common/json/json.h"

namespace longshore::agent {
namespace {

constexpr const char* kFailureDetector = "serfHealth";
constexpr int kBadRequest = 400;
constexpr int kConflict = 409;

std::uint64_t number_of(const json::Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string time_text(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// The first error of a transaction, in Consul's words.
std::string why_refused(const std::string& body) {
  const auto answer = consul::decode_txn_answer(body);
  return answer && !answer->errors.empty() ? answer->errors.front().what : body.substr(0, 200);
}

std::int64_t first_refused(const std::string& body) {
  const auto answer = consul::decode_txn_answer(body);
  return answer && !answer->errors.empty() ? answer->errors.front().op_index : -1;
}

}  // namespace

std::string reaper_key(std::string_view env) {
  std::string key = "longshore/";
  if (!env.empty()) (key += env) += '/';
  return key + "reaper";
}

Result<std::vector<NodeHealth>> decode_node_health(std::string_view text) {
  LS_TRY(document, json::parse(text, "health"));
  std::vector<NodeHealth> out;
  if (document.is_null()) return out;
  if (!document.is_array()) return fail(Errc::protocol, "health: expected an array");
  for (const json::Value& row : document) {
    if (!row.is_object() || json::text_or_empty(row, "CheckID") != kFailureDetector) continue;
    out.push_back({json::text_or_empty(row, "Node"), json::text_or_empty(row, "Status") == "critical",
                   number_of(row, "ModifyIndex")});
  }
  return out;
}

Result<std::uint64_t> decode_node_created(std::string_view text) {
  LS_TRY(document, json::parse(text, "node"));
  if (!document.is_object()) return std::uint64_t{0};
  const auto node = document.find("Node");
  return node != document.end() && node->is_object() ? number_of(*node, "CreateIndex") : std::uint64_t{0};
}

std::string encode_reap(const std::string& key, const action::ReapNode& what) {
  json::Value session = {{"Verb", "check-session"}, {"Key", key}, {"Session", what.session}};
  json::Value check = {{"Node", what.node}, {"CheckID", kFailureDetector}, {"ModifyIndex", what.index}};
  json::Value operations = json::Value::array();
  operations.push_back({{"KV", std::move(session)}});
  operations.push_back({{"Check", {{"Verb", "delete-cas"}, {"Check", std::move(check)}}}});
  operations.push_back({{"Node", {{"Verb", "delete"}, {"Node", {{"Node", what.node}}}}}});
  return json::dump(operations);
}

ReapEffects::ReapEffects(consul::Client& client, async::InputQueue<Input>& queue, std::string env,
                         ReapSettings settings)
    : client_(client), queue_(queue), env_(std::move(env)), settings_(std::move(settings)), self_(this_process()) {}

// Written only when it is free: whoever waits, and whoever has it, only reads.
async::Awaitable<void> ReapEffects::lead(action::LeadReap what) {
  input::ReapLed said;
  said.ticket = what.ticket;
  const std::string key = reaper_key(env_);
  consul::QueryOptions options = consul::confirmed();
  auto present = co_await client_.kv_get(key, std::move(options));
  if (!present) {
    said.answer = fail(std::move(present).error());
  } else if (present->value && !present->value->session.empty()) {
    said.answer->held = present->value->session == what.session;
    said.answer->holder = holder_text(present->value->value);
  } else {
    consul::KvWrite how;
    how.acquire = what.session;
    std::string value = lock_value(self_, "reaper");
    auto taken = co_await client_.kv_put(key, std::move(value), std::move(how));
    if (taken)
      said.answer->held = *taken;
    else
      said.answer = fail(std::move(taken).error());
  }
  queue_.push(std::move(said));
}

async::Awaitable<void> ReapEffects::load_nodes(action::LoadNodes what) {
  input::NodesLoaded said;
  said.ticket = what.ticket;
  consul::QueryOptions options = consul::confirmed();
  options.filter = std::string("CheckID == \"") + kFailureDetector + "\"";
  std::string path = "/v1/health/state/any";
  std::vector<net::QueryItem> query;
  auto answer = co_await client_.read(std::move(path), std::move(query), std::move(options));
  if (answer)
    said.nodes = decode_node_health(answer->value);
  else
    said.nodes = fail(std::move(answer).error());
  queue_.push(std::move(said));
}

// An agent that cannot ask its servers says so (500); that is no absence.
async::Awaitable<void> ReapEffects::load_own(action::LoadOwnNode what) {
  input::OwnNodeLoaded said;
  said.ticket = what.ticket;
  consul::QueryOptions options;
  // None of its services: the node alone is wanted.
  options.filter = "ID == \"longshore-nobody\"";
  std::string path = "/v1/catalog/node/" + net::percent_encode(what.node);
  std::vector<net::QueryItem> query;
  auto answer = co_await client_.read(std::move(path), std::move(query), std::move(options));
  if (answer)
    said.created = decode_node_created(answer->value);
  else if (answer.error().code != Errc::not_found)
    said.created = fail(std::move(answer).error());
  queue_.push(std::move(said));
}

async::Awaitable<ReapEffects::Verdict> ReapEffects::ask(action::ReapNode what) {
  Verdict verdict;
  consul::QueryOptions options = consul::confirmed();
  auto node = co_await client_.catalog_node(what.node, std::move(options));
  if (!node) {
    verdict.detail = node.error().text;
    co_return verdict;
  }
  const std::string address = node->value ? node->value->node.address : std::string();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(what.failed_for);
  std::vector<std::string> variables;
  variables.push_back("LONGSHORE_NODE=" + what.node);
  variables.push_back("LONGSHORE_NODE_ADDRESS=" + address);
  variables.push_back("LONGSHORE_FAILED_SINCE=" + time_text(std::chrono::system_clock::now() - seconds));
  variables.push_back("LONGSHORE_FAILED_SECONDS=" + std::to_string(seconds.count()));
  Result<int> code = co_await run_reap_command(settings_.check, std::move(variables), settings_.check_limit);
  verdict.outcome = ReapOutcome::unclear;
  if (!code)
    verdict.detail = "-reap-check: " + code.error().text;
  else if (*code == 0)
    verdict.outcome = ReapOutcome::removed;
  else
    verdict.detail = "-reap-check: exit code " + std::to_string(*code);
  if (code && *code == 1) verdict.outcome = ReapOutcome::kept;
  co_return verdict;
}

// `removed` = nothing speaks against it.
async::Awaitable<ReapEffects::Verdict> ReapEffects::look_again(action::ReapNode what) {
  Verdict verdict;
  consul::QueryOptions options = consul::confirmed();
  std::string path = "/v1/health/node/" + net::percent_encode(what.node);
  std::vector<net::QueryItem> query;
  auto checks = co_await client_.read(std::move(path), std::move(query), options);
  if (!checks) {
    verdict.detail = checks.error().text;
    co_return verdict;
  }
  const auto health = decode_node_health(checks->value);
  if (!health) {
    verdict.detail = health.error().text;
    co_return verdict;
  }
  verdict.outcome = ReapOutcome::alive;
  const bool same = health->size() == 1 && health->front().failed && health->front().index == what.index;
  if (!same) {
    verdict.detail = "Consul's failure detector says something else now";
    co_return verdict;
  }
  std::string prefix = lock_prefix(env_, what.node);
  auto agents = co_await client_.kv_list(std::move(prefix), std::move(options));
  if (!agents) {
    verdict.outcome = ReapOutcome::failed;
    verdict.detail = agents.error().text;
    co_return verdict;
  }
  for (const consul::KvPair& agent : agents->value)
    if (!agent.session.empty()) verdict.detail = "its agent is alive: " + holder_text(agent.value);
  if (verdict.detail.empty()) verdict.outcome = ReapOutcome::removed;
  co_return verdict;
}

async::Awaitable<ReapEffects::Verdict> ReapEffects::remove(action::ReapNode what) {
  Verdict verdict;
  net::Request request;
  request.method = "PUT";
  request.target = "/v1/txn";
  request.body = encode_reap(reaper_key(env_), what);
  auto answer = co_await client_.raw(std::move(request), client_.settings().limits);
  if (!answer) {
    verdict.detail = answer.error().text;
    co_return verdict;
  }
  if (answer->status == 200) verdict.outcome = ReapOutcome::removed;
  if (answer->status == kBadRequest) {
    // Our registry, and Consul before 1.4, know no such operations: what was looked at a moment ago must do.
    net::Request plain;
    plain.method = "PUT";
    plain.target = "/v1/catalog/deregister";
    json::Value node = json::Value::object();
    node["Node"] = what.node;
    plain.body = json::dump(node);
    auto done = co_await client_.raw(std::move(plain), client_.settings().limits);
    if (done && done->status == 200) verdict.outcome = ReapOutcome::removed;
    if (!done)
      verdict.detail = done.error().text;
    else if (done->status != 200)
      verdict.detail = std::to_string(done->status) + ": " + done->body.substr(0, 200);
    co_return verdict;
  }
  if (answer->status == kConflict) {
    verdict.outcome = first_refused(answer->body) == 0 ? ReapOutcome::not_ours : ReapOutcome::alive;
    verdict.detail = why_refused(answer->body);
  } else if (answer->status != 200) {
    verdict.detail = "PUT /v1/txn: " + std::to_string(answer->status) + ": " + answer->body.substr(0, 200);
  }
  co_return verdict;
}

async::Awaitable<ReapEffects::Verdict> ReapEffects::judge(action::ReapNode what) {
  Verdict verdict = co_await look_again(what);
  if (verdict.outcome != ReapOutcome::removed) co_return verdict;
  if (!settings_.check.empty()) {
    verdict = co_await ask(what);
    if (verdict.outcome != ReapOutcome::removed) co_return verdict;
    // It may have taken its time.
    verdict = co_await look_again(what);
    if (verdict.outcome != ReapOutcome::removed) co_return verdict;
  }
  verdict = co_await remove(what);
  if (verdict.outcome == ReapOutcome::removed && !settings_.check.empty()) verdict.detail = "-reap-check agrees";
  co_return verdict;
}

async::Awaitable<void> ReapEffects::reap(action::ReapNode what) {
  input::NodeReaped said;
  said.ticket = what.ticket;
  said.node = what.node;
  Verdict verdict = co_await judge(std::move(what));
  said.outcome = verdict.outcome;
  said.detail = std::move(verdict.detail);
  queue_.push(std::move(said));
}

}  // namespace longshore::agent
