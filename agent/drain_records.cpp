#include "agent/drain_records.h"

#include "common/json/fields.h"
#include "common/json/json.h"

namespace longshore::agent {
std::string drain_prefix(std::string_view env, std::string_view node) {
  std::string prefix = "longshore/";
  if (!env.empty()) (prefix += env) += '/';
  return (prefix += "drains/").append(node) + "/";
}

std::optional<DrainRecord> decode_drain(std::string_view prefix, const consul::KvPair& pair) {
  if (!pair.key.starts_with(prefix) || pair.key.size() == prefix.size()) return std::nullopt;
  DrainRecord record;
  record.target = pair.key.substr(prefix.size());
  const auto parsed = json::parse(pair.value, "drain");
  if (!parsed || !parsed->is_object()) {
    record.problem = parsed ? "not an object" : parsed.error().text;
    return record;
  }
  const auto version = parsed->find("version");
  if (version == parsed->end() || !version->is_number_integer() || version->get<std::int64_t>() != 1)
    record.problem = "not version 1";
  const std::string mode = json::text_or_empty(*parsed, "mode");
  if (mode == "deregister")
    record.by = LeaveBy::deregister;
  else if (!mode.empty() && mode != "maintain")
    record.problem = "mode is neither maintain nor deregister";
  record.reason = json::text_or_empty(*parsed, "reason");
  record.author = json::text_or_empty(*parsed, "by");
  return record;
}

}  // namespace longshore::agent
