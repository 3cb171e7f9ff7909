# shellcheck shell=bash
# The Docker engine: the machine's own if one answers, else one that `down` removes again.
#
# Ours leaves the machine's network as it is: a bridge of its own instead of docker0, no iptables rules, no forwarding
# (nginx reaches the containers over the bridge, and that is all the proof of concept needs). It runs in a mount
# namespace of its own with an empty /run, so it neither meets another engine or containerd there nor leaves mounts
# behind, however it ends.

BRIDGE=longshore0
BRIDGE_NETS=(172.30.85 10.185.85 192.168.185)
ENGINE_SOCKET=$STATE/docker.sock
# Parent of the containers' cgroups: finds their processes even when the engine is dead. Always a name of ours: `down` kills
# what is in it, and another engine's containers are in one that is called "docker".
ENGINE_CGROUP=$(basename "$STATE")
ENGINE_CGROUP=longshore-${ENGINE_CGROUP#longshore-}

engine_answers() {
    [ -n "$1" ] && DOCKER_HOST=$1 timeout 5 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# Sets and exports DOCKER_HOST as the last `up` had it; fails if there was none. ENGINE_OWN is 1 or empty.
engine_recall() {
    { read -r DOCKER_HOST ENGINE_OWN <"$STATE/engine"; } 2>/dev/null || return 1
    export DOCKER_HOST
    unset DOCKER_CONTEXT
    if [ -n "$ENGINE_OWN" ]; then unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH; fi
}

engine_remember() {
    printf '%s %s\n' "$1" "$2" >"$STATE/engine"
    engine_recall
}

engine_up() {
    local wish=${DOCKER_HOST:-} candidate
    ENGINE_OWN=
    if engine_recall && engine_answers "$DOCKER_HOST"; then
        note "Docker engine: running at $DOCKER_HOST"
        return
    fi
    if process_pid engine >/dev/null; then
        # Still starting, after an interrupt; or it hangs.
        engine_remember "unix://$ENGINE_SOCKET" 1
        wait_quietly 20 engine_answers "$DOCKER_HOST" && return
        warn "our Docker engine does not answer and is started anew"
        process_stop engine
    fi
    # Ours was killed: it is still the one, or its containers would be forgotten.
    if [ -n "$ENGINE_OWN" ]; then
        engine_start
        return
    fi
    for candidate in "$wish" unix:///var/run/docker.sock; do
        if engine_answers "$candidate"; then
            engine_remember "$candidate" ''
            note "Docker engine: the one at $candidate"
            return
        fi
        if [ -n "$wish" ] && [ "$candidate" = "$wish" ]; then warn "DOCKER_HOST=$wish does not answer and is not used"; fi
    done
    engine_start
}

bridge_up() {
    local net free='' refused
    if ip -4 address show dev "$BRIDGE" 2>/dev/null | grep -q 'inet '; then
        ip link set "$BRIDGE" up
        return
    fi
    for net in "${BRIDGE_NETS[@]}"; do
        if subnet_free "$net"; then
            free=$net
            break
        fi
    done
    [ -n "$free" ] || fail_early "all of ${BRIDGE_NETS[*]/%/.0/24} are in use: no addresses for containers"
    refused=$(bridge_make "$free.1/24" 2>&1) && return
    ip link delete "$BRIDGE" 2>/dev/null
    fail_early "cannot make the bridge $BRIDGE: $refused"
}

bridge_make() {
    ip link show "$BRIDGE" >/dev/null 2>&1 || ip link add "$BRIDGE" type bridge || return 1
    ip address add "$1" dev "$BRIDGE" && ip link set "$BRIDGE" up
}

engine_start() {
    command -v dockerd >/dev/null || fail "dockerd is not installed (package docker.io)"
    engine_sweep
    bridge_up
    # Pid files of a killed engine would make the new one wait for processes that are gone.
    rm -rf "$STATE/exec" "$ENGINE_SOCKET" "$STATE/docker.pid"
    mkdir -p "$STATE/docker" "$STATE/exec"
    printf '{}\n' >"$STATE/daemon.json"
    printf '1\n' >"$STATE/forwarding"
    note "Docker engine: starting one of our own"
    # dockerd reads ip_forward only to warn at each `docker run` that networking will not work. Here it does.
    # shellcheck disable=SC2016
    process_start engine "$(command -v dockerd)" unshare -m sh -c '
        mount -t tmpfs -o mode=755 tmpfs /run
        mount --bind "$0" /proc/sys/net/ipv4/ip_forward 2>/dev/null
        exec "$@"' "$STATE/forwarding" \
        "$(command -v dockerd)" --config-file "$STATE/daemon.json" --data-root "$STATE/docker" \
        --exec-root "$STATE/exec" --pidfile "$STATE/docker.pid" -H "unix://$ENGINE_SOCKET" \
        --bridge "$BRIDGE" --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
        --cgroup-parent "/$ENGINE_CGROUP" --exec-opt native.cgroupdriver=cgroupfs
    engine_remember "unix://$ENGINE_SOCKET" 1
    wait_for 60 "the Docker engine" engine engine_answers "$DOCKER_HOST"
}

# Ends our own engine with everything in it, also when it was killed.
engine_down() {
    if process_gone engine && [ -n "$(ls -A "$STATE/docker/containers" 2>/dev/null)" ]; then
        # Only an engine can forget its containers properly, or their layers would stay on the disk for ever.
        (engine_start) || warn "the layers of its last containers stay in $STATE/docker"
    fi
    if engine_answers "$DOCKER_HOST"; then
        docker ps -aq | xargs -r docker rm -fv >/dev/null
        docker network prune -f >/dev/null
    fi
    process_stop engine 30
    engine_sweep
    if ip link show "$BRIDGE" >/dev/null 2>&1; then ip link del "$BRIDGE"; fi
    rm -rf "$STATE/exec" "$STATE/docker.sock" "$STATE/docker.pid" "$STATE/daemon.json" "$STATE/forwarding"
}

# Kills what a killed engine has left: containerd and shims by their command line, containers by their cgroup.
engine_sweep() {
    local try pids
    for try in 1 2 3 4 5; do
        pids=$(engine_leftovers)
        [ -n "$pids" ] || break
        # shellcheck disable=SC2086
        kill -KILL $pids 2>/dev/null
        sleep "0.$try"
    done
    find /sys/fs/cgroup -depth -type d -regex ".*/$ENGINE_CGROUP\(/.*\)?" -exec rmdir {} + 2>/dev/null
    return 0
}

engine_leftovers() {
    local path pid exe
    for path in /proc/[0-9]*/exe; do
        exe=$(readlink "$path" 2>/dev/null) || continue
        case ${exe##*/} in dockerd | containerd | containerd-shim* | runc | docker-proxy) ;; *) continue ;; esac
        pid=${path#/proc/} pid=${pid%/exe}
        if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -e " $STATE/exec/" -e " $STATE/exec "; then
            printf '%s\n' "$pid"
        fi
    done
    find /sys/fs/cgroup -path "*/$ENGINE_CGROUP/*" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -un
}
