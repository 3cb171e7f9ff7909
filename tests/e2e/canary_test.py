"""Blue/green with the stock template: a part of the traffic first, the way back from it, colours by tag and by Meta."""

import os
import signal

from e2e import deploy_test
from e2e.base import E2ETest
from rig import http
from rig.nginx import Nginx
from rig.wait import wait_until


class CanaryTest(deploy_test.Deploying, E2ETest):
    # deploy_test has it; what differs here is the template.
    test_switches_and_rolls_back_without_losing_a_request = None

    def setUp(self):
        E2ETest.setUp(self)
        self.edge = Nginx(self.path("nginx"))
        self.edge.start()
        self.addCleanup(lambda: self.edge.process.running() and self.edge.stop())
        self.agent("-internal")
        self.lb = self.renderer(f"templates/upstream.conf.ctmpl:{os.path.join(self.edge.conf_d, 'upstream.conf')}",
                                options=("-reload-pid-file", self.edge.pid_file),
                                env={"SERVICE": "books", "LISTEN": self.edge.where})

    def versions(self, number):
        return [http.get(self.edge.where, "/").text.split("version=")[1].split()[0] for _ in range(number)]

    def canary(self):
        return http.get("127.0.0.1:8500", "/v1/kv/services/books/canary?raw&consistent")

    def test_a_part_of_the_traffic_then_all_of_it(self):
        self.first("-instances", "2")
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")
        child = self.begin("-image", "nano", "-e", "VERSION=2", "-canary", "40,100", "-canary-time", "4s")
        wait_until(lambda: "2" in self.versions(20), 40, "the new version gets a part")
        seen = self.versions(100)
        self.assertTrue(10 <= seen.count("2") <= 75, seen.count("2"))
        self.assertEqual(("green=40", "blue"), (self.canary().text, self.color()))
        self.assertEqual(("canary", "yes"), self.shown("stage", "working"))
        self.assertEqual(0, child.wait(60), child.stdout.read())
        self.assertEqual({"2"}, set(self.versions(20)))
        self.assertEqual((404, "green"), (self.canary().status, self.color()))
        self.assertEqual(["books-green-1", "books-green-2"], self.docker.running())
        self.assert_no_failures(load)
        self.assert_no_failures(posts)

    def test_a_canary_that_dies_and_one_of_a_killed_run(self):
        self.first()
        load = self.load(self.edge.where, every=0.005, clients=4)
        child = self.begin("-image", "nano", "-e", "VERSION=2", "-canary", "30", "-canary-time", "60s")
        wait_until(lambda: "2" in self.versions(20), 40, "the new version gets a part")
        self.docker.cli("kill", "books-green-1")
        said = child.communicate(timeout=60)[0]
        self.assertEqual(1, child.returncode, said)
        self.assertIn("books-green-1 ended; all traffic back to blue", said)
        self.assertEqual((404, "blue"), (self.canary().status, self.color()))
        self.assertEqual("books-blue-1", self.docker.cli("ps", "-a", "--format", "{{.Names}}"))
        # Killed in the middle: the next call finds a canary that has traffic, and takes it back without a loss.
        child = self.begin("-image", "nano", "-e", "VERSION=3", "-canary", "30", "-canary-time", "60s")
        wait_until(lambda: "3" in self.versions(20), 40, "the third version gets a part")
        child.send_signal(signal.SIGKILL)
        child.wait(20)
        record = http.get("127.0.0.1:8500", "/v1/kv/longshore/deploys/books").json()[0]
        self.store.put("/v1/session/destroy/" + record["Session"])
        self.assertIn("books is blue alone", self.deploy("-rollback").stdout)
        self.assertEqual((404, "blue"), (self.canary().status, self.color()))
        self.assertEqual({"1"}, set(self.versions(20)))
        self.assertEqual(["books-blue-1"], self.docker.running())
        self.assert_no_failures(load)

    def test_colours_by_tag_and_by_meta(self):
        self.first("-color-by", "tag", "-label", "SERVICE_TAGS=web")
        load = self.load(self.edge.where, every=0.005, clients=4)
        self.deploy("-image", "nano", "-e", "VERSION=2", "-color-by", "tag")
        self.wait_version("2")
        self.assertEqual((["books-green-1"], "green"), (self.docker.running(), self.color()))
        service = next(iter(self.store.services().values()))
        self.assertEqual(("books", {"web", "green"}, "green"),
                         (service["Service"], set(service["Tags"]), service["Meta"]["color"]))
        self.deploy("-image", "nano", "-e", "VERSION=3", "-color-by", "meta")
        self.wait_version("3")
        self.assertEqual((["books-blue-1"], "blue"), (self.docker.running(), self.color()))
        self.assert_no_failures(load)
