#include "renderer/options.h"

#include "renderer/core/template_spec.h"
#include "renderer/probe/spec.h"
#include "renderer/settings/finalize_guards.h"
#include "renderer/settings/finalize_probe.h"
#include "renderer/settings/signal_name.h"

namespace longshore::render {
namespace {

using cli::Kind;

constexpr const char* kTemplates = "Templates";
constexpr const char* kChanges = "Changes";
constexpr const char* kGuards = "Guards";
constexpr const char* kProbes = "Probes";
constexpr const char* kExec = "Supervised program";
constexpr const char* kProcess = "This process";

Status check_template(std::string_view text) {
  LS_TRY_STATUS(parse_template_argument(text));
  return {};
}

Status check_wait(std::string_view text) {
  LS_TRY_STATUS(parse_wait(text));
  return {};
}

Status check_signal(std::string_view text) {
  LS_TRY_STATUS(settings::parse_signal(text));
  return {};
}

Status check_floor(std::string_view text) {
  return settings::check_probe_floor(text);
}

Status check_shrink(std::string_view text) {
  LS_TRY_STATUS(settings::parse_shrink(text));
  return {};
}

template <char const* Key>
Status check_probe(std::string_view text) {
  ProbeOverride ignored;
  return set_probe_key(ignored, Key, text);
}
constexpr char kInterval[] = "interval", kTimeout[] = "timeout", kRise[] = "rise", kFall[] = "fall",
               kAdmission[] = "admission";

Status check_restart(std::string_view text) {
  if (text == "no" || text == "on-failure" || text == "always") return {};
  return fail(Errc::invalid_input, "use no, on-failure or always");
}

}  // namespace

cli::OptionTable template_options() {
  return cli::OptionTable({
      {.names = {"template"},
       .kind = Kind::list,
       .value_name = "SOURCE[:DESTINATION[:COMMAND]]",
       .help = "Render SOURCE into DESTINATION and run COMMAND after a change (with white space: by sh -c).",
       .group = kTemplates,
       .check = check_template},
      {.names = {"config"},
       .kind = Kind::list,
       .value_name = "PATH",
       .help = "Configuration file in HCL or JSON, or a directory of them; later ones win.",
       .group = kTemplates},
      {.names = {"once"}, .kind = Kind::boolean, .help = "Render everything once, then end.", .group = kTemplates},
      {.names = {"once-timeout"},
       .kind = Kind::duration,
       .help = "With -once: give up after this long, name what is missing and exit 14; 0 waits for ever.",
       .group = kTemplates},
      {.names = {"dry"}, .kind = Kind::boolean, .help = "Print instead of writing.", .group = kTemplates},
      {.names = {"parse-only"},
       .kind = Kind::boolean,
       .help = "Only parse the templates: nothing is asked, written or run.",
       .group = kTemplates},
      {.names = {"print-config"},
       .kind = Kind::boolean,
       .help = "Print what files, variables and options add up to, as a configuration file in JSON, then end.",
       .group = kTemplates},
      {.names = {"template-error-fatal"},
       .kind = Kind::boolean,
       .help = "An error of a template ends everything (14). Without it the others go on, and -once ends with 14.",
       .group = kTemplates},
      {.names = {"default-left-delimiter"}, .value_name = "TEXT", .help = "Instead of {{.", .group = kTemplates},
      {.names = {"default-right-delimiter"}, .value_name = "TEXT", .help = "Instead of }}.", .group = kTemplates},
  });
}

cli::OptionTable change_options() {
  return cli::OptionTable({
      {.names = {"wait"},
       .value_name = "MIN[:MAX]",
       .help = "Render when a template's data was quiet for MIN, at the latest MAX (4 x MIN) after its first change. "
               "The first time is never delayed.",
       .group = kChanges,
       .check = check_wait},
      {.names = {"hold"},
       .kind = Kind::duration,
       .help = "Keep an instance that vanished without a withdrawal, and does not refuse connections, this long.",
       .fallback = "10s",
       .env = {"LONGSHORE_HOLD"},
       .group = kChanges},
      {.names = {"reload-pid-file"},
       .value_name = "FILE",
       .help = "After changes of templates without a command send HUP to the process in FILE.",
       .group = kChanges},
      {.names = {"reload-executable"},
       .value_name = "NAME",
       .help = "What that process must be; empty for anything.",
       .fallback = "nginx",
       .group = kChanges},
      {.names = {"retire-workers"},
       .kind = Kind::boolean,
       .help =
           "When a command or -reload-pid-file has reloaded nginx, end its old workers as soon as the new ones answer "
           "instead of 100 ms later; requests under way are finished.",
       .fallback = "true",
       .group = kChanges},
      {.names = {"fleet-splay"},
       .kind = Kind::duration,
       .help = "A change that takes no address away waits a random part of this, so that the load balancers of a fleet "
               "do not reload all at once.",
       .fallback = "0s",
       .group = kChanges},
      {.names = {"fleet-semaphore"},
       .value_name = "NAME",
       .help = "Load balancers with the same name take turns in applying such changes (fleet/NAME/ in Consul's KV).",
       .group = kChanges},
      {.names = {"fleet-limit"},
       .kind = Kind::integer,
       .help = "So many of them at a time.",
       .fallback = "1",
       .group = kChanges},
      {.names = {"fleet-patience"},
       .kind = Kind::duration,
       .help = "Whoever has had no turn after this long applies the change all the same.",
       .fallback = "10s",
       .group = kChanges},
      {.names = {"state-dir"},
       .value_name = "DIR",
       .help = "Keep the version before the last change of each file here, and whom we owe a command after kill -9; "
               "empty = nowhere. Without it: a directory for these files in LONGSHORE_STATE_DIR or /var/lib/longshore, "
               "where we may write.",
       .group = kChanges},
  });
}

cli::OptionTable probe_options() {
  return cli::OptionTable({
      {.names = {"probe"},
       .kind = Kind::boolean,
       .help =
           "Ask the backends of rendered services whether they answer: who does not is taken out, who answers again "
           "comes back, and a new one gets traffic after its first answer. Not with -once and -dry.",
       .fallback_text = "true; false as consul-template",
       .env = {"LONGSHORE_PROBE"},
       .group = kProbes},
      {.names = {"probe-floor"},
       .value_name = "N|N%",
       .help = "So many instances of a service, or so many of those in use, stay in traffic whatever probes say.",
       .fallback_text = "1",
       .group = kProbes,
       .check = check_floor},
      {.names = {"probe-interval"},
       .value_name = "DURATION",
       .help = "Time between two probes of a backend. Labels: SERVICE_PROBE_INTERVAL, and likewise below; "
               "SERVICE_PROBE=off for none.",
       .fallback_text = "500ms",
       .group = kProbes,
       .check = check_probe<kInterval>},
      {.names = {"probe-timeout"},
       .value_name = "DURATION",
       .help =
           "A backend without an answer after this time, or after half of it if its answers take at most 50 ms, has "
           "failed once.",
       .fallback_text = "1s",
       .group = kProbes,
       .check = check_probe<kTimeout>},
      {.names = {"probe-rise"},
       .value_name = "N",
       .help = "So many answers in a row bring a backend back.",
       .fallback_text = "2",
       .group = kProbes,
       .check = check_probe<kRise>},
      {.names = {"probe-fall"},
       .value_name = "N",
       .help = "So many failures in a row take it out.",
       .fallback_text = "3",
       .group = kProbes,
       .check = check_probe<kFall>},
      {.names = {"probe-admission"},
       .value_name = "DURATION",
       .help = "A new instance beside others that answer, or of our agent, gets traffic with its first answer, at the "
               "latest after this time; 0 or off: at once.",
       .fallback_text = "5s",
       .group = kProbes,
       .check = check_probe<kAdmission>},
  });
}

cli::OptionTable guard_options() {
  return cli::OptionTable({
      {.names = {"min-instances"},
       .kind = Kind::integer,
       .value_name = "N",
       .help = "Fewer instances of a service in use than this are not believed: those that went without a word (no "
               "withdrawal, drain or maintenance) stay until others come, until `longshore release`, or for "
               "-guard-limit. The first file waits for so many, 10 s at most.",
       .group = kGuards,
       .min = 0,
       .max = 1000000},
      {.names = {"max-shrink"},
       .value_name = "PERCENT",
       .help = "The same when more than this share of a service goes within 10 s.",
       .group = kGuards,
       .check = check_shrink},
      {.names = {"keep-on-empty"},
       .kind = Kind::boolean,
       .help = "The same when nothing would be left. More, for single services and templates: guard {} in a file.",
       .group = kGuards},
      {.names = {"guard-limit"},
       .kind = Kind::duration,
       .help = "What a guard holds back goes after this long; 0: only when somebody says so.",
       .fallback_text = "10m",
       .group = kGuards},
  });
}

cli::OptionTable exec_options() {
  return cli::OptionTable({
      {.names = {"exec"},
       .value_name = "COMMAND",
       .help =
           "Start COMMAND when everything is rendered, tell it about changes, end when it ends, with its exit code.",
       .group = kExec},
      {.names = {"exec-kill-signal"},
       .value_name = "SIGNAL",
       .help = "What asks it to end.",
       .fallback_text = "SIGINT",
       .group = kExec,
       .check = check_signal},
      {.names = {"exec-kill-timeout"},
       .kind = Kind::duration,
       .help = "After this long it is killed.",
       .fallback_text = "30s",
       .group = kExec},
      {.names = {"exec-reload-signal"},
       .value_name = "SIGNAL",
       .help = "What tells it about changes; without one it is restarted.",
       .group = kExec,
       .check = check_signal},
      {.names = {"exec-splay"},
       .kind = Kind::duration,
       .help = "Wait a random time up to this one before it is told or restarted.",
       .group = kExec},
      {.names = {"exec-restart"},
       .value_name = "POLICY",
       .help = "When it ends by itself start it again: no, on-failure or always, with growing pauses.",
       .fallback_text = "no",
       .group = kExec,
       .check = check_restart},
      {.names = {"exec-env-pristine"}, .kind = Kind::boolean, .help = "It sees no variables of ours.", .group = kExec},
      {.names = {"exec-env-custom"},
       .kind = Kind::list,
       .value_name = "NAME=VALUE",
       .help = "A variable for it.",
       .group = kExec},
      {.names = {"exec-env-allowlist", "exec-env-whitelist"},
       .kind = Kind::list,
       .value_name = "PATTERN",
       .help = "Only variables of ours with such names.",
       .group = kExec},
      {.names = {"exec-env-denylist", "exec-env-blacklist"},
       .kind = Kind::list,
       .value_name = "PATTERN",
       .help = "No variables of ours with such names.",
       .group = kExec},
  });
}

cli::OptionTable process_options() {
  constexpr std::int64_t kMost = 2147483647;
  return cli::OptionTable({
      {.names = {"kill-signal"},
       .value_name = "SIGNAL",
       .help = "What ends us in order.",
       .fallback_text = "SIGINT, and SIGTERM as longshore render",
       .group = kProcess,
       .check = check_signal},
      {.names = {"reload-signal"},
       .value_name = "SIGNAL",
       .help = "What makes us read configuration and templates again.",
       .fallback_text = "SIGHUP",
       .group = kProcess,
       .check = check_signal},
      {.names = {"dump-signal"}, .value_name = "SIGNAL", .help = "Accepted, not used any more.", .hidden = true},
      {.names = {"reap"}, .kind = Kind::boolean, .help = "Accepted: process 1 reaps in any case.", .hidden = true},
      {.names = {"pid-file"},
       .value_name = "FILE",
       .help = "Our process number is here while we run.",
       .group = kProcess},
      {.names = {"log-file"},
       .value_name = "FILE",
       .help = "Log also to files of this name and the time.",
       .group = kProcess},
      {.names = {"log-rotate-bytes"},
       .kind = Kind::integer,
       .help = "A new log file after so many bytes; 0: no bound.",
       .group = kProcess,
       .min = -kMost - 1,
       .max = kMost},
      {.names = {"log-rotate-duration"},
       .kind = Kind::duration,
       .help = "A new log file after this long.",
       .fallback_text = "24h",
       .group = kProcess},
      {.names = {"log-rotate-max-files"},
       .kind = Kind::integer,
       .help = "How many older log files stay; 0: all, -1: none.",
       .group = kProcess,
       .min = -1,
       .max = kMost},
      {.names = {"syslog"}, .kind = Kind::boolean, .help = "Log also to syslog.", .group = kProcess},
      {.names = {"syslog-facility"},
       .value_name = "FACILITY",
       .help = "LOCAL0 to LOCAL7, DAEMON, USER ..",
       .fallback_text = "LOCAL0",
       .group = kProcess},
      {.names = {"syslog-name"},
       .value_name = "NAME",
       .help = "Our name in syslog.",
       .fallback_text = "consul-template",
       .group = kProcess},
  });
}

cli::OptionTable vault_options() {
  std::vector<cli::Option> options;
  const auto add = [&](Kind kind, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      cli::Option option;
      option.names = {std::string("vault-") + name};
      option.kind = kind;
      option.help = "Refused: Vault is not supported.";
      option.hidden = true;
      option.secret = true;
      options.push_back(std::move(option));
    }
  };
  add(Kind::text, {"addr", "token", "agent-token-file", "client-user-agent", "ssl-ca-cert", "ssl-ca-path", "ssl-cert",
                   "ssl-key", "ssl-server-name"});
  add(Kind::boolean, {"renew-token", "unwrap-token", "retry", "ssl", "ssl-verify", "transport-disable-keep-alives"});
  add(Kind::integer, {"retry-attempts", "transport-max-conns-per-host", "transport-max-idle-conns-per-host"});
  add(Kind::duration, {"default-lease-duration", "grace", "retry-backoff", "retry-max-backoff",
                       "transport-dial-keep-alive", "transport-dial-timeout", "transport-tls-handshake-timeout"});
  return cli::OptionTable(std::move(options));
}

cli::OptionTable render_options() {
  return template_options()
      .with(consul_options())
      .with(change_options())
      .with(probe_options())
      .with(guard_options())
      .with(exec_options())
      .with(process_options())
      .with(vault_options());
}

}  // namespace longshore::render
