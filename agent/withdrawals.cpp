#include "agent/withdrawals.h"

#include <chrono>
#include <ctime>

#include "agent/core/diff.h"
#include "common/json/json.h"

namespace longshore::agent {

std::string withdrawal_prefix(std::string_view env, std::string_view node) {
  std::string prefix = "longshore/";
  if (!env.empty()) (prefix += env) += '/';
  return (prefix += "withdrawn/").append(node) + "/";
}

std::string withdrawal_key(std::string_view env, std::string_view node, std::string_view service_id) {
  return withdrawal_prefix(env, node).append(service_id);
}

std::optional<std::string> withdrawn_id(std::string_view prefix, std::string_view key) {
  if (!key.starts_with(prefix) || key.size() == prefix.size()) return std::nullopt;
  return std::string(key.substr(prefix.size()));
}

WithdrawalNote decode_withdrawal(std::string id, std::string_view value) {
  WithdrawalNote note;
  note.id = std::move(id);
  const auto parsed = json::parse(value, "withdrawal note");
  if (!parsed || !parsed->is_object()) return note;
  const auto text = [&](const char* key) {
    const auto found = parsed->find(key);
    return found != parsed->end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  note.container = text("container");
  note.reason = text("reason");
  note.at = text("at");
  return note;
}

std::string withdrawal_value(const consul::Service& service, std::string_view node, std::string_view reason,
                             std::string_view at) {
  json::Value value = json::Value::object();
  value["version"] = 1;
  value["id"] = service.id;
  value["service"] = service.name;
  value["node"] = node;
  value["address"] = service.address;
  value["port"] = service.port;
  value["container"] = container_of(service);
  value["reason"] = reason;
  value["at"] = at;
  return json::dump(value);
}

std::string wall_clock() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::string whole(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts));
  const std::string milliseconds = std::to_string(1000 + since_epoch.count() % 1000);
  return whole + "." + milliseconds.substr(1) + "Z";
}

}  // namespace longshore::agent
