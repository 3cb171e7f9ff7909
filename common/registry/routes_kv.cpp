// /v1/kv and /v1/txn.
#include "common/base/text.h"
#include "common/registry/exchange.h"
#include "common/registry/registration_rules.h"
#include "common/registry/wire.h"

namespace longshore::registry {
namespace {

using json::Value;
using Kind = Topic::Kind;

// Source: kv_max_value_size and txn limits of Consul 1.8.
constexpr std::size_t kLongestValue = 512 * 1024;
constexpr std::size_t kMostOperations = 64;

net::Response absent(const Exchange& x, std::uint64_t index) {
  net::Response response;
  response.status = 404;
  x.index_headers(response, index);
  return response;
}

Outcome kv_read_one(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing key name");
  const KvStore& kv = x.store.kv();
  const std::uint64_t index = kv.key_index(x.rest);
  if (auto wait = x.park(index, {{Kind::kv, x.rest}})) return *std::move(wait);
  const consul::KvPair* pair = kv.find(x.rest);
  if (pair == nullptr) return absent(x, index);
  if (x.has("raw")) {
    net::Response response = x.error(200, pair->value);
    response.headers.set("Content-Type", "text/plain");
    // A value is never a page: browsers must not run it.
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Content-Security-Policy", "sandbox");
    x.index_headers(response, index);
    return response;
  }
  Value out = Value::array();
  out.push_back(kv_json(*pair, true));
  return x.answer(out, index, false);
}

Outcome kv_read_below(Exchange& x, bool only_names) {
  const KvStore& kv = x.store.kv();
  const std::uint64_t index = kv.prefix_index(x.rest);
  if (auto wait = x.park(index, {{Kind::kv_prefix, x.rest}})) return *std::move(wait);
  Value out = Value::array();
  if (only_names)
    for (std::string& key : kv.keys(x.rest, x.param("separator"))) out.push_back(std::move(key));
  else
    for (const consul::KvPair* pair : kv.list(x.rest)) out.push_back(kv_json(*pair, true));
  if (out.empty()) return absent(x, index);
  return x.answer(out, index, false);
}

// A number of the query; Go's words when it is none.
std::optional<net::Response> bad_number(const Exchange& x, const char* key, std::uint64_t& number) {
  if (!x.has(key)) return std::nullopt;
  const std::string text = x.param(key);
  const auto parsed = base::parse_uint(text);
  if (!parsed) return x.error(500, "strconv.ParseUint: parsing \"" + text + "\": invalid syntax");
  number = *parsed;
  return std::nullopt;
}

Outcome kv_write(Exchange& x) {
  if (x.rest.empty()) return x.error(400, "Missing key name");
  if (int{x.has("cas")} + int{x.has("acquire")} + int{x.has("release")} > 1)
    return x.error(400, "Conflicting flags: " + x.encoded_query());
  KvStore::Entry entry;
  entry.key = x.rest;
  entry.value = x.request().body;
  std::uint64_t expected = 0;
  if (auto bad = bad_number(x, "flags", entry.flags)) return *bad;
  if (auto bad = bad_number(x, "cas", expected)) return *bad;
  if (entry.value.size() > kLongestValue)
    return x.error(413, "Request body(" + std::to_string(entry.value.size()) +
                            " bytes) too large, max size: " + std::to_string(kLongestValue) +
                            " bytes. See https://www.consul.io/docs/agent/options.html#kv_max_value_size.");
  if (x.has("cas")) return x.plain_json(x.store.kv_set_if(entry, expected));
  if (x.has("acquire")) {
    const std::string session = x.param("acquire");
    if (session.empty()) return x.error(500, "missing session");
    if (const auto problem = uuid_problem(session)) return x.error(500, *problem);
    const auto locked = x.store.kv_lock(entry, session, x.now);
    if (!locked) return x.error(500, locked.error().text);
    return x.plain_json(*locked);
  }
  if (x.has("release")) {
    const std::string session = x.param("release");
    if (session.empty()) return x.error(500, "missing session");
    return x.plain_json(x.store.kv_unlock(entry, session));
  }
  x.store.kv_set(entry);
  return x.plain_json(true);
}

Outcome kv_delete(Exchange& x) {
  if (x.has("recurse") && x.has("cas")) return x.error(400, "Conflicting flags: " + x.encoded_query());
  if (x.has("recurse")) {
    x.store.kv_erase_tree(x.rest);
    return x.plain_json(true);
  }
  if (x.rest.empty()) return x.error(400, "Missing key name");
  std::uint64_t expected = 0;
  if (auto bad = bad_number(x, "cas", expected)) return *bad;
  if (x.has("cas")) return x.plain_json(x.store.kv_erase_if(x.rest, expected));
  x.store.kv_erase(x.rest);
  return x.plain_json(true);
}

bool only_looks(const std::vector<consul::TxnOperation>& operations) {
  for (const consul::TxnOperation& operation : operations)
    for (const char* verb : {"set", "cas", "lock", "unlock", "delete", "delete-cas", "delete-tree"})
      if (operation.verb == verb) return false;
  return true;
}

}  // namespace

Outcome kv(Exchange& x) {
  if (auto bad = x.bad_options(false)) return *bad;
  const std::string& method = x.request().method;
  if (method == "PUT") return kv_write(x);
  if (method == "DELETE") return kv_delete(x);
  if (x.has("recurse")) return kv_read_below(x, false);
  if (x.has("keys")) return kv_read_below(x, true);
  return kv_read_one(x);
}

Outcome txn(Exchange& x) {
  const auto operations = consul::decode_txn(x.request().body);
  if (!operations) return x.error(400, "Failed to parse body: " + operations.error().text);
  if (operations->size() > kMostOperations)
    return x.error(413, "Transaction contains too many operations (" + std::to_string(operations->size()) + " > " +
                            std::to_string(kMostOperations) + ")");
  const TxnOutcome outcome = x.store.transact(*operations, x.now);
  Value out = Value::object();
  out["Results"] = outcome.errors.empty() ? Value::array() : Value();
  out["Errors"] = outcome.errors.empty() ? Value() : Value::array();
  for (const auto& [pair, with_value] : outcome.results) {
    Value one = Value::object();
    one["KV"] = kv_json(pair, with_value);
    out["Results"].push_back(std::move(one));
  }
  for (const consul::TxnError& error : outcome.errors) {
    Value one = Value::object();
    one["OpIndex"] = error.op_index;
    one["What"] = error.what;
    out["Errors"].push_back(std::move(one));
  }
  const bool looks = only_looks(*operations);
  if (looks) {
    out["Index"] = 0;
    out["LastContact"] = 0;
    out["KnownLeader"] = true;
    out["ConsistencyLevel"] = "";
  }
  net::Response response = x.plain_json(out, outcome.errors.empty() ? 200 : 409);
  if (looks) {
    response.headers.set("X-Consul-KnownLeader", "true");
    response.headers.set("X-Consul-LastContact", "0");
  }
  return response;
}

}  // namespace longshore::registry
