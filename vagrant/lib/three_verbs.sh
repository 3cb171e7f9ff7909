# shellcheck shell=bash disable=SC2153
# What one can do to the three hosts, and what they show.

need_three() {
    hosts_recall || fail "the three hosts are not up: sudo $0 up --hosts 3"
    host_exists net || fail "the three hosts are gone, as after a reboot: sudo $0 up --hosts 3"
}

verb_deploy() {
    local version='' color=''
    while [ $# -gt 0 ]; do
        case $1 in
            --version | --color)
                [ -n "${2:-}" ] || usage_error "$1 needs a value"
                printf -v "${1#--}" %s "$2"
                shift
                ;;
            --version=?*) version=${1#*=} ;;
            --color=?*) color=${1#*=} ;;
            --version= | --color=) usage_error "${1%=} needs a value" ;;
            *) unknown option "$1" --version --color ;;
        esac
        shift
    done
    # Nobody answers without it, so nothing new could be seen to work.
    need_state "$BALANCER" up
    say "deploying version ${version:-2.0}"
    three_deploy "${version:-2.0}" "${color:-red}"
}

verb_scale() {
    [ $# = 1 ] && [[ $1 =~ ^[0-9]{1,2}$ ]] || usage_error "\"scale\" takes one number, 0 to 99"
    need_state "$BALANCER" up
    say "scaling to $1"
    three_scale "$((10#$1))"
}

# Frozen: its processes hold their sockets and say nothing, as a suspended machine does.
verb_suspend() {
    local already=
    need_one_host suspend "$@"
    need_state "$1" up 'cut off' suspended
    ! host_frozen "$1" || already=' already'
    : >"$STATE/frozen-$1"
    host_signal "$1" STOP
    say "$1 is frozen$already; \"$0 resume $1\" thaws it"
}

verb_cut() {
    local already=
    need_one_host cut "$@"
    need_state "$1" up 'cut off' suspended
    ! host_cut "$1" || already=' already'
    : >"$STATE/cut-$1"
    ip_in net link set "$1" down || fail "the cable of $1 cannot be pulled"
    say "$1 is cut off$already; \"$0 resume $1\" plugs it in again"
}

host_back() {
    rm -f "$STATE/lost-$1"
    if host_cut "$1"; then
        ip_in net link set "$1" up 2>/dev/null
        rm -f "$STATE/cut-$1"
    fi
    if host_frozen "$1"; then
        host_signal "$1" CONT
        rm -f "$STATE/frozen-$1"
    fi
}

verb_resume() {
    need_one_host resume "$@"
    need_state "$1" up 'cut off' suspended
    host_frozen "$1" || host_cut "$1" || fail "$1 is neither suspended nor cut off"
    host_back "$1"
    say "$1 is back"
}

# Everything on it dies at once and its cable is pulled, as when the power fails.
verb_lose() {
    local before=() began
    need_one_host lose "$@"
    if host_lost "$1"; then
        say "$1 is lost already; \"$0 up --hosts 3\" starts it again"
        return
    fi
    if swarm_on; then read -ra before <<<"$(instance_names)"; fi
    began=$(date +%s%N)
    : >"$STATE/lost-$1"
    : >"$STATE/cut-$1"
    ip_in net link set "$1" down 2>/dev/null
    host_signal "$1" KILL
    rm -f "$STATE/frozen-$1"
    say "$1 is lost; \"$0 up --hosts 3\" starts it again"
    if swarm_on && one_of "$1" "${ENGINE_HOSTS[@]}" && [ "${#before[@]}" -gt 0 ]; then swarm_replacement "$began" "${before[@]}"; fi
}

# One part, stopped in order and started again.
verb_restart() {
    local part=${1:-}
    [ $# = 1 ] || usage_error "\"restart\" takes one part: ${HOST_PARTS[*]}"
    one_of "$part" "${HOST_PARTS[@]}" || unknown part "$part" "${HOST_PARTS[@]}"
    need_state "$(part_host "$part")" up
    consul_find
    process_stop "$part"
    three_part_up "$part"
    wait_for 60 "$part" "$part" three_ready "$part"
}

verb_exec() {
    local host=${1:-}
    need_host exec "$host"
    # One that is cut off still has its console.
    ! host_frozen "$host" || fail "$host is suspended; \"$0 resume $host\" brings it back"
    need_state "$host" up 'cut off'
    shift
    [ $# -gt 0 ] || set -- bash
    host_command "$host"
    export CONSUL_HTTP_ADDR=127.0.0.1:8500 PATH="$BUILD:$PATH"
    unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
    DOCKER_HOST=$(engine_host "$host")
    export DOCKER_HOST
    exec "${HOST_COMMAND[@]}" "$@"
}

three_status() {
    local host part pid state ready code=0
    printf '%-8s %-16s %s\n' HOST ADDRESS STATE
    for host in "${HOST_NAMES[@]}"; do
        state=$(host_state "$host")
        [ "$state" = up ] || code=1
        printf '%-8s %-16s %s\n' "$host" "$(address_of "$host")" "$state"
    done
    printf '\n%-16s %8s  %-8s %s\n' PART PID STATE READY
    for part in "${HOST_PARTS[@]}"; do
        state=stopped ready=no
        if pid=$(process_pid "$part"); then
            state=running
            if ! host_frozen "$(part_host "$part")" && three_ready "$part"; then ready=yes; fi
        else
            pid=-
        fi
        [ "$ready" = yes ] || code=1
        printf '%-16s %8s  %-8s %s\n' "$part" "$pid" "$state" "$ready"
    done
    printf '\nINSTANCES\n'
    instances | awk '{ print $2, "on", $1; n++ } END { if (!n) print "(none)" }'
    REGISTRY_ADDR=$(address_of "$BALANCER"):8500 show_services
    exit "$code"
}

three_logs() {
    local part='' follow=() word
    for word in "$@"; do
        case $word in
            -f) follow=(-f) ;;
            -*) unknown option "$word" -f ;;
            *) [ -z "$part" ] || usage_error "\"logs\" takes one part"; part=$word ;;
        esac
    done
    if [ -z "$part" ]; then exec tail -n 40 "${follow[@]}" "$STATE"/log/*.log "$NGINX_DIR"/logs/*.log; fi
    [ -e "$STATE/log/$part.log" ] || three_container_logs "$part" "${follow[@]}"
    exec tail -n 40 "${follow[@]}" "$STATE/log/$part.log"
}

# A container by its name, or by its host name: that is what the answers and `status` call the task of a swarm.
three_container_logs() { # NAME [-f]
    local host id
    need_root "logs $1"
    for host in "${ENGINE_HOSTS[@]}"; do
        if ! host_usable "$host"; then
            [[ $1 != "$host"-[0-9]* ]] || fail "$host is $(host_state "$host") and its engine cannot be asked for \"$1\""
            continue
        fi
        id=$(docker_on "$host" ps -aq --filter "label=$LABEL" | DOCKER_HOST=$(engine_host "$host") xargs -r docker inspect \
            --format '{{.Id}} {{.Name}} {{.Config.Hostname}}' | awk -v name="$1" '$2 == "/" name || $3 == name { print $1; exit }')
        [ -z "$id" ] || exec env "DOCKER_HOST=$(engine_host "$host")" DOCKER_TLS_VERIFY= docker logs --tail 40 "${@:2}" "$id" 2>&1
    done
    unknown "part or container" "$1" "${HOST_PARTS[@]}"
}

verb_test() {
    local host
    # Its own lock: the verbs that it uses take the other one.
    exec 8<"$STATE" && flock -n 8 || fail "another \"poc test\" runs; wait until it has ended"
    ! swarm_on || fail "the test starts and stops instances itself, which a swarm would undo: \"$0 down\", then up without --swarm"
    # It would wait for a host that is away, and blame the wrong deed.
    for host in "${HOST_NAMES[@]}"; do need_state "$host" up; done
    command -v python3 >/dev/null || "$ROOT/common/packaging/install-deps" test || fail "the test needs Python 3"
    PYTHONPATH=$ROOT/tests:$ROOT/vagrant PYTHONDONTWRITEBYTECODE=1 \
        exec /usr/bin/python3 -m failover --poc "$ROOT/vagrant/poc" --url "$(address_of "$BALANCER"):80" --nginx "$NGINX_DIR" "$@"
}
