# shellcheck shell=bash disable=SC2034
# The loopback ports of the contract, and who has them.

REGISTRY_ADDR=127.0.0.1:8500
NGINX_ADDR=127.0.0.1:8510
AGENT_ADDR=127.0.0.1:8511
RENDERER_ADDR=127.0.0.1:8512

# Listeners that would be in the way of 127.0.0.1:PORT, as `ss` prints them.
port_holder() {
    ss -Hltnp "sport = :$1" |
        awk '{ address = $4; sub(/:[0-9]+$/, "", address); gsub(/[][]/, "", address); sub(/%.*/, "", address) }
             address ~ /^(127\.0\.0\.1|0\.0\.0\.0|\*|::|::ffff:127\.0\.0\.1)$/ { print; exit }'
}

# Fails with a sentence if the port of a part that is not running yet is taken.
port_check() {
    local part=$1 port=${2##*:} line who
    line=$(port_holder "$port")
    [ -n "$line" ] || return 0
    who=$(sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p' <<<"$line")
    fail "port $port, which $part needs, is taken by ${who:-a process that this machine does not show}; nothing was started"
}

# subnet_free 10.20.30: no route but the default one has to do with these addresses, so nobody uses them here.
subnet_free() {
    local routes
    # Not `grep -q` at the end of the pipe: it ends at its first match, and what is still writing then fails the pipe.
    routes=$({ ip -4 route show match "$1.1"; ip -4 route show root "$1.0/24"; } | grep -v '^default')
    [ -z "$routes" ]
}

# http_ok URL: answers with 2xx within 2 s. Proxies of the environment are not for loopback.
http_ok() { curl -fsS -m 2 --noproxy '*' -o /dev/null "$1" 2>/dev/null; }
http_get() { curl -sS -m 5 --noproxy '*' "$@"; }
