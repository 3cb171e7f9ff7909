"""In the middle of a change Consul goes away, a load balancer is cut off or killed, or the operator has changed his mind:
what serves goes on serving without a failed request, `status` says how far it was, a second run continues or undoes."""

import json
import os
import signal

from e2e import deploy_test, roll_test
from e2e.base import SITE, E2ETest
from rig import http
from rig.longshore import Renderer, call
from rig.nginx import Nginx
from rig.relay import Relay
from rig.wait import wait_until

# Never healthy as long as a test lasts.
NEVER = ("-e", "LISTEN_DELAY_MS=60000")
ROLL = (*roll_test.ROLL, "-image", "nano", "-e", "VERSION=2")


class Midway:
    """What the tests have beside Deploying's or RollTest's site."""

    def loads(self, *where):
        """GET and POST to each of these load balancers."""
        return [self.load(one, **how) for one in where for how in
                ({"every": 0.005, "clients": 4}, {"every": 0.02, "method": "POST", "body": b"x"})]

    def row(self, *members):
        """What `status` says of the change."""
        done = call("status", "-json")
        row = json.loads(done.stdout)["consul"]["status"]["deploys"][0]
        return tuple(row[member] for member in members)

    def outcome(self, child, seconds=30):
        """Exit code and words of a change that goes on beside the test."""
        said = child.communicate(timeout=seconds)[0]
        return child.returncode, said

    def lose_consul(self):
        self.store.kill9()
        # Also after a failure: who cleans up wants to empty it.
        self.addCleanup(lambda: self.store.process.running() or self.store.start())
        self.assertIn("Consul", (done := call("status")).stdout + done.stderr)

    def find_consul(self):
        """It is back, everybody has seen it, and the session of the run that lost it has ended."""
        self.store.start()
        for process in self.processes:
            process.wait_ready(20)
        record = http.get("127.0.0.1:8500", "/v1/kv/longshore/deploys/books?consistent").json()[0]
        if "Session" in record:
            self.store.put("/v1/session/destroy/" + record["Session"])

    def freeze(self, process):
        process.send(signal.SIGSTOP)
        self.addCleanup(lambda: process.running() and process.send(signal.SIGCONT))


class MidwayDeployTest(Midway, deploy_test.Deploying, E2ETest):
    test_switches_and_rolls_back_without_losing_a_request = None

    def names(self):
        return self.docker.cli("ps", "-a", "--format", "{{.Names}}").split()

    def test_consul_is_lost_before_the_switch(self):
        self.first("-instances", "2")
        loads = self.loads(self.edge.where)
        child = self.begin("-image", "nano", *NEVER, "-healthy-timeout", "4s")
        wait_until(lambda: "books-green-2" in self.docker.running(), 20, "the new ones run")
        self.lose_consul()
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "it stays blue" in said and "Consul" in said), said)
        self.assertEqual(["books-blue-1", "books-blue-2"], sorted(self.names()))
        self.find_consul()
        self.assertEqual(("no", "start", "blue", "green"), self.row("working", "stage", "from", "to"))
        self.assertEqual("blue", self.color())
        self.deploy("-image", "nano", "-e", "VERSION=2")
        self.wait_version("2")
        for load in loads:
            self.assert_no_failures(load)

    def test_consul_is_lost_after_the_switch(self):
        self.first("-instances", "2")
        loads = self.loads(self.edge.where)
        # Its load balancer goes on with what it has.
        self.freeze(self.lb)
        child = self.begin("-image", "nano", "-e", "VERSION=2", "-timeout", "3s")
        wait_until(lambda: self.color() == "green", 20, "it is switched")
        self.lose_consul()
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "is not known" in said and "left running" in said), said)
        self.assertEqual(4, len(self.docker.running()))
        self.lb.send(signal.SIGCONT)
        self.find_consul()
        self.wait_version("2")
        self.assertEqual(("no", "settling", "blue", "green"), self.row("working", "stage", "from", "to"))
        self.deploy("-rollback")
        self.wait_version("1")
        self.assertEqual((["books-blue-1", "books-blue-2"], "blue"), (self.docker.running(), self.color()))
        for load in loads:
            self.assert_no_failures(load)

    def far_edge(self):
        """A second load balancer, whose renderer reaches Consul through a relay."""
        self.relay = Relay("127.0.0.1:8518", self.store.where).start()
        far = Nginx(self.path("far"), "127.0.0.1:8081")
        far.write("site.conf", SITE.format(listen=far.where))
        far.write("upstream.conf", "upstream nano { server 127.0.0.1:9; }\n")
        far.start()
        self.addCleanup(lambda: far.process.running() and far.stop())
        renderer = Renderer(self.logs, [f"{self.path('site.ctmpl')}:{os.path.join(far.conf_d, 'upstream.conf')}"],
                            "-http-addr", "127.0.0.1:8519", "-reload-pid-file", far.pid_file, consul=self.relay.where)
        renderer.name, renderer.status_address = "far-render", "127.0.0.1:8519"
        renderer.log_path = os.path.join(self.logs, "far-render.log")
        self.keep(renderer).start().wait_ready()
        return far

    def test_a_load_balancer_is_cut_off(self):
        self.first("-instances", "2")
        far = self.far_edge()
        wait_until(lambda: len(self.users("books-blue")) == 2, 10, "both say that they use blue")
        self.wait_settled(far)
        loads = self.loads(self.edge.where, far.where)
        self.relay.stop()
        # The operator waits for it, and then does not want to any more.
        child = self.begin("-image", "nano", "-e", "VERSION=2")
        wait_until(lambda: self.row("stage") == ("settling",), 20, "it is switched")
        wait_until(lambda: "version=2" in http.get(self.edge.where, "/").text, 10, "the near one has followed")
        child.send_signal(signal.SIGINT)
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "interrupted; back to blue" in said and "waiting for" in said), said)
        self.assertEqual(("no", "failed", "blue", "green"), self.row("working", "stage", "from", "to"))
        self.wait_version("1")
        self.assertEqual("blue", self.color())
        said = self.deploy("-image", "nano", "-e", "VERSION=2", "-timeout", "2s", code=1).stdout
        self.assertIn("not settled after 2s", said)
        self.assertIn("version=1", http.get(far.where, "/").text)
        self.assertEqual("blue", self.color())
        self.relay.start()
        self.addCleanup(self.relay.stop)
        self.processes[-1].wait_ready(20)
        self.deploy("-image", "nano", "-e", "VERSION=2")
        for where in (self.edge.where, far.where):
            self.assertIn("version=2", http.get(where, "/").text)
        self.assertEqual(["books-green-1", "books-green-2"], self.docker.running())
        for load in loads:
            self.assert_no_failures(load)

    def users(self, name):
        """Keys of the renderers that say they use the service."""
        keys = http.get("127.0.0.1:8500", "/v1/kv/longshore/renderers/?keys").json()
        return [key for key in keys if f'"{name}"' in http.get("127.0.0.1:8500", f"/v1/kv/{key}?raw").text]


