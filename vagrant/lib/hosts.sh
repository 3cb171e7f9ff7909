# shellcheck shell=bash disable=SC2153
# Three hosts on this machine: network namespaces on one bridge, reachable from the machine like hosts on its LAN.
#
# The bridge has a namespace of its own: an engine in the root namespace sets FORWARD to DROP, and with bridge netfilter
# that would drop frames on any bridge of the root namespace too.

HOST_NAMES=(host-1 host-2 host-3)
ENGINE_HOSTS=(host-1 host-2)
# The host with the load balancer.
BALANCER=host-3
declare -A HOST_NUMBER=([host-1]=101 [host-2]=102 [host-3]=103)
SUBNETS=(192.168.50 192.168.51 10.185.50)
NETNS_PREFIX=longshore
# The machine's own end, .1 of the network; at most 15 characters.
UPLINK=longshore-hosts

netns_of() { printf '%s-%s\n' "$NETNS_PREFIX" "$1"; }
netns_path() { printf '/run/netns/%s-%s\n' "$NETNS_PREFIX" "$1"; }
address_of() { printf '%s.%s\n' "$SUBNET" "${HOST_NUMBER[$1]}"; }
host_exists() { [ -e "$(netns_path "$1")" ]; }

need_host() {
    local verb=$1 host=${2:-}
    shift
    [ -n "$host" ] || usage_error "\"$verb\" needs a host: ${HOST_NAMES[*]}"
    one_of "$host" "${HOST_NAMES[@]}" || unknown host "$host" "${HOST_NAMES[@]}"
}

