# shellcheck shell=bash disable=SC2153
# The demo service on the hosts: which instances there are, more or fewer of them, a new version without a gap.
# An instance is a container HOST-N, which is also the host name in its answers.

# Lines "HOST NAME", of the hosts that can be asked.
instances() {
    local host
    for host in "${ENGINE_HOSTS[@]}"; do
        host_usable "$host" || continue
        # A task's container has a name of the swarm's making; what its answers say is its host name.
        if swarm_on; then
            docker_on "$host" ps -q --filter "label=$LABEL" 2>/dev/null |
                DOCKER_HOST=$(engine_host "$host") xargs -r docker inspect --format '{{.Config.Hostname}}' 2>/dev/null
        else
            docker_on "$host" ps --filter "label=$LABEL" --format '{{.Names}}' 2>/dev/null
        fi | sort -V | sed "s/^/$host /"
    done
}

instance_names() { instances | awk '{ printf "%s%s", (NR > 1 ? " " : ""), $2 }'; }

host_usable() { [ "$(host_state "$1")" = up ] && process_pid "$1-engine" >/dev/null; }

instance_start() { # HOST VERSION COLOR: sets STARTED
    local host=$1 version=$2 color=$3 number=1 refused
    while docker_on "$host" container inspect "$host-$number" >/dev/null 2>&1; do number=$((number + 1)); done
    STARTED=$host-$number
    # A random port of the host, as in every staging environment: only the agent knows it.
    refused=$(docker_on "$host" run -d -P --name "$STARTED" --hostname "$STARTED" --label "$LABEL" \
        -e "VERSION=$version" -e "COLOR=$color" "$IMAGE" 2>&1) || fail "$STARTED: $refused"
    note "$STARTED: started on $host"
}

instance_stop() { # HOST NAME
    docker_on "$1" stop "$2" >/dev/null && docker_on "$1" rm "$2" >/dev/null || fail "$2 could not be stopped"
    note "$2: stopped"
}

balancer_get() { http_get "http://$(address_of "$BALANCER")/" 2>/dev/null; }

# True when each of the named instances has answered since ANSWERS was emptied.
answered() {
    local name
    for _ in 1 2 3 4 5 6 7 8; do ANSWERS+=$(balancer_get); done
    for name in "$@"; do [[ $ANSWERS == *"host=$name "* ]] || return 1; done
}

everybody_answers() {
    local names
    names=$(instance_names)
    # shellcheck disable=SC2086
    [ -n "$names" ] && answered $names
}

# What a new instance is: of the version and the colour that were deployed last, else 1.0 in the colour of its host.
release_remember() { printf '%s\n' "$1" "$2" >"$STATE/release"; }

release_of() { # HOST: sets VERSION, COLOR
    local version='' color=''
    VERSION=1.0 COLOR=blue
    [ "$1" = host-1 ] || COLOR=green
    # Half a file is none: it was cut short by a crash.
    if [ -e "$STATE/release" ]; then { IFS= read -r version && IFS= read -r color; } <"$STATE/release" || color=''; fi
    [ -z "$color" ] || VERSION=$version COLOR=$color
}

three_scale() {
    local wanted=$1 host best count fewest started=() VERSION COLOR
    if swarm_on; then swarm_scale "$wanted"; return; fi
    while [ "$(instances | wc -l)" -lt "$wanted" ]; do
        best='' fewest=1000000
        for host in "${ENGINE_HOSTS[@]}"; do
            host_usable "$host" || continue
            count=$(instances | grep -c "^$host ")
            if [ "$count" -lt "$fewest" ]; then best=$host fewest=$count; fi
        done
        [ -n "$best" ] || fail "no host can run containers now; \"$0 status\" shows why"
        release_of "$best"
        instance_start "$best" "$VERSION" "$COLOR"
        started+=("$STARTED")
    done
    while [ "$(instances | wc -l)" -gt "$wanted" ]; do
        best='' fewest=0
        for host in "${ENGINE_HOSTS[@]}"; do
            count=$(instances | grep -c "^$host ")
            if [ "$count" -gt "$fewest" ]; then best=$host fewest=$count; fi
        done
        instance_stop "$best" "$(instances | awk -v host="$best" '$1 == host { name = $2 } END { print name }')"
    done
    [ "${#started[@]}" -gt 0 ] || return 0
    ANSWERS=''
    [ ! -e "$NGINX_DIR/nginx.pid" ] || wait_for 20 "answers of ${started[*]}" '' answered "${started[@]}"
}

# One by one: the new instance answers through nginx before the old one is stopped.
three_deploy() {
    local version=$1 color=$2 host name
    if swarm_on; then swarm_deploy "$version" "$color"; return; fi
    if [ -z "$(instances)" ]; then
        # Nobody serves, so nothing is lost if these never answer; what is started next is to be like them.
        release_remember "$version" "$color"
        three_scale 2
        return
    fi
    while read -r host name <&3; do
        instance_start "$host" "$version" "$color"
        ANSWERS=''
        wait_for 20 "an answer of $STARTED" '' answered "$STARTED"
        # Not before: one that never answers is not what a lost instance is to be replaced by.
        release_remember "$version" "$color"
        instance_stop "$host" "$name"
    done 3< <(instances)
}
