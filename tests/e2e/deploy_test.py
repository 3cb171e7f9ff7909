"""Blue/green on a real engine, Consul and nginx, under load: the switch loses nothing, whatever fails leaves the old colour."""

import json
import os
import re
import signal
import subprocess
import time

from e2e.base import E2ETest
from rig import http
from rig.longshore import call, executable
from rig.wait import wait_until

COLOR = "services/books/color"
SITE = """upstream nano {
{{- $color := keyOrDefault "services/books/color" "none" }}
{{- range service (print "books-" $color) }}
  server {{ .Address }}:{{ .Port }} max_fails=0;
{{- else }}
  server 127.0.0.1:9;
{{- end }}
}
"""
# Nothing is admitted unseen: critical until the first check has passed.
CHECKED = ("-label", "SERVICE_CHECK_HTTP=/health", "-label", "SERVICE_CHECK_INTERVAL=1s")


class Deploying:
    def setUp(self):
        super().setUp()
        self.edge = self.nginx()
        self.agent("-internal")
        source = self.write("site.ctmpl", SITE)
        self.lb = self.renderer(f"{source}:{os.path.join(self.edge.conf_d, 'upstream.conf')}",
                                options=("-reload-pid-file", self.edge.pid_file))

    def deploy(self, *words, code=0):
        done = call("deploy", "books", *words, env={"DOCKER_HOST": self.docker.host}, seconds=90)
        self.assertEqual(code, done.returncode, f"{words}: {done.stdout}{done.stderr}")
        return done

    def begin(self, *words, env=None):
        """A deploy that goes on beside the test."""
        child = subprocess.Popen([executable(), "deploy", "books", *words], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 env={**os.environ, "DOCKER_HOST": self.docker.host, **(env or {})})
        self.addCleanup(lambda: child.poll() is None and child.kill())
        self.addCleanup(child.stdout.close)
        return child

    def first(self, *more):
        self.deploy("-image", "nano", "-e", "VERSION=1", *CHECKED, *more)
        self.wait_version("1")
        # Older workers, which know of no instance yet, would still answer now and then.
        self.wait_settled(self.edge)

    def shown(self, *members):
        """What `status` says of the deploy."""
        done = call("status", "-json", "-consul-addr", self.store.where)
        row = json.loads(done.stdout)["consul"]["status"]["deploys"][0]
        return tuple(row[member] for member in members)

    def color(self):
        return http.get("127.0.0.1:8500", f"/v1/kv/{COLOR}?raw&consistent").text

    def wait_version(self, version):
        def same():
            text = http.get(self.edge.where, "/").text
            if f"version={version}" not in text:
                raise AssertionError(text)
            return True
        wait_until(same, 10, f"version {version} answers")

    def test_switches_and_rolls_back_without_losing_a_request(self):
        self.first("-instances", "2")
        self.assertEqual((["books-blue-1", "books-blue-2"], "blue"), (self.docker.running(), self.color()))
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")
        lines = [json.loads(line) for line in self.deploy(
            "-image", "nano", "-e", "VERSION=2", "-json", "-smoke",
            'test "$URL" = "http://$ADDRESS" && test "$SERVICE" = books').stdout.splitlines()]
        events = [line["event"] for line in lines]
        for event in ("healthy", "smoke", "switched", "settled", "drained", "deployed"):
            self.assertIn(event, events)
        self.assertIn("version=2", http.get(self.edge.where, "/").text)
        self.assertEqual((["books-green-1", "books-green-2"], "green"), (self.docker.running(), self.color()))
        self.deploy("-rollback")
        self.assertIn("version=1", http.get(self.edge.where, "/").text)
        self.assertEqual((["books-blue-1", "books-blue-2"], "blue"), (self.docker.running(), self.color()))
        # What was kept for a rollback is cleared.
        self.deploy("-image", "nano", "-e", "VERSION=3", "-instances", "1")
        self.assertIn("version=3", http.get(self.edge.where, "/").text)
        self.assertEqual((["books-green-1"], "green"), (self.docker.running(), self.color()))
        self.assert_no_failures(load)
        self.assert_no_failures(posts)
        drains = http.get("127.0.0.1:8500", "/v1/kv/longshore/drains/?keys")
        self.assertEqual(404, drains.status, drains.text)


