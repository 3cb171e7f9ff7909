hold = "3s"
state_dir = "/s"
env = "blue"
http_addr = ""
log_format = "json"
once_timeout = "9s"
once = true
nginx { pid_file = "/run/n.pid" executable = "openresty" }
exec { restart = "always" }
wait { enabled = false min = "1s" }
consul = "old:1"
token = "t"
retry = "10s"
ssl { enabled = true verify = false }
auth { username = "u" password = "p" }
agent { anything = 1 }
dump_signal = "SIGQUIT"