"""Two Docker engines, named by host {} in a configuration file, by -host, or by a variable: changes spread over both, and a
lost engine stops them where they are."""

import os
import signal

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
        self.addCleanup(self.clear_second)
        image.make(self.second, os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice"))
        self.hosts = self.write("hosts.hcl", f'host "first" {{ address = "{self.docker.host}" }}\n'
                                             f'host "second" {{ address = "{self.second.host}" }}\n')
        self.edge = self.nginx()
        self.agent("-internal")
        other = Longshore("agent", ["-internal", "-http-addr", "127.0.0.1:8515", "-state-dir", self.path("second-agent"),
                                    "consul://127.0.0.1:8500"], self.logs, "127.0.0.1:8515",
                          {"DOCKER_HOST": self.second.host}, name="second-agent")
        self.keep(other).start().wait_ready()
        self.lb = self.render_upstream(self.edge)

    def clear_second(self):
        if not self.second.process.running():
            self.second.start()
        self.second.remove_all()

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

    def deploy(self, *words, code=0, env=None):
        both = () if env else ("-host", "first=" + self.docker.host, "-host", "second=" + self.second.host)
        done = call("deploy", *words, *both, env={"DOCKER_HOST": "unix:///nowhere", **(env or {})}, seconds=120)
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def names(self):
        return self.docker.running(), self.second.running()

    def test_rolls_over_both(self):
        for docker, name in ((self.docker, "one"), (self.second, "two")):
            docker.run(name=name, labels=CHECKED, env={"VERSION": "1"})
        self.wait_file(self.upstream, [f"{docker.address(name)}:5000" for docker, name in
                                       ((self.docker, "one"), (self.second, "two"))])
        self.wait_settled(self.edge)
        loads = [self.load(self.edge.where, every=0.005, clients=4),
                 self.load(self.edge.where, every=0.02, method="POST", body=b"x")]
        self.deploy("nano", "-strategy", "rolling", "-image", "nano", "-e", "VERSION=2")
        self.wait_versions(self.edge, {"2"})
        # Each takes the place of one on its own engine; no name is used twice.
        self.assertEqual((["nano-1"], ["nano-2"]), self.names())
        self.deploy("nano", "-rollback")
        self.wait_versions(self.edge, {"1"})
        self.assertEqual((["one"], ["two"]), self.names())
        # The engines by a variable, as CI servers have them.
        hosts = f"first={self.docker.host},second={self.second.host}"
        self.deploy("nano", "-strategy", "rolling", "-image", "nano", "-e", "VERSION=3", "-instances", "4", "-batch", "2",
                    env={"LONGSHORE_DEPLOY_HOSTS": hosts})
        self.wait_versions(self.edge, {"3"})
        self.assertEqual((2, 2), self.counts())
        for load in loads:
            self.assert_no_failures(load)

    def test_colours_on_both(self):
        self.write("upstream.ctmpl", base.UPSTREAM.replace(
            '"nano"', '(print "nano-" (keyOrDefault "services/nano/color" "none"))'))
        self.lb.send(signal.SIGHUP)
        labels = [word for name, value in CHECKED.items() if name != "SERVICE_NAME" for word in ("-label", f"{name}={value}")]
        self.deploy("nano", "-image", "nano", "-e", "VERSION=1", "-instances", "3", *labels)
        self.wait_versions(self.edge, {"1"})
        self.wait_settled(self.edge)
        self.assertEqual((["nano-blue-1", "nano-blue-3"], ["nano-blue-2"]), self.names())
        load = self.load(self.edge.where, every=0.005, clients=4)
        self.deploy("nano", "-image", "nano", "-e", "VERSION=2")
        self.wait_versions(self.edge, {"2"})
        self.assertEqual((["nano-green-1", "nano-green-3"], ["nano-green-2"]), self.names())
        self.deploy("nano", "-rollback")
        self.wait_versions(self.edge, {"1"})
        self.assertEqual((["nano-blue-1", "nano-blue-3"], ["nano-blue-2"]), self.names())
        self.assert_no_failures(load)
        # One engine is lost: nothing is begun.
        self.second.stop()
        said = self.deploy("nano", "-image", "nano", "-e", "VERSION=3", code=1)
        self.assertIn("Docker on second", said)
        self.assertEqual(["nano-blue-1", "nano-blue-3"], self.docker.running())

    def read_upstream(self):
        with open(self.upstream, encoding="utf-8") as file:
            return file.read()
