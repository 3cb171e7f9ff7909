"""What the drop-in suites share: the executable under both of its names, and the original's column.

Rows say what consul-template 0.42 is documented to do, what `consul-template` (a link to us) does and what
`longshore render` does; None means: as the column before. With LONGSHORE_TEST_CONSUL_TEMPLATE naming an original,
rows that it answers otherwise are printed (an older one does not know all options)."""

import json
import os
import subprocess

from e2e.base import E2ETest
from rig import longshore, sandbox
from rig.process import Process
from rig.wait import wait_until

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

    def printed(self, *words, env=None):
        """The merged configuration, as longshore render prints it."""
        done = self.call(OWN, *words, "-print-config", env=env)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def start(self, who, *words, env=None, name=None):
        """A running one; it is ended with KILL if the test does not end it."""
        name = name or "dropin"
        process = Process(name, [*self.program(who), *words], os.path.join(self.logs, name + ".log"),
                          env=env, cwd=self.dir, stdout_path=self.path(name + ".stdout"))
        self.processes.append(process)
        self.addCleanup(process.kill9)
        return process.start()

    def wait_text(self, name, text, seconds=15):
        def same():
            got = self.read(name) if os.path.exists(self.path(name)) else None
            if got != text:
                raise AssertionError(f"it is {got!r}")
            return True
        wait_until(same, seconds, f"{name} is {text!r}")


def at(config, path):
    """`consul.retry.attempts` of a printed configuration; `template.0.source` too."""
    for part in path.split("."):
        config = config[int(part)] if part.isdigit() else config.get(part)
        if config is None:
            return None
    return config


__all__ = ["DropIn", "LINK", "OWN", "THERE", "at", "clean_environment", "sandbox"]
