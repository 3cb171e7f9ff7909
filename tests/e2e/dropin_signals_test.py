"""Signals, waiting and giving up, row by row; what systemd hears."""

import os
import signal
import socket
import time

from e2e.dropin import LINK, ON, OWN, THERE, DropIn, NeedsKey, Running
from rig.wait import TimedOut, hold_true, wait_until

TERM, INT, HUP, USR1, USR2, QUIT, ALRM = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2,
                                          signal.SIGQUIT, signal.SIGALRM)


# A program that writes down every signal it gets.
PROGRAM = """#!/usr/bin/python3
import signal
def note(number, _):
    with open({seen!r}, "a") as file:
        print(number, file=file)
for number in set(range(1, 32)) - {{signal.SIGKILL, signal.SIGSTOP, *{left}}}:
    signal.signal(number, note)
note("start", None)
while True:
    signal.pause()
"""


class DropInSignals(Running):
    # Options, signal, outcome there, under the link and under our own name.
    ROWS = [
        ((), INT, 12, 12, 0), ((), TERM, ON, ON, 0), ((), QUIT, ON, ON, -3), ((), USR1, ON, ON, ON), ((), USR2, ON, ON, ON),
        ((), ALRM, ON, ON, ON), ((), HUP, ON, ON, ON), ((), signal.SIGPIPE, ON, ON, ON), ((), signal.SIGABRT, ON, ON, -6),
        ((), signal.SIGTSTP, ON, ON, ON), ((), signal.SIGSEGV, ON, ON, -11), ((), signal.SIGXCPU, ON, ON, -24),
        (("-kill-signal", "SIGTERM"), TERM, 12, 12, 0), (("-kill-signal", "SIGTERM"), INT, ON, ON, 0),
        (("-kill-signal", "SIGUSR2"), USR2, 12, 12, 0), (("-kill-signal", "SIGQUIT"), QUIT, 12, 12, 0),
        (("-kill-signal", "SIGABRT"), signal.SIGABRT, 12, 12, 0), (("-kill-signal", "SIGKILL"), INT, ON, ON, 0),
        (("-reload-signal", "SIGUSR1"), USR1, ON, ON, ON), (("-reload-signal", "SIGUSR1"), HUP, ON, ON, ON),
        (("-reload-signal", "SIGUSR1"), INT, 12, 12, 0), (("-kill-signal", "SIGNULL"), INT, ON, ON, 0),
        (("-exec", "exec sleep 1000"), INT, 12, 12, 0), (("-exec", "exec sleep 1000"), TERM, 255, 255, 0),
        (("-exec", "exec sleep 1000"), USR1, 255, 255, 138), (("-exec", "exec sleep 1000"), HUP, ON, ON, ON),
        (("-exec", "exec sleep 1000"), signal.SIGABRT, 255, 255, 134),
    ]

    def test_rows(self):
        for number, (words, signum, there, link, own) in enumerate(self.ROWS):
            for who in self.everyone():
                wanted = {LINK: link, OWN: own, THERE: there}[who]
                if who == THERE:  # an older one has no shell
                    words = tuple(word.removeprefix("exec ") for word in words)
                try:
                    running = self.begin(who, *words, name=f"signals-{number}-{who[:4]}")
                except TimedOut:
                    self.judge(words, who, "it starts", "it does not")
                    continue
                running.send(signum)
                self.judge((words, signum.name), who, wanted, self.outcome(running, wanted), running.tail())
                running.kill9()

    # Signals that a program of ours gets, in this order. 0.42 says it listens to these.
    FORWARDED = ("ABRT", "ALRM", "BUS", "CONT", "FPE", "ILL", "IO", "PIPE", "PROF", "QUIT", "SEGV", "SYS", "TRAP", "TSTP",
                 "TTIN", "TTOU", "USR1", "USR2", "WINCH", "XCPU", "XFSZ", "PWR", "STKFLT", "VTALRM")
    # For ourselves, for nobody, or by the runtime of Go for itself.
    KEPT = ("CHLD", "URG")

    def test_signals_go_to_the_program(self):
        for who in self.everyone():
            # An older original passes on what its own runtime sends to itself.
            left = [int(signal.SIGCHLD), *([int(signal.SIGURG)] if who == THERE else [])]
            program = self.write("prog", PROGRAM.format(seen=self.path("seen"), left=left))
            os.chmod(program, 0o755)
            self.write("seen", "")
            running = self.begin(who, "-exec", program, name="forward-" + who[:4])
            wanted = "start\n"
            self.wait_text("seen", wanted)
            # TERM ends us under our own name. There PROF is for the profiler of its runtime.
            names = [name for name in (*self.FORWARDED, *(() if who == OWN else ("TERM",))) if (who, name) != (THERE, "PROF")]
            for name in names:
                running.send(signal.Signals["SIG" + name])
                wanted += f"{int(signal.Signals['SIG' + name])}\n"
                self.judge_text(name, who, "seen", wanted)
            if who != THERE:
                for name in self.KEPT:
                    running.send(signal.Signals["SIG" + name])
                running.send(USR1)
                self.judge_text("those that are not passed on", who, "seen", wanted + f"{int(USR1)}\n")
            self.assertTrue(running.running())
            running.kill9()

    def test_what_the_link_says(self):
        running = self.begin(LINK)
        running.send(HUP)
        running.wait_log("Reloading configuration...")
        running.send(INT)
        self.assertEqual(12, running.wait(15))
        self.assertIn("Cleaning up...", running.log())
        self.assertRegex(running.log(), r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d{4}) \[INFO\] \(\w+\) ")

    def test_second_signal_ends_at_once_and_leaves_no_program(self):
        deaf = self.write("deaf", f"#!/bin/sh\ntrap '' TERM INT\necho $$ > {self.path('pid')}\nwhile :; do sleep 0.05; done\n")
        os.chmod(deaf, 0o755)
        running = self.begin(OWN, "-exec", deaf)
        wait_until(lambda: os.path.exists(self.path("pid")) and self.read("pid").strip(), 10, "it runs")
        running.send(TERM)
        running.wait_log("child_signalled")
        running.send(TERM)
        running.wait(10)
        pid = int(self.read("pid"))
        wait_until(lambda: not os.path.exists(f"/proc/{pid}") or "Z" in open(f"/proc/{pid}/stat", encoding="utf-8").read(),
                   10, "the program is gone")

    def test_pid_file(self):
        for who in self.everyone():
            running = self.begin(who, "-pid-file", self.path("pid"))
            self.assertEqual(str(running.pid), self.read("pid").strip())
            running.term(15, INT)
            self.assertFalse(os.path.exists(self.path("pid")))
        words = ["-config", self.path("c.hcl"), "-once", "-pid-file"]
        self.expect("pid file", [*words, "/none/pid"], 14, None, None)
        # It stays there when something else fails.
        words = ["-config", self.write("e.hcl", 'template {\n contents = "{{ fail }}"\n destination = "out"\n}\n'), "-once"]
        for who in self.everyone():
            done = self.call(who, *words, "-pid-file", self.path("pid"))
            self.judge("pid file after an error", who, (14, who == THERE),
                       (done.returncode, os.path.exists(self.path("pid"))), done.stderr)


