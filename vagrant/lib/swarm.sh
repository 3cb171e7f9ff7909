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

swarm_member() { [ "$(docker_on "$1" info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active ]; }

# Sets MANAGER to a host whose engine answers for the swarm.
swarm_manager() {
    local host
    for host in "${HOST_NAMES[@]}"; do
        MANAGER=$host
        ! host_usable "$host" || ! timeout 5 env "DOCKER_HOST=$(engine_host "$host")" docker node ls -q >/dev/null 2>&1 || return 0
    done
    return 1
}

# Docker's word for a dead manager comes sooner than with its usual 5 s between heartbeats.
swarm_up() {
    local host first=${HOST_NAMES[0]} refused token
    say "one swarm of three managers"
    if ! swarm_member "$first"; then
        refused=$(docker_on "$first" swarm init --advertise-addr "$(address_of "$first")" --listen-addr "$(address_of "$first")" \
            --dispatcher-heartbeat 2s 2>&1) || fail "the swarm cannot be made: $refused"
    fi
    token=$(docker_on "$first" swarm join-token -q manager 2>/dev/null)
    for host in "${HOST_NAMES[@]:1}"; do
        swarm_member "$host" && continue
        refused=$(docker_on "$host" swarm join --token "$token" --advertise-addr "$(address_of "$host")" \
            --listen-addr "$(address_of "$host")" "$(address_of "$first"):2377" 2>&1) || fail "$host cannot join the swarm: $refused"
    done
    wait_for 60 'a manager of the swarm' '' swarm_manager
    docker_on "$MANAGER" node update --availability drain "$BALANCER" >/dev/null || fail "$BALANCER cannot be told to run no tasks"
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
