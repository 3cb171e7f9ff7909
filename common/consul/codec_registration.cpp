#include "common/consul/codec_values.h"
#include "common/consul/loose_fields.h"

namespace longshore::consul {
namespace {

using json::Value;

Result<std::uint16_t> port_of(const LooseFields& fields) {
  LS_TRY(port, fields.integer("Port"));
  if (port < 0 || port > 65535) return fail(Errc::protocol, fields.path("Port") + ": must be 0 to 65535");
  return static_cast<std::uint16_t>(port);
}

Result<int> count_of(const LooseFields& fields, std::string_view key) {
  LS_TRY(count, fields.integer(key));
  if (count < 0 || count > 1'000'000) return fail(Errc::protocol, fields.path(key) + ": out of range");
  return static_cast<int>(count);
}

Status read_texts(const LooseFields& fields, CheckDefinition& out) {
  const std::pair<std::string_view, std::string*> texts[] = {{"CheckID", &out.check_id},
                                                             {"Name", &out.name},
                                                             {"Notes", &out.notes},
                                                             {"HTTP", &out.http},
                                                             {"Method", &out.method},
                                                             {"Body", &out.body},
                                                             {"TCP", &out.tcp},
                                                             {"UDP", &out.udp},
                                                             {"GRPC", &out.grpc},
                                                             {"H2PING", &out.h2ping},
                                                             {"DockerContainerID", &out.docker_container_id},
                                                             {"Shell", &out.shell},
                                                             {"AliasNode", &out.alias_node},
                                                             {"AliasService", &out.alias_service},
                                                             {"OSService", &out.os_service},
                                                             {"TLSServerName", &out.tls_server_name},
                                                             {"Status", &out.status}};
  for (const auto& [key, target] : texts) {
    LS_TRY(text, fields.text(key));
    *target = std::move(text);
  }
  if (out.check_id.empty()) {
    LS_TRY(id, fields.text("ID"));
    out.check_id = std::move(id);
  }
  return {};
}

Status read_header(const LooseFields& fields, CheckDefinition& out) {
  LS_TRY(header, fields.object("Header"));
  if (header == nullptr) return {};
  for (auto item = header->begin(); item != header->end(); ++item) {
    if (!item->is_array())
      return fail(Errc::protocol,
                  fields.path("Header") + "." + item.key() + ": expected an array, found " + item->type_name());
    auto& values = out.header[item.key()];
    for (const Value& value : *item) {
      if (!value.is_string())
        return fail(Errc::protocol, fields.path("Header") + "." + item.key() + ": expected strings");
      values.push_back(value.get_ref<const std::string&>());
    }
  }
  return {};
}

Status read_durations(const LooseFields& fields, CheckDefinition& out) {
  const std::pair<std::string_view, base::Duration*> durations[] = {
      {"TTL", &out.ttl},
      {"Interval", &out.interval},
      {"Timeout", &out.timeout},
      {"DeregisterCriticalServiceAfter", &out.deregister_critical_after}};
  for (const auto& [key, target] : durations) {
    LS_TRY(duration, fields.duration(key));
    *target = duration;
  }
  return {};
}

Result<std::map<std::string, TaggedAddress>> tagged_addresses(const LooseFields& fields) {
  std::map<std::string, TaggedAddress> out;
  LS_TRY(map, fields.object("TaggedAddresses"));
  if (map == nullptr) return out;
  for (auto item = map->begin(); item != map->end(); ++item) {
    const std::string path = fields.path("TaggedAddresses") + "." + item.key();
    LS_TRY_STATUS(require_object(*item, path));
    const LooseFields one(*item, path);
    LS_TRY(address, one.text("Address"));
    LS_TRY(port, port_of(one));
    out.emplace(item.key(), TaggedAddress{std::move(address), port});
  }
  return out;
}

Result<std::vector<CheckDefinition>> checks_of(const LooseFields& fields) {
  std::vector<CheckDefinition> out;
  LS_TRY(single, fields.object("Check"));
  LS_TRY(list, fields.array("Checks"));
  // An empty `Check` object means none (Consul: CheckType.Empty).
  if (single != nullptr && !single->empty()) {
    LS_TRY(check, check_definition_from(*single, fields.path("Check")));
    if (check != CheckDefinition{}) out.push_back(std::move(check));
  }
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    LS_TRY(check, check_definition_from((*list)[i], fields.path("Checks") + "[" + std::to_string(i) + "]"));
    out.push_back(std::move(check));
  }
  return out;
}

Result<TxnOperation> operation_from(const Value& value, const std::string& path) {
  const LooseFields fields(value, path);
  LS_TRY(verb, fields.text("Verb"));
  LS_TRY(key, fields.text("Key"));
  LS_TRY(encoded, fields.text("Value"));
  LS_TRY(flags, fields.unsigned_integer("Flags"));
  LS_TRY(index, fields.unsigned_integer("Index"));
  LS_TRY(session, fields.text("Session"));
  LS_TRY(bytes, decode_base64(encoded));
  return TxnOperation{std::move(verb), std::move(key), std::move(bytes), flags, index, std::move(session)};
}

}  // namespace

