# shellcheck shell=bash disable=SC2153
# What is there: status, requests by hand, logs.

show_status() {
    local part pid state ready code=0
    printf '%-10s %8s  %-8s %-6s %s\n' PART PID STATE READY ADDRESS
    for part in "${PARTS[@]}"; do
        pid=- state=stopped ready=no
        if pid=$(process_pid "$part"); then
            state=running
            if part_ready "$part"; then ready=yes; fi
        else
            pid=-
        fi
        [ "$ready" = yes ] || code=1
        printf '%-10s %8s  %-8s %-6s %s\n' "$part" "$pid" "$state" "$ready" "http://${ADDRESS[$part]}/"
    done
    show_engine || code=1
    show_services
    exit "$code"
}

show_engine() {
    local pid=- state='not ours' ready=no
    if ! engine_recall; then
        printf '%-10s %8s  %-8s %-6s %s\n' engine - stopped no -
        return 1
    fi
    if [ -n "$ENGINE_OWN" ]; then
        state=running
        pid=$(process_pid engine) || { pid=- state=stopped; }
    fi
    if engine_answers "$DOCKER_HOST"; then ready=yes; fi
    printf '%-10s %8s  %-8s %-6s %s\n' engine "$pid" "$state" "$ready" "$DOCKER_HOST"
    [ "$ready" = yes ] || return 1
    printf '\nCONTAINERS (label %s)\n' "$LABEL"
    docker ps -a --filter "label=$LABEL" --format '{{.Names}}\t{{.Status}}\t{{.Image}}' |
        while IFS=$'\t' read -r name status image; do
            printf '%-24s %-14s %-28s %s\n' "$name" \
                "$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$name")" "$status" "$image"
        done
}

show_services() {
    local file
    printf '\nREGISTERED\n'
    file=$(mktemp)
    if timeout 5 "$BUILD/longshore" render -once -consul-addr "$REGISTRY_ADDR" -http-addr '' -log-level err \
        -template "$ROOT/vagrant/lib/services.ctmpl:$file" >/dev/null 2>&1; then
        grep . "$file" || printf '(nothing)\n'
    else
        printf '(the registry does not answer)\n'
    fi
    rm -f "$file"
}

show_curl() {
    local count=${1:-10} failed=0 answer i
    [ $# -le 1 ] || usage_error "\"curl\" takes one number"
    [[ $count =~ ^[1-9][0-9]{0,5}$ ]] || usage_error "\"curl $count\": how many requests? 1 to 999999"
    command -v curl >/dev/null || fail "curl is not installed; \"sudo $0 up\" installs it"
    for ((i = 0; i < count; i++)); do
        if answer=$(http_get -f "http://$NGINX_ADDR/" 2>&1); then
            printf '%s\n' "$answer"
        else
            printf 'FAILED: %s\n' "$answer"
            failed=$((failed + 1))
        fi
    done
    [ "$failed" = 0 ] || fail "$failed of $count requests failed; \"sudo $0 status\" shows what is running"
}

show_logs() {
    local part='' follow=() files=() file word
    for word in "$@"; do
        case $word in
            -f) follow=(-f) ;;
            -*) unknown option "$word" -f ;;
            *) [ -z "$part" ] || usage_error "\"logs\" takes one part"; part=$word ;;
        esac
    done
    [ -d "$STATE/log" ] || fail "nothing was started, so there are no logs; \"sudo $0 up\" starts everything"
    case $part in
        '') files=("$STATE"/log/*.log "$NGINX_DIR"/logs/*.log) ;;
        nginx) files=("$STATE/log/nginx.log" "$NGINX_DIR"/logs/*.log) ;;
        registry | agent | renderer | engine) files=("$STATE/log/$part.log") ;;
        *) show_container_logs "$part" "${follow[@]}" ;;
    esac
    for file in "${!files[@]}"; do [ -e "${files[file]}" ] || unset "files[file]"; done
    [ "${#files[@]}" -gt 0 ] || fail "$part has no log yet"
    exec tail -n 40 "${follow[@]}" "${files[@]}"
}

show_container_logs() {
    if engine_recall && docker container inspect "$1" >/dev/null 2>&1; then
        # A service writes to both, and whoever looks for a word in it wants one.
        exec docker logs --tail 40 "${@:2}" "$1" 2>&1
    fi
    unknown "part or container" "$1" registry agent renderer nginx engine
}
