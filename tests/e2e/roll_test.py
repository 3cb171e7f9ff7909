"""Rolling changes and another number of instances on a real engine, Consul and nginx, under load."""

import json
import os
import signal
import subprocess

from e2e.base import E2ETest
from rig import http
from rig.longshore import call, executable
from rig.wait import wait_until

SITE = """upstream nano {
{{- range service "books" }}
  server {{ .Address }}:{{ .Port }} max_fails=0;
{{- else }}
  server 127.0.0.1:9;
{{- end }}
}
"""
# Nothing is admitted unseen: critical until the first check has passed.
CHECKED = {"SERVICE_NAME": "books", "SERVICE_CHECK_HTTP": "/health", "SERVICE_CHECK_INTERVAL": "1s"}
ROLL = ("deploy", "books", "-strategy", "rolling")


class RollTest(E2ETest):
    def setUp(self):
        super().setUp()
        self.edge = self.nginx()
        self.agent("-internal")
        source = self.write("site.ctmpl", SITE)
        self.lb = self.renderer(f"{source}:{os.path.join(self.edge.conf_d, 'upstream.conf')}",
                                options=("-reload-pid-file", self.edge.pid_file))
        for name in ("one", "two"):
            self.docker.run(name=name, labels=CHECKED, env={"VERSION": "1"})
        self.wait_versions({"version=1"})
        self.wait_settled(self.edge)
        self.gets = self.load(self.edge.where, every=0.005, clients=4)
        self.posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")

    def call(self, *words, code=0):
        done = call(*words, env={"DOCKER_HOST": self.docker.host}, seconds=120)
        self.assertEqual(code, done.returncode, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def begin(self, *words):
        child = subprocess.Popen([executable(), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True,
                                 env={**os.environ, "DOCKER_HOST": self.docker.host})
        self.addCleanup(lambda: child.poll() is None and child.kill())
        self.addCleanup(child.stdout.close)
        return child

    def wait_versions(self, wanted):
        def same():
            seen = {word for _ in range(8) for word in http.get(self.edge.where, "/").text.split()
                    if word.startswith("version=")}
            if seen != wanted:
                raise AssertionError(seen)
            return True
        wait_until(same, 20, f"{wanted} answers")

    def stage(self):
        record = http.get("127.0.0.1:8500", "/v1/kv/longshore/deploys/books?raw&consistent")
        return json.loads(record.text)["stage"] if record.status == 200 else ""

    def assert_lossless(self):
        self.assert_no_failures(self.gets)
        self.assert_no_failures(self.posts)
        drains = http.get("127.0.0.1:8500", "/v1/kv/longshore/drains/?keys")
        self.assertEqual(404, drains.status, drains.text)

    def test_replaces_goes_back_and_scales_without_losing_a_request(self):
        events = [json.loads(line)["event"] for line in self.call(
            *ROLL, "-image", "nano", "-e", "VERSION=2", "-json", "-smoke", "test -n \"$URL\"").splitlines()]
        self.assertEqual((2, 2, "deployed"), (events.count("smoke"), events.count("drained"), events[-1]))
        self.wait_versions({"version=2"})
        self.assertEqual(["books-1", "books-2"], self.docker.running())
        # What somebody else has made is found again by its ID.
        self.call("deploy", "books", "-rollback", "-batch", "2")
        self.assertEqual(["one", "two"], self.docker.running())
        self.wait_versions({"version=1"})
        self.call("deploy", "books", "-rollback", "-batch", "2")
        self.assertEqual(["books-1", "books-2"], self.docker.running())
        self.call("scale", "books", "4")
        self.assertEqual(["books-1", "books-2", "books-3", "books-4"], self.docker.running())
        self.assertIn("as before", self.call("scale", "books", "4"))
        self.call("scale", "books", "1")
        self.assertEqual(["books-1"], self.docker.running())
        self.assertNotIn("books-4", self.docker.cli("ps", "-a", "--format", "{{.Names}}"))
        self.wait_versions({"version=2"})
        # Ready is what the load balancers say.
        self.lb.send(signal.SIGSTOP)
        try:
            said = self.call("scale", "books", "2", "-timeout", "2s", code=1)
        finally:
            self.lb.send(signal.SIGCONT)
        self.assertRegex(said, r"new instances have no traffic after 2\S*s: waiting for \S+")
        # They run all the same.
        self.assertEqual(["books-1", "books-2"], self.docker.running())
        self.assertIn("as before", self.call("scale", "books", "2"))
        self.call("scale", "books", "3")
        with open(os.path.join(self.edge.conf_d, "upstream.conf"), encoding="utf-8") as file:
            self.assertEqual(3, file.read().count("server "))
        self.assert_lossless()

    def test_none_and_some_again(self):
        self.assert_lossless()

        def containers():
            return sorted(self.docker.cli("ps", "-a", "--format", "{{.Names}}").split())
        said = self.call("scale", "books", "0")
        self.assertIn("kept for the next scale", said)
        self.assertEqual(([], ["one", "two"]), (self.docker.running(), containers()))
        # The same ones, and one more that is made after them.
        self.call("scale", "books", "3")
        self.assertEqual(["books-1", "one", "two"], self.docker.running())
        self.wait_versions({"version=1"})
        self.call(*ROLL, "-image", "nano", "-e", "VERSION=2", "-instances", "2")
        self.wait_versions({"version=2"})
        made = self.docker.running()
        self.call("scale", "books", "0")
        self.call("scale", "books", "0")
        self.assertEqual([], self.docker.running())
        self.call("scale", "books", "1")
        self.wait_versions({"version=2"})
        self.assertEqual(1, len(set(made) & set(self.docker.running())))
        self.call("scale", "books", "0")
        # What rests is what the next change replaces: with the settings that it had, and a way back.
        self.call(*ROLL, "-image", "nano", "-e", "VERSION=3")
        self.wait_versions({"version=3"})
        self.assertEqual(1, len(self.docker.running()))
        self.call("deploy", "books", "-rollback")
        self.wait_versions({"version=2"})
        self.assertEqual(made, self.docker.running())

    def test_pause_resume_abort_and_a_failed_gate(self):
        one = self.begin(*ROLL, "-image", "nano", "-e", "VERSION=2", "-batch-pause", "60s")
        wait_until(lambda: self.stage() == "rolling", 40, "one batch is done")
        self.call("deploy", "books", "-pause")
        self.assertEqual("paused", self.stage())
        row = json.loads(self.call("status", "-json"))["consul"]["status"]["deploys"][0]
        self.assertEqual(("paused", "yes", 2, 1, "rolling"),
                         tuple(row[key] for key in ("stage", "working", "instances", "replaced", "strategy")))
        self.wait_versions({"version=1", "version=2"})
        self.call("deploy", "books", "-resume")
        self.call("deploy", "books", "-abort")
        self.assertEqual((1, "undone"), (one.wait(40), self.stage()), one.stdout.read())
        self.assertEqual(["one", "two"], self.docker.running())
        self.assertIn("-rollback", self.begin("deploy", "books", "-abort").stdout.read())
        # An image that never becomes healthy.
        said = self.call(*ROLL, "-image", "nano", "-e", "LISTEN_DELAY_MS=60000", "-healthy-timeout", "3s", code=1)
        self.assertIn("0 of 1 new instance healthy after 3s", said)
        self.assertEqual(["one", "two"], self.docker.running())
        self.wait_versions({"version=1"})
        self.assert_lossless()

    def test_a_killed_change_is_continued_and_undone(self):
        words = (*ROLL, "-image", "nano", "-e", "VERSION=2")
        one = self.begin(*words, "-batch-pause", "60s")
        wait_until(lambda: self.stage() == "rolling", 40, "one batch is done")
        one.kill()
        one.wait()
        self.unlock()
        self.assertIn("continued: 2 instances", self.call(*words))
        self.assertEqual(["books-1", "books-2"], self.docker.running())
        self.wait_versions({"version=2"})
        two = self.begin(*ROLL, "-image", "nano", "-e", "VERSION=3", "-batch-pause", "60s")
        wait_until(lambda: self.stage() == "rolling", 40, "one batch is done")
        two.send_signal(signal.SIGINT)
        self.assertEqual(1, two.wait(30), two.stdout.read())
        self.assertEqual("stopped", self.stage())
        self.wait_versions({"version=2", "version=3"})
        self.assertIn("broken off", self.begin("scale", "books", "1").stdout.read())
        self.call("deploy", "books", "-rollback")
        self.assertEqual(["books-1", "books-2"], self.docker.running())
        self.wait_versions({"version=2"})
        self.assert_lossless()

    def test_to_colours_and_back(self):
        """A service that was rolled gets a colour, another one, and is rolled again: its template heeds the key."""
        site = SITE.replace('{{- range service "books" }}', """{{- $name := "books" }}
{{- with keyOrDefault "services/books/color" "" }}{{ $name = print "books-" . }}{{ end }}
{{- range service $name }}""")
        self.write("site.ctmpl", site)
        self.lb.send(signal.SIGHUP)
        self.call(*ROLL, "-image", "nano", "-e", "VERSION=2")
        said = self.call("deploy", "books", "-image", "nano", "-e", "VERSION=3")
        self.assertIn("first colour blue, 2 instances", said)
        self.assertIn("`longshore stop books-1 books-2` ends them", said)
        self.wait_versions({"version=3"})
        self.call("stop", "books-1", "books-2")
        self.assertEqual(["books-blue-1", "books-blue-2"], self.docker.running())
        self.call("deploy", "books", "-image", "nano", "-e", "VERSION=4")
        self.wait_versions({"version=4"})
        self.assertEqual(["books-green-1", "books-green-2"], self.docker.running())
        self.call(*ROLL, "-image", "nano", "-e", "VERSION=5")
        self.wait_versions({"version=5"})
        self.assertEqual(2, len(self.docker.running()))
        color = http.get("127.0.0.1:8500", "/v1/kv/services/books/color?raw&consistent")
        self.assertEqual((200, "green"), (color.status, color.text))
        self.call("deploy", "books", "-image", "nano", "-e", "VERSION=6")
        self.wait_versions({"version=6"})
        self.assertEqual(["books-blue-1", "books-blue-2"], self.docker.running())
        self.assert_lossless()

    def unlock(self):
        """As its session's end does after a while."""
        record = http.get("127.0.0.1:8500", "/v1/kv/longshore/deploys/books").json()[0]
        self.store.put("/v1/session/destroy/" + record["Session"])