class DeployTest(Deploying, E2ETest):
    def test_the_first_one_waits_for_the_load_balancers_that_use_it(self):
        said = self.deploy("-image", "nano", "-e", "VERSION=1", *CHECKED).stdout
        self.assertRegex(said, r"blue has settled after \S+, \S+\n")
        # No older worker answers any more, which knows of no instance.
        for _ in range(50):
            self.assertIn("version=1", http.get(self.edge.where, "/").text)
        done = call("drain", "books", env={"DOCKER_HOST": self.docker.host}, seconds=30)
        self.assertIn("; there is books-blue; nothing was drained", done.stderr)
        # A service that no template asks for, and one of which the only renderer that could use it does not answer.
        done = call("deploy", "papers", "-image", "nano", env={"DOCKER_HOST": self.docker.host}, seconds=90)
        self.assertIn("no renderer uses it", done.stdout)
        # Another set than the one that it knows: the same names would be believed after a second.
        self.lb.send(signal.SIGSTOP)
        try:
            self.docker.remove_all()
            http.request("DELETE", "127.0.0.1:8500", "/v1/kv/" + COLOR)
            said = self.deploy("-image", "nano", "-e", "VERSION=2", "-instances", "2", "-timeout", "2s", code=1).stdout
        finally:
            self.lb.send(signal.SIGCONT)
        self.assertRegex(said, r"books is blue, and not everywhere yet: after 2s, waiting for \S+")
        self.assertEqual((["books-blue-1", "books-blue-2"], "blue"), (self.docker.running(), self.color()))
        self.wait_version("2")
        # Without any renderer that is said.
        self.lb.term()
        done = call("deploy", "pens", "-image", "nano", env={"DOCKER_HOST": self.docker.host}, seconds=90)
        self.assertIn("there is no renderer", done.stdout)

    def test_failures_leave_the_old_colour(self):
        self.first()
        load = self.load(self.edge.where, every=0.01)
        for words, why in [
                (("-image", "nano", "-e", "LISTEN_DELAY_MS=60000", "-healthy-timeout", "2s"), "0 of 1 instance healthy"),
                (("-image", "nano", "-e", "PORT=nonsense"), "ended"),
                (("-image", "nano", "-smoke", "echo broken page; exit 3"), "broken page"),
                (("-image", "no.such.registry.invalid/app:1", "-pull", "never"), "creating a container"),
                (("-image", "nano", "-network", "nowhere"), "nowhere")]:
            said = self.deploy(*words, code=1)
            self.assertIn(why, said.stdout)
            self.assertIn("it stays blue", said.stdout)
            self.assertEqual((["books-blue-1"], "blue"), (self.docker.running(), self.color()))
            self.assertEqual("books-blue-1", self.docker.cli("ps", "-a", "--format", "{{.Names}}"))
        self.assert_no_failures(load)

    def test_two_operators_and_an_interrupt(self):
        self.first()
        one = self.begin("-image", "nano", "-e", "LISTEN_DELAY_MS=60000", "-healthy-timeout", "50s")
        wait_until(lambda: "books-green-1" in self.docker.running(), 20, "the first one is at work")
        said = self.deploy("-image", "nano", code=1)
        self.assertIn("books is being deployed by", said.stdout)
        self.assertEqual(("yes", "start", "blue", "green"), self.shown("working", "stage", "from", "to"))
        one.send_signal(signal.SIGINT)
        self.assertEqual(1, one.wait(30), one.stdout.read())
        self.assertEqual((["books-blue-1"], "blue"), (self.docker.running(), self.color()))
        # Nor does one that was killed in the middle bar the way, once its session has ended.
        two = self.begin("-image", "nano", "-e", "LISTEN_DELAY_MS=60000")
        wait_until(lambda: "books-green-1" in self.docker.running(), 20, "the second one is at work")
        two.kill()
        two.wait()
        self.deploy("-image", "nano", code=1)
        self.assertEqual(("start",), self.shown("stage"))
        record = http.get("127.0.0.1:8500", "/v1/kv/longshore/deploys/books").json()[0]
        self.store.put("/v1/session/destroy/" + record["Session"])
        self.deploy("-image", "nano", "-e", "VERSION=2")
        self.assertEqual((["books-green-1"], "green"), (self.docker.running(), self.color()))
        self.wait_version("2")
        self.assertEqual(("no", "done"), self.shown("working", "stage"))

    def test_the_old_colour_is_kept_running(self):
        self.first()
        load = self.load(self.edge.where, every=0.005, clients=4)
        began = time.monotonic()
        child = self.begin("-image", "nano", "-e", "VERSION=2", "-keep", "10s", "-json")
        at = {}
        for line in child.stdout:
            event = json.loads(line)["event"]
            at[event] = time.monotonic()
            if event == "settled":
                # Nobody asks it any more, and it runs.
                self.assertEqual({"2"}, {http.get(self.edge.where, "/").text.split("version=")[1].split()[0] for _ in range(20)})
                self.assertEqual(["books-blue-1", "books-green-1"], self.docker.running())
                self.assertEqual(("yes", "keeping"), self.shown("working", "stage"))
        self.assertEqual(0, child.wait(30))
        # A line may be read late, by as much as the one before it took.
        self.assertGreater(at["drained"] - began, 10)
        self.assertGreater(at["drained"] - at["switched"], 5)
        self.assertEqual((["books-green-1"], "books-green-1\nbooks-blue-1"),
                         (self.docker.running(), self.docker.cli("ps", "-a", "--format", "{{.Names}}")))
        # Who does not want to wait any longer leaves it running; the way back needs no start then.
        child = self.begin("-image", "nano", "-e", "VERSION=3", "-keep", "60s")
        wait_until(lambda: self.shown("stage") == ("keeping",), 30, "the old colour is kept")
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=20)[0]
        self.assertEqual((1, True), (child.returncode, "books is blue; green was left running" in said), said)
        self.assertEqual(["books-blue-1", "books-green-1"], self.docker.running())
        started = self.docker.inspect("books-green-1")["State"]["StartedAt"]
        self.deploy("-rollback")
        self.wait_version("2")
        self.assertEqual((["books-green-1"], "green"), (self.docker.running(), self.color()))
        self.assertEqual(started, self.docker.inspect("books-green-1")["State"]["StartedAt"])
        self.assert_no_failures(load)

    def test_the_steps_of_the_jenkinsfile(self):
        with open("vagrant/Jenkinsfile", encoding="utf-8") as file:
            deploy, rollback, show = re.findall(r"sh '''(.*?)'''", file.read(), re.DOTALL)
        env = {**os.environ, "PATH": os.path.dirname(executable()) + ":" + os.environ["PATH"], "SERVICE": "books",
               "IMAGE": "nano", "DOCKER_HOST": self.docker.host, "CONSUL_HTTP_ADDR": self.store.where}

        def step(text, code=0, **more):
            # As Jenkins runs it.
            done = subprocess.run(["sh", "-xe", "-c", text], env={**env, **more}, cwd=self.dir, capture_output=True,
                                  text=True, timeout=90, check=False, stdin=subprocess.DEVNULL)
            self.assertEqual(code, done.returncode, done.stdout + done.stderr)
            return done.stdout
        self.first()
        self.assertIn('"event":"deployed"', step(deploy, LONGSHORE_DEPLOY_SMOKE='test -n "$URL"'))
        self.assertEqual("green", self.color())
        self.assertIn("books-green", step(show))
        self.assertIn('"event":"deployed"', step(rollback))
        self.assertEqual("blue", self.color())
        # Jenkins' shell ends at the first failure, and what a failed deploy said is what one wants to read.
        said = step(deploy, code=1, LONGSHORE_DEPLOY_SMOKE="echo broken page; false")
        for part in ('"event":"failed"', "broken page", "it stays blue"):
            self.assertIn(part, said)
        self.assertEqual("blue", self.color())
        # green was put away, so there is nothing to go back to.
        self.assertIn('"event":"refused"', step(rollback, code=1))

    def test_all_by_variables(self):
        """No word on the command line but the verb's."""
        env = {"DOCKER_HOST": self.docker.host, "CONSUL_HTTP_ADDR": self.store.where, "LONGSHORE_JSON": "true",
               "LONGSHORE_DEPLOY_SERVICE": "books", "LONGSHORE_DEPLOY_IMAGE": "nano",
               "LONGSHORE_DEPLOY_VARIABLES": "VERSION=1\nLIST=a,b",
               "LONGSHORE_DEPLOY_LABELS": "SERVICE_CHECK_HTTP=/health\nSERVICE_CHECK_INTERVAL=1s\nSERVICE_TAGS=x,y"}

        def run(verb, **more):
            done = call(verb, env={**env, **more}, seconds=90)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            return [json.loads(line)["event"] for line in done.stdout.splitlines()]
        self.assertEqual("deployed", run("deploy")[-1])
        self.wait_version("1")
        config = self.docker.inspect("books-blue-1")["Config"]
        self.assertIn("LIST=a,b", config["Env"])
        self.assertEqual("x,y", config["Labels"]["SERVICE_TAGS"])
        run("deploy", LONGSHORE_DEPLOY_VARIABLES="VERSION=2", LONGSHORE_DEPLOY_INSTANCES="2")
        self.wait_version("2")
        self.assertEqual(["books-green-1", "books-green-2"], self.docker.running())
        self.assertIn("rollback", run("deploy", LONGSHORE_DEPLOY_ROLLBACK="true"))
        self.wait_version("1")
        self.assertEqual("scaled", run("scale", LONGSHORE_SCALE_INSTANCES="3")[-1])
        self.assertEqual(["books-blue-1", "books-blue-2", "books-blue-3"], self.docker.running())

    def test_a_lost_renderer_puts_the_old_colour_back(self):
        self.first()
        wait_until(lambda: self.word_has("books-blue"), 10, "the renderer has said that it uses blue")
        self.lb.kill9()
        said = self.deploy("-image", "nano", "-timeout", "3s", code=1)
        self.assertIn("back to blue", said.stdout)
        self.assertEqual("blue", self.color())
        self.assertIn("version=1", http.get(self.edge.where, "/").text)

    def word_has(self, name):
        keys = http.get("127.0.0.1:8500", "/v1/kv/longshore/renderers/?keys").json()
        return any(name in http.get("127.0.0.1:8500", f"/v1/kv/{key}?raw").text for key in keys)


class DeployWithRegistryTest(Deploying, E2ETest):
    backend = "registry"
