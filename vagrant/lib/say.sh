# shellcheck shell=bash
# What the user reads: progress, reasons, help.

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf 'poc: %s\n' "$*" >&2; }
fail() { warn "$@"; exit 1; }
# The same before anything was started: a state directory that has nothing in it goes, too.
fail_early() { rmdir "$STATE" 2>/dev/null; fail "$@"; }
usage_error() { warn "$@"; warn "\"$0 --help\" lists what there is"; exit 2; }

# one_of WORD CANDIDATE... : true if it is one of them.
one_of() {
    local word=$1 candidate
    shift
    for candidate in "$@"; do [ "$candidate" != "$word" ] || return 0; done
    return 1
}

# unknown KIND WORD CANDIDATE...: ends with exit code 2 and the closest candidate, if one is close.
unknown() {
    local kind=$1 word=$2 best='' best_distance=3 candidate distance
    shift 2
    for candidate in "$@"; do
        distance=$(edit_distance "$word" "$candidate")
        if [ "$distance" -lt "$best_distance" ]; then best=$candidate best_distance=$distance; fi
    done
    usage_error "unknown $kind \"$word\"${best:+, did you mean \"$best\"?}"
}

# Levenshtein, one row at a time.
edit_distance() {
    local a=$1 b=$2 i j cost above left diagonal
    local -a row
    for ((j = 0; j <= ${#b}; j++)); do row[j]=$j; done
    for ((i = 1; i <= ${#a}; i++)); do
        diagonal=${row[0]}
        row[0]=$i
        for ((j = 1; j <= ${#b}; j++)); do
            above=${row[j]} left=${row[j - 1]}
            cost=1
            if [ "${a:i-1:1}" = "${b:j-1:1}" ]; then cost=0; fi
            row[j]=$((diagonal + cost))
            if ((above + 1 < row[j])); then row[j]=$((above + 1)); fi
            if ((left + 1 < row[j])); then row[j]=$((left + 1)); fi
            diagonal=$above
        done
    done
    printf '%s\n' "${row[${#b}]}"
}

usage() {
    cat <<TEXT
The proof of concept on this machine: containers behind nginx, followed by longshore.

  sudo vagrant/poc up [--no-build]      start everything, end with URL=, REGISTRY= and STATUS= (safe to repeat)
  sudo vagrant/poc up --hosts 3         the same on three hosts, which are network namespaces of this machine
  sudo vagrant/poc up --hosts 3 --swarm with the demo as a service of one Docker Swarm, which replaces lost tasks
  sudo vagrant/poc down                 remove all that it started; packages, build/ and images stay
  sudo vagrant/poc status               processes, containers and registered services
       vagrant/poc curl [N]             send N requests (10) and print the answers
       vagrant/poc logs [PART] [-f]     registry, agent, renderer, nginx, engine or a container's name; -f follows

With three hosts PART is as "status" lists it (host-1-agent) or a container's name; also (as root):
  deploy [--version V] [--color C]      replace all instances one by one (2.0, red)
  scale N                               N instances over host-1 and host-2
  suspend HOST, cut HOST, resume HOST   freeze all of a host; pull its network cable; undo either
  lose HOST                             kill all of a host; "up --hosts 3" brings it back
  restart PART                          stop and start one part, as "status" lists them
  exec HOST [COMMAND...]                a command, or a shell, on that host: its network, engine and Consul
  test [--quick] [--relaxed]            all of that under load; prints a table, fails where it falls short (--quick: some of
                                        it; --relaxed: with times not judged, on a machine that has other work)

Options of up:
  --no-build    use what is in build/ as it is
  --swarm       with --hosts 3: "lose" then prints how long it takes until a replacement answers

Environment: DOCKER_HOST (engine to use on one host; else /var/run/docker.sock if one answers there, else an engine of
its own), LONGSHORE_SUBNET (192.168.50), LONGSHORE_POC_STATE ($STATE), LONGSHORE_BUILD_DIR ($BUILD).
Exit codes: 0 done, 1 failed, 2 usage.
TEXT
}
