"""vagrant/poc inside the sandbox, where no other engine answers: it brings its own."""

import os
import signal
import subprocess

from e2e.base import E2ETest, world
from rig import http, sandbox
from rig.longshore import executable
from rig.wait import wait_until

URL = "127.0.0.1:8510"


class PocTest(E2ETest):
    backend = None
    wants_docker = False

    def setUp(self):
        super().setUp()
        world.stop()
        # A tmpfs, for an engine's layers cannot lie on an overlay; not below /run, which its engine does not see. The
        # last part of the name names its control group: the session's own, which is cleaned up from outside.
        home = "/var/lib/longshore-rig"
        os.makedirs(home, exist_ok=True)
        sandbox.run("mount", "-t", "tmpfs", "tmpfs", home)
        self.addCleanup(sandbox.run, "umount", "-l", home)
        self.state = os.path.join(home, os.environ[sandbox.SESSION_VARIABLE])
        # Containers that outlived an engine which an earlier test killed.
        self.kill_all()
        self.before = self.everything()
        self.addCleanup(self.poc, "down")

    def poc(self, *words, seconds=120):
        done = subprocess.run(["vagrant/poc", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=seconds, check=False, env={
                                  **os.environ, "LONGSHORE_POC_STATE": self.state,
                                  "LONGSHORE_BUILD_DIR": os.path.dirname(executable())})
        self.assertEqual(0, done.returncode, f"poc {' '.join(words)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def up(self):
        text = self.poc("up", "--no-build")
        self.assertEqual(["URL=", "REGISTRY=", "STATUS="],
                         [line.partition("=")[0] + "=" for line in text.splitlines()[-3:]], text[-500:])
        # `up` has seen both answer; on a busy machine a health check may be late now and then.
        both = {"longshore-poc-1", "longshore-poc-2"}
        wait_until(lambda: self.answering() == both, 10, "both containers answer")

    def answering(self):
        """Host names that answer ten requests."""
        return {http.get(URL, "/").text.split("host=")[1].split()[0] for _ in range(10)}

    def docker(self, *words):
        done = subprocess.run(["/usr/bin/docker", "-H", f"unix://{self.state}/docker.sock", *words],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def pids(self):
        """Every process of the sandbox but the rig's own."""
        own, pid = {1}, os.getpid()
        while pid > 1:
            own.add(pid)
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                pid = int(file.read().rsplit(")", 1)[1].split()[1])
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                    state = file.read().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if int(name) not in own and state != "Z":
                found.append(int(name))
        return found

    def kill_all(self):
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wait_until(lambda: not self.pids(), 20, "all processes are dead")

    def everything(self):
        """What `down` must leave as it was: processes, interfaces, namespaces, rules, mounts."""
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            mounts = sorted(line.split()[4] for line in file)
        return {"processes": len(self.pids()), "interfaces": sorted(os.listdir("/proc/sys/net/ipv4/conf")),
                "namespaces": sandbox.run("ip", "netns", "list"), "mounts": mounts,
                "rules": sandbox.run("iptables-save", "-t", "filter").count("\n-A")}

    def assert_nothing_left(self):
        wait_until(lambda: self.everything() == self.before or self.different(), 5, "everything is as before")

    def different(self):
        now = self.everything()
        raise AssertionError({key: (self.before[key], now[key]) for key in now if now[key] != self.before[key]})

    def test_up_join_leave_down(self):
        self.up()
        load = self.load(URL, clients=2)
        image = self.docker("inspect", "-f", "{{.Config.Image}}", "longshore-poc-1").strip()
        self.docker("run", "-d", "--name", "third", "--hostname", "third", "--label", "longshore.poc", image)
        wait_until(lambda: "third" in self.answering(), 10, "the third container joins")
        self.docker("stop", "longshore-poc-1")
        wait_until(lambda: self.answering() == {"longshore-poc-2", "third"}, 10, "the stopped one is gone")
        self.assert_no_failures(load)
        self.poc("status")
        self.poc("up", "--no-build")
        self.poc("down")
        self.assert_nothing_left()
        self.poc("down")

    def test_up_after_everything_was_killed(self):
        self.up()
        self.kill_all()
        self.up()
        self.poc("down")
        self.assert_nothing_left()
