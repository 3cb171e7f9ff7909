"""The agent on a real Podman 4.3.1 through its Docker API: other networks, other event names, an engine ID that is made
up for every question."""

import os

from e2e.base import E2ETest
from rig import http, image, podman, sandbox
from rig.longshore import Agent
from rig.relay import Relay
from rig.wait import wait_until


class PodmanTest(E2ETest):
    wants_docker = False

    def setUp(self):
        if not os.path.exists(podman.PODMAN):
            self.skipTest("podman is not installed")
        super().setUp()
        self.docker = podman.Podman(self.logs).start()
        self.addCleanup(self.docker.stop)
        if not self.docker.cli("images", "-q", "nano"):
            image.make(self.docker, os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice"))

    def agent(self, *options, **more):
        # Only events may bring what the tests wait for.
        return super().agent("-reconcile-interval", "10m", *options, docker=self.docker.host, **more)

    def services(self):
        return self.store.services()

    def service(self, container, port=5000, seconds=10):
        key = f"rig-host:{container}:{port}"
        def found():
            services = self.services()
            if key not in services:
                raise AssertionError(f"no {key}, only {sorted(services)}")
            return services[key]
        return wait_until(found, seconds, f"{key} is registered")

    def wait_gone(self, seconds=5):
        def gone():
            left = sorted(self.services())
            if left:
                raise AssertionError(f"still there: {left}")
            return True
        wait_until(gone, seconds, "nothing is registered any more")

    def assert_answers(self, service):
        where = f"{service['Address']}:{service['Port']}"
        answer = wait_until(lambda: http.get(where, "/"), 5, f"{where} answers")
        self.assertIn("nanoservice", answer.text)

    # Networks

    def test_published(self):
        self.agent()
        self.docker.run(name="fixed", publish=["18080:5000"])
        self.docker.run(name="random", publish=["5000"])
        self.docker.run(name="bound", publish=[f"{sandbox.HOST_IP}:18081:5000"])
        fixed, chosen, bound = (self.service(name) for name in ("fixed", "random", "bound"))
        self.assertEqual(("nano", sandbox.HOST_IP, 18080), (fixed["Service"], fixed["Address"], fixed["Port"]))
        self.assertEqual(self.docker.published("random", "5000/tcp"), chosen["Port"])
        self.assertEqual((sandbox.HOST_IP, 18081), (bound["Address"], bound["Port"]))
        for service in (fixed, chosen, bound):
            self.assert_answers(service)

    def test_internal(self):
        self.agent("-internal")
        self.docker.run(name="web")
        service = self.service("web")
        self.assertEqual((self.docker.address("web"), 5000), (service["Address"], service["Port"]))
        self.assert_answers(service)

    def test_exposed_only_is_not_published(self):
        agent = self.agent()
        self.docker.run(name="web")
        self.docker.run(name="open", publish=["18084:5000"])
        self.service("open")
        self.assertEqual(1, len(self.services()))
        status = http.get(agent.status_address, "/v1/status").json()
        reasons = [port["reason"] for container in status["containers"] if container["name"] == "web"
                   for port in container["ports"]]
        self.assertEqual(["not published"], reasons)

    def test_udp(self):
        self.agent("-internal")
        self.docker.run("--expose", "5353/udp", name="dns", labels={"SERVICE_5353_UDP_NAME": "resolver"})
        service = self.service("dns", "5353:udp")
        self.assertEqual(("resolver", ["udp"]), (service["Service"], service["Tags"]))

    def test_several_networks(self):
        for name in ("front", "back"):
            self.docker.cli("network", "create", name)
            self.addCleanup(self.docker.cli, "network", "rm", "-f", name, check=False)
        self.agent("-internal", "-network", "back")
        self.docker.cli("create", "--name", "web", "--network", "front", "nano")
        self.docker.cli("network", "connect", "back", "web")
        self.docker.cli("start", "web")
        self.assertEqual(self.docker.address("web", "back"), self.service("web")["Address"])

    def test_host_network(self):
        self.agent()
        self.docker.run(name="direct", network="host", labels={"SERVICE_PORTS": "5000"})
        service = self.service("direct")
        self.assertEqual((sandbox.HOST_IP, 5000), (service["Address"], service["Port"]))
        self.assert_answers(service)

    def test_shared_network(self):
        self.agent("-internal")
        self.docker.run(name="owner", labels={"SERVICE_IGNORE": "true"})
        self.docker.run(name="guest", network="container:owner", env={"PORT": "5001"}, labels={"SERVICE_PORTS": "5001"})
        self.assertEqual(self.docker.address("owner"), self.service("guest", 5001)["Address"])

    def test_no_network(self):
        self.agent("-internal")
        self.docker.run(name="alone", network="none", labels={"SERVICE_PORTS": "5000"})
        self.docker.run(name="web")
        self.service("web")
        self.assertEqual(1, len(self.services()))

    # Metadata and checks

    def test_names_tags_and_meta(self):
        self.agent("-internal", "-tags", "x,{{strSlice .Name 1}}")
        identity = self.docker.run(name="web", env={"SERVICE_REGION": "west"},
                                   labels={"SERVICE_NAME": "shop", "SERVICE_TAGS": r"a,b\,c"})
        service = self.service("web")
        self.assertEqual(("shop", {"a", "b,c", "x", "web"}), (service["Service"], set(service["Tags"])))
        self.assertEqual(("west", identity[:12]), (service["Meta"]["region"], service["Meta"]["longshore-container"]))

    def test_checks(self):
        self.agent("-internal")
        self.docker.run(name="web", labels={"SERVICE_CHECK_TCP": "true", "SERVICE_CHECK_INTERVAL": "1s",
                                            "SERVICE_CHECK_1_HTTP": "/health"})
        self.service("web")
        self.wait_healthy("nano", [self.docker.address("web") + ":5000"])
        wanted = {"service:rig-host:web:5000", "service:rig-host:web:5000:1"}
        wait_until(lambda: {check["CheckID"] for check in self.store.get("/v1/health/checks/nano")} == wanted, 5,
                   f"the checks are {wanted}")

    # Life

    def test_every_way_to_end(self):
        self.agent("-internal")
        ends = {"stop": ("stop", "-t", "1"), "kill": ("kill",), "remove": ("rm", "-f")}
        for name in ends:
            self.docker.run(name=name)
            self.service(name)
        for name, words in ends.items():
            self.docker.cli(*words, name)
        self.wait_gone()

    def test_restart_and_rename(self):
        self.agent()
        self.docker.run(name="web", publish=["18085:5000"])
        self.service("web")
        self.docker.cli("restart", "-t", "1", "web")
        self.assertEqual(18085, self.service("web")["Port"])
        self.docker.cli("rename", "web", "shop")
        self.service("shop")
        wait_until(lambda: "rig-host:web:5000" not in self.services(), 5, "the old name is gone")

    def test_a_connection_that_breaks(self):
        """The next one asks for events since the last that was heard, and goes on to hear new ones."""
        relay = Relay("unix:" + self.path("relay.sock"), self.docker.where).start()
        agent = Agent(self.logs, "-internal", "-reconcile-interval", "10m", docker=relay.host)
        self.keep(agent).start().wait_ready()
        for name in ("stays", "goes"):
            self.docker.run(name=name)
            self.service(name)
        relay.stop()
        self.docker.remove("goes")
        self.docker.run(name="meanwhile")
        relay = Relay(relay.where, self.docker.where).start()
        self.addCleanup(relay.stop)
        self.service("meanwhile", seconds=20)
        wait_until(lambda: "rig-host:goes:5000" not in self.services(), 10, "what went is gone")
        self.docker.run(name="after")
        self.service("after")
        self.assertTrue([path for _, path in relay.requests if "since=" in path], relay.requests)

    def test_an_agent_knows_its_own_again(self):
        """Podman makes up another engine ID for every question."""
        agent = self.agent("-internal")
        for name in ("stays", "goes"):
            self.docker.run(name=name)
            self.service(name)
        agent.term(15)
        self.docker.remove("goes")
        agent.start().wait_ready()
        wait_until(lambda: sorted(self.services()) == ["rig-host:stays:5000"], 5, "what is gone is gone")
        self.assertEqual(0, agent.metrics()["longshore_agent_registrations_total"])
