# Healing without a swarm, on host-3 of `poc up --hosts 3` (STEPS.md, 12): when fewer than two instances are left for a
# second, new ones are started on the hosts that are left. A CI server would be told by `url` instead of `command`.
# It renders nothing, so it keeps nothing on the disk, and `poc` finds its own state as it does for you.
http_addr = ""

watch {
  service = "nanoservice"
  below   = 2
  for     = "1s"
  command = "vagrant/poc scale 2"
  timeout = "60s"
}