# The same, and nothing after it.
need_one_host() {
    need_host "$1" "${2:-}"
    [ $# -le 2 ] || usage_error "\"$1\" takes one host, got \"${*:3}\" too"
}

# Sets SUBNET as the last `up` chose it; fails if there was none.
hosts_recall() { { read -r SUBNET <"$STATE/hosts"; } 2>/dev/null; }

# The state directory of the proof of concept whose hosts are there; nothing if none of their processes is left.
hosts_owner() {
    local host pid
    for host in "${HOST_NAMES[@]}"; do
        for pid in $(host_exists "$host" && ip netns pids "$(netns_of "$host")" 2>/dev/null); do
            tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's|^LONGSHORE_POC_PART=\(.*\)/[^/]*$|\1|p'
        done
    done | head -n 1
}

# Hosts of which there is no record: those of another state directory, which must not be taken for ours, ours after somebody
# removed the records, or empty ones. HOSTS is how many are wanted.
hosts_unrecorded() { # HOSTS
    local owner
    ! hosts_recall && host_exists net || return 0
    owner=$(hosts_owner)
    if [ "$owner" = "$STATE" ]; then
        SUBNET=$(ip -4 -o address show dev "$UPLINK" 2>/dev/null | awk '{ sub(/\.1\/.*/, "", $4); print $4; exit }')
        [ -n "$SUBNET" ] || return 0
        mkdir -p "$STATE"
        printf '%s\n' "$SUBNET" >"$STATE/hosts"
        warn "the records of the three hosts were gone from $STATE and are made anew"
    elif [ -n "$owner" ] && [ "$1" = 3 ]; then
        fail "the three hosts of another proof of concept are up, whose state is in $owner: LONGSHORE_POC_STATE=$owner $0 down"
    elif [ -z "$owner" ]; then
        network_down
    fi
}

subnet_valid() {
    local number
    [[ $1 =~ ^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$ ]] || return 1
    for number in ${1//./ }; do ((10#$number <= 255)) || return 1; done
}

hosts_choose_subnet() {
    local candidate
    [ -z "${LONGSHORE_SUBNET:-}" ] || subnet_valid "$LONGSHORE_SUBNET" ||
        fail_early "LONGSHORE_SUBNET=$LONGSHORE_SUBNET: three numbers are expected, like 192.168.50"
    if hosts_recall; then
        [ "${LONGSHORE_SUBNET:-$SUBNET}" = "$SUBNET" ] || warn "the hosts stay in $SUBNET.0/24 until \"$0 down\""
        return
    fi
    for candidate in ${LONGSHORE_SUBNET:-} "${SUBNETS[@]}"; do
        if subnet_free "$candidate"; then
            SUBNET=$candidate
            [ "$candidate" = "${LONGSHORE_SUBNET:-192.168.50}" ] || warn "using $candidate.0/24, as the usual range is taken"
            printf '%s\n' "$SUBNET" >"$STATE/hosts"
            return
        fi
    done
    fail_early "all of ${SUBNETS[*]/%/.0/24} are in use here; choose another one: LONGSHORE_SUBNET=10.20.30 $0 up --hosts 3"
}

# ip_in NAME ARGUMENTS...: `ip` in the namespace of a host, or of the bridge ("net").
ip_in() { ip -n "$(netns_of "$1")" "${@:2}"; }

cable() { # cable END_NAMESPACE_OR_"" END_NAME PORT_NAME: a veth from there to the bridge
    local place=$1 end=$2 port=$3
    if [ -n "$place" ]; then
        ip link add "$port" netns "$(netns_of net)" type veth peer name "$end" netns "$(netns_of "$place")"
    else
        ip link add "$port" netns "$(netns_of net)" type veth peer name "$end"
    fi && ip_in net link set "$port" master br0 up
}

network_make() {
    local host
    # `ip netns` makes this a mount of its own; one that was not there before is removed with the hosts.
    mountpoint -q /run/netns || : >"$STATE/netns-made"
    if ! host_exists net; then
        ip netns add "$(netns_of net)" || return 1
    fi
    ip_in net link show br0 >/dev/null 2>&1 || ip_in net link add br0 type bridge || return 1
    ip_in net link set br0 up && ip_in net link set lo up || return 1
    if ! ip link show "$UPLINK" >/dev/null 2>&1; then
        cable '' "$UPLINK" machine || return 1
    fi
    ip address replace "$SUBNET.1/24" dev "$UPLINK" && ip link set "$UPLINK" up || return 1
    for host in "${HOST_NAMES[@]}"; do host_make "$host" || return 1; done
}

host_make() {
    local host=$1
    host_exists "$host" || ip netns add "$(netns_of "$host")" || return 1
    ip_in "$host" link set lo up || return 1
    ip_in "$host" link show eth0 >/dev/null 2>&1 || cable "$host" eth0 "$host" || return 1
    ip_in "$host" address replace "$(address_of "$host")/24" dev eth0 && ip_in "$host" link set eth0 up || return 1
    ip_in "$host" route replace default via "$SUBNET.1"
}

network_up() {
    local refused
    refused=$(network_make 2>&1) && return
    # Nothing runs on them yet, so nothing stays.
    if [ -z "$(hosts_owner)" ]; then
        network_down
        rm -f "$STATE/hosts" "$STATE/netns-made" "$STATE/swarm"
    fi
    fail_early "cannot make the hosts' network: $refused (network namespaces, veth and bridge must be allowed here)"
}

# Also what a run that was killed has left.
network_down() {
    local host
    ip link delete "$UPLINK" 2>/dev/null
    for host in "${HOST_NAMES[@]}" net; do
        if host_exists "$host"; then ip netns delete "$(netns_of "$host")" 2>/dev/null; fi
    done
    if [ -e "$STATE/netns-made" ] && [ -z "$(ip netns list)" ]; then umount /run/netns && rmdir /run/netns; fi
    return 0
}

# host_command HOST: words that put a command onto that host: its network, its name.
# shellcheck disable=SC2016,SC2034
host_command() {
    HOST_COMMAND=(nsenter "--net=$(netns_path "$1")" unshare --uts sh -c 'hostname "$0"; exec "$@"' "$1")
}

# Every process of a host: those in its network namespace, and those of its containers.
host_pids() {
    local host=$1
    {
        # One program for all of /proc: one for each process takes seconds on a busy machine, and a host does not freeze that
        # slowly.
        ip netns pids "$(netns_of "$host")" 2>/dev/null
        find /sys/fs/cgroup -path "*/$ENGINE_CGROUP/$host/*" -name cgroup.procs -exec cat {} + 2>/dev/null
    } | sort -un
}

# host_signal HOST SIGNAL: until nobody new turns up, since a process may start others meanwhile.
host_signal() {
    local host=$1 signal=$2 before='' now
    for _ in 1 2 3 4 5; do
        now=$(host_pids "$host")
        [ "$now" != "$before" ] || break
        # shellcheck disable=SC2086
        [ -z "$now" ] || kill "-$signal" $now 2>/dev/null
        before=$now
    done
    return 0
}

# One word for what was done to it last.
host_state() {
    if ! host_exists "$1"; then printf 'not there\n'
    elif host_lost "$1"; then printf 'lost\n'
    elif host_cut "$1"; then printf 'cut off\n'
    elif host_frozen "$1"; then printf 'suspended\n'
    else printf 'up\n'; fi
}

# need_state HOST WORD...: fails with what brings the host back unless it is in one of these states.
need_state() {
    local host=$1 state
    state=$(host_state "$host")
    shift
    one_of "$state" "$@" && return
    case $state in
        lost | 'not there') fail "$host is $state; \"$0 up --hosts 3\" brings it back" ;;
        *) fail "$host is $state; \"$0 resume $host\" brings it back" ;;
    esac
}

host_frozen() { [ -e "$STATE/frozen-$1" ]; }
host_cut() { [ -e "$STATE/cut-$1" ]; }
host_lost() { [ -e "$STATE/lost-$1" ]; }
