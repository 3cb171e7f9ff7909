"""Several sandboxes side by side share one list of work: each takes the next piece that nobody has taken.

Most of an end-to-end test is waiting, so two lanes on two cores take little more than half the time. A lane is a
forked process with a sandbox of its own: addresses, mounts and control groups of one are not seen by another.
"""

import fcntl
import os
import signal
import sys
import tempfile

from rig import sandbox


class Claims:
    """Pieces of work by number, taken at most once by all processes that share the folder."""

    def __init__(self, folder):
        self.folder = folder

    def take(self, count):
        """The next free numbers below count, one by one; ends early once somebody gave up."""
        for number in range(count):
            if os.path.exists(os.path.join(self.folder, "stop")):
                return
            try:
                os.close(os.open(os.path.join(self.folder, f"taken-{number}"), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            except FileExistsError:
                continue
            yield number

    def give_up(self):
        """No lane takes anything further."""
        with open(os.path.join(self.folder, "stop"), "w", encoding="ascii"):
            pass


class Printer:
    """Texts of several lines stay together although several lanes print."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "printing")

    def __call__(self, text):
        with open(self.path, "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            print(text, flush=True)


def run(count, work):
    """Runs work(lane number, folder) -> exit code in that many lanes, each inside a sandbox.

    Returns per lane (exit code, problems found while cleaning up, text that work left in folder/answer-N or None).
    """
    with tempfile.TemporaryDirectory() as folder:
        pids = []
        for number in range(count):
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                _lane(number, folder, work)
            pids.append(pid)
        old = {signum: signal.signal(signum, lambda number, _frame: _pass_on(pids, number))
               for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        finally:
            for signum, handler in old.items():
                signal.signal(signum, handler)
        return [(code, _read(folder, f"problems-{number}") or "", _read(folder, f"answer-{number}"))
                for number, code in enumerate(codes)]


def _lane(number, folder, work):
    """Never returns: neither fork may run the caller's code any further."""
    sandbox.die_with_parent()
    # A shell's background job ignores it, and so would every program that is started below.
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    code = 1
    try:
        code, problems = sandbox.run_inside(lambda: work(number, folder))
        with open(os.path.join(folder, f"problems-{number}"), "w", encoding="utf-8") as file:
            file.write("; ".join(problems))
    except BaseException as error:
        print(f"rig: lane {number}: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)


def _pass_on(pids, signum):
    for pid in pids:
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            pass


def _read(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None
