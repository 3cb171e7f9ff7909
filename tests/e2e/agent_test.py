"""The agent on a real engine: which services, with which address, name, tags, Meta and checks."""

import shutil

from e2e.base import E2ETest
from rig import http, longshore, sandbox
from rig.longshore import Agent
from rig.wait import hold_true, wait_until


class AgentTest(E2ETest):
    def service(self, container, port=5000, seconds=5):
        """The registered service of a container's port, by its ID."""
        key = f"rig-host:{container}:{port}"
        return wait_until(lambda: self.store.services().get(key) or self.missing(key), seconds, f"{key} is registered")

    def missing(self, key):
        raise AssertionError(f"no {key}, only {sorted(self.store.services())}")

    def assert_answers(self, service):
        where = f"{service['Address']}:{service['Port']}"
        answer = wait_until(lambda: http.get(where, "/"), 5, f"{where} answers")
        self.assertIn("nanoservice", answer.text)

    def run_then_marker(self, *names):
        """Waits for a container started after the others, so that "not registered" has had its chance."""
        self.docker.run(name="marker", publish=["5000"], labels={"SERVICE_NAME": "marker"})
        self.service("marker")
        return [self.store.services().get(f"rig-host:{name}:5000") for name in names]

    # Addresses and networks

    def test_published_ports(self):
        self.agent()
        self.docker.run(name="web", publish=["5000"])
        self.docker.run(name="bound", publish=[f"{sandbox.HOST_IP}::5000"])
        self.docker.run(name="closed")
        web, bound = self.service("web"), self.service("bound")
        self.assertEqual(("nano", sandbox.HOST_IP, self.docker.published("web", "5000/tcp")),
                         (web["Service"], web["Address"], web["Port"]))
        self.assertEqual((sandbox.HOST_IP, self.docker.published("bound", "5000/tcp")),
                         (bound["Address"], bound["Port"]))
        self.assert_answers(web)
        self.assert_answers(bound)
        self.assertEqual([None], self.run_then_marker("closed"))

    def test_internal(self):
        self.agent("-internal")
        self.docker.run(name="web", publish=["5000"])
        self.docker.run(name="closed")
        for name in ("web", "closed"):
            service = self.service(name)
            self.assertEqual((self.docker.address(name), 5000), (service["Address"], service["Port"]))
            self.assert_answers(service)

    def test_ip(self):
        self.agent("-ip", "192.0.2.7")
        self.docker.run(name="web", publish=["5000"])
        self.assertEqual("192.0.2.7", self.service("web")["Address"])

    def test_host_network(self):
        self.agent()
        self.docker.run(name="direct", network="host")
        service = self.service("direct")
        self.assertEqual((sandbox.HOST_IP, 5000), (service["Address"], service["Port"]))
        self.assert_answers(service)

    def test_user_network(self):
        self.docker.cli("network", "create", "usernet")
        agent = self.agent()
        self.docker.run(name="web", network="usernet", publish=["5000"])
        # A container's address never goes with the host's port.
        self.assert_answers(self.service("web"))
        agent.term()
        agent.command.insert(2, "-internal")
        agent.start().wait_ready()
        wait_until(lambda: self.service("web")["Address"] == self.docker.address("web"), 5,
                   "with -internal the address on the user's network")
        self.assert_answers(self.service("web"))

    # Labels and environment

    def test_names_tags_and_attributes(self):
        self.agent("-internal", "-tags", "x,y")
        self.docker.run(name="web", env={"SERVICE_NAME": "fromenv", "SERVICE_REGION": "west"},
                        labels={"SERVICE_NAME": "shop", "SERVICE_TAGS": r"a,b\,c", "SERVICE_HOST": "shop.example",
                                "SERVICE_DB_PASSWORD": "hunter2"})
        service = self.service("web")
        self.assertEqual("shop", service["Service"])
        self.assertEqual({"a", "b,c", "x", "y"}, set(service["Tags"]))
        self.assertEqual(("west", "shop.example"), (service["Meta"]["region"], service["Meta"]["host"]))
        self.assertEqual(self.docker.inspect("web")["Id"][:12], service["Meta"]["longshore-container"])
        self.assertNotIn("hunter2", str(service["Meta"]))

    def test_port_scoped_keys_and_groups(self):
        self.agent("-internal")
        self.docker.run("--expose", "5001", "--expose", "5353/udp", "--expose", "9000", name="web", labels={
            "SERVICE_NAME": "shop", "SERVICE_5001_NAME": "admin", "SERVICE_5001_TAGS": "inner",
            "SERVICE_TAGS": "outer", "SERVICE_9000_IGNORE": "1"})
        self.assertEqual(("shop-5000", ["outer"]), self.name_and_tags(self.service("web")))
        self.assertEqual(("admin", ["inner"]), self.name_and_tags(self.service("web", 5001)))
        self.assertEqual(("shop-5353", ["outer", "udp"]), self.name_and_tags(self.service("web", "5353:udp")))
        self.assertEqual(3, len(self.store.services()))

    def name_and_tags(self, service):
        return service["Service"], sorted(service["Tags"])

    def test_ignored_and_given_ids(self):
        self.agent("-internal")
        self.docker.run(name="quiet", labels={"SERVICE_IGNORE": "true"})
        self.docker.run(name="web", labels={"SERVICE_ID": "my-id"})
        wait_until(lambda: "my-id" in self.store.services(), 5, "the given ID is used")
        self.docker.run(name="marker")
        self.service("marker")
        self.assertEqual(["my-id", "rig-host:marker:5000"], sorted(self.store.services()))

    def test_explicit(self):
        self.agent("-internal", "-explicit")
        self.docker.run(name="quiet")
        self.docker.run(name="web", labels={"SERVICE_NAME": "shop"})
        self.assertEqual("shop", self.service("web")["Service"])
        self.assertEqual(1, len(self.store.services()))

    def test_malformed_labels_harm_nobody(self):
        agent = self.agent("-internal")
        self.docker.run(name="bad1", labels={"SERVICE_CHECK_HTTP": "/", "SERVICE_CHECK_INTERVAL": "often"})
        # The engine takes what its command line refuses.
        made = http.request("POST", self.docker.where, "/containers/create?name=bad2", {
            "Image": "nano", "Labels": {"SERVICE_X": "v" * 5000, "SERVICE_ä ö": "1", "SERVICE_": "2", "": "3"}},
            {"Content-Type": "application/json"})
        self.assertEqual(201, made.status, made)
        self.docker.cli("start", "bad2")
        self.docker.run(name="bad3", labels={"SERVICE_TAGS": ",,\\,,", "SERVICE_99999999999999999999_NAME": "x",
                                             "SERVICE_NAME": "\t"})
        self.docker.run(name="good")
        self.service("good")
        # What is wrong is said, once, with the name of the container; the rest of it is registered.
        self.service("bad2")
        # As Registrator has it: a name of white space is a name, empty tags are none, and what is no port is Meta.
        odd = self.service("bad3")
        self.assertEqual(("\t", [","], "x"), (odd["Service"], odd["Tags"], odd["Meta"]["99999999999999999999_name"]))
        wait_until(lambda: any("bad1" in line and "often" in line for line in agent.log().splitlines()), 5,
                   "the log names the container and the bad value")
        self.assertTrue(agent.ready())

    # Checks

    def test_http_check(self):
        self.agent("-internal")
        self.docker.run(name="web", labels={"SERVICE_CHECK_HTTP": "/health", "SERVICE_CHECK_INTERVAL": "1s"})
        self.docker.run(name="ill", labels={"SERVICE_CHECK_HTTP": "/slow?ms=9000", "SERVICE_CHECK_INTERVAL": "1s",
                                            "SERVICE_CHECK_TIMEOUT": "1s", "SERVICE_NAME": "ill"})
        self.service("web"), self.service("ill")
        self.wait_healthy("nano", [self.docker.address("web") + ":5000"])
        wait_until(lambda: [check["Status"] for check in self.store.get("/v1/health/checks/ill")] == ["critical"], 5,
                   "a check that fails is critical")
        self.assertEqual([], self.store.healthy("ill"))

    def test_tcp_check(self):
        self.agent("-internal")
        self.docker.run(name="web", labels={"SERVICE_CHECK_TCP": "true", "SERVICE_CHECK_INTERVAL": "1s"})
        self.wait_healthy("nano", [self.docker.address("web") + ":5000"])
        wait_until(lambda: len(self.store.get("/v1/health/checks/nano")) == 1, 5, "there is one check")

    # Life of containers and of the agent

    def test_restart_gives_a_new_generation(self):
        self.agent()
        self.docker.run(name="web", publish=["5000"])
        before = self.service("web")["Port"]
        self.docker.cli("restart", "-t", "1", "web")
        after = self.docker.published("web", "5000/tcp")
        self.assertNotEqual(before, after, "the engine gave the same random port again")
        wait_until(lambda: self.service("web")["Port"] == after, 5, "the new port is registered")

    def test_every_way_to_end(self):
        self.agent("-internal")
        ends = {"stop": ("stop", "-t", "1"), "kill": ("kill",), "remove": ("rm", "-f")}
        for name in ends:
            self.docker.run(name=name)
        for name in ends:
            self.service(name)
        for name, words in ends.items():
            self.docker.cli(*words, name)
        wait_until(lambda: not self.store.services(), 5, "all are gone")

    def test_withdrawal_note_before_removal(self):
        self.agent("-internal")
        self.docker.run(name="web")
        self.service("web")
        self.docker.remove("web")
        wait_until(lambda: not self.store.services(), 5, "it is gone")
        notes = self.store.keys("longshore/withdrawn/")
        self.assertEqual(["longshore/withdrawn/rig-node/rig-host:web:5000"], notes)

    def test_changes_while_the_agent_is_away(self):
        agent = self.agent("-internal")
        for name in ("stays", "goes"):
            self.docker.run(name=name)
            self.service(name)
        agent.kill9()
        self.docker.remove("goes")
        self.docker.run(name="comes")
        agent.start().wait_ready()
        self.service("comes")
        wait_until(lambda: sorted(self.store.services()) == ["rig-host:comes:5000", "rig-host:stays:5000"], 10,
                   "the one that went away is no longer registered")

    def test_clean_stop_keeps_services(self):
        agent = self.agent("-internal")
        self.docker.run(name="web")
        before = self.service("web")
        self.assertEqual(0, agent.term())
        self.assertEqual({"rig-host:web:5000": before}, self.store.services())

    def test_services_of_others_are_not_touched(self):
        self.store.put("/v1/agent/service/register", {"ID": "hand", "Name": "hand", "Port": 1})
        self.store.put("/v1/agent/service/register", {"ID": "other-host:web:80", "Name": "web", "Port": 80})
        agent = self.agent("-internal", "-resync", "1")
        self.docker.run(name="web")
        self.service("web")
        agent.kill9()
        agent.start().wait_ready()
        hold_true(lambda: {"hand", "other-host:web:80"} <= set(self.store.services()), 2.5, "others' services stay")

    def test_repaired_when_somebody_removes_it(self):
        self.agent("-internal", "-resync", "1")
        self.docker.run(name="web")
        self.service("web")
        self.store.put("/v1/agent/service/deregister/rig-host:web:5000")
        self.service("web", seconds=6)


class AgentUsageTest(E2ETest):
    backend = None
    wants_docker = False

    def test_usage_errors(self):
        for words in (["-bogus"], ["-resync"], ["-resync", "soon"], ["consul://a", "consul://b"], ["ftp://a"]):
            done = longshore.call("agent", *words)
            self.assertEqual(2, done.returncode, f"{words}: {done.stderr}")
            self.assertEqual("", done.stdout)
            self.assertTrue(done.stderr.strip())
        self.assertIn("-internal", longshore.call("agent", "-intrnal").stderr)
        self.assertEqual(0, longshore.call("agent", "-h").returncode)

    def test_options_after_the_uri(self):
        agent = self.keep(Agent(self.logs, uri="consul://127.0.0.1:8999"))
        agent.command += ["-ip", "192.0.2.7"]
        agent.start().wait_not_ready()

    def test_needs_no_state_of_before(self):
        shutil.rmtree("/var/lib/longshore", ignore_errors=True)
        agent = self.keep(Agent(self.logs, uri="consul://127.0.0.1:8999"))
        agent.start().wait_not_ready()
        self.assertEqual(0, agent.term())
