# shellcheck shell=bash disable=SC2153
# The proof of concept on three hosts: containers on host-1 and host-2, nginx on host-3, Consul on all of them.

three_up() {
    local part host
    install_packages
    build_executables
    consul_find
    mkdir -p "$STATE" || fail "cannot make $STATE; nothing was started"
    say "hosts"
    hosts_choose_subnet
    [ -z "$SWARM" ] || : >"$STATE/swarm"
    swarm_recall
    three_adopt
    for host in "${HOST_NAMES[@]}"; do host_back "$host"; done
    network_up
    for host in "${HOST_NAMES[@]}"; do note "$host: $(address_of "$host")"; done
    say "Consul, Docker engines, agents, nginx and renderer"
    # Three servers elect a leader together, so all are started before one is waited for.
    for part in "${HOST_PARTS[@]:0:3}"; do three_part_up "$part"; done
    for part in "${HOST_PARTS[@]:0:3}"; do wait_for 60 "$part" "$part" three_ready "$part"; done
    for part in "${HOST_PARTS[@]:3}"; do
        three_part_up "$part"
        wait_for 60 "$part" "$part" three_ready "$part"
    done
    say "demo containers"
    three_images
    if swarm_on; then swarm_up; swarm_service 2; fi
    if [ "$(instances | wc -l)" -lt 2 ]; then three_scale 2; fi
    say "requests"
    wait_for 30 "an answer of each instance through nginx at $(address_of "$BALANCER")" '' everybody_answers
    note "answered by $(instance_names)"
    three_what_next
}

three_what_next() {
    cat <<TEXT

Try next, with this in another terminal:  while sleep 1; do curl http://$(address_of "$BALANCER"); done
  $0 scale 4               four instances over host-1 and host-2
  $0 deploy --version 2.0  replace them one by one
  $0 suspend host-2        freeze a host; then: $0 resume host-2
  $0 cut host-1            pull its network cable; then: $0 resume host-1
  $0 test                  all of that under load, as a table
  $0 down

Consul's web page: http://$(address_of host-1):8500/ui

URL=http://$(address_of "$BALANCER")/
REGISTRY=http://$(address_of "$BALANCER"):8500
STATUS=http://$(address_of "$BALANCER"):8512/v1/status
TEXT
}

# Parts whose record was lost because `poc` was ended in the moment between start and record.
three_adopt() {
    local part
    for part in "${HOST_PARTS[@]}"; do
        [ "$(part_program "$part")" = nginx ] || process_adopt "$part" "$(three_executable "$part")"
    done
    process_pid host-3-nginx >/dev/null || nginx_sweep
}

three_down() {
    local part host index
    say "stopping"
    CONSUL=$(command -v consul || printf 'none')
    # A frozen process does not hear TERM.
    for host in "${HOST_NAMES[@]}"; do if host_exists "$host"; then host_signal "$host" CONT; fi; done
    for ((index = ${#HOST_PARTS[@]} - 1; index >= 0; index--)); do
        part=${HOST_PARTS[index]}
        if [ "$(part_program "$part")" = engine ]; then three_engine_down "$(part_host "$part")"; fi
        process_stop "$part"
    done
    nginx_sweep
    for host in "${HOST_NAMES[@]}"; do if host_exists "$host"; then host_signal "$host" KILL; fi; done
    engine_sweep
    # The images stay, the swarm does not.
    rm -rf "$STATE"/docker-host-*/swarm
    network_down
    find "$STATE" -mindepth 1 -maxdepth 1 ! -name docker ! -name 'docker-host-*' -exec rm -rf {} + 2>/dev/null
    rmdir "$STATE" 2>/dev/null
    say "all removed; packages, $BUILD and images stay"
}

# The engine must forget its containers itself, or their layers would stay on the disk.
three_engine_down() {
    local host=$1 part=$1-engine ids
    if process_gone "$part" && [ -n "$(ls -A "$STATE/docker-$host/containers" 2>/dev/null)" ]; then
        engine_sweep
        # A reboot took the namespaces, but not the layers.
        host_exists "$host" || network_make >/dev/null 2>&1
        (three_start "$part" && wait_quietly 20 three_ready "$part") ||
            warn "the layers of the last containers of $host stay in $STATE/docker-$host"
    fi
    if engine_answers "$(engine_host "$host")"; then
        ids=$(docker_on "$host" ps -aq)
        # shellcheck disable=SC2086
        [ -z "$ids" ] || docker_on "$host" rm -fv $ids >/dev/null
    fi
}

three_images() {
    local host context
    context=$(mktemp -d "$STATE/image.XXXXXX")
    cp "$ROOT/vagrant/nanoservice/Dockerfile" "$context/"
    install -m 755 -s "$BUILD/nanoservice" "$context/nanoservice" 2>/dev/null ||
        install -m 755 "$BUILD/nanoservice" "$context/nanoservice"
    mkdir -p "$STATE/log"
    for host in "${ENGINE_HOSTS[@]}"; do
        docker_on "$host" build -q -t "$IMAGE" --build-arg VERSION=1.0 --build-arg "REVISION=$(revision)" "$context" \
            >"$STATE/log/image.log" 2>&1 || { show_tail image; rm -rf "$context"; fail "the image $IMAGE could not be built"; }
    done
    rm -rf "$context"
}