class DropInGivingUp(NeedsKey):
    """Nothing listens on the port: what ends, what goes on."""

    def test_retries_that_were_typed_end(self):
        for words in (("-consul-retry=false",), ("-consul-retry-attempts", "2", "-consul-retry-backoff", "10ms")):
            self.expect(words, ["-config", self.config(), "-consul-addr", "127.0.0.1:1", *words], 14, None, None)

    def test_others_do_not(self):
        for who in (LINK, OWN):
            running = self.start(who, "-config", self.config(), "-consul-addr", "127.0.0.1:1", "-log-level", "warn",
                                 "-consul-retry-backoff", "10ms", "-consul-retry-max-backoff", "20ms")
            running.wait_log("registry_unreachable")
            hold_true(running.running, 1.5, "it goes on")
            running.kill9()

    def test_once_timeout_names_what_is_missing(self):
        began = time.monotonic()
        done = self.call(OWN, "-config", self.config(), "-consul-addr", "127.0.0.1:1", "-once", "-once-timeout", "1s")
        self.assertEqual(14, done.returncode)
        self.assertLess(time.monotonic() - began, 10)
        self.assertRegex(done.stderr, r"once_timed_out")
        self.assertRegex(done.stderr, r"template_waiting .*unanswered=.*k")


class DropInLookups(NeedsKey):
    backend = "registry"

    def test_an_absent_key_is_named_after_a_few_seconds(self):
        running = self.start(OWN, "-config", self.config(), "-http-addr", "")
        running.wait_log("template_waiting", 20)
        self.assertRegex(running.log(), r"template_waiting .*absent=.*k")
        self.store.put("/v1/kv/k", "there")
        self.wait_text("out", "there")

    def test_err_on_failed_lookup(self):
        path = self.config("err_on_failed_lookup = true\n")
        for who in (LINK, OWN):
            done = self.call(who, "-config", path, "-once")
            self.assertEqual(14, done.returncode)
            self.assertIn("lookup_failed", done.stderr)

    def test_as_typed_in_articles(self):
        self.store.put("/v1/kv/k", "v")
        self.write("a", "{{ key `k` }}")
        docker = self.write("bin/docker", f"#!/bin/sh\necho \"$@\" >> {self.path('seen')}\n")
        os.chmod(docker, 0o755)
        env = {"PATH": self.path("bin") + ":" + os.environ["PATH"]}
        for number, option in enumerate(("-consul", "-consul-addr")):
            if number:
                os.remove(self.path("b"))
            done = self.call(LINK, option, "localhost:8500", "-template", "a:b:docker kill -s HUP nginx", "-once", env=env)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual("v", self.read("b"))
            self.assertEqual("kill -s HUP nginx\n" * (number + 1), self.read("seen"))


