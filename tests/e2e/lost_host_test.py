"""A host dies in the middle of a change: its engine, its agent and all of its containers at once. What runs elsewhere
serves on, the change is undone there, and a second run without the lost host goes through."""

import os
import shutil
import signal

from e2e import base, deploy_test, midway_test
from rig import image
from rig.dockerd import Dockerd
from rig.longshore import Longshore
from rig.wait import wait_until

NEVER = midway_test.NEVER


class LostHostTest(midway_test.Midway, deploy_test.Deploying, base.E2ETest):
    test_switches_and_rolls_back_without_losing_a_request = None

    def setUp(self):
        super().setUp()
        self.second = base.world.further("lost docker", lambda: Dockerd(
            os.path.abspath(base.LOGS), name="lost", socket_path="/run/lost.sock", bridge=("lost0", "10.213.12.1/24")))
        self.addCleanup(self.clean_second)
        image.make(self.second, os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice"))
        self.far = Longshore("agent", ["-internal", "-http-addr", "127.0.0.1:8515", "-state-dir", self.path("far-agent"),
                                       "consul://127.0.0.1:8500"], self.logs, "127.0.0.1:8515",
                             {"DOCKER_HOST": self.second.host}, name="far-agent")
        self.keep(self.far).start().wait_ready()
        self.near = ("-host", f"first={self.docker.host}")
        self.both = (*self.near, "-host", f"second={self.second.host}")

    def clean_second(self):
        if not self.second.process.running():
            # What a killed engine remembers of its networks would end the bridge of the other one.
            shutil.rmtree(os.path.join(self.second.home, "root", "network"), ignore_errors=True)
            self.second.start()
        self.second.remove_all()

    def lose_second(self):
        pids = [self.second.inspect(name)["State"]["Pid"] for name in self.second.running()]
        self.second.kill9()
        self.far.kill9()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def here(self):
        return self.docker.running()

    def test_before_the_switch(self):
        self.first("-instances", "2", *self.both)
        self.assertEqual((["books-blue-1"], ["books-blue-2"]), (self.here(), self.second.running()))
        load = self.load(self.edge.where, every=0.005, clients=4)
        child = self.begin("-image", "nano", *NEVER, "-healthy-timeout", "4s", *self.both)
        wait_until(lambda: "books-green-2" in self.second.running(), 20, "the new ones run")
        self.lose_second()
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "Docker on second" in said and "it stays blue" in said), said)
        self.assertEqual(["books-blue-1"], self.docker.cli("ps", "-a", "--format", "{{.Names}}").split())
        self.assertEqual(("no", "failed", "blue", "green"), self.row("working", "stage", "from", "to"))
        # It is named by who would use it, and left out by who would not.
        self.assertIn("Docker on second", self.deploy("-image", "nano", *self.both, code=1).stdout)
        self.deploy("-image", "nano", "-e", "VERSION=2", *self.near)
        self.wait_version("2")
        self.assertEqual((["books-green-1"], "green"), (self.here(), self.color()))
        self.assert_no_failures(load)

    def test_in_the_middle_of_a_rolling_change(self):
        self.first("-instances", "2", *self.both)
        load = self.load(self.edge.where, every=0.005, clients=4)
        words = ("-strategy", "rolling", "-image", "nano", "-e", "VERSION=2")
        child = self.begin(*words, "-batch-pause", "2s", "-healthy-timeout", "4s", *self.both)
        wait_until(lambda: self.row("stage") == ("rolling",), 30, "one batch is done")
        self.assertEqual((["books-blue-3"], ["books-blue-2"]), (self.here(), self.second.running()))
        self.lose_second()
        code, said = self.outcome(child)
        self.assertEqual((1, True), (code, "Docker on second" in said and "as before, 1 instance started again" in said),
                         said)
        self.assertEqual(["books-blue-1"], self.here())
        self.assertEqual(("no", "undone", "rolling"), self.row("working", "stage", "strategy"))
        self.wait_version("1")
        said = self.deploy(*words, *self.near).stdout
        self.assertIn("1 instances are on none of the engines given", said)
        self.wait_version("2")
        self.assertEqual(1, len(self.here()))
        self.assert_no_failures(load)
