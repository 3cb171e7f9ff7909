# Healing without a swarm, on host-3 of `poc up --hosts 3` (STEPS.md, 12): when fewer than two instances are left for a
# second, new ones are started on the hosts that are left. A CI server would be told by `url` instead of `command`.
http_addr = ""
state_dir = "/var/lib/longshore-poc/heal"

watch {
  service = "nanoservice"
  below   = 2
  for     = "1s"
  command = "vagrant/poc scale 2"
  timeout = "60s"
}
