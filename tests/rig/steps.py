"""Named steps of a test run: each is timed, writes its own log and shows progress without flooding."""

import os
import signal
import subprocess
import time

HEARTBEAT_SECONDS = 60


class Steps:
    def __init__(self, root, log_dir):
        self.root = root
        self.log_dir = log_dir
        self.times = []
        os.makedirs(log_dir, exist_ok=True)

    def run(self, name, command, env=None, show=False):
        """Runs one command; returns its exit code. show=True passes its output through as well."""
        print(f"== {name}: {' '.join(command)}", flush=True)
        log_path = os.path.join(self.log_dir, name.replace(" ", "-") + ".log")
        began = time.monotonic()
        with open(log_path, "wb") as log:
            code = self._wait(name, command, env, log, None if show else log_path)
        seconds = time.monotonic() - began
        self.times.append((name, seconds, code))
        print(f"== {name}: {'ok' if code == 0 else f'FAILED (exit {code})'}, {seconds:.1f} s", flush=True)
        if code != 0 and not show:
            print_errors(log_path)
        return code

    def _wait(self, name, command, env, log, quiet_log):
        out = log if quiet_log else None
        try:
            # A process group of its own: an interrupt must reach the compilers below cmake below ninja too.
            child = subprocess.Popen(command, cwd=self.root, env={**os.environ, **(env or {})}, process_group=0,
                                     stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT if out else None)
        except FileNotFoundError as error:
            print(f"   {error.strerror}: {command[0]}")
            return 127
        began = time.monotonic()
        try:
            while True:
                try:
                    return child.wait(HEARTBEAT_SECONDS)
                except subprocess.TimeoutExpired:
                    if quiet_log:
                        seconds = time.monotonic() - began
                        print(f"   {name}: {seconds:.0f} s, {last_line(quiet_log)}", flush=True)
        except BaseException:
            # Interrupted: the child puts its own things away before it ends.
            try:
                os.killpg(child.pid, signal.SIGINT)
                child.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            raise

    def print_times(self):
        width = max((len(name) for name, _, _ in self.times), default=0)
        print("\nTime per step")
        for name, seconds, code in self.times:
            print(f"  {name:<{width}}  {seconds:8.1f} s{'' if code == 0 else '  failed'}")
        print(f"  {'total':<{width}}  {sum(t for _, t, _ in self.times):8.1f} s")


def last_line(path):
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 4096))
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:160] if lines else "no output yet"


def print_errors(path, limit=60):
    """The lines that name errors, else the end of the log: a reader needs no second file."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    keep = []
    for number, line in enumerate(lines):
        if "error:" in line or "FAILED:" in line or line.startswith("CMake Error"):
            keep.extend(range(number, min(number + 4, len(lines))))
    chosen = sorted(set(keep))[:limit] or range(max(0, len(lines) - limit), len(lines))
    for number in chosen:
        print("   | " + lines[number][:300])
    print(f"   whole log: {path}", flush=True)
