# shellcheck shell=bash
# All parts on this one host, in the order in which they need each other.

PARTS=(registry agent nginx renderer)
declare -A ADDRESS=([registry]=$REGISTRY_ADDR [agent]=$AGENT_ADDR [nginx]=$NGINX_ADDR [renderer]=$RENDERER_ADDR)
NGINX_DIR=$STATE/nginx

part_executable() {
    case $1 in nginx) command -v nginx ;; *) printf '%s\n' "$BUILD/longshore" ;; esac
}

part_ready() {
    case $1 in
        registry) http_get "http://$REGISTRY_ADDR/v1/status/leader" 2>/dev/null | grep -q ':[0-9]' ;;
        nginx) http_get -o /dev/null "http://$NGINX_ADDR/" 2>/dev/null ;;
        *) http_ok "http://${ADDRESS[$1]}/readyz" ;;
    esac
}

part_start() {
    local part=$1 executable
    executable=$(part_executable "$part")
    case $part in
        registry)
            process_start registry "$executable" "$executable" registry -http-addr "$REGISTRY_ADDR" \
                -data-dir "$STATE/registry"
            ;;
        agent)
            process_start agent "$executable" "$executable" agent -internal -require-label "$LABEL" \
                -http-addr "$AGENT_ADDR" -state-dir "$STATE/agent" "consul://$REGISTRY_ADDR"
            ;;
        nginx)
            nginx_tree
            process_start nginx "$executable" "$executable" -p "$NGINX_DIR/" -c nginx.conf -g 'daemon off;'
            ;;
        renderer)
            process_start renderer "$executable" env LISTEN="$NGINX_ADDR" DEFAULT_SERVICE=nanoservice \
                "$executable" render -consul-addr "$REGISTRY_ADDR" -http-addr "$RENDERER_ADDR" \
                -template "$ROOT/templates/site.conf.ctmpl:$NGINX_DIR/conf.d/site.conf" \
                -state-dir "$STATE/renderer" \
                -reload-pid-file "$NGINX_DIR/nginx.pid"
            ;;
    esac
}

nginx_tree() {
    mkdir -p "$NGINX_DIR/conf.d" "$NGINX_DIR/logs" "$NGINX_DIR/tmp"
    cp "$ROOT/templates/nginx.conf" "$NGINX_DIR/nginx.conf"
}

# Workers of a master that was killed go on serving and keep the port. Ours have our log open.
nginx_sweep() {
    local path pid killed=
    for path in /proc/[0-9]*/exe; do
        case $(readlink "$path" 2>/dev/null) in */nginx | */'nginx (deleted)') ;; *) continue ;; esac
        pid=${path#/proc/} pid=${pid%/exe}
        if find "/proc/$pid/fd" -lname "$NGINX_DIR/logs/*" 2>/dev/null | grep -q .; then
            kill -KILL "$pid" 2>/dev/null
            killed=1
        fi
    done
    [ -z "$killed" ] || wait_quietly 2 nginx_port_free
    rm -f "$NGINX_DIR/nginx.pid"
}

# Parts that outlived an interrupted `up`, or a `poc` that was killed, must not look like strangers on our ports.
find_ours() {
    local part
    for part in registry agent renderer; do process_adopt "$part" "$(part_executable "$part")"; done
    process_adopt engine "$(command -v dockerd)"
    process_pid nginx >/dev/null || nginx_sweep
}

nginx_port_free() { [ -z "$(port_holder "${NGINX_ADDR##*:}")" ]; }

check_ports() {
    local part
    for part in "${PARTS[@]}"; do
        process_pid "$part" >/dev/null || port_check "$part" "${ADDRESS[$part]}"
    done
}

part_up() {
    local part=$1 pid
    if process_outdated "$part"; then
        note "$part: rebuilt, starting it anew"
        process_stop "$part"
    fi
    if pid=$(process_pid "$part"); then
        note "$part: running (pid $pid)"
    else
        part_start "$part"
        note "$part: started (pid $(process_pid "$part"))"
    fi
    # The agent is ready when it has read Docker and the registry, the renderer when the file is written.
    wait_for 30 "$part at ${ADDRESS[$part]}" "$part" part_ready "$part"
}

one_host_up() {
    local part
    install_packages
    find_ours
    check_ports
    build_executables
    mkdir -p "$STATE" || fail "cannot make $STATE; nothing was started"
    say "Docker engine and parts"
    engine_up
    for part in "${PARTS[@]}"; do part_up "$part"; done
    say "demo containers"
    containers_up
    say "requests"
    # shellcheck disable=SC2034  # what demo_answers has read
    ANSWERS=''
    wait_for 30 "answers from ${DEMO[*]} through nginx at $NGINX_ADDR (their addresses must be reachable from here)" \
        '' demo_answers
    note "answered by ${DEMO[*]}"
    what_next
}

what_next() {
    local docker=docker
    [ "$DOCKER_HOST" = unix:///var/run/docker.sock ] || docker="docker -H $DOCKER_HOST"
    cat <<TEXT

Try next (all as root), with "$0 curl 20" after each:
  $docker run -d --name third --hostname third --label $LABEL -e COLOR=red $IMAGE
  $docker stop ${DEMO[0]}
  $0 status
  $0 down

DOCKER_HOST=$DOCKER_HOST
IMAGE=$IMAGE
URL=http://$NGINX_ADDR/
REGISTRY=http://$REGISTRY_ADDR
STATUS=http://$RENDERER_ADDR/v1/status
TEXT
}

one_host_down() {
    local part found=
    [ ! -d "$STATE/pid" ] || found=1
    say "stopping"
    find_ours
    for part in renderer agent nginx registry; do process_stop "$part"; done
    nginx_sweep
    if engine_recall; then
        found=1
        if [ -n "$ENGINE_OWN" ]; then
            engine_down
        elif engine_answers "$DOCKER_HOST"; then
            containers_down
        else
            warn "the Docker engine at $DOCKER_HOST does not answer: containers with the label $LABEL may be left in it"
        fi
    else
        engine_sweep
    fi
    if [ -d "$STATE" ]; then
        # What stays: the engine's images.
        find "$STATE" -mindepth 1 -maxdepth 1 ! -name docker -exec rm -rf {} +
        rmdir "$STATE" 2>/dev/null
    fi
    if [ -n "$found" ]; then say "all removed; packages, $BUILD and images stay"; else say "nothing was running"; fi
}
