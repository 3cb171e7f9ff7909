// Every option has a key that says the same, and the other way round nothing is left: the two ways to tell a renderer
// something cannot drift apart.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "renderer/load.h"
#include "renderer/settings/print.h"

using namespace longshore;
using namespace longshore::render;

namespace {

struct Row {
  std::vector<std::string> words;  // the first is the option
  const char* key;                 // configuration that says the same
};

const Row kRows[] = {
    {{"-template", "a:b"}, R"(template { source = "a" destination = "b" })"},
    {{"-template", "a"}, R"(template { source = "a" })"},
    {{"-template", "a:b:c d:e"}, R"(template { source = "a" destination = "b" exec { command = "c d:e" } })"},
    {{"-once"}, "once = true"},
    {{"-once-timeout", "5s"}, R"(once_timeout = "5s")"},
    {{"-parse-only"}, "parseonly = true"},
    {{"-template-error-fatal=false"}, "template_error_fatal = false"},
    {{"-default-left-delimiter", "<<"}, R"(default_delimiters { left = "<<" })"},
    {{"-default-right-delimiter", ">>"}, R"(default_delimiters { right = ">>" })"},
    {{"-consul-addr", "h:1"}, R"(consul { address = "h:1" })"},
    {{"-consul", "h:1"}, R"(consul = "h:1")"},
    {{"-consul-token", "t"}, R"(consul { token = "t" })"},
    {{"-token", "t"}, R"(token = "t")"},
    {{"-consul-token-file", "f"}, R"(consul { token_file = "f" })"},
    {{"-token-file", "f"}, R"(consul { token_file = "f" })"},
    {{"-consul-auth", "u:p:q"}, R"(consul { auth { username = "u" password = "p:q" } })"},
    {{"-auth", "u"}, R"(auth { username = "u" })"},
    {{"-max-connections", "9"}, "max_connections = 9"},
    {{"-max-stale", "3s"}, R"(max_stale = "3s")"},
    {{"-env", "blue"}, R"(env = "blue")"},
    {{"-renderer-id", "lb"}, R"(renderer_id = "lb")"},
    {{"-dedup"}, "deduplicate { enabled = true }"},
    {{"-consul-ssl"}, "consul { ssl { enabled = true } }"},
    {{"-ssl"}, "ssl { enabled = true }"},
    {{"-consul-ssl-verify=false"}, "consul { ssl { verify = false } }"},
    {{"-ssl-verify=false"}, "ssl { verify = false }"},
    {{"-consul-ssl-ca-cert", "f"}, R"(consul { ssl { ca_cert = "f" } })"},
    {{"-ssl-ca-cert", "f"}, R"(ssl { ca_cert = "f" })"},
    {{"-consul-ssl-ca-path", "d"}, R"(consul { ssl { ca_path = "d" } })"},
    {{"-ssl-ca-path", "d"}, R"(ssl { ca_path = "d" })"},
    {{"-consul-ssl-cert", "f"}, R"(consul { ssl { cert = "f" } })"},
    {{"-ssl-cert", "f"}, R"(ssl { cert = "f" })"},
    {{"-consul-ssl-key", "f"}, R"(consul { ssl { key = "f" } })"},
    {{"-ssl-key", "f"}, R"(ssl { key = "f" })"},
    {{"-consul-ssl-server-name", "n"}, R"(consul { ssl { server_name = "n" } })"},
    {{"-ssl-server-name", "n"}, R"(ssl { server_name = "n" })"},
    {{"-consul-retry=false"}, "consul { retry { enabled = false } }"},
    {{"-consul-retry-attempts", "3"}, "consul { retry { attempts = 3 } }"},
    {{"-consul-retry-backoff", "2s"}, R"(consul { retry { backoff = "2s" } })"},
    {{"-retry", "2s"}, R"(retry = "2s")"},
    {{"-consul-retry-max-backoff", "0"}, R"(consul { retry { max_backoff = "0s" } })"},
    {{"-consul-transport-dial-timeout", "2s"}, R"(consul { transport { dial_timeout = "2s" } })"},
    {{"-consul-transport-tls-handshake-timeout", "2s"}, R"(consul { transport { tls_handshake_timeout = "2s" } })"},
    {{"-consul-transport-dial-keep-alive", "2s"}, R"(consul { transport { dial_keep_alive = "2s" } })"},
    {{"-consul-transport-disable-keep-alives"}, "consul { transport { disable_keep_alives = true } }"},
    {{"-consul-transport-max-idle-conns-per-host", "3"}, "consul { transport { max_idle_conns_per_host = 3 } }"},
    {{"-wait", "1s:2s"}, R"(wait { min = "1s" max = "2s" })"},
    {{"-wait", "1s"}, R"(wait = "1s")"},
    {{"-hold", "1s"}, R"(hold = "1s")"},
    {{"-reload-pid-file", "f"}, R"(nginx { pid_file = "f" })"},
    {{"-reload-executable", "openresty"}, R"(nginx { executable = "openresty" })"},
    {{"-retire-workers=false"}, "nginx { retire_workers = false }"},
    {{"-state-dir", "d"}, R"(state_dir = "d")"},
    {{"-fleet-splay", "5s"}, R"(fleet { splay = "5s" })"},
    {{"-fleet-semaphore", "edge"}, R"(fleet { semaphore = "edge" })"},
    {{"-fleet-limit", "2"}, "fleet { limit = 2 }"},
    {{"-fleet-patience", "1m"}, R"(fleet { patience = "1m" })"},
    {{"-probe=false"}, "probe { enabled = false }"},
    {{"-probe-floor", "50%"}, R"(probe { floor = "50%" })"},
    {{"-probe-interval", "1s"}, R"(health_check { interval = "1s" })"},
    {{"-probe-timeout", "1s"}, R"(health_check { timeout = "1s" })"},
    {{"-probe-rise", "3"}, "health_check { rise = 3 }"},
    {{"-probe-fall", "2"}, R"(health_check { fall = "2" })"},
    {{"-probe-admission", "off"}, R"(health_check { admission = "off" })"},
    {{"-min-instances", "2"}, "guard { min_instances = 2 }"},
    {{"-max-shrink", "50%"}, R"(guard { max_shrink = "50%" })"},
    {{"-keep-on-empty"}, "guard { keep_on_empty = true }"},
    {{"-guard-limit", "1m"}, R"(guard { limit = "1m" })"},
    {{"-exec", "a b"}, R"(exec { command = "a b" })"},
    {{"-exec-kill-signal", "sigterm"}, R"(exec { kill_signal = "SIGTERM" })"},
    {{"-exec-kill-timeout", "1s"}, R"(exec { kill_timeout = "1s" })"},
    {{"-exec-reload-signal", "SIGUSR1"}, R"(exec { reload_signal = "SIGUSR1" })"},
    {{"-exec-splay", "1s"}, R"(exec { splay = "1s" })"},
    {{"-exec-restart", "always"}, R"(exec { restart = "always" })"},
    {{"-exec-env-pristine"}, "exec { env { pristine = true } }"},
    {{"-exec-env-custom", "A=1", "-exec-env-custom", "B=2"}, R"(exec { env { custom = ["A=1", "B=2"] } })"},
    {{"-exec-env-allowlist", "A*"}, R"(exec { env { allowlist = ["A*"] } })"},
    {{"-exec-env-whitelist", "A*"}, R"(exec { env { allowlist = ["A*"] } })"},
    {{"-exec-env-denylist", "A*"}, R"(exec { env { denylist = ["A*"] } })"},
    {{"-exec-env-blacklist", "A*"}, R"(exec { env { denylist = ["A*"] } })"},
    {{"-kill-signal", "SIGTERM"}, R"(kill_signal = "SIGTERM")"},
    {{"-kill-signal", "SIGNULL"}, R"(kill_signal = "")"},
    {{"-reload-signal", "SIGUSR2"}, R"(reload_signal = "SIGUSR2")"},
    {{"-dump-signal", "SIGQUIT"}, R"(dump_signal = "SIGQUIT")"},
    {{"-reap"}, "reap = true"},
    {{"-pid-file", "f"}, R"(pid_file = "f")"},
    {{"-log-file", "f"}, R"(log_file { path = "f" })"},
    {{"-log-rotate-bytes", "5"}, "log_file { log_rotate_bytes = 5 }"},
    {{"-log-rotate-duration", "1h"}, R"(log_file { log_rotate_duration = "1h" })"},
    {{"-log-rotate-max-files", "-1"}, "log_file { log_rotate_max_files = -1 }"},
    {{"-syslog"}, "syslog { enabled = true }"},
    {{"-syslog-facility", "LOCAL5"}, R"(syslog { facility = "LOCAL5" })"},
    {{"-syslog-name", "n"}, R"(syslog { name = "n" })"},
};

// About this call, not about what is rendered.
const std::set<std::string> kWithoutKey = {"config", "dry", "print-config"};

settings::Settings settings_of(const std::vector<std::string>& words, const cli::Environment& environment) {
  const auto parsed =
      cli::parse(render_options(), words, {.precedence = cli::Precedence::consul_template}, environment);
  REQUIRE(parsed);
  auto loaded = load_settings(*parsed, environment, Name::own);
  if (!loaded) FAIL(loaded.error().text);
  return std::move(loaded->settings);
}

// Also what print() hides.
std::string everything(const settings::Settings& settings) {
  const auto text = [](const std::optional<settings::Secret>& secret) { return secret ? secret->text : "none"; };
  return settings::print(settings) + text(settings.consul.token) + "\n" + text(settings.consul.auth.password);
}

std::string name_in(const std::string& word) {
  return word.substr(1, word.find('=') - 1);
}

}  // namespace

TEST_CASE("an option and its key give the same settings") {
  const std::string nothing = everything(settings_of({}, {}));
  for (const Row& row : kRows) {
    CAPTURE(row.words.front());
    const std::string by_option = everything(settings_of(row.words, {}));
    CHECK(by_option == everything(settings_of({}, {{"CT_LOCAL_CONFIG", row.key}})));
    const std::string name = name_in(row.words.front());
    CHECK((by_option != nothing) == (name != "dump-signal" && name != "reap"));
  }
}

TEST_CASE("every name of every option is in the table") {
  std::set<std::string> known = kWithoutKey;
  for (const Row& row : kRows) known.insert(name_in(row.words.front()));
  std::set<std::string> options;
  const cli::OptionTable table = render_options();
  for (const cli::Option& option : table.all())
    for (const std::string& name : option.names)
      if (!name.starts_with("vault-")) options.insert(name);
  CHECK(options == known);
}
