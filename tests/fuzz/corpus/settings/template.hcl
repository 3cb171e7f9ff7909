template {
 source = "s"
 destination = "/b"
}
template {
 source = "s"
 create_dest_dirs = false
}
template {
 source = "s"
 perms = "0600"
}
template {
 source = "s"
 perms = 0600
}
template {
 source = "s"
 perms = "4755"
}
template {
 source = "s"
 perms = 384
}
template {
 source = "s"
 user = "nobody"
}
template {
 source = "s"
 user = 1000
}
template {
 source = "s"
 group = "www-data"
}
template {
 source = "s"
 uid = 33
}
template {
 source = "s"
 gid = 33
}
template {
 source = "s"
 backup = true
}
template {
 source = "s"
 backup = "true"
}
template {
 source = "s"
 left_delimiter = "<<"
}
template {
 source = "s"
 right_delimiter = ">>"
}
template {
 source = "s"
 error_on_missing_key = true
}
template {
 source = "s"
 error_fatal = false
}
template {
 source = "s"
 command = "service nginx reload"
}
template {
 source = "s"
 command = ["service", "nginx"]
}
template {
 source = "s"
 command_timeout = "60s"
}
template {
 source = "s"
 exec { command = "x" }
}
template {
 source = "s"
 exec { command = ["x", "y"] }
}
template {
 source = "s"
 exec { timeout = "0s" }
}
template {
 source = "s"
 exec { timeout = 1000000000 }
}
template {
 source = "s"
 exec { env { pristine = true } }
}
template {
 source = "s"
 exec { env { custom = ["PATH=/x"] } }
}
template {
 source = "s"
 exec { env { allowlist = ["A"] denylist = ["B"] } }
}
template {
 source = "s"
 exec { splay = "1s" kill_signal = "SIGTERM" }
}
template {
 source = "s"
 wait = "1s:2s"
}
template {
 source = "s"
 wait { min = "1s" max = "2s" }
}
template {
 source = "s"
 function_denylist = ["env", "plugin*"]
}
template {
 source = "s"
 function_denylist = "env"
}
template {
 source = "s"
 function_blacklist = ["env"]
}
template {
 source = "s"
 sandbox_path = "/s"
}
