"""Plain `docker stop` and its like through our socket, with programs that die at once: nobody loses a request. Everything
else passes byte for byte."""

import concurrent.futures
import json
import os
import signal
import socket
import stat
import subprocess

from e2e.drain_test import DIES, DrainCase
from rig import certificates, http
from rig.longshore import Longshore, call
from rig.wait import wait_until

PAGES = "127.0.0.1:8514"


class ProxyCase(DrainCase):
    def proxy(self, *options):
        self.listen = self.path("docker.sock")
        self.process = self.keep(Longshore("docker-proxy", ["-listen", self.listen, "-docker-host", self.docker.host,
                                                            *options], self.logs, PAGES))
        self.process.start().wait_ready()

    def command(self, *words):
        return ["/usr/bin/docker", "-H", "unix://" + self.listen, *words]

    def cli(self, *words, code=0, given=b"", seconds=90):
        done = subprocess.run(self.command(*words), input=given, capture_output=True, timeout=seconds, check=False,
                              env=self.docker.env)
        self.assertEqual(code, done.returncode, f"{words}: {done.stdout} {done.stderr}\n{self.process.tail()}")
        return done.stdout.decode() + done.stderr.decode()

    def popen(self, *words, **more):
        child = subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, env=self.docker.env, **more)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def addresses(self, *names):
        return sorted(f"{self.docker.address(name)}:5000" for name in names)

    def running(self, name):
        return self.docker.inspect(name)["State"]["Running"]

    def counted(self, name):
        return self.process.metrics()[f"longshore_proxy_{name}_total"]

    def freeze_renderer(self):
        """It lives and says nothing: no drain can be done."""
        os.kill(self.lb.child.pid, signal.SIGSTOP)
        self.addCleanup(lambda: self.lb.running() and os.kill(self.lb.child.pid, signal.SIGCONT))


