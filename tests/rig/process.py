"""One process that a test started: its log, its signals, its end."""

import os
import signal
import subprocess

from rig.wait import wait_until


class Process:
    """Standard output and error go to one log file. A session of its own keeps ^C of the terminal away from it:
    the test decides when and how it ends."""

    def __init__(self, name, command, log_path, env=None, cwd=None, stdout_path=None):
        self.name, self.command, self.log_path = name, [str(word) for word in command], log_path
        self.env, self.cwd, self.stdout_path = env, cwd, stdout_path
        self.child = None

    def start(self):
        assert not self.running(), f"{self.name} runs already"
        os.makedirs(os.path.dirname(self.log_path), exist_ok=True)
        with open(self.log_path, "ab") as log:
            out = open(self.stdout_path, "ab") if self.stdout_path else log
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, cwd=self.cwd,
                env={**os.environ, **self.env} if self.env else None, start_new_session=True)
            if self.stdout_path:
                out.close()
        return self

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child is not None and self.child.poll() is None

    def send(self, signum):
        self.child.send_signal(signum)

    def wait(self, seconds):
        """Exit code; negative for the signal that ended it."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {seconds} s\n{self.tail()}") from None

    def term(self, seconds=10, signum=signal.SIGTERM):
        """Asks it to end and returns the exit code; kills it and complains when it does not."""
        self.send(signum)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise AssertionError(f"{self.name} ignored {signum.name} for {seconds} s\n{self.tail()}") from None

    def kill9(self):
        if self.running():
            self.child.kill()
            self.child.wait()

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def tail(self, lines=15):
        return "\n".join(f"   {self.name}| {line}" for line in self.log().splitlines()[-lines:])

    def wait_log(self, text, seconds=10, after=0):
        """Waits until the log holds the text after that many characters; returns the line."""
        def line():
            got = self.log()[after:]
            return next((found for found in got.splitlines() if text in found), None)
        return wait_until(line, seconds, f"{self.name} logs {text!r}")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))
