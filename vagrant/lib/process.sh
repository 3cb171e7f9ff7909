# shellcheck shell=bash
# Processes that outlive this script. A record holds pid, start time, boot and executable: a number alone could by now
# belong to somebody else.

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# Start time in clock ticks since boot; nothing for a process that is gone or a zombie.
start_ticks() {
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    # The name in parentheses may contain anything, spaces included.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [ "$1" != Z ] && [ "$1" != X ] && printf '%s\n' "${20}"
}

# Which file that is, whatever it is called: the kernel shows paths of another mount namespace differently, and those of
# files that were rebuilt with a mark.
file_identity() { stat -L -c %d:%i "$1" 2>/dev/null; }

# process_record NAME PID EXECUTABLE
process_record() {
    local ticks
    ticks=$(start_ticks "$2") || return 1
    mkdir -p "$STATE/pid"
    printf '%s %s %s %s %s\n' "$2" "$ticks" "$(boot_id)" "$(file_identity "$3")" "$3" >"$STATE/pid/$1.new" &&
        mv "$STATE/pid/$1.new" "$STATE/pid/$1"
}

# The pid of the recorded process if it is that very process, else failure.
process_pid() {
    local pid ticks boot identity
    { read -r pid ticks boot identity _ <"$STATE/pid/$1"; } 2>/dev/null || return 1
    [ "$boot" = "$(boot_id)" ] && [ "$ticks" = "$(start_ticks "$pid")" ] || return 1
    [ "$(file_identity "/proc/$pid/exe")" = "$identity" ] && printf '%s\n' "$pid"
}

# True when the executable was replaced after the process had started.
process_outdated() {
    local identity path
    process_pid "$1" >/dev/null || return 1
    read -r _ _ _ identity path <"$STATE/pid/$1"
    [ "$(file_identity "$path")" != "$identity" ]
}

# process_start NAME EXECUTABLE COMMAND...: EXECUTABLE is what the command becomes. Output goes to the part's log.
process_start() {
    local name=$1 executable=$2
    shift 2
    mkdir -p "$STATE/log"
    # A session of its own: ^C in this terminal is not meant for it. The lock (9) is not inherited.
    LONGSHORE_POC_PART=$STATE/$name setsid "$@" >>"$STATE/log/$name.log" 2>&1 </dev/null 9>&- &
    if ! process_record "$name" $! "$executable" || ! wait_quietly 10 process_became "$name" $!; then
        show_tail "$name"
        fail "$name could not be started"
    fi
}

# setsid, env and the like turn into the executable after a moment; true also when the process has ended.
process_became() { process_pid "$1" >/dev/null || ! start_ticks "$2" >/dev/null; }

# process_adopt NAME EXECUTABLE: records a process of ours of which no record was left, because this script was ended in
# the moment between start and record. The mark in its environment tells it from others.
process_adopt() {
    local path pid
    process_pid "$1" >/dev/null && return
    while read -r path; do
        pid=${path#/proc/} pid=${pid%/environ}
        process_record "$1" "$pid" "$2" || continue
        if process_pid "$1" >/dev/null; then return; fi
    done < <(grep -lsazxF "LONGSHORE_POC_PART=$STATE/$1" /proc/[0-9]*/environ)
    rm -f "$STATE/pid/$1"
}

# process_stop NAME [SECONDS]: TERM, then KILL. Each signal only to the verified process.
process_stop() {
    local name=$1 seconds=${2:-10} pid
    pid=$(process_pid "$name") || { rm -f "$STATE/pid/$name"; return 0; }
    kill -TERM "$pid" 2>/dev/null
    if ! wait_quietly "$seconds" process_gone "$name"; then
        warn "$name (pid $pid) did not stop within $seconds s and is killed"
        pid=$(process_pid "$name") && kill -KILL "$pid"
        wait_quietly 5 process_gone "$name" || warn "$name (pid $pid) cannot be killed"
    fi
    rm -f "$STATE/pid/$name"
}

process_gone() { ! process_pid "$1" >/dev/null; }

# wait_quietly SECONDS COMMAND...: true as soon as the command is.
wait_quietly() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

# wait_for SECONDS WHAT PART COMMAND...: as above, says what it waits for; gives up early when the part has died.
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2 part=$3 told=0 begun=$SECONDS
    shift 3
    until "$@"; do
        if [ -n "$part" ] && process_gone "$part"; then
            show_tail "$part"
            fail "$part has ended while waiting for $what; \"$0 down\" cleans up"
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            [ -z "$part" ] || show_tail "$part"
            fail "$what: not within $((SECONDS - begun)) s; \"$0 status\" and \"$0 logs\" show more, \"$0 down\" cleans up"
        fi
        if ((SECONDS - begun >= 2 && SECONDS - told >= 5)); then
            note "waiting for $what"
            told=$SECONDS
        fi
        sleep 0.1
    done
}

show_tail() {
    [ -s "$STATE/log/$1.log" ] || return 0
    warn "the end of $STATE/log/$1.log:"
    tail -n 15 "$STATE/log/$1.log" >&2
}
