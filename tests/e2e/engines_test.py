"""Two Docker engines, named by host {} in a configuration file: scale spreads, and a lost engine stops it where it is."""

import os

from e2e import base
from rig import image
from rig.dockerd import Dockerd
from rig.longshore import Longshore, call
from rig.wait import wait_until

# Nothing is admitted unseen: critical until the first check has passed.
CHECKED = {"SERVICE_NAME": "nano", "SERVICE_CHECK_HTTP": "/health", "SERVICE_CHECK_INTERVAL": "1s"}


class EnginesTest(base.E2ETest):
    reload = "pid file"

    def setUp(self):
        super().setUp()
        self.second = base.world.further("second docker", lambda: Dockerd(
            os.path.abspath(base.LOGS), name="second", socket_path="/run/second.sock", bridge=("second0", "10.213.9.1/24")))
        self.addCleanup(lambda: self.second.process.running() and self.second.remove_all())
        image.make(self.second, os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice"))
        self.hosts = self.write("hosts.hcl", f'host "first" {{ address = "{self.docker.host}" }}\n'
                                             f'host "second" {{ address = "{self.second.host}" }}\n')
        self.edge = self.nginx()
        self.agent("-internal")
        other = Longshore("agent", ["-internal", "-http-addr", "127.0.0.1:8515", "-state-dir", self.path("second-agent"),
                                    "consul://127.0.0.1:8500"], self.logs, "127.0.0.1:8515",
                          {"DOCKER_HOST": self.second.host}, name="second-agent")
        self.keep(other).start().wait_ready()
        self.render_upstream(self.edge)

    def scale(self, number, code=0):
        # DOCKER_HOST is for others: the file counts.
        done = call("scale", "nano", str(number), "-config", self.hosts, env={"DOCKER_HOST": "unix:///nowhere"}, seconds=90)
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def counts(self):
        return len(self.docker.running()), len(self.second.running())

    def test_scale_spreads_over_both(self):
        self.docker.run(name="one", labels=CHECKED)
        where = self.docker.address("one") + ":5000"
        self.wait_file(self.upstream, [where])
        self.wait_settled(self.edge)
        load = self.load(self.edge.where, every=0.005, clients=4)
        self.scale(4)
        self.assertEqual((2, 2), self.counts())
        wait_until(lambda: len(base.servers(self.read_upstream())) == 4, 10, "all four are served")
        self.scale(2)
        self.assertEqual((1, 1), self.counts())
        self.assert_no_failures(load)
        self.second.stop()
        said = self.scale(4, code=1)
        self.assertIn("second", said)
        self.assertEqual(1, len(self.docker.running()))

    def read_upstream(self):
        with open(self.upstream, encoding="utf-8") as file:
            return file.read()
