"""What `vagrant/poc` says when it is called wrongly, twice, without what it needs, or after a crash: one clear sentence
each, and nothing left behind."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys

from e2e import hosts_test, poc_test
from rig import http, sandbox
from rig.wait import wait_until

# An `ip` of a kernel without bridges.
NO_BRIDGE = """#!/bin/sh
case " $* " in *" type bridge "*) echo "RTNETLINK answers: Operation not supported" >&2; exit 2 ;; esac
exec /usr/sbin/ip "$@"
"""
RANGES = ("192.168.50", "192.168.51", "10.185.50")


class Mistakes(poc_test.PocTest):
    """Everything of the one-host test's set-up; its tests are not repeated."""

    test_up_join_leave_down = None
    test_up_after_everything_was_killed = None
    names = hosts_test.HostsTest.names

    def refused(self, words, code, *said, poc="vagrant/poc", user=None, **env):
        done = subprocess.run([poc, *words.split()], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              check=False, user=user, group=user, extra_groups=None if user is None else [], env={
                                  **os.environ, "LONGSHORE_POC_STATE": self.state,
                                  "LONGSHORE_BUILD_DIR": os.path.dirname(poc_test.executable()), **env})
        self.assertEqual(code, done.returncode, f"poc {words}: {done.stdout[-1000:]}{done.stderr}")
        for part in said:
            self.assertIn(part, done.stderr, f"poc {words}")

    def hosts_up(self):
        return self.poc("up", "--hosts", "3", "--no-build", seconds=300)


