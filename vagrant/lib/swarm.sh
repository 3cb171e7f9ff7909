# shellcheck shell=bash disable=SC2034,SC2153  # the other files of this folder use these names
# `up --hosts 3 --swarm`: the engines are one Docker Swarm and the demo is a replicated service of it. When a host is lost
# the swarm starts its tasks on the other one; our agent there registers them and nginx follows.
#
# Three managers, because two cannot lose one: host-3 has an engine too, which votes and runs no task.

SWARM_SERVICE=nanoservice

swarm_on() { [ -e "$STATE/swarm" ]; }

# The parts that only a swarm has, before the agents.
swarm_recall() {
    swarm_on || return 0
    one_of host-3-engine "${HOST_PARTS[@]}" || HOST_PARTS=("${HOST_PARTS[@]:0:5}" host-3-engine "${HOST_PARTS[@]:5}")
}

# inactive, pending (it is in a swarm and has not found the others yet), active, locked or error.
swarm_state() { docker_on "$1" info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null; }

swarm_active() { [ "$(swarm_state "$1")" = active ]; }

# Sets MANAGER to a host whose engine answers for the swarm.
swarm_manager() {
    local host
    for host in "${HOST_NAMES[@]}"; do
        MANAGER=$host
        ! host_usable "$host" || ! timeout 5 env "DOCKER_HOST=$(engine_host "$host")" docker node ls -q >/dev/null 2>&1 || return 0
    done
    return 1
}

swarm_up() {
    local host refused token
    say "one swarm of three managers"
    # A host that comes back is a member, and first of all a pending one. Only if nobody is one there is no swarm yet.
    swarm_known || swarm_make "${HOST_NAMES[0]}"
    wait_for 60 'a manager of the swarm' '' swarm_manager
    # A manager that is up, whichever that is.
    token=$(docker_on "$MANAGER" swarm join-token -q manager 2>/dev/null)
    for host in "${HOST_NAMES[@]}"; do
        if [ "$(swarm_state "$host")" = inactive ]; then
            # One that takes long goes on by itself.
            refused=$(docker_on "$host" swarm join --token "$token" --advertise-addr "$(address_of "$host")" \
                --listen-addr "$(address_of "$host")" "$(address_of "$MANAGER"):2377" 2>&1) ||
                [ "$(swarm_state "$host")" != inactive ] || fail "$host cannot join the swarm: $refused"
        fi
        wait_for 60 "$host as an active member of the swarm" "$host-engine" swarm_active "$host"
    done
    docker_on "$MANAGER" node update --availability drain "$BALANCER" >/dev/null || fail "$BALANCER cannot be told to run no tasks"
}

# True if any host is in a swarm. One whose engine does not answer is not known to be in none.
swarm_known() {
    local host
    for host in "${HOST_NAMES[@]}"; do [ "$(swarm_state "$host")" = inactive ] || return 0; done
    return 1
}

# Docker's word for a dead manager comes sooner than with its usual 5 s between heartbeats.
swarm_make() {
    local refused
    refused=$(docker_on "$1" swarm init --advertise-addr "$(address_of "$1")" --listen-addr "$(address_of "$1")" \
        --dispatcher-heartbeat 2s 2>&1) || fail "the swarm cannot be made: $refused"
}

swarm_service() { # REPLICAS
    local refused
    docker_on "$MANAGER" service inspect "$SWARM_SERVICE" >/dev/null 2>&1 && return
    say "a replicated service of $1 tasks"
    # No network of the swarm is between nginx and a task: each has a random port of its host.
    refused=$(docker_on "$MANAGER" service create --detach --quiet --no-resolve-image --name "$SWARM_SERVICE" --replicas "$1" \
        --publish mode=host,target=5000 --container-label "$LABEL" --hostname '{{.Node.Hostname}}-{{.Task.Slot}}' \
        --env VERSION=1.0 --env COLOR=blue --update-order start-first --update-parallelism 1 --restart-delay 1s "$IMAGE" 2>&1) ||
        fail "the service cannot be made: $refused"
}

# So many tasks are there, and no other containers.
swarm_has() { [ "$(instances | wc -l)" = "$1" ]; }

swarm_scale() {
    wait_for 60 'a manager of the swarm' '' swarm_manager
    swarm_service "$1"
    docker_on "$MANAGER" service scale --detach "$SWARM_SERVICE=$1" >/dev/null || fail "the service cannot be scaled"
    wait_for 60 "$1 tasks" '' swarm_has "$1"
    ANSWERS=''
    [ "$1" = 0 ] || [ ! -e "$NGINX_DIR/nginx.pid" ] || wait_for 30 "answers of $(instance_names)" '' everybody_answers
}

swarm_updated() {
    [ "$(docker_on "$MANAGER" service inspect --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}' "$SWARM_SERVICE")" = completed ]
}

swarm_deploy() { # VERSION COLOR
    wait_for 60 'a manager of the swarm' '' swarm_manager
    docker_on "$MANAGER" service update --detach --quiet --no-resolve-image --env-add "VERSION=$1" --env-add "COLOR=$2" \
        "$SWARM_SERVICE" >/dev/null || fail "the service cannot be updated"
    wait_for 120 "version $1 on all tasks" '' swarm_updated
    ANSWERS=''
    wait_for 30 "answers of $(instance_names)" '' everybody_answers
}

# Somebody answers who was not there before.
swarm_newcomer() { # NAMES BEFORE...
    local answer name
    for _ in 1 2 3 4; do
        answer=$(balancer_get)
        name=${answer#*host=}
        [ "$name" != "$answer" ] || continue
        if ! one_of "${name%% *}" "$@"; then
            NEWCOMER=${name%% *}
            return
        fi
    done
    return 1
}

# After a loss: how long it takes until a task in the place of a lost one answers through nginx.
swarm_replacement() { # NANOSECONDS_OF_THE_LOSS NAMES BEFORE...
    local began=$1 took
    shift
    wait_for 90 "the first answer of a task that replaces a lost one" '' swarm_newcomer "$@"
    took=$((($(date +%s%N) - began) / 100000000))
    note "$NEWCOMER answers through nginx $((took / 10)).$((took % 10)) s after the loss"
}
