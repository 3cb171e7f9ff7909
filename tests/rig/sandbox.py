"""Namespaces in which a whole run lives, so that nothing it starts can outlive it or meet the machine's own.

The caller becomes the outside: it waits and cleans up. Inside there is a new PID, mount, network, IPC and host
name space: process 1 is a reaper, and when it ends the kernel ends every process, mount, interface and packet
filter rule of the run, even after kill -9 of the outside. /run is a tmpfs; /etc and /var/lib are overlays whose
writes stay inside. The network has `lo`, which also carries HOST_IP, to which the host's name resolves.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

HOSTNAME = "rig-host"
HOST_IP = "10.213.7.1"
CGROUP_PREFIX = "longshore-rig-"
SESSION_VARIABLE = "LONGSHORE_RIG_SESSION"
# Everything of a session that is a file lives here, on a tmpfs inside.
STATE = "/run/longshore-rig"

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum=signal.SIGKILL):
    """Ends this process when the thread that started it ends; for use between fork and exec."""
    libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def run_inside(main):
    """Runs main() -> exit code inside; returns (exit code, problems found while cleaning up)."""
    session = f"{CGROUP_PREFIX}{os.getpid()}"
    os.environ[SESSION_VARIABLE] = session
    remove_dead_cgroups()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        die_with_parent()
        code = 1
        try:
            code = _unshared(main)
        except BaseException as error:  # neither fork may run the caller's code any further
            print(f"rig: {error}", file=sys.stderr)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    code = _wait(pid)
    return code, leftovers(session)


def _wait(pid):
    """Exit code of the inside; an interrupt is passed on once, then the inside gets time to end."""
    def forward(signum, _frame):
        os.kill(pid, signum)
    old = {signum: signal.signal(signum, forward) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        for signum, handler in old.items():
            signal.signal(signum, handler)


def _unshared(main):
    check(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET), "unshare")
    first = os.fork()
    if first != 0:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, lambda number, _frame: os.kill(first, number))
        return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    die_with_parent()
    _furnish()
    runner = os.fork()
    if runner == 0:
        die_with_parent()
        os._exit(_guarded(main))
    # Process 1: passes signals on, reaps what loses its parent, ends with the runner.
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda number, _frame: os.kill(runner, signal.SIGINT))
    while True:
        pid, status = os.wait()
        if pid == runner:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _guarded(main):
    def once(_signum, _frame):
        # The terminal and process 1 may both tell us; the second one must not cut the cleaning up short.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt
    signal.signal(signal.SIGINT, once)
    try:
        return main()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BaseException:  # the inside must end whatever happened
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def check(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def _furnish():
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "proc", "proc", "/proc")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    os.makedirs(STATE)
    os.makedirs("/run/lock")
    for lower in ("/etc", "/var/lib"):
        layer = os.path.join(STATE, "overlay", lower.strip("/").replace("/", "-"))
        os.makedirs(layer + "/upper")
        os.makedirs(layer + "/work")
        run("mount", "-t", "overlay", "-o", f"lowerdir={lower},upperdir={layer}/upper,workdir={layer}/work",
            "overlay", lower)
    with open("/etc/hosts", "w", encoding="ascii") as hosts:
        hosts.write(f"127.0.0.1 localhost\n{HOST_IP} {HOSTNAME}\n")
    check(libc.sethostname(HOSTNAME.encode(), len(HOSTNAME)), "sethostname")
    run("ip", "link", "set", "lo", "up")
    # Not every kernel has dummy interfaces; an address on lo is the host's just as well.
    run("ip", "address", "add", f"{HOST_IP}/32", "dev", "lo")


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def leftovers(session):
    """What a run left on the machine, after removing it; an empty list is the only good answer."""
    problems = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if f"{SESSION_VARIABLE}={session}".encode() in file.read().split(b"\0") and int(name) != os.getpid():
                    problems.append(f"process {name} is left")
        except OSError:
            continue
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        problems += [f"mount {line.split()[4]} is left" for line in file if STATE in line]
    problems += remove_cgroups(session)
    return problems


def cgroup_roots():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return [fields[1] for fields in map(str.split, file) if fields[2] in ("cgroup", "cgroup2")]


def remove_cgroups(session):
    """Control groups belong to no namespace: the engine's parent group is removed from outside."""
    problems = []
    for root in cgroup_roots():
        for folder, _, _ in os.walk(os.path.join(root, session), topdown=False):
            # A group is busy for a moment after its last process was killed.
            for attempt in range(50):
                try:
                    os.rmdir(folder)
                    break
                except OSError as error:
                    if attempt == 49:
                        problems.append(f"control group {folder}: {error.strerror}")
                    time.sleep(0.02)
    return problems


def remove_dead_cgroups():
    """Those of runs that were killed before they could clean up."""
    for root in cgroup_roots():
        for name in os.listdir(root):
            pid = name.removeprefix(CGROUP_PREFIX)
            if pid != name and pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
                remove_cgroups(name)