class StopTest(ProxyCase):
    def test_twenty_stops_under_load(self):
        self.site("one", "two")
        self.proxy()
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")
        for number in range(20):
            # The second instance is not waited for here: that is the proxy's work.
            name = ("one", "two")[number % 2]
            self.cli("stop", name)
            self.cli("start", name)
        self.assertEqual(20, self.counted("drained"))
        self.assertEqual(0, self.counted("timed_out"))
        self.assert_no_failures(load)
        self.assert_no_failures(posts)
        self.assertEqual({}, self.records("drains"))

    def test_restart_kill_and_rm_too_and_two_at_once_one_after_the_other(self):
        self.site("one", "two")
        self.proxy()
        load = self.load(self.edge.where, every=0.005, clients=4)
        self.cli("restart", "one")
        self.cli("kill", "-s", "TERM", "two")
        wait_until(lambda: not self.running("two"), 10, "it obeys the signal")
        self.cli("start", "two")
        self.cli("rm", "-f", "one")
        self.start_nano("one")
        both = [self.popen("restart", name) for name in ("one", "two")]
        for child in both:
            self.assertEqual(0, child.wait(60), child.stdout.read())
        self.wait_file(self.upstream, self.addresses("one", "two"))
        self.assertEqual(5, self.counted("drained"))
        self.assert_no_failures(load)

    def test_an_application_of_two_replicas_is_redeployed(self):
        """What `docker compose up` does with each replica, both at once: create the new one, stop the old one, start, remove."""
        self.site("app-0-1", "app-0-2")
        self.proxy()
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")

        def recreate(replica, release):
            old, new = f"app-{release - 1}-{replica}", f"app-{release}-{replica}"
            self.cli("create", "--name", new, "-l", "SERVICE_NAME=nano", "-e", "DIE_AT_ONCE=1", "nano")
            self.cli("stop", old)
            self.cli("start", new)
            self.cli("rm", old)

        for release in (1, 2):
            with concurrent.futures.ThreadPoolExecutor() as both:
                list(both.map(lambda replica, release=release: recreate(replica, release), (1, 2)))
        self.assertEqual(["app-2-1", "app-2-2"], self.docker.running())
        self.wait_file(self.upstream, self.addresses("app-2-1", "app-2-2"))
        self.assertEqual((4, 0), (self.counted("drained"), self.counted("timed_out")))
        self.assert_no_failures(load)
        self.assert_no_failures(posts)

    def test_another_signal_another_container_and_one_that_does_not_run_are_not_held(self):
        self.site("one")
        self.proxy()
        self.docker.run(name="other", labels={"SERVICE_IGNORE": "1"}, env=DIES)
        self.cli("kill", "-s", "WINCH", "one")
        self.assertEqual(0, self.counted("ending_calls"))
        self.cli("stop", "other")
        self.cli("stop", "other")
        self.assertEqual([1, 1], [self.counted("ending_calls"), self.counted("unserved")])
        self.assertIn("No such container", self.cli("stop", "nobody", code=1))

    def test_the_only_instance_goes_and_the_gap_is_measured(self):
        self.site("one")
        self.proxy()
        self.cli("stop", "one")
        self.assertEqual([], self.in_file())
        self.cli("start", "one")
        wait_until(lambda: self.counted("gaps") == 1, 10, "the gap is counted")
        self.assertIn("service=nano", self.process.wait_log("event=gap"))

    def test_passes_after_the_limit(self):
        self.site("one", "two")
        self.proxy("-limit", "1s")
        self.freeze_renderer()
        self.cli("stop", "one")
        self.assertFalse(self.running("one"))
        self.assertEqual(1, self.counted("timed_out"))
        self.assertIn("waiting for", self.process.wait_log("event=call_not_drained"))

    def test_a_silent_instance_is_not_one_that_serves(self):
        addresses = self.site("one", "two")
        self.proxy("-limit", "2s")
        silent = self.docker.address("two") + ":5000"
        # It has no check: for Consul it passes. The renderer asks it, and hears nothing.
        os.kill(self.docker.inspect("two")["State"]["Pid"], signal.SIGSTOP)
        wait_until(lambda: self.in_file() == [one for one in addresses if one != silent], 20, "the silent one is out")
        wait_until(lambda: self.word()["services"]["nano"].get("out"), 10, "the renderer has said so")
        self.cli("stop", "one")
        self.assertEqual((1, 0), (self.counted("timed_out"), self.counted("drained")))
        self.assertIn("no other instance of nano", self.process.wait_log("event=call_not_drained"))

    def test_a_client_that_goes_away_changes_nothing(self):
        self.site("one", "two")
        self.proxy()
        self.freeze_renderer()
        client = self.popen("stop", "one")
        wait_until(lambda: self.records("drains"), 10, "the drain is asked for")
        client.kill()
        wait_until(lambda: not self.records("drains"), 10, "it is taken back")
        self.assertTrue(self.running("one"))
        self.assertEqual(1, self.counted("gone"))

    def test_its_own_end_refuses_what_is_held(self):
        self.site("one", "two")
        self.proxy()
        self.freeze_renderer()
        client = self.popen("stop", "one")
        wait_until(lambda: self.records("drains"), 10, "the drain is asked for")
        self.assertEqual(0, self.process.term(10))
        self.assertEqual(1, client.wait(10))
        self.assertIn(b"the proxy ends", client.stdout.read())
        self.assertTrue(self.running("one"))
        self.assertEqual({}, self.records("drains"))
        self.assertFalse(os.path.exists(self.listen))

    def test_a_killed_proxy_leaves_nothing_drained(self):
        self.site("one", "two")
        self.proxy()
        self.freeze_renderer()
        self.popen("stop", "one")
        wait_until(lambda: self.records("drains"), 10, "the drain is asked for")
        self.process.kill9()
        self.processes.remove(self.process)
        self.proxy()
        wait_until(lambda: not self.records("drains"), 10, "the next one takes it back")
        self.assertTrue(self.running("one"))


