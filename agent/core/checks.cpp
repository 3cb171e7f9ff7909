#include "agent/core/checks.h"

#include "common/base/hash.h"

namespace longshore::agent {
namespace {

constexpr base::Duration kDefaultInterval = std::chrono::seconds(10);

std::string host_port(const CheckTarget& target) {
  const bool bare_ipv6 = target.address.find(':') != std::string::npos && !target.address.starts_with('[');
  const std::string host = bare_ipv6 ? "[" + target.address + "]" : target.address;
  return host + ":" + std::to_string(target.port);
}

std::string url(std::string_view scheme, const CheckTarget& target, std::string_view path) {
  std::string out = std::string(scheme) + "://" + host_port(target);
  if (!path.starts_with('/')) out += '/';
  return out += path;
}

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// One container's metadata becoming one definition.
struct Builder {
  const Metadata& metadata;
  const CheckTarget& target;
  const AgentOptions& options;
  CheckChoice out;
  consul::CheckDefinition check;

  void duration(std::string_view key, base::Duration& into) {
    const std::string_view text = metadata.get(key);
    if (text.empty()) return;
    const auto parsed = base::parse_duration(text);
    if (parsed && parsed->count() > 0)
      into = *parsed;
    else
      out.notes.push_back(std::string(key) + ": not a duration: " + std::string(text));
  }

  bool on(std::string_view key) const { return is_on(metadata.get(key), options.compatible); }

  void exec(std::vector<std::string> args, std::string_view key) {
    if (options.compatible || options.allow_exec_checks)
      check.args = std::move(args);
    else
      out.notes.push_back(std::string(key) + " runs a command on the host: needs -allow-exec-checks");
  }

  void skip_verify() { check.tls_skip_verify = on("check_tls_skip_verify"); }

  // False when there is no check at all.
  bool family() {
    const auto value = [&](std::string_view key) { return metadata.get(key); };
    if (!value("check_http").empty()) {
      check.http = url("http", target, value("check_http"));
      check.method = value("check_http_method");
      duration("check_timeout", check.timeout);
    } else if (!value("check_https").empty()) {
      check.http = url("https", target, value("check_https"));
      check.method = value("check_https_method");
      duration("check_timeout", check.timeout);
      if (!options.compatible) skip_verify();
    } else if (!value("check_cmd").empty()) {
      exec({"check-cmd", target.container_id.substr(0, 12), std::to_string(target.container_port),
            std::string(value("check_cmd"))},
           "check_cmd");
    } else if (!value("check_script").empty()) {
      std::string script = replace_all(std::string(value("check_script")), "$SERVICE_IP", target.address);
      script = replace_all(std::move(script), "$SERVICE_PORT", std::to_string(target.port));
      if (options.compatible)
        exec({script}, "check_script");
      else
        exec({"/bin/sh", "-c", script}, "check_script");
    } else if (!value("check_ttl").empty()) {
      duration("check_ttl", check.ttl);
      if (check.ttl.count() == 0) out.refusal = out.notes.back();
    } else if (on("check_tcp")) {
      check.tcp = host_port(target);
      duration("check_timeout", check.timeout);
    } else if (on("check_grpc")) {
      check.grpc = host_port(target);
      duration("check_timeout", check.timeout);
      check.grpc_use_tls = on("check_grpc_use_tls");
      if (check.grpc_use_tls) skip_verify();
    }
    return !check.http.empty() || !check.args.empty() || !check.tcp.empty() || !check.grpc.empty() ||
           check.ttl.count() != 0;
  }

  void common() {
    if (check.ttl.count() == 0) {
      check.interval = kDefaultInterval;
      duration("check_interval", check.interval);
    }
    duration("check_deregister_after", check.deregister_critical_after);
    const std::string_view status = metadata.get("check_initial_status");
    if (status == "passing" || status == "warning" || status == "critical")
      check.status = status;
    else if (!status.empty())
      out.notes.push_back("check_initial_status: neither passing, warning nor critical: " + std::string(status));
  }
};

// Unit separators keep neighbouring fields apart.
void add(std::uint64_t& hash, std::string_view field) {
  hash = base::fnv1a(field, hash);
  hash = base::fnv1a("\x1f", hash);
}
void add(std::uint64_t& hash, std::int64_t field) {
  add(hash, std::to_string(field));
}

}  // namespace

CheckChoice choose_check(const Metadata& metadata, const CheckTarget& target, const AgentOptions& options) {
  Builder builder{metadata, target, options, {}, {}};
  if (builder.family()) {
    builder.common();
    builder.out.check = std::move(builder.check);
  }
  return std::move(builder.out);
}

std::string checks_fingerprint(const std::vector<consul::CheckDefinition>& checks) {
  if (checks.empty()) return {};
  std::uint64_t hash = base::fnv1a("1");
  for (const consul::CheckDefinition& check : checks) {
    for (const std::string* text :
         {&check.check_id, &check.name, &check.notes, &check.http, &check.method, &check.body, &check.tcp, &check.udp,
          &check.grpc, &check.h2ping, &check.docker_container_id, &check.shell, &check.alias_node, &check.alias_service,
          &check.tls_server_name, &check.status})
      add(hash, *text);
    for (const auto& [name, values] : check.header) {
      add(hash, name);
      for (const std::string& value : values) add(hash, value);
    }
    for (const std::string& arg : check.args) add(hash, arg);
    for (const std::int64_t number :
         {std::int64_t{check.grpc_use_tls}, std::int64_t{check.h2ping_use_tls}, std::int64_t{check.tls_skip_verify},
          std::int64_t{check.success_before_passing}, std::int64_t{check.failures_before_warning},
          std::int64_t{check.failures_before_critical}, check.ttl.count(), check.interval.count(),
          check.timeout.count(), check.deregister_critical_after.count()})
      add(hash, number);
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) out[i] = kHex[hash & 15];
  return out;
}

}  // namespace longshore::agent
