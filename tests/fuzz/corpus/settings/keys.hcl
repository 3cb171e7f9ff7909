block_query_wait = "30s"
consul {
address = "a:1" }
consul {
namespace = "team" }
consul {
token = "secret" }
consul {
token_file = "/t" }
consul {
auth { enabled = true } }
consul {
auth { username = "u" } }
consul {
auth { password = "p" } }
consul {
retry { enabled = false } }
consul {
retry { attempts = 5 } }
consul {
retry { attempts = "5" } }
consul {
retry { backoff = "2s" } }
consul {
retry { backoff = 2000000000 } }
consul {
retry { max_backoff = "0" } }
consul {
ssl { enabled = true } }
consul {
ssl { verify = false } }
consul {
ssl { cert = "c" } }
consul {
ssl { key = "k" } }
consul {
ssl { ca_cert = "a" } }
consul {
ssl { ca_path = "p" } }
consul {
ssl { server_name = "s" } }
consul {
transport { dial_keep_alive = "1s" } }
consul {
transport { dial_timeout = "2s" } }
consul {
transport { disable_keep_alives = true } }
consul {
transport { idle_conn_timeout = "3s" } }
consul {
transport { max_idle_conns = 4 } }
consul {
transport { max_idle_conns_per_host = 5 } }
consul {
transport { max_conns_per_host = 6 } }
consul {
transport { tls_handshake_timeout = "7s" } }
deduplicate { enabled = true }
deduplicate { prefix = "p/" }
deduplicate { ttl = "15s" }
deduplicate { max_stale = "1s" }
deduplicate { block_query_wait = "1s" }
default_delimiters { left = "<<" right = ">>" }
default_delimiters { right = ">>" }
err_on_failed_lookup = true
exec { command = "a b" }
exec { command = ["a", "b c"] }
exec { enabled = false command = "x" }
exec { kill_signal = "SIGTERM" }
exec { kill_signal = "sigterm" }
exec { kill_signal = "" }
exec { kill_timeout = "3s" }
exec { reload_signal = "SIGUSR1" }
exec { reload_signal = "" }
exec { splay = "5s" }
exec { timeout = "5s" }
exec { env { pristine = true } }
exec { env { custom = ["A=1", "B=2"] } }
exec { env { custom = "A=1,B=2" } }
exec { env { allowlist = ["C*"] } }
exec { env { denylist = ["D*"] } }
exec { env { whitelist = ["C*"] } }
exec { env { blacklist = ["D*"] } }
kill_signal = "SIGTERM"
kill_signal = ""
reload_signal = "SIGUSR2"
log_level = "debug"
log_file { log_rotate_bytes = 100 }
log_file { log_rotate_duration = "1h" }
log_file { log_rotate_max_files = -1 }
max_stale = "10m"
pid_file = "/p"
syslog { enabled = false }
syslog { enabled = false facility = "LOCAL5" }
syslog { enabled = false name = "me" }
template_error_fatal = false
wait { min = "5s" }
wait { min = "5s" max = "10s" }
wait = "5s:10s"
wait = "5s"
wait { bool = false min = "5s" }
MAX_STALE = "1s"
consul {
retry { attempts = 1 } retry { attempts = 2 } }
consul {
address = "a" }
consul {
namespace = "n" }
# comment
// another
/* third */ max_stale = "3s"
consul {
 address = <<EOT
multiline
EOT
}