class DropInOnRealServers(DropIn):
    """The line of a hundred articles, with Consul, Docker and a container that is called nginx."""
    backend = "consul"
    wants_docker = True

    def test_as_typed_in_articles(self):
        self.store.put("/v1/kv/k", "v")
        self.write("a", "{{ key `k` }}")
        self.docker.run(name="nginx")
        since = self.docker.cli("info", "--format", "{{.SystemTime}}")
        for number, option in enumerate(("-consul", "-consul-addr")):
            self.store.put("/v1/kv/k", f"v{number}")
            done = self.call(LINK, option, "localhost:8500", "-template", "a:b:docker kill -s HUP nginx", "-once",
                             env={"DOCKER_HOST": self.docker.host})
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual(f"v{number}", self.read("b"))
            if not self.docker.inspect("nginx")["State"]["Running"]:
                self.docker.cli("start", "nginx")
        until = self.docker.cli("info", "--format", "{{.SystemTime}}")
        seen = self.docker.cli("events", "--since", since, "--until", until, "--filter", "event=kill", "--format",
                               "{{.Actor.Attributes.name}} {{.Actor.Attributes.signal}}")
        self.assertEqual(["nginx 1"] * 2, seen.splitlines())


class DropInSystemd(Running):
    def hear(self, address):
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(ear.close)
        ear.bind(address)
        ear.settimeout(10)
        return ear

    def until(self, ear, word):
        heard = ""
        while word not in heard:
            heard += ear.recv(4096).decode()
        return heard

    def test_ready_reloading_stopping_and_the_watchdog(self):
        for who, address, shown in ((OWN, self.path("notify"), self.path("notify")),
                                    (LINK, f"\0longshore-{os.getpid()}", f"@longshore-{os.getpid()}")):
            ear = self.hear(address)
            self.write("c.hcl", f'template {{\n contents = "x"\n destination = "{self.path("out")}"\n}}\n')
            more = ("-http-addr", "") if who == OWN else ()
            running = self.start(who, "-config", self.path("c.hcl"), *more,
                                 env={"NOTIFY_SOCKET": shown, "WATCHDOG_USEC": "600000"})
            self.assertIn("STATUS=1 templates rendered\n", self.until(ear, "READY=1") + self.until(ear, "WATCHDOG=1"))
            self.assertTrue(os.path.exists(self.path("out")), "the first render comes before READY")
            self.until(ear, "WATCHDOG=1")
            running.send(HUP)
            self.assertIn("MONOTONIC_USEC=", self.until(ear, "RELOADING=1"))
            self.until(ear, "READY=1")
            running.send(INT)
            self.until(ear, "STOPPING=1")
            running.wait(15)

    def test_not_ready_before_the_first_render(self):
        ear = self.hear(self.path("notify"))
        self.write("c.hcl", f'template {{\n contents = "{{{{ key `k` }}}}"\n destination = "{self.path("out")}"\n}}\n')
        self.start(OWN, "-config", self.path("c.hcl"), "-http-addr", "", "-consul-addr", "127.0.0.1:1",
                   env={"NOTIFY_SOCKET": self.path("notify"), "WATCHDOG_USEC": "300000"})
        heard = "".join(self.until(ear, "WATCHDOG=1") for _ in range(8))
        self.assertNotIn("READY=1", heard)
        self.assertIn("STATUS=", heard)
