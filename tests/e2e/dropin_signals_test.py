"""Signals, reloads, waiting and giving up, row by row; what systemd hears."""

import base64
import http.server
import json
import os
import signal
import socket
import threading
import time

from e2e.dropin import LINK, OWN, DropIn
from rig.wait import hold_true, wait_until

TERM, INT, HUP, USR1, USR2, QUIT, ALRM = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2,
                                          signal.SIGQUIT, signal.SIGALRM)


class Running(DropIn):
    """One that has rendered a file."""

    def begin(self, who, *words, text="x", name="signals"):
        path = self.write("c.hcl", f'template {{\n contents = "{text}"\n destination = "{self.path("out")}"\n}}\n')
        if os.path.exists(self.path("out")):
            os.remove(self.path("out"))
        more = () if who == LINK else ("-http-addr", "")
        running = self.start(who, "-config", path, "-log-level", "debug", *more, *words, name=name)
        self.wait_text("out", text)
        if "-exec" in words:
            running.wait_log("child_started")
        return running


class DropInSignals(Running):
    # Options, signal, exit code under the link and under our own name; None: it goes on.
    # consul-template does what the link does.
    ROWS = [
        ((), INT, 12, 0), ((), TERM, None, 0), ((), QUIT, None, -3), ((), USR1, None, None), ((), USR2, None, None),
        ((), ALRM, None, None), ((), HUP, None, None),
        (("-kill-signal", "SIGTERM"), TERM, 12, 0), (("-kill-signal", "SIGTERM"), INT, None, 0),
        (("-kill-signal", "SIGUSR2"), USR2, 12, 0), (("-kill-signal", "SIGQUIT"), QUIT, 12, 0),
        (("-reload-signal", "SIGUSR1"), USR1, None, None), (("-reload-signal", "SIGUSR1"), HUP, None, None),
        (("-reload-signal", "SIGUSR1"), INT, 12, 0), (("-kill-signal", "SIGNULL"), INT, None, 0),
        (("-exec", "exec sleep 1000"), INT, 12, 0), (("-exec", "exec sleep 1000"), TERM, 255, 0),
        (("-exec", "exec sleep 1000"), USR1, 255, 138), (("-exec", "exec sleep 1000"), HUP, None, None),
    ]

    def test_rows(self):
        for number, (words, signum, link, own) in enumerate(self.ROWS):
            for who, wanted in ((LINK, link), (OWN, own)):
                with self.subTest(words=words, signal=signum.name, who=who):
                    running = self.begin(who, *words, name=f"signals-{number}-{who[:4]}")
                    running.send(signum)
                    if wanted is None:
                        hold_true(running.running, 0.4, "it goes on")
                        running.kill9()
                    else:
                        self.assertEqual(wanted, running.wait(15))

    def test_what_the_link_says(self):
        running = self.begin(LINK)
        running.send(HUP)
        running.wait_log("Reloading configuration...")
        running.send(INT)
        self.assertEqual(12, running.wait(15))
        self.assertIn("Cleaning up...", running.log())
        self.assertRegex(running.log(), r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d{4}) \[INFO\] \(\w+\) ")

    def test_signals_go_to_the_program(self):
        program = self.write("prog", f"#!/bin/sh\nfor s in USR1 USR2 WINCH ALRM; do trap \"echo $s >> {self.path('seen')}\" $s;"
                                     f" done\necho start >> {self.path('seen')}\nwhile :; do sleep 0.05; done\n")
        os.chmod(program, 0o755)
        for who in (LINK, OWN):
            self.write("seen", "")
            running = self.begin(who, "-exec", program)
            wanted = "start\n"
            self.wait_text("seen", wanted)
            for signum in (USR1, USR2, signal.SIGWINCH, ALRM):
                running.send(signum)
                wanted += signum.name[3:] + "\n"
                self.wait_text("seen", wanted)
            running.kill9()

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
        for who in (LINK, OWN):
            running = self.begin(who, "-pid-file", self.path("pid"))
            self.assertEqual(str(running.pid), self.read("pid").strip())
            running.term(15, INT)
            self.assertFalse(os.path.exists(self.path("pid")))
        self.assertEqual(14, self.call(OWN, "-config", self.path("c.hcl"), "-once", "-pid-file", "/none/pid").returncode)


