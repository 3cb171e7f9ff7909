#include "agent/reread.h"

#include <algorithm>

#include "agent/config_file.h"

namespace longshore::agent {
namespace {

bool same_value(const cli::Option& option, const cli::Parsed& one, const cli::Parsed& other) {
  const std::string& name = option.names.front();
  switch (option.kind) {
    case cli::Kind::boolean:
      return one.boolean(name) == other.boolean(name);
    case cli::Kind::text:
      return one.text(name) == other.text(name);
    case cli::Kind::integer:
      return one.integer(name) == other.integer(name);
    case cli::Kind::duration:
      return one.duration(name) == other.duration(name);
    case cli::Kind::list:
      return one.list(name) == other.list(name);
  }
  return true;
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

OptionReader::OptionReader(cli::Parsed typed, cli::Parsed at_start, AgentOptions options,
                           std::vector<std::string> paths, cli::OptionTable known, cli::Environment environment,
                           bool fixed_uri)
    : typed_(std::move(typed)),
      at_start_(std::move(at_start)),
      now_(at_start_),
      options_(std::move(options)),
      paths_(std::move(paths)),
      known_(std::move(known)),
      environment_(std::move(environment)),
      fixed_uri_(fixed_uri) {}

Result<Reread> OptionReader::read() {
  Reread out;
  out.parsed = typed_;
  LS_TRY(remarks, read_config_files(paths_, known_, environment_, out.parsed));
  out.remarks = std::move(remarks);
  if (fixed_uri_) out.parsed.positionals = at_start_.positionals;
  LS_TRY(setup, agent_setup(out.parsed, environment_, false));
  out.options = std::move(setup.config.options);
  keep_what_a_start_decides(options_, out.options);
  for (const cli::Option& option : out.parsed.table().all()) {
    const std::string& name = option.names.front();
    const bool late = needs_restart(name);
    if (same_value(option, out.parsed, late ? at_start_ : now_)) continue;
    (late ? out.restart : out.changed).push_back(name);
  }
  if (out.parsed.positionals != at_start_.positionals) out.restart.emplace_back("uri");
  now_ = out.parsed;
  options_ = out.options;
  return out;
}

}  // namespace longshore::agent
