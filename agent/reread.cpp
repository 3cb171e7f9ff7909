#include "agent/reread.h"

#include <algorithm>

#include "agent/config_file.h"
#include "common/base/duration.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

std::string value_of(const cli::Option& option, const cli::Parsed& parsed) {
  const std::string& name = option.names.front();
  switch (option.kind) {
    case cli::Kind::boolean:
      return parsed.boolean(name) ? "true" : "false";
    case cli::Kind::text:
      return parsed.text(name);
    case cli::Kind::integer:
      return std::to_string(parsed.integer(name));
    case cli::Kind::duration:
      return base::format_duration(parsed.duration(name));
    case cli::Kind::list:
      return base::join(parsed.list(name), "\n");
  }
  return {};
}

OptionReader::Values values_of(const cli::Parsed& parsed) {
  OptionReader::Values out;
  for (const cli::Option& option : parsed.table().all()) out[option.names.front()] = value_of(option, parsed);
  return out;
}

bool needs_restart(const std::string& name) {
  const std::vector<std::string>& names = restart_options();
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Keys of the KV store, the owner's mark and the reaper's place hang on these.
void keep_what_a_start_decides(const AgentOptions& before, AgentOptions& options) {
  options.compatible = before.compatible;
  options.kv_owner = before.kv_owner;
  options.env = before.env;
  options.hostname = before.hostname;
  options.reap_after = before.reap_after;
  options.reap_limit = before.reap_limit;
}

}  // namespace

const std::vector<std::string>& restart_options() {
  static const std::vector<std::string> kNames = {
      "uri", "env",         "hostname",       "state-dir",      "reap-after", "reap-limit", "reap-check",
      "ttl", "ttl-refresh", "retry-attempts", "retry-interval", "http-addr",  "log-format", "reap-check-timeout"};
  return kNames;
}

OptionReader::OptionReader(Typed typed, const cli::Parsed& at_start, AgentOptions options,
                           std::vector<std::string> paths, Known known, cli::Environment environment, bool fixed_uri)
    : typed_(std::move(typed)),
      at_start_(values_of(at_start)),
      now_(at_start_),
      uri_(at_start.positionals),
      options_(std::move(options)),
      paths_(std::move(paths)),
      known_(known),
      environment_(std::move(environment)),
      fixed_uri_(fixed_uri) {}

Result<Reread> OptionReader::read() {
  Reread out;
  out.parsed = typed_();
  LS_TRY(remarks, read_config_files(paths_, known_(), environment_, out.parsed));
  out.remarks = std::move(remarks);
  if (fixed_uri_) out.parsed.positionals = uri_;
  LS_TRY(setup, agent_setup(out.parsed, environment_, false));
  out.options = std::move(setup.config.options);
  keep_what_a_start_decides(options_, out.options);
  Values fresh = values_of(out.parsed);
  for (const auto& [name, value] : fresh) {
    const bool late = needs_restart(name);
    if (value != (late ? at_start_ : now_)[name]) (late ? out.restart : out.changed).push_back(name);
  }
  if (out.parsed.positionals != uri_) out.restart.emplace_back("uri");
  now_ = std::move(fresh);
  options_ = out.options;
  return out;
}

}  // namespace longshore::agent
