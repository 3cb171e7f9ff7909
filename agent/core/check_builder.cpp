#include "agent/core/check_builder.h"

#include <algorithm>

#include "agent/core/shell_words.h"
#include "common/base/text.h"

namespace longshore::agent::detail {
namespace {

constexpr base::Duration kDefaultInterval = std::chrono::seconds(10);
// Consul's own floor is 1; its ceiling for one check's output is far above.
constexpr int kMostOutput = 1 << 20;

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// Go's canonical form: Consul looks for "Host" byte by byte.
std::string canonical_header(std::string_view name) {
  std::string out = base::to_lower_ascii(name);
  bool first = true;
  for (char& c : out) {
    if (c == '_') c = '-';
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    first = c == '-';
  }
  return out;
}

// A word that only switches something on.
bool is_plain_on(std::string_view value) {
  const std::string word = base::to_lower_ascii(value);
  for (const char* yes : {"1", "t", "true", "y", "yes", "on"})
    if (word == yes) return true;
  return false;
}

bool is_empty(const consul::CheckDefinition& check) {
  return check.http.empty() && check.args.empty() && check.tcp.empty() && check.grpc.empty() && check.udp.empty() &&
         check.h2ping.empty() && check.alias_service.empty() && check.alias_node.empty() && check.os_service.empty() &&
         check.ttl.count() == 0;
}

}  // namespace

std::string target_text(const CheckTarget& target) {
  const bool bare_ipv6 = target.address.find(':') != std::string::npos && !target.address.starts_with('[');
  const std::string host = bare_ipv6 ? "[" + target.address + "]" : target.address;
  return target.port == 0 ? host : host + ":" + std::to_string(target.port);
}

CheckBuilder::CheckBuilder(const Metadata& metadata, const CheckTarget& target, const AgentOptions& options,
                           std::string number, CheckChoice& out)
    : metadata_(metadata), target_(target), options_(options), number_(std::move(number)), out_(out) {}

std::string_view CheckBuilder::own(std::string_view key) const {
  return metadata_.get("check_" + number_ + (number_.empty() ? "" : "_") + std::string(key));
}

std::string_view CheckBuilder::setting(std::string_view key) const {
  const std::string_view mine = own(key);
  return mine.empty() ? metadata_.get("check_" + std::string(key)) : mine;
}

void CheckBuilder::note(std::string_view key, std::string_view what) {
  out_.notes.push_back("check_" + number_ + (number_.empty() ? "" : "_") + std::string(key) + std::string(what));
}

void CheckBuilder::duration(std::string_view key, base::Duration& into) {
  const std::string_view text = setting(key);
  if (text.empty()) return;
  const auto parsed = base::parse_duration(text);
  if (parsed && parsed->count() > 0)
    into = *parsed;
  else
    note(key, ": not a duration: " + std::string(text));
}

void CheckBuilder::count(std::string_view key, int& into, int least, int most) {
  const std::string_view text = setting(key);
  if (text.empty()) return;
  const auto number = base::parse_uint(text);
  if (number && *number >= static_cast<std::uint64_t>(least) && *number <= static_cast<std::uint64_t>(most))
    into = static_cast<int>(*number);
  else
    note(key,
         ": not a number from " + std::to_string(least) + " to " + std::to_string(most) + ": " + base::log_value(text));
}

void CheckBuilder::exec(std::vector<std::string> args, std::string_view key) {
  if (may_exec())
    check_.args = std::move(args);
  else
    refuse_exec(key);
}

void CheckBuilder::refuse_exec(std::string_view key) {
  note(key, " runs a command on the host: needs -allow-exec-checks");
}

void CheckBuilder::script(std::string_view text) {
  std::string line = replace_all(std::string(text), "$SERVICE_IP", target_.address);
  line = replace_all(std::move(line), "$SERVICE_PORT", std::to_string(target_.port));
  // Registrator hands the whole line to Consul as the name of one program.
  exec(options_.compatible ? std::vector<std::string>{line} : command_of(line), "script");
}

void CheckBuilder::docker(std::string_view text) {
  exec(command_of(text), "docker");
  if (check_.args.empty()) return;
  check_.docker_container_id = target_.container_id;
  if (const std::string_view shell = setting("shell"); !shell.empty()) {
    check_.shell = shell;
    check_.args = {std::string(shell), "-c", std::string(text)};
  }
}

void CheckBuilder::http(std::string_view scheme, std::string_view path) {
  check_.http = std::string(scheme) + "://" + target_text(target_) + (path.starts_with('/') ? "" : "/");
  check_.http += path;
  std::string_view method = setting(std::string(scheme) + "_method");
  if (options_.compatible) {
    check_.method = method;
    return;
  }
  if (method.empty()) method = setting("method");
  check_.method = method;
  check_.body = setting("body");
  check_.disable_redirects = on("disable_redirects") && needs_consul(12, "disable_redirects");
  header();
  if (scheme == "https") check_.tls_skip_verify = on("tls_skip_verify");
}

// CHECK_HEADER_<NAME>=value, and CHECK_HEADERS=Name: value,Name: value with \, for a comma.
void CheckBuilder::header() {
  // Those of the numbered check replace the common ones.
  std::vector<std::string> prefixes = {"check_header_"};
  if (!number_.empty()) prefixes.push_back("check_" + number_ + "_header_");
  for (const std::string& prefix : prefixes)
    for (auto at = metadata_.values.lower_bound(prefix); at != metadata_.values.end(); ++at) {
      if (!at->first.starts_with(prefix)) break;
      const std::string name = canonical_header(std::string_view(at->first).substr(prefix.size()));
      if (!name.empty() && !at->second.empty()) check_.header[name] = {at->second};
    }
  for (const std::string& item : split_tags(setting("headers"))) {
    const std::size_t colon = item.find(':');
    const std::string name = canonical_header(base::trim(std::string_view(item).substr(0, colon)));
    if (colon == std::string::npos || name.empty())
      note("headers", ": not \"Name: value\": " + base::log_value(item));
    else
      check_.header[name].emplace_back(base::trim(std::string_view(item).substr(colon + 1)));
  }
}

void CheckBuilder::grpc(std::string_view value) {
  check_.grpc = target_text(target_);
  if (!options_.compatible && !is_plain_on(value)) check_.grpc += "/" + std::string(value);
  check_.grpc_use_tls = on("grpc_use_tls");
  if (check_.grpc_use_tls) check_.tls_skip_verify = on("tls_skip_verify");
}

bool CheckBuilder::needs_port(std::string_view key) {
  if (target_.port != 0 || options_.compatible) return true;
  note(key, ": the service has no port");
  return false;
}

// Consul refuses a registration with a field that it does not know.
bool CheckBuilder::needs_consul(std::uint64_t minor, std::string_view key) {
  if (at_least(target_.consul_version, 1, minor)) return true;
  note(key, ": needs Consul 1." + std::to_string(minor) + ", this one is " + target_.consul_version);
  return false;
}

bool CheckBuilder::peer_family() {
  // A command that may not run leaves its place to the next family: no check at all would always pass.
  const auto runs = [this](std::string_view key) {
    if (own(key).empty()) return false;
    if (may_exec()) return true;
    refuse_exec(key);
    return false;
  };
  if (!own("http").empty()) {
    if (needs_port("http")) http("http", own("http"));
  } else if (!own("https").empty()) {
    if (needs_port("https")) http("https", own("https"));
  } else if (runs("cmd")) {
    exec({"check-cmd", target_.container_id.substr(0, 12), std::to_string(target_.container_port),
          std::string(own("cmd"))},
         "cmd");
  } else if (runs("script")) {
    script(own("script"));
  } else if (!own("ttl").empty()) {
    const std::size_t before = out_.notes.size();
    duration("ttl", check_.ttl);
    if (check_.ttl.count() == 0 && out_.notes.size() > before) out_.refusal = out_.notes.back();
  } else if (is_on(own("tcp"), options_.compatible)) {
    if (!needs_port("tcp")) return true;
    check_.tcp = target_text(target_);
    if (!options_.compatible && on("tcp_use_tls") && needs_consul(17, "tcp_use_tls")) {
      check_.tcp_use_tls = true;
      check_.tls_skip_verify = on("tls_skip_verify");
    }
  } else if (is_on(own("grpc"), options_.compatible)) {
    if (needs_port("grpc")) grpc(own("grpc"));
  } else {
    return false;
  }
  return true;
}

bool CheckBuilder::own_family() {
  if (is_on(own("udp"), false)) {
    if (needs_port("udp") && needs_consul(13, "udp")) check_.udp = target_text(target_);
  } else if (is_on(own("h2ping"), false)) {
    if (!needs_port("h2ping") || !needs_consul(11, "h2ping")) return true;
    check_.h2ping = target_text(target_);
    // Consul's default.
    const std::string_view tls = setting("h2ping_use_tls");
    check_.h2ping_use_tls = tls.empty() || is_on(tls, false);
    if (check_.h2ping_use_tls) check_.tls_skip_verify = on("tls_skip_verify");
  } else if (!own("docker").empty()) {
    docker(own("docker"));
  } else if (!own("alias").empty() || !own("alias_node").empty()) {
    check_.alias_service = own("alias");
    check_.alias_node = own("alias_node");
  } else if (!own("os_service").empty()) {
    if (needs_consul(14, "os_service")) check_.os_service = own("os_service");
  } else {
    return false;
  }
  return true;
}

void CheckBuilder::status() {
  const std::string_view text = setting("initial_status");
  if (text == "passing" || text == "warning" || text == "critical")
    check_.status = text;
  else if (!text.empty())
    note("initial_status", ": neither passing, warning nor critical: " + std::string(text));
}

void CheckBuilder::common() {
  const bool alias = !check_.alias_service.empty() || !check_.alias_node.empty();
  // Consul runs neither of these two by itself.
  if (check_.ttl.count() == 0 && !alias) {
    check_.interval = kDefaultInterval;
    duration("interval", check_.interval);
    // Registrator has none for scripts.
    if (!options_.compatible || check_.args.empty()) duration("timeout", check_.timeout);
  }
  duration("deregister_after", check_.deregister_critical_after);
  status();
  if (options_.compatible) return;
  check_.name = own("name");
  check_.notes = own("notes");
  constexpr int kMost = 1'000'000;
  if (!alias) {
    count("success_before_passing", check_.success_before_passing, 0, kMost);
    if (!setting("failures_before_warning").empty() && needs_consul(11, "failures_before_warning"))
      count("failures_before_warning", check_.failures_before_warning, 0, kMost);
    count("failures_before_critical", check_.failures_before_critical, 0, kMost);
    count("output_max_size", check_.output_max_size, 1, kMostOutput);
  }
  // Consul refuses a registration with these two the wrong way round.
  if (check_.failures_before_warning > check_.failures_before_critical && check_.failures_before_critical > 0) {
    note("failures_before_warning", ": more than failures_before_critical");
    check_.failures_before_warning = check_.failures_before_critical;
  }
  const bool tls =
      check_.http.starts_with("https:") || check_.grpc_use_tls || check_.h2ping_use_tls || check_.tcp_use_tls;
  if (tls && !setting("tls_server_name").empty() && needs_consul(10, "tls_server_name"))
    check_.tls_server_name = setting("tls_server_name");
  if (!number_.empty() && !target_.service_id.empty())
    check_.check_id = "service:" + target_.service_id + ":" + number_;
  if (const std::string_view id = own("id"); !id.empty()) take_id(id);
}

// Consul has one check of an ID, whatever its service.
void CheckBuilder::take_id(std::string_view id) {
  const auto has_it = [&](const consul::CheckDefinition& other) { return other.check_id == id; };
  for (const char* reserved : {"longshore-", "_service_maintenance", "_node_maintenance", "serfHealth"})
    if (id.starts_with(reserved)) return note("id", ": reserved name " + std::string(id));
  if (std::any_of(out_.checks.begin(), out_.checks.end(), has_it))
    return note("id", ": another check of the service has the name " + std::string(id));
  check_.check_id = id;
}

void CheckBuilder::build() {
  if (!peer_family() && (options_.compatible || !own_family())) return;
  if (is_empty(check_)) return;
  common();
  out_.checks.push_back(std::move(check_));
}

}  // namespace longshore::agent::detail