Result<CheckDefinition> check_definition_from(const Value& value, const std::string& path) {
  LS_TRY_STATUS(require_object(value, path));
  const LooseFields fields(value, path);
  CheckDefinition out;
  LS_TRY_STATUS(read_texts(fields, out));
  LS_TRY_STATUS(read_header(fields, out));
  LS_TRY_STATUS(read_durations(fields, out));
  LS_TRY(args, fields.texts("Args"));
  LS_TRY(script_args, fields.texts("ScriptArgs"));
  LS_TRY(grpc_tls, fields.boolean("GRPCUseTLS"));
  LS_TRY(h2ping_tls, fields.boolean("H2PingUseTLS"));
  LS_TRY(skip_verify, fields.boolean("TLSSkipVerify"));
  LS_TRY(tcp_tls, fields.boolean("TCPUseTLS"));
  LS_TRY(no_redirects, fields.boolean("DisableRedirects"));
  LS_TRY(successes, count_of(fields, "SuccessBeforePassing"));
  LS_TRY(warnings, count_of(fields, "FailuresBeforeWarning"));
  LS_TRY(failures, count_of(fields, "FailuresBeforeCritical"));
  LS_TRY(output, count_of(fields, "OutputMaxSize"));
  out.args = args.empty() ? std::move(script_args) : std::move(args);
  out.grpc_use_tls = grpc_tls;
  out.h2ping_use_tls = h2ping_tls;
  out.tls_skip_verify = skip_verify;
  out.success_before_passing = successes;
  out.failures_before_warning = warnings;
  out.failures_before_critical = failures;
  out.tcp_use_tls = tcp_tls;
  out.disable_redirects = no_redirects;
  out.output_max_size = output;
  return out;
}

Result<Registration> registration_from(const Value& value) {
  LS_TRY_STATUS(require_object(value, "service"));
  const LooseFields fields(value, "");
  LS_TRY(id, fields.text("ID"));
  LS_TRY(name, fields.text("Name"));
  LS_TRY(tags, fields.texts("Tags"));
  LS_TRY(port, port_of(fields));
  LS_TRY(address, fields.text("Address"));
  LS_TRY(meta, fields.text_map("Meta"));
  LS_TRY(tagged, tagged_addresses(fields));
  LS_TRY(override_tags, fields.boolean("EnableTagOverride"));
  LS_TRY(weights, fields.object("Weights"));
  LS_TRY(checks, checks_of(fields));
  Registration out;
  if (weights != nullptr) {
    const LooseFields one(*weights, fields.path("Weights"));
    LS_TRY(passing, count_of(one, "Passing"));
    LS_TRY(warning, count_of(one, "Warning"));
    out.weights = Weights{passing, warning};
  }
  out.id = std::move(id);
  out.name = std::move(name);
  out.tags = std::move(tags);
  out.port = port;
  out.address = std::move(address);
  out.meta = std::move(meta);
  out.tagged_addresses = std::move(tagged);
  out.enable_tag_override = override_tags;
  out.checks = std::move(checks);
  return out;
}

Result<Registration> decode_registration(std::string_view text) {
  LS_TRY(document, json::parse(text, "service"));
  return registration_from(document);
}

Result<CheckRegistration> decode_check_registration(std::string_view text) {
  LS_TRY(document, json::parse(text, "check"));
  LS_TRY(check, check_definition_from(document, ""));
  LS_TRY(service, LooseFields(document, "").text("ServiceID"));
  return CheckRegistration{std::move(service), std::move(check)};
}

Result<SessionRequest> decode_session_request(std::string_view text) {
  SessionRequest out;
  if (text.empty()) return out;
  LS_TRY(document, json::parse(text, "session"));
  LS_TRY_STATUS(require_object(document, "session"));
  const LooseFields fields(document, "");
  LS_TRY(name, fields.text("Name"));
  LS_TRY(node, fields.text("Node"));
  LS_TRY(ttl, fields.duration("TTL"));
  LS_TRY(behavior, fields.text("Behavior"));
  LS_TRY(delay, fields.duration("LockDelay"));
  LS_TRY(checks, fields.texts("NodeChecks"));
  LS_TRY(old_checks, fields.texts("Checks"));
  out.name = std::move(name);
  out.node = std::move(node);
  out.ttl = ttl;
  if (!behavior.empty()) out.behavior = std::move(behavior);
  // Small numbers are seconds (FixupLockDelay of Consul).
  const bool seconds = delay.count() > 0 && delay.count() < 1000;
  if (fields.find("LockDelay") != nullptr) out.lock_delay = seconds ? delay * 1'000'000'000 : delay;
  if (fields.find("NodeChecks") != nullptr) out.node_checks = std::move(checks);
  // The name before Consul 1.7.
  else if (fields.find("Checks") != nullptr)
    out.node_checks = std::move(old_checks);
  return out;
}

Result<std::vector<TxnOperation>> decode_txn(std::string_view text) {
  LS_TRY(document, json::parse(text, "txn"));
  if (!document.is_array())
    return fail(Errc::protocol, "txn: expected an array, found " + std::string(document.type_name()));
  std::vector<TxnOperation> out;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const std::string path = "[" + std::to_string(i) + "]";
    LS_TRY_STATUS(require_object(document[i], path));
    const LooseFields fields(document[i], path);
    LS_TRY(kv, fields.object("KV"));
    if (kv == nullptr) {
      for (const char* other : {"Node", "Service", "Check", "Session"})
        if (fields.find(other) != nullptr) return fail(Errc::rejected, path + ": only KV operations are supported");
      continue;
    }
    LS_TRY(operation, operation_from(*kv, path + ".KV"));
    out.push_back(std::move(operation));
  }
  return out;
}

}  // namespace longshore::consul
