// Every setting of the renderer, as configuration files, CT_LOCAL_CONFIG, the environment and the command line give
// them: one Settings per layer. Keys are consul-template's, and ours. A new block is a struct with `fields()` and a
// member of Settings; nothing else is needed to have it decoded, merged, printed and its typos explained.
#pragma once
#include "renderer/settings/values.h"

namespace longshore::render::settings {

struct Auth {
  std::optional<bool> enabled;  // nothing: if there is a user or a password
  std::optional<std::string> username;
  std::optional<Secret> password;
  static constexpr auto fields() {
    return std::tuple(field("enabled", &Auth::enabled), field("username", &Auth::username),
                      field("password", &Auth::password));
  }
};

struct Retry {
  std::optional<bool> enabled;
  std::optional<std::int64_t> attempts;  // 0 = endless
  std::optional<base::Duration> backoff;
  std::optional<base::Duration> max_backoff;  // 0 = no bound
  static constexpr auto fields() {
    return std::tuple(field("enabled", &Retry::enabled), field("attempts", &Retry::attempts),
                      field("backoff", &Retry::backoff), field("max_backoff", &Retry::max_backoff));
  }
};

struct Ssl {
  std::optional<bool> enabled;  // nothing: if any other key is given
  std::optional<bool> verify;
  std::optional<std::string> cert, key, ca_cert, ca_path, server_name;
  static constexpr auto fields() {
    return std::tuple(field("enabled", &Ssl::enabled), field("verify", &Ssl::verify), field("cert", &Ssl::cert),
                      field("key", &Ssl::key), field("ca_cert", &Ssl::ca_cert), field("ca_path", &Ssl::ca_path),
                      field("server_name", &Ssl::server_name));
  }
};

struct Transport {
  std::optional<base::Duration> dial_keep_alive, dial_timeout;
  std::optional<bool> disable_keep_alives;
  std::optional<base::Duration> idle_conn_timeout;
  std::optional<std::int64_t> max_idle_conns, max_idle_conns_per_host, max_conns_per_host;
  std::optional<base::Duration> tls_handshake_timeout;
  static constexpr auto fields() {
    using T = Transport;
    return std::tuple(
        field("dial_keep_alive", &T::dial_keep_alive), field("dial_timeout", &T::dial_timeout),
        field("disable_keep_alives", &T::disable_keep_alives), field("idle_conn_timeout", &T::idle_conn_timeout),
        field("max_idle_conns", &T::max_idle_conns), field("max_idle_conns_per_host", &T::max_idle_conns_per_host),
        field("max_conns_per_host", &T::max_conns_per_host), field("tls_handshake_timeout", &T::tls_handshake_timeout));
  }
};

struct Consul {
  std::optional<std::string> address;  // also `consul = "ADDRESS"`
  std::optional<std::string> ns;
  std::optional<Secret> token;
  std::optional<std::string> token_file;
  Auth auth;
  Retry retry;
  Ssl ssl;
  Transport transport;
  static constexpr auto fields() {
    return std::tuple(field("address", &Consul::address), field("namespace", &Consul::ns),
                      field("token", &Consul::token), field("token_file", &Consul::token_file),
                      field("auth", &Consul::auth), field("retry", &Consul::retry), field("ssl", &Consul::ssl),
                      field("transport", &Consul::transport));
  }
};

struct Deduplicate {
  std::optional<bool> enabled;  // nothing: if any other key is given
  std::optional<std::string> prefix;
  std::optional<base::Duration> ttl, max_stale, block_query_wait;
  static constexpr auto fields() {
    using D = Deduplicate;
    return std::tuple(field("enabled", &D::enabled), field("prefix", &D::prefix), field("ttl", &D::ttl),
                      field("max_stale", &D::max_stale), field("block_query_wait", &D::block_query_wait));
  }
};

struct Delimiters {
  std::optional<std::string> left, right;
  static constexpr auto fields() {
    return std::tuple(field("left", &Delimiters::left), field("right", &Delimiters::right));
  }
};

// Which variables a command sees.
struct Env {
  std::optional<bool> pristine;
  Texts custom, allowlist, denylist;
  Texts whitelist, blacklist;  // the older names of the two
  static constexpr auto fields() {
    return std::tuple(field("pristine", &Env::pristine), field("custom", &Env::custom),
                      field("allowlist", &Env::allowlist), field("denylist", &Env::denylist),
                      field("whitelist", &Env::whitelist), field("blacklist", &Env::blacklist));
  }
};

// Of a template (command, env, timeout count) and of the whole renderer (all but timeout count).
struct Exec {
  std::optional<Command> command;
  std::optional<bool> enabled;  // ignored, as there: a command is what counts
  Env env;
  std::optional<Signal> kill_signal;
  std::optional<base::Duration> kill_timeout;
  std::optional<Signal> reload_signal;
  std::optional<base::Duration> splay;
  std::optional<base::Duration> timeout;
  std::optional<std::string> restart;  // ours: no, on-failure, always
  static constexpr auto fields() {
    return std::tuple(field("command", &Exec::command), field("enabled", &Exec::enabled), field("env", &Exec::env),
                      field("kill_signal", &Exec::kill_signal), field("kill_timeout", &Exec::kill_timeout),
                      field("reload_signal", &Exec::reload_signal), field("splay", &Exec::splay),
                      field("timeout", &Exec::timeout), field("restart", &Exec::restart));
  }
};

struct LogFile {
  std::optional<std::string> path;
  std::optional<std::int64_t> log_rotate_bytes;  // 0 = no bound
  std::optional<base::Duration> log_rotate_duration;
  std::optional<std::int64_t> log_rotate_max_files;  // 0 = all, -1 = none
  static constexpr auto fields() {
    return std::tuple(field("path", &LogFile::path), field("log_rotate_bytes", &LogFile::log_rotate_bytes),
                      field("log_rotate_duration", &LogFile::log_rotate_duration),
                      field("log_rotate_max_files", &LogFile::log_rotate_max_files));
  }
};

struct Syslog {
  std::optional<bool> enabled;  // nothing: if any other key is given
  std::optional<std::string> facility, name;
  static constexpr auto fields() {
    return std::tuple(field("enabled", &Syslog::enabled), field("facility", &Syslog::facility),
                      field("name", &Syslog::name));
  }
};

// Also a string, "5s" or "5s:10s".
struct Wait {
  std::optional<bool> enabled;  // false switches an inherited one off
  std::optional<base::Duration> min, max;
  static constexpr auto fields() {
    return std::tuple(field("enabled", &Wait::enabled), field("min", &Wait::min), field("max", &Wait::max));
  }
};

// Ours: fewer instances than this are not believed, see core/guard.h. At the top for all services or, with `service`,
// for one; in a template or a group for those that it uses, and with what it requires.
struct Guard {
  std::optional<std::string> service;
  std::optional<std::int64_t> min_instances;
  std::optional<std::string> max_shrink;  // "50%"
  std::optional<bool> keep_on_empty;
  std::optional<base::Duration> within, limit;
  Texts require_services, require_keys;
  static constexpr auto fields() {
    using G = Guard;
    return std::tuple(field("service", &G::service), field("min_instances", &G::min_instances),
                      field("max_shrink", &G::max_shrink), field("keep_on_empty", &G::keep_on_empty),
                      field("within", &G::within), field("limit", &G::limit),
                      field("require_services", &G::require_services), field("require_keys", &G::require_keys));
  }
};

struct Template {
  std::optional<std::string> source, contents, destination;
  std::optional<bool> create_dest_dirs;
  std::optional<FileMode> perms;
  std::optional<std::string> user, group;
  std::optional<std::int64_t> uid, gid;  // the older form of the two
  std::optional<bool> backup;
  std::optional<std::string> left_delimiter, right_delimiter;
  std::optional<bool> error_on_missing_key, error_fatal;
  Exec exec;
  std::optional<Command> command;  // the older form of exec.command and exec.timeout
  std::optional<base::Duration> command_timeout;
  Wait wait;
  Texts function_denylist, function_blacklist;
  std::optional<std::string> sandbox_path;
  // ours
  std::optional<Command> check;  // run before the file is replaced
  std::optional<base::Duration> check_timeout;
  Guard guard;
  static constexpr auto fields() {
    using T = Template;
    return std::tuple(
        field("source", &T::source), field("contents", &T::contents), field("destination", &T::destination),
        field("create_dest_dirs", &T::create_dest_dirs), field("perms", &T::perms), field("user", &T::user),
        field("group", &T::group), field("uid", &T::uid), field("gid", &T::gid), field("backup", &T::backup),
        field("left_delimiter", &T::left_delimiter), field("right_delimiter", &T::right_delimiter),
        field("error_on_missing_key", &T::error_on_missing_key), field("error_fatal", &T::error_fatal),
        field("exec", &T::exec), field("command", &T::command), field("command_timeout", &T::command_timeout),
        field("wait", &T::wait), field("function_denylist", &T::function_denylist),
        field("function_blacklist", &T::function_blacklist), field("sandbox_path", &T::sandbox_path),
        field("check", &T::check), field("check_timeout", &T::check_timeout), field("guard", &T::guard));
  }
};

// Ours: how load balancers keep from reloading all at once; of one group, or of all.
struct Fleet {
  std::optional<base::Duration> splay, patience;
  std::optional<std::string> semaphore;
  std::optional<std::int64_t> limit;
  static constexpr auto fields() {
    return std::tuple(field("splay", &Fleet::splay), field("semaphore", &Fleet::semaphore),
                      field("limit", &Fleet::limit), field("patience", &Fleet::patience));
  }
};

// Ours: templates whose files go live together, or not at all. `group "name" { template { .. } .. }`.
struct Group {
  std::string name;
  std::optional<Command> check;  // `{{.}}`: the staged file; without: run where the staged files are in their places
  std::optional<base::Duration> check_timeout;
  std::optional<Command> command;  // after the swap; or one of the next four
  std::optional<base::Duration> command_timeout;
  std::optional<std::string> pid_file, container;
  std::optional<std::int64_t> pid;
  std::optional<bool> child;
  std::optional<Signal> signal;  // of those four; HUP
  std::optional<bool> confirm;   // new workers have to answer; nothing: where workers can be seen
  std::optional<base::Duration> confirm_timeout;
  std::optional<std::string> confirm_address;  // where new workers tell their generation
  std::optional<std::string> confirm_file;     // the server block that does is written here
  std::optional<bool> quarantine;
  std::optional<std::int64_t> reloads_per_minute, generations;
  Wait wait;
  Guard guard;  // of each of its templates, where that says nothing else
  Fleet fleet;
  std::vector<Template> templates;
  static constexpr auto fields() {
    using G = Group;
    return std::tuple(field("check", &G::check), field("check_timeout", &G::check_timeout),
                      field("command", &G::command), field("command_timeout", &G::command_timeout),
                      field("pid_file", &G::pid_file), field("container", &G::container), field("pid", &G::pid),
                      field("child", &G::child), field("signal", &G::signal), field("confirm", &G::confirm),
                      field("confirm_timeout", &G::confirm_timeout), field("confirm_address", &G::confirm_address),
                      field("confirm_file", &G::confirm_file), field("quarantine", &G::quarantine),
                      field("reloads_per_minute", &G::reloads_per_minute), field("generations", &G::generations),
                      field("wait", &G::wait), field("guard", &G::guard), field("fleet", &G::fleet),
                      field("template", &G::templates));
  }
};

// Ours: whom changes of templates without a command are for.
struct Nginx {
  std::optional<std::string> pid_file;    // HUP to the process it names
  std::optional<std::string> executable;  // what that process must be
  std::optional<bool> retire_workers;     // old ones finish as soon as new ones answer
  static constexpr auto fields() {
    return std::tuple(field("pid_file", &Nginx::pid_file), field("executable", &Nginx::executable),
                      field("retire_workers", &Nginx::retire_workers));
  }
};

// Ours: backends are asked whether they answer.
struct Probe {
  std::optional<bool> enabled;
  std::optional<std::string> floor;  // so many instances, or percent, stay in traffic
  static constexpr auto fields() {
    return std::tuple(field("enabled", &Probe::enabled), field("floor", &Probe::floor));
  }
};

// How they are asked: those of one service, or without `service` all. Rancher's names of the same things are accepted.
struct HealthCheck {
  std::optional<std::string> service, mode, path, host, port, tls, status, request_line, interval, timeout,
      response_timeout, rise, healthy_threshold, fall, unhealthy_threshold, admission, initializing_timeout;
  static constexpr auto fields() {
    using H = HealthCheck;
    return std::tuple(field("service", &H::service), field("mode", &H::mode), field("path", &H::path),
                      field("host", &H::host), field("port", &H::port), field("tls", &H::tls),
                      field("status", &H::status), field("request_line", &H::request_line),
                      field("interval", &H::interval), field("timeout", &H::timeout),
                      field("response_timeout", &H::response_timeout), field("rise", &H::rise),
                      field("healthy_threshold", &H::healthy_threshold), field("fall", &H::fall),
                      field("unhealthy_threshold", &H::unhealthy_threshold), field("admission", &H::admission),
                      field("initializing_timeout", &H::initializing_timeout));
  }
};

// Ours: somebody is told when a service has fewer than `below` passing instances, and when it has enough again.
struct Watch {
  std::optional<std::string> service;
  std::optional<std::int64_t> below;
  std::optional<base::Duration> lasting;
  std::optional<Command> command;  // or
  std::optional<std::string> url;  // which gets a POST of JSON
  Texts headers;                   // of the POST, "Name: value"
  std::optional<base::Duration> timeout;
  Env env;
  static constexpr auto fields() {
    return std::tuple(field("service", &Watch::service), field("below", &Watch::below), field("for", &Watch::lasting),
                      field("command", &Watch::command), field("url", &Watch::url), field("headers", &Watch::headers),
                      field("timeout", &Watch::timeout), field("env", &Watch::env));
  }
};

struct Settings {
  // consul-template's
  std::optional<base::Duration> block_query_wait;
  Consul consul;
  Deduplicate deduplicate;
  Delimiters default_delimiters;
  std::optional<bool> err_on_failed_lookup;  // once true in a layer it stays true
  Exec exec;
  std::optional<Signal> kill_signal;
  LogFile log_file;
  std::optional<std::string> log_level;
  std::optional<base::Duration> max_stale;
  std::optional<std::int64_t> max_connections;  // ours
  std::optional<bool> once, parse_only;
  std::optional<bool> dry;  // only an option: no key of files, not merged
  std::optional<std::string> pid_file;
  std::optional<Signal> reload_signal;
  Syslog syslog;
  std::vector<Template> templates;
  std::optional<bool> template_error_fatal;
  Wait wait;
  // ours
  std::optional<std::string> env, http_addr, log_format, renderer_id, state_dir;
  std::optional<base::Duration> hold, once_timeout;
  Nginx nginx;
  Fleet fleet;  // of groups that say nothing else
  std::vector<Group> groups;
  Probe probe;
  std::vector<HealthCheck> health_checks;
  std::vector<Watch> watches;
  std::vector<Guard> guards;
  TextMap claims;  // host name -> service
  static constexpr auto fields() {
    using S = Settings;
    return std::tuple(
        field("block_query_wait", &S::block_query_wait), field("consul", &S::consul),
        field("deduplicate", &S::deduplicate), field("default_delimiters", &S::default_delimiters),
        field("err_on_failed_lookup", &S::err_on_failed_lookup), field("exec", &S::exec),
        field("kill_signal", &S::kill_signal), field("log_file", &S::log_file), field("log_level", &S::log_level),
        field("max_stale", &S::max_stale), field("max_connections", &S::max_connections), field("once", &S::once),
        field("parseonly", &S::parse_only), field("pid_file", &S::pid_file), field("reload_signal", &S::reload_signal),
        field("syslog", &S::syslog), field("template", &S::templates),
        field("template_error_fatal", &S::template_error_fatal), field("wait", &S::wait), field("env", &S::env),
        field("http_addr", &S::http_addr), field("log_format", &S::log_format), field("renderer_id", &S::renderer_id),
        field("state_dir", &S::state_dir), field("hold", &S::hold), field("once_timeout", &S::once_timeout),
        field("nginx", &S::nginx), field("fleet", &S::fleet), field("group", &S::groups), field("probe", &S::probe),
        field("health_check", &S::health_checks), field("watch", &S::watches), field("guard", &S::guards),
        field("claims", &S::claims));
  }
};

}  // namespace longshore::render::settings
