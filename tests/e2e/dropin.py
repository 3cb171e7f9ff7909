"""What the drop-in suites share: the executable under both of its names, and the original's column.

Rows say what consul-template 0.42 is documented to do, what `consul-template` (a link to us) does and what
`longshore render` does; None means: as the column before. With LONGSHORE_TEST_CONSUL_TEMPLATE naming an original,
rows that it answers otherwise are printed (an older one does not know all options)."""

import json
import os
import subprocess
import time

from e2e.base import E2ETest
from rig import longshore, sandbox
from rig.process import Process
from rig.wait import TimedOut, wait_until

# Instead of an exit code: it goes on.
ON = None

THERE, LINK, OWN = "consul-template", "link", "longshore render"


def clean_environment(more=None):
    """Nothing that either program reads, except what the row says."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("CONSUL_", "CT_", "LONGSHORE_", "VAULT_", "NOMAD_", "NOTIFY_", "WATCHDOG_"))}
    return {**kept, **(more or {})}


class DropIn(E2ETest):
    wants_docker = False
    backend = None

    def setUp(self):
        super().setUp()
        self.link = self.path("bin/consul-template")
        os.makedirs(self.path("bin"))
        os.symlink(longshore.executable(), self.link)

    def program(self, who):
        """The words that start it; nothing if there is no original here."""
        if who == THERE:
            original = os.environ.get("LONGSHORE_TEST_CONSUL_TEMPLATE")
            return [original] if original else None
        return [self.link] if who == LINK else [longshore.executable(), "render"]

    def call(self, who, *words, env=None, stdin=None, seconds=30):
        return subprocess.run([*self.program(who), *words], stdin=stdin or subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=seconds, check=False, cwd=self.dir, env=clean_environment(env))

    def expect(self, row, words, there, link, own, env=None):
        """Exit codes of one row, everywhere."""
        link = there if link is None else link
        for who, wanted in ((LINK, link), (OWN, link if own is None else own)):
            with self.subTest(row=row, who=who):
                done = self.call(who, *words, env=env)
                self.assertEqual(wanted, done.returncode, done.stderr)
        if self.program(THERE):
            done = self.call(THERE, *words, env=env)
            if done.returncode != there:
                print(f"   original: {row}: {done.returncode}, expected {there}: {done.stderr[-150:]!r}")

    def everyone(self, *ours):
        """Those of our names, and the original where there is one."""
        return (*(ours or (LINK, OWN)), *((THERE,) if self.program(THERE) else ()))

    def judge(self, row, who, wanted, got, detail=""):
        """We have to be as wanted; where the original is not, that is printed."""
        if who != THERE:
            with self.subTest(row=row, who=who):
                self.assertEqual(wanted, got, detail)
        elif got != wanted:
            print(f"   original: {row}: {got!r}, expected {wanted!r}: {detail[-150:]!r}")

    def judge_text(self, row, who, name, wanted):
        """The same of a file that comes to hold a text."""
        try:
            self.wait_text(name, wanted, 5 if who == THERE else 15)
        except TimedOut:
            if who != THERE:
                raise
            self.judge(row, who, wanted, self.read(name) if os.path.exists(self.path(name)) else None)

    def printed(self, *words, env=None):
        """The merged configuration, as longshore render prints it."""
        done = self.call(OWN, *words, "-print-config", env=env)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def start(self, who, *words, env=None, name=None):
        """A running one; it is ended with KILL if the test does not end it."""
        name = name or "dropin"
        old = os.path.join(self.logs, name + ".log")
        if os.path.exists(old):
            os.remove(old)
        process = Process(name, [*self.program(who), *words], os.path.join(self.logs, name + ".log"),
                          env=env, cwd=self.dir, stdout_path=self.path(name + ".stdout"))
        self.processes.append(process)
        self.addCleanup(process.kill9)
        return process.start()

    def wait_child(self, running):
        """It has started a program."""
        def children():
            threads = f"/proc/{running.pid}/task"
            for thread in os.listdir(threads):
                with open(f"{threads}/{thread}/children", encoding="utf-8") as file:
                    if file.read().strip():
                        return True
            return False
        wait_until(children, 15, f"{running.name} has started its program")

    def wait_text(self, name, text, seconds=15):
        def same():
            got = self.read(name) if os.path.exists(self.path(name)) else None
            if got != text:
                raise AssertionError(f"it is {got!r}")
            return True
        wait_until(same, seconds, f"{name} is {text!r}")


class Running(DropIn):
    """One that has rendered a file."""

    def begin(self, who, *words, text="x", name="signals"):
        path = self.write("c.hcl", f'template {{\n contents = "{text}"\n destination = "{self.path("out")}"\n}}\n')
        if os.path.exists(self.path("out")):
            os.remove(self.path("out"))
        more = ("-http-addr", "") if who == OWN else ()
        running = self.start(who, "-config", path, "-log-level", "debug", *more, *words, name=name)
        self.wait_text("out", text)
        if "-exec" in words:
            self.wait_child(running)
        return running

    def outcome(self, running, wanted, seconds=15):
        """The exit code, or ON if that is wanted and it is still there after a while."""
        if wanted is not ON:
            try:
                return running.child.wait(seconds)
            except subprocess.TimeoutExpired:
                return ON
        until = time.monotonic() + 0.4
        while running.running() and time.monotonic() < until:
            time.sleep(0.02)
        return running.child.poll()


class NeedsKey(DropIn):
    """A template that needs a key."""

    def config(self, more=""):
        return self.write("c.hcl", f'{more}template {{\n contents = "{{{{ key `k` }}}}"\n '
                                   f'destination = "{self.path("out")}"\n}}\n')


def at(config, path):
    """`consul.retry.attempts` of a printed configuration; `template.0.source` too."""
    for part in path.split("."):
        config = config[int(part)] if part.isdigit() else config.get(part)
        if config is None:
            return None
    return config


__all__ = ["DropIn", "LINK", "NeedsKey", "ON", "OWN", "Running", "THERE", "at", "clean_environment", "sandbox"]