class BeforeTest(Mistakes):
    """Nothing is up, and nothing gets up."""

    def tearDown(self):
        self.assertFalse(os.path.exists(self.state), "the state directory is left")
        self.assert_nothing_left()

    def test_words(self):
        for words, code, said in (
                ("suspnd host-1", 2, 'did you mean "suspend"'), ("up --host 3", 2, 'did you mean "--hosts"'),
                ("up --hosts", 2, "needs a number"), ("up --hosts 2", 2, "1 host or 3"), ("up --swarm", 2, "--hosts 3"),
                ("up now", 2, 'unknown option "now"'), ("down now", 2, "takes no arguments"),
                ("curl many", 2, "how many requests"), ("logs", 1, "nothing was started"),
                ("scale 2", 1, "the three hosts are not up"), ("resume host-1", 1, "the three hosts are not up"),
                ("test", 1, "the three hosts are not up")):
            self.refused(words, code, said)
        for value in ("300.1.1", "10.20", "10.20.30.0"):
            self.refused("up --hosts 3 --no-build", 1, f"LONGSHORE_SUBNET={value}: three numbers", LONGSHORE_SUBNET=value)
        self.refused("up --no-build", 1, "--no-build: there is no", LONGSHORE_BUILD_DIR="/nonexistent")
        self.poc("down")

    def test_directories_of_others(self):
        home = self.path("home")
        os.makedirs(home)
        self.write("home/letter", "dear all")
        for words in ("up --no-build", "up --hosts 3 --no-build", "down", "status"):
            self.refused(words, 1, f'{home} has "letter" in it', LONGSHORE_POC_STATE=home)
        self.assertEqual("dear all", self.read("home/letter"))
        for path in ("home", "/", "/tmp/a b", "/" + "x" * 90):
            self.refused("down", 2, "an absolute path", LONGSHORE_POC_STATE=path)

    def test_without_root(self):
        # The checkout may be where others cannot read it.
        shutil.copytree("vagrant/lib", self.path("checkout/vagrant/lib"))
        poc = shutil.copy("vagrant/poc", self.path("checkout/vagrant"))
        for words in ("up", "up --hosts 3", "down", "status", "scale 2", "suspend host-1", "exec host-1 true", "test"):
            self.refused(words, 1, f'"{words.split()[0]}" needs root: sudo', poc=poc, user=65534)

    def test_taken(self):
        with socket.create_server(("127.0.0.1", 8512)):
            self.refused("up --no-build", 1, f"port 8512, which renderer needs, is taken by {os.path.basename(sys.executable)}",
                         f"(pid {os.getpid()}); nothing was started")
        sandbox.run("ip", "link", "add", "taken", "type", "bridge")
        self.addCleanup(lambda: os.path.exists("/sys/class/net/taken") and sandbox.run("ip", "link", "delete", "taken"))
        for part in RANGES:
            sandbox.run("ip", "address", "add", f"{part}.7/24", "dev", "taken")
        sandbox.run("ip", "link", "set", "taken", "up")
        self.refused("up --hosts 3 --no-build", 1, "are in use here; choose another one: LONGSHORE_SUBNET=")
        sandbox.run("ip", "link", "delete", "taken")
        folder = os.open(os.path.dirname(self.state), os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            for words in ("up --no-build", "up --hosts 3 --no-build", "down"):
                self.refused(words, 1, 'another "poc" is at work on this machine')
        finally:
            os.close(folder)

    def test_a_kernel_without_bridges(self):
        os.makedirs(self.path("bin"))
        os.chmod(self.write("bin/ip", NO_BRIDGE), 0o755)
        path = f"{self.path('bin')}:{os.environ['PATH']}"
        self.refused("up --no-build", 1, "cannot make the bridge longshore0: RTNETLINK answers", PATH=path)
        self.refused("up --hosts 3 --no-build", 1, "cannot make the hosts' network: RTNETLINK answers", "must be allowed here",
                     PATH=path)


class DuringTest(Mistakes):
    def test_every_step_twice_and_what_a_state_forbids(self):
        # The usual range is taken by somebody else.
        sandbox.run("ip", "link", "add", "taken", "type", "bridge")
        self.addCleanup(lambda: os.path.exists("/sys/class/net/taken") and sandbox.run("ip", "link", "delete", "taken"))
        sandbox.run("ip", "address", "add", "192.168.50.7/24", "dev", "taken")
        sandbox.run("ip", "link", "set", "taken", "up")
        self.assertIn("URL=http://192.168.51.103/", self.hosts_up())
        sandbox.run("ip", "link", "delete", "taken")
        again = self.hosts_up()
        self.assertNotIn("started", again)
        self.assertEqual(9, again.count(": running (pid "))
        self.refused("up --no-build", 1, "the three hosts are up")
        self.refused("up --hosts 3 --swarm --no-build", 1, "without a swarm")
        self.refused("up --hosts 3 --no-build", 1, f"another proof of concept are up, whose state is in {self.state}",
                     LONGSHORE_POC_STATE=self.state + "-2")
        for words, code, said in (
                ("suspend", 2, "needs a host"), ("suspend host-4", 2, 'unknown host "host-4", did you mean "host-'),
                ("suspend host-1 host-2", 2, "takes one host"), ("restart host-1-agnt", 2, 'did you mean "host-1-agent"'),
                ("deploy --verson 2", 2, 'did you mean "--version"'), ("deploy --version", 2, "--version needs a value"),
                ("scale two", 2, "takes one number"), ("logs host-1-agnt", 2, 'did you mean "host-1-agent"'),
                ("logs by-hand", 2, 'unknown part or container "by-hand"'),
                ("exec", 2, "needs a host"), ("resume host-1", 1, "neither suspended nor cut off")):
            self.refused(words, code, said)
        self.say_twice("suspend", "frozen")
        self.refused("exec host-2 true", 1, "host-2 is suspended")
        self.refused("logs host-2-1", 1, "host-2 is suspended and its engine cannot be asked")
        self.refused("restart host-2-agent", 1, 'host-2 is suspended; "vagrant/poc resume host-2" brings it back')
        self.poc("resume", "host-2")
        self.say_twice("cut", "cut off")
        self.refused("restart host-2-agent", 1, "host-2 is cut off")
        self.poc("resume", "host-2")
        self.say_twice("lose", "lost")
        for verb in ("suspend", "cut", "resume", "exec"):
            self.refused(f"{verb} host-2", 1, 'host-2 is lost; "vagrant/poc up --hosts 3" brings it back')
        self.refused("restart host-2-agent", 1, "host-2 is lost")
        self.poc("deploy", "--version", "2.0")
        self.poc("scale", "2")
        self.poc("scale", "2")
        self.assertEqual({"host-1"}, {name[:6] for name in self.names("192.168.51.103:80")})
        self.poc("suspend", "host-3")
        for words in ("deploy", "scale 3"):
            self.refused(words, 1, "host-3 is suspended")
        self.poc("down", seconds=180)
        self.assert_nothing_left()
        self.poc("down")

    def say_twice(self, verb, word):
        self.assertIn(f"host-2 is {word};", self.poc(verb, "host-2"))
        self.assertIn(f"host-2 is {word} already;", self.poc(verb, "host-2"))

    def test_after_everything_was_killed(self):
        self.hosts_up()
        self.poc("suspend", "host-2")
        self.kill_all()
        self.hosts_up()
        wait_until(lambda: {name[:6] for name in self.names()} == {"host-1", "host-2"}, 20, "both hosts answer")
        # Its record is lost, and with it the knowledge that there are three hosts.
        os.remove(os.path.join(self.state, "hosts"))
        self.refused("up --no-build", 1, "are made anew", "the three hosts are up")
        self.assertEqual(200, http.get(hosts_test.BALANCER, "/").status)
        self.kill_all()
        self.poc("down", seconds=180)
        self.assert_nothing_left()