class PassThroughTest(ProxyCase):
    backend = "none"

    def proxy(self, *options):
        # Without Consul nothing can be drained: what ends a container passes after this long.
        super().proxy("-limit", "300ms", *options)

    def test_the_socket(self):
        self.proxy()
        mine, original = os.stat(self.listen), os.stat(self.docker.socket_path)
        self.assertEqual(0o660, stat.S_IMODE(mine.st_mode))
        self.assertEqual(original.st_gid, mine.st_gid)
        second = Longshore("docker-proxy", ["-listen", self.listen, "-docker-host", self.docker.host, "-http-addr", ""],
                           self.logs, PAGES, name="second")
        second.start()
        self.assertEqual(1, second.wait(10))
        self.assertIn("another process listens there", second.log())

    def test_attach_logs_exec_build_and_copies(self):
        self.proxy()
        through, direct = self.cli("version", "--format", "{{json .Server}}"), self.docker.cli(
            "version", "--format", "{{json .Server}}")
        self.assertEqual(json.loads(direct)["Version"], json.loads(through)["Version"])
        self.cli("run", "-d", "--name", "one", "nano")
        follower = self.popen("logs", "-f", "one")
        attached = self.popen("attach", "--no-stdin", "--sig-proxy=false", "one")
        # The port is taken in there: the second one says so and ends.
        self.assertIn("5000", self.cli("exec", "one", "/app", code=1))
        self.assertEqual("", self.cli("exec", "-d", "one", "/app"))
        self.write("content", "x" * 3_000_000)
        self.cli("cp", self.path("content"), "one:/tmp/content")
        self.cli("cp", "one:/tmp/content", self.path("back"))
        self.assertEqual(self.read("content"), self.read("back"))
        os.makedirs(self.path("context"))
        with open(self.path("context/Dockerfile"), "w", encoding="ascii") as file:
            file.write("FROM nano\nCOPY big /big\nENV A=1\n")
        with open(self.path("context/big"), "wb") as file:
            file.write(os.urandom(5_000_000))
        self.assertIn("Successfully", self.cli("build", "-t", "built", self.path("context")))
        self.assertIn("A=1", self.cli("inspect", "built"))
        self.cli("rmi", "built")
        self.cli("stop", "one")
        self.assertEqual(0, follower.wait(20))
        attached.wait(20)
        said = follower.stdout.read()
        for word in (b"start port=5000", b"signal TERM", b"stop unfinished"):
            self.assertIn(word, said)
        self.assertIn(b"stop unfinished", attached.stdout.read())

    def test_standard_input_ends_and_the_answer_goes_on(self):
        self.proxy()
        # An image that is only data: what goes in by `load` comes out by `save`.
        saved = subprocess.run(self.command("save", "nano"), capture_output=True, check=True, timeout=60,
                               env=self.docker.env).stdout
        self.assertGreater(len(saved), 100_000)
        self.assertIn("Loaded", self.cli("load", given=saved))

    def test_what_could_be_read_in_two_ways_is_refused(self):
        self.proxy()
        for request, status in (
                (b"GET /_ping HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
                (b"GET /_ping HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
                (b"GET /_ping HTTP/1.1\nHost: x\n\n", b""),
                (b"GET /_ping HTTP/1.1\r\nHost : x\r\n\r\n", b"400"),
                (b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
                (b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\nGET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"200")):
            with self.subTest(request=request), socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(self.listen)
                client.sendall(request)
                if not status:
                    client.shutdown(socket.SHUT_WR)
                answer = client.recv(65536)
                self.assertIn(status, answer.split(b"\r\n")[0])

    def test_over_tls_only_with_a_certificate_of_its_ca(self):
        for folder in ("good", "other"):
            certificates.make(self.path(folder))
        good = self.path("good")
        self.proxy("-listen", "tcp://127.0.0.1:8576", "-tlscacert", f"{good}/ca.pem", "-tlscert", f"{good}/server.pem",
                   "-tlskey", f"{good}/server.key")

        def info(folder, *words):
            return subprocess.run(["/usr/bin/docker", "-H", "tcp://127.0.0.1:8576", *words, "version", "--format",
                                   "{{.Server.Version}}"], capture_output=True, check=False, timeout=30,
                                  env={**self.docker.env, "DOCKER_CERT_PATH": folder})

        def with_certificate(folder):
            return info(good, "--tlsverify", "--tlscacert", f"{good}/ca.pem", "--tlscert", f"{folder}/client.pem",
                        "--tlskey", f"{folder}/client.key")
        self.assertEqual(0, with_certificate(good).returncode, with_certificate(good).stderr)
        self.assertNotEqual(0, with_certificate(self.path("other")).returncode)
        self.assertNotEqual(0, info(good).returncode, "plain text")
        wrong = call("docker-proxy", "-listen", "tcp://127.0.0.1:8577")
        self.assertEqual(2, wrong.returncode)
        self.assertIn("-tlscacert", wrong.stderr)

    def test_an_engine_that_is_away_is_said(self):
        self.proxy()
        self.docker.stop()
        answer = http.get("unix:" + self.listen, "/_ping")
        self.assertEqual(502, answer.status)
        self.docker.start()
        self.assertEqual(200, http.get("unix:" + self.listen, "/_ping").status)
