# shellcheck shell=bash disable=SC2153
# What runs on the three hosts. A part is HOST-PROGRAM: host-1-consul, host-3-nginx; that is also the name of its log.

HOST_PARTS=(host-1-consul host-2-consul host-3-consul host-1-engine host-2-engine host-1-agent host-2-agent
    host-3-nginx host-3-renderer)

part_host() { printf '%s\n' "${1%-*}"; }
part_program() { printf '%s\n' "${1##*-}"; }
engine_host() { printf 'unix://%s/%s/docker.sock\n' "$STATE" "$1"; }

# docker_on HOST ARGUMENTS...
docker_on() { DOCKER_HOST=$(engine_host "$1") DOCKER_TLS_VERIFY='' docker "${@:2}"; }

consul_find() {
    CONSUL=$(command -v consul) && return
    note "Consul: fetching Debian's package (nothing is installed)"
    CONSUL=$("$ROOT/tests/rig/fetch-consul") || fail "no Consul: put one on PATH and try again"
}

three_executable() {
    case $(part_program "$1") in
        nginx) command -v nginx ;;
        engine) command -v dockerd ;;
        consul) printf '%s\n' "$CONSUL" ;;
        *) printf '%s\n' "$BUILD/longshore" ;;
    esac
}

three_ready() {
    local host address
    host=$(part_host "$1")
    host_command "$host"
    case $(part_program "$1") in
        consul)
            # The leader is known before the node is in the catalog; a registration needs both.
            address=http://$(address_of "$host"):8500
            http_get "$address/v1/status/leader" 2>/dev/null | grep -q ':[0-9]' &&
                http_get "$address/v1/catalog/nodes?consistent" 2>/dev/null | grep -q "\"Node\":\"$host\""
            ;;
        engine) engine_answers "$(engine_host "$host")" ;;
        nginx) http_get -o /dev/null "http://$(address_of "$host")/" 2>/dev/null ;;
        agent) nsenter "--net=$(netns_path "$host")" curl -fsS -m 2 -o /dev/null http://127.0.0.1:8511/readyz 2>/dev/null ;;
        renderer) nsenter "--net=$(netns_path "$host")" curl -fsS -m 2 -o /dev/null http://127.0.0.1:8512/readyz 2>/dev/null ;;
    esac
}

three_start() {
    local part=$1 host program executable
    host=$(part_host "$part") program=$(part_program "$part") executable=$(three_executable "$part")
    host_command "$host"
    mkdir -p "$STATE/$host"
    case $program in
        consul)
            consul_config "$host" >"$STATE/$host/consul.json"
            process_start "$part" "$executable" "${HOST_COMMAND[@]}" "$executable" agent -config-file "$STATE/$host/consul.json"
            ;;
        engine) three_engine_start "$part" "$host" "$executable" ;;
        agent)
            process_start "$part" "$executable" env "DOCKER_HOST=$(engine_host "$host")" "${HOST_COMMAND[@]}" \
                "$executable" agent -require-label "$LABEL" -http-addr 127.0.0.1:8511 -state-dir "$STATE/$host/agent" \
                consul://127.0.0.1:8500
            ;;
        nginx)
            three_nginx_tree "$host"
            process_start "$part" "$executable" "${HOST_COMMAND[@]}" "$executable" -p "$NGINX_DIR/" -c nginx.conf \
                -g 'daemon off;'
            ;;
        renderer)
            # A frozen host accepts connections and never answers: a short wait turns that into a retry elsewhere.
            process_start "$part" "$executable" env "LISTEN=$(address_of "$host"):80" DEFAULT_SERVICE=nanoservice \
                CONNECT_TIMEOUT=300ms READ_TIMEOUT="${LONGSHORE_POC_READ_TIMEOUT:-1s}" "${HOST_COMMAND[@]}" \
                "$executable" render -consul-addr 127.0.0.1:8500 -http-addr 0.0.0.0:8512 -state-dir "$STATE/$host/renderer" \
                -template "$ROOT/templates/site.conf.ctmpl:$NGINX_DIR/conf.d/site.conf" \
                -reload-pid-file "$NGINX_DIR/nginx.pid"
            ;;
    esac
}

consul_config() {
    local host=$1 other join=''
    for other in "${HOST_NAMES[@]}"; do join+="${join:+, }\"$(address_of "$other")\""; done
    # A server that was suspended keeps its vote: with the usual cleaning up, the loss of the next one soon after would be
    # the loss of the majority.
    cat <<JSON
{"node_name": "$host", "server": true, "bootstrap_expect": ${#HOST_NAMES[@]}, "data_dir": "$STATE/$host/consul",
 "bind_addr": "$(address_of "$host")", "client_addr": "127.0.0.1 $(address_of "$host")", "retry_join": [$join],
 "retry_interval": "1s", "ui": true, "disable_update_check": true, "log_level": "WARN", "ports": {"dns": -1},
 "performance": {"raft_multiplier": 1},
 "autopilot": {"cleanup_dead_servers": false, "server_stabilization_time": "1s"}}
JSON
}

three_engine_start() {
    local part=$1 host=$2 executable=$3 number
    number=${host##*-}
    # Pid files of a killed engine would make the new one wait for processes that are gone.
    rm -rf "$STATE/exec/$host" "$STATE/$host/docker.sock" "$STATE/$host/docker.pid"
    mkdir -p "$STATE/docker-$host" "$STATE/exec/$host"
    printf '{}\n' >"$STATE/$host/daemon.json"
    # shellcheck disable=SC2016
    process_start "$part" "$executable" nsenter "--net=$(netns_path "$host")" unshare -m --uts sh -c '
        hostname "$0"
        mount -t tmpfs -o mode=755 tmpfs /run
        exec "$@"' "$host" \
        "$executable" --config-file "$STATE/$host/daemon.json" --data-root "$STATE/docker-$host" \
        --exec-root "$STATE/exec/$host" --pidfile "$STATE/$host/docker.pid" -H "$(engine_host "$host")" \
        --bip "172.31.$((number + 80)).1/24" --cgroup-parent "/$ENGINE_CGROUP/$host" \
        --exec-opt native.cgroupdriver=cgroupfs --log-level warn
}

three_nginx_tree() {
    nginx_tree
    sed "s/listen 127\.0\.0\.1:8510;/listen $(address_of "$1"):80;/" "$ROOT/templates/nginx.conf" >"$NGINX_DIR/nginx.conf"
}

three_part_up() {
    local part=$1 pid
    if process_outdated "$part"; then
        note "$part: rebuilt, starting it anew"
        process_stop "$part"
    fi
    if pid=$(process_pid "$part"); then
        note "$part: running (pid $pid)"
    else
        three_start "$part"
        note "$part: started (pid $(process_pid "$part"))"
    fi
}