class MidwayRollTest(Midway, roll_test.RollTest):
    test_replaces_goes_back_and_scales_without_losing_a_request = None
    test_pause_resume_abort_and_a_failed_gate = None
    test_a_killed_change_is_continued_and_undone = None
    test_none_and_some_again = None

    def after_one_batch(self, *words):
        """A change of which one batch is done, and the next one begins soon."""
        child = self.begin(*ROLL, "-batch-pause", "2s", *words)
        wait_until(lambda: self.stage() == "rolling", 40, "one batch is done")
        return child

    def continue_it(self):
        self.assertIn("continued: 2 instances", self.call(*ROLL))
        self.assertEqual(["books-1", "books-2"], self.docker.running())
        self.wait_versions({"version=2"})
        self.assertEqual(("no", "done", "rolling"), self.row("working", "stage", "strategy"))
        self.assert_lossless()

    def test_consul_is_lost(self):
        child = self.after_one_batch("-healthy-timeout", "2s")
        self.lose_consul()
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "left running" in said and "Consul" in said), said)
        self.assertEqual(["books-1", "two"], self.docker.running())
        self.find_consul()
        self.assertEqual(("no", "rolling", 2, 1), self.row("working", "stage", "instances", "replaced"))
        self.wait_versions({"version=1", "version=2"})
        self.continue_it()

    def test_a_renderer_is_killed_and_its_nginx_goes_on(self):
        child = self.after_one_batch("-timeout", "2s")
        self.lb.kill9()
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "waiting for" in said and "left running" in said), said)
        # Whoever may still be asked runs.
        self.assertLessEqual({"books-1", "two"}, set(self.docker.running()))
        self.assertEqual(("no", "failed", 2), self.row("working", "stage", "instances"))
        self.wait_versions({"version=1", "version=2"})
        self.lb.start().wait_ready()
        self.continue_it()

    def test_the_lock_is_lost(self):
        """As after an outage that was longer than its session."""
        def record():
            return http.get("127.0.0.1:8500", "/v1/kv/longshore/deploys/books?consistent").json()[0]
        child = self.begin(*ROLL, "-batch-pause", "60s")
        wait_until(lambda: self.stage() == "rolling", 40, "one batch is done")
        lost = record()["Session"]
        self.store.put("/v1/session/destroy/" + lost)
        wait_until(lambda: record().get("Session", lost) != lost, 10, "it is taken again")
        self.assertEqual(("rolling", "yes"), self.row("stage", "working"))
        # Somebody else is faster.
        self.store.put("/v1/session/destroy/" + record()["Session"])
        other = self.store.put("/v1/session/create", {"TTL": "60s", "LockDelay": "0s"}).json()["ID"]
        wait_until(lambda: self.store.put(f"/v1/kv/longshore/deploys/books?acquire={other}", "{}").text.strip() == "true",
                   2, "the other one has it")
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "somebody else has begun" in said), said)
        self.assertEqual((other, 2), (record()["Session"], len(self.docker.running())))
        self.wait_versions({"version=1", "version=2"})
        self.assert_lossless()