class DropInReload(Running):
    def write_config(self, *templates, more=""):
        return self.write("c.hcl", more + "".join(
            f'template {{\n contents = "{text}"\n destination = "{self.path(name)}"\n}}\n' for name, text in templates))

    def test_templates_come_change_and_go(self):
        for who in (LINK, OWN):
            running = self.begin(who)
            for name in ("one", "two"):
                if os.path.exists(self.path(name)):
                    os.remove(self.path(name))
            self.write_config(("out", "changed"), ("one", "1"))
            running.send(HUP)
            self.wait_text("out", "changed")
            self.wait_text("one", "1")
            self.write_config(("two", "2"))
            mark = len(running.log())
            running.send(HUP)
            self.wait_text("two", "2")
            running.wait_log("template_removed", after=mark)
            self.assertEqual("changed", self.read("out"))
            running.kill9()

    def test_a_broken_file_keeps_everything(self):
        for who in (LINK, OWN):
            running = self.begin(who)
            self.write("c.hcl", "template { nonsense")
            running.send(HUP)
            running.wait_log("reload_refused")
            self.assertTrue(running.running())
            mark = len(running.log())
            self.write_config(("out", "mended"))
            running.send(HUP)
            self.wait_text("out", "mended")
            self.assertNotIn("reload_refused", running.log()[mark:])
            running.kill9()

    def test_what_takes_a_restart_is_said(self):
        running = self.begin(OWN)
        self.write_config(("out", "y"), more='consul {\n address = "other:1"\n}\nstate_dir = "/s"\nhold = "1s"\n')
        running.send(HUP)
        self.assertIn("consul.address, state_dir", running.wait_log("restart_needed"))
        self.wait_text("out", "y")
        mark = len(running.log())
        self.write_config(("out", "z"), more=f'pid_file = "{self.path("pid")}"\nkill_signal = "SIGUSR2"\n'
                                             'syslog {\n enabled = true\n}\nhold = "2s"\n')
        running.send(HUP)
        self.assertIn("kill_signal, pid_file, syslog", running.wait_log("restart_needed", after=mark))
        self.wait_text("out", "z")

    def test_log_level_changes(self):
        self.write_config(("out", "x"))
        running = self.start(OWN, "-config", self.path("c.hcl"), "-http-addr", "")
        self.wait_text("out", "x")
        self.write_config(("out", "y"), more='log_level = "debug"\n')
        running.send(HUP)
        self.wait_text("out", "y")
        running.send(USR1)
        running.wait_log("level=debug")


class NeedsKey(DropIn):
    """A template that needs a key."""

    def config(self, more=""):
        return self.write("c.hcl", f'{more}template {{\n contents = "{{{{ key `k` }}}}"\n '
                                   f'destination = "{self.path("out")}"\n}}\n')


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


class DropInCredentials(NeedsKey):
    """A server that only writes down who asks."""

    def test_token_rotation_by_hup(self):
        tokens, answers = [], ["1", "2"]

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                tokens.append(self.headers.get("X-Consul-Token"))
                value = base64.b64encode(answers[0 if tokens[-1] == "old" else 1].encode()).decode()
                body = json.dumps([{"Key": "k", "Value": value, "CreateIndex": 1, "ModifyIndex": 1, "Flags": 0,
                                    "LockIndex": 0}]).encode()
                # The next question is answered late, as a blocking query is.
                if "index=" in self.path:
                    time.sleep(0.3)
                self.send_response(200)
                for name, text in (("X-Consul-Index", str(len(tokens))), ("X-Consul-KnownLeader", "true"),
                                   ("X-Consul-LastContact", "0"), ("Content-Length", str(len(body)))):
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        token = self.write("token", "old\n")
        path = self.config(f'consul {{\n address = "{address}"\n token_file = "{token}"\n}}\n')
        running = self.start(OWN, "-config", path, "-http-addr", "")
        self.wait_text("out", "1")
        self.write("token", "new\n")
        running.send(HUP)
        self.wait_text("out", "2")
        self.assertEqual({"old", "new"}, set(tokens))
        self.assertTrue(running.running())


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
