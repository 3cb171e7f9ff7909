"""What labels and options say of addresses, ports and checks, on a real engine and a real Consul; services as keys of the KV
store; tags out of templates."""

import os
import time

from e2e.base import E2ETest
from rig import http, longshore, sandbox
from rig.process import Process
from rig.wait import wait_until


class LabelsTest(E2ETest):
    def service(self, identity, seconds=10):
        def found():
            services = self.store.services()
            if identity not in services:
                raise AssertionError(f"no {identity}, only {sorted(services)}")
            return services[identity]
        return wait_until(found, seconds, f"{identity} is registered")

    def endpoint(self, identity):
        service = self.service(identity)
        return service["Address"], service["Port"]

    def wait_endpoint(self, identity, wanted):
        wait_until(lambda: self.endpoint(identity) == wanted, 10, f"{identity} is {wanted}")

    def network(self, name, *options):
        self.docker.cli("network", "create", *options, name)

    def reasons(self, agent, container):
        status = http.get(agent.status_address, "/v1/status").json()
        return {port["port"]: port["reason"] for one in status["containers"] if one["name"] == container
                for port in one["ports"]}

    # Addresses and ports

    def test_networks_by_preference_and_by_label(self):
        for name in ("front", "back", "third"):
            self.network(name)
        agent = self.agent("-internal", "-network", "ba*,front")
        self.docker.run(name="web", network="front")
        self.docker.run(name="labelled", network="front", labels={"SERVICE_NETWORK": "third"})
        self.assertEqual((self.docker.address("web", "front"), 5000), self.endpoint("rig-host:web:5000"))
        wait_until(lambda: "it is attached to front" in self.reasons(agent, "labelled").get("5000/tcp", ""), 5,
                   "the status says why it is not registered")
        # Connects and disconnects are followed.
        self.docker.cli("network", "connect", "back", "web")
        self.wait_endpoint("rig-host:web:5000", (self.docker.address("web", "back"), 5000))
        self.docker.cli("network", "connect", "third", "labelled")
        self.wait_endpoint("rig-host:labelled:5000", (self.docker.address("labelled", "third"), 5000))
        self.docker.cli("network", "disconnect", "back", "web")
        self.wait_endpoint("rig-host:web:5000", (self.docker.address("web", "front"), 5000))
        self.assertIn("network front", self.reasons(agent, "web")["5000/tcp"])

    def test_both_ip_families(self):
        self.network("dual", "--ipv6", "--subnet", "fd00:213:7::/64", "--subnet", "10.213.99.0/24")
        self.agent("-internal")
        self.docker.run(name="web", network="dual", labels={
            "SERVICE_CHECK_TCP": "true", "SERVICE_CHECK_INTERVAL": "1s", "SERVICE_CHECK_TIMEOUT": "1s"})
        service = self.service("rig-host:web:5000")
        ours = self.docker.inspect("web")["NetworkSettings"]["Networks"]["dual"]
        self.assertEqual(ours["IPAddress"], service["Address"])
        tagged = {name: (one["Address"], one["Port"]) for name, one in service["TaggedAddresses"].items()}
        self.assertEqual((ours["GlobalIPv6Address"], 5000), tagged["lan_ipv6"])
        self.assertEqual((ours["IPAddress"], 5000), tagged["lan_ipv4"])  # of Consul's own making
        # What Consul adds is no difference: nothing is written again.
        agent = self.processes[0]
        before = agent.metrics()["longshore_agent_registrations_total"]
        agent.term(15)
        agent.command.insert(2, "-prefer-ipv6")
        agent.start().wait_ready()
        self.wait_endpoint("rig-host:web:5000", (ours["GlobalIPv6Address"], 5000))
        self.assertEqual(1, before)
        # The demo listens on IPv4 only; what Consul says of its check has the target, with brackets.
        target = f"[{ours['GlobalIPv6Address']}]:5000"
        wait_until(lambda: any(target in text for text in self.output("nano")), 5, f"{target} is checked")

    def test_each_port_by_label(self):
        agent = self.agent()
        self.docker.run("--expose", "5001", "--expose", "5002", "--expose", "5003", name="web", publish=["5000"], labels={
            "SERVICE_NAME": "shop", "SERVICE_5000_ADDRESS": "192.0.2.7", "SERVICE_5000_PORT": "80",
            "SERVICE_5001-5002_INTERNAL": "true", "SERVICE_5002_NAME": "admin", "SERVICE_5002_TCP_TAGS": "inner"})
        own = self.docker.address("web")
        self.assertEqual(("192.0.2.7", 80), self.endpoint("rig-host:web:5000"))
        self.assertEqual((own, 5001), self.endpoint("rig-host:web:5001"))
        admin = self.service("rig-host:web:5002")
        self.assertEqual(("admin", ["inner"], own), (admin["Service"], admin["Tags"], admin["Address"]))
        self.assertEqual(3, len(self.store.services()))
        self.assertEqual("not published", self.reasons(agent, "web")["5003/tcp"])
        self.assertIn("SERVICE_5000_PORT", self.reasons(agent, "web")["5000/tcp"])

    def test_declared_ports(self):
        self.agent()
        self.docker.run(name="host", network="host", env={"PORT": "5100"}, labels={
            "SERVICE_PORTS": "5100,5353/udp,5200-5201", "SERVICE_NAME": "shop", "SERVICE_5353_UDP_NAME": "dns"})
        wait_until(lambda: len(self.store.services()) == 4, 10, "four ports")
        self.assertEqual((sandbox.HOST_IP, 5100), self.endpoint("rig-host:host:5100"))
        self.assertEqual("dns", self.service("rig-host:host:5353:udp")["Service"])
        self.docker.run(name="job", labels={"SERVICE_PORTS": "none", "SERVICE_NAME": "job"})
        job = self.service("rig-host:job:0")
        self.assertEqual(("job", 0, sandbox.HOST_IP), (job["Service"], job["Port"], job["Address"]))

    def test_host_address_by_source(self):
        for source, address in (("10.213.7.0/24", sandbox.HOST_IP), ("interface:docker0", "10.213.8.1"),
                                ("interface:none,203.0.113.9", "203.0.113.9")):
            with self.subTest(source):
                agent = self.agent("-address-from", source)
                self.docker.run(name="web", publish=["5000"])
                self.assertEqual(address, self.service("rig-host:web:5000")["Address"])
                agent.term(15)
                self.docker.remove("web")
                self.store.clear()

    def test_tags_are_left_to_others_when_asked(self):
        agent = self.agent("-internal", "-reconcile-interval", "1s")
        self.docker.run(name="web", labels={"SERVICE_ENABLE_TAG_OVERRIDE": "true", "SERVICE_TAGS": "ours"})
        service = self.service("rig-host:web:5000")
        self.assertTrue(service["EnableTagOverride"])
        # What Consul's agent has not told the servers yet it would tell them later, over what is written now.
        wait_until(lambda: self.store.get("/v1/catalog/service/nano"), 5, "the catalog has it")
        self.store.put("/v1/catalog/register", {
            "Node": "rig-node", "Address": "127.0.0.1", "SkipNodeUpdate": True, "Service": {
                "ID": service["ID"], "Service": "nano", "Tags": ["theirs"], "Address": service["Address"],
                "Port": service["Port"], "Meta": service["Meta"], "EnableTagOverride": True}})
        reads = agent.metrics()["longshore_agent_consul_reads_total"]
        wait_until(lambda: agent.metrics()["longshore_agent_consul_reads_total"] > reads + 3, 15, "it has looked again")
        self.assertEqual(["theirs"], self.store.get("/v1/catalog/service/nano")[0]["ServiceTags"])
        self.assertEqual(1, agent.metrics()["longshore_agent_registrations_total"])

    def test_an_agent_in_a_container_leaves_itself_out(self):
        # The libraries of this machine stand in for an image with ours.
        folders = {os.path.dirname(longshore.executable()): "/ours", "/usr": "/usr", "/usr/lib": "/lib",
                   "/usr/lib64": "/lib64"}
        mounts = [word for host, inside in folders.items() for word in ("-v", f"{host}:{inside}:ro")]
        command = ("agent", "-internal", "-state-dir", "/tmp", "consul://127.0.0.1:8500")
        for name, labels, expected in (("quiet", {}, []), ("named", {"SERVICE_NAME": "me"}, ["rig-host:named:5000"])):
            with self.subTest(name):
                self.docker.run(*mounts, "-v", "/run/docker.sock:/run/docker.sock", "-e",
                                "DOCKER_HOST=unix:///run/docker.sock", "--entrypoint", "/ours/longshore", name=name,
                                network="host", labels=labels, command=command)
                self.docker.run(name="web")
                self.service("rig-host:web:5000", 20)
                self.assertEqual(sorted(expected + ["rig-host:web:5000"]), sorted(self.store.services()))
                self.docker.remove(name, "web")
                self.store.clear()

    # Checks

    def output(self, name):
        """Of the agent itself: the catalog hears of a changed output only after minutes."""
        return [check["Output"] for check in self.store.get("/v1/agent/checks").values() if check["ServiceName"] == name]

    def checks(self, name):
        return {check["CheckID"]: check["Status"] for check in self.store.get(f"/v1/health/checks/{name}")}

    def test_numbered_checks(self):
        self.agent("-internal")
        every = {"SERVICE_NAME": "shop", "SERVICE_CHECK_INTERVAL": "1s", "SERVICE_CHECK_HTTP": "/health"}
        self.docker.run(name="web", labels={**every, "SERVICE_CHECK_1_TCP": "true", "SERVICE_CHECK_2_HTTP": "/slow?ms=9000",
                                            "SERVICE_CHECK_2_TIMEOUT": "1s", "SERVICE_5000_CHECK_3_TTL": "1h",
                                            "SERVICE_CHECK_3_INITIAL_STATUS": "warning"})
        base = "service:rig-host:web:5000"
        wanted = {base: "passing", f"{base}:1": "passing", f"{base}:2": "critical", f"{base}:3": "warning"}
        self.service("rig-host:web:5000")
        wait_until(lambda: self.checks("shop").keys() == wanted.keys(), 10, "all four are there")
        wait_until(lambda: {key: value for key, value in self.checks("shop").items() if key != f"{base}:3"} ==
                   {key: value for key, value in wanted.items() if key != f"{base}:3"}, 10, "each has its own outcome")
        # Other checks replace them; none is left over.
        self.docker.remove("web")
        self.docker.run(name="web", labels={**every, "SERVICE_CHECK_7_TCP": "true"})
        wait_until(lambda: self.checks("shop") == {base: "passing", f"{base}:7": "passing"}, 10, "the others are gone")

    def test_every_field_is_taken_by_consul(self):
        agent = self.agent("-internal")
        self.docker.run(name="web", labels={
            "SERVICE_NAME": "shop", "SERVICE_CHECK_INTERVAL": "1s", "SERVICE_CHECK_TIMEOUT": "900ms",
            "SERVICE_CHECK_HTTP": "/health", "SERVICE_CHECK_METHOD": "GET", "SERVICE_CHECK_BODY": "hello",
            "SERVICE_CHECK_HEADERS": r"Host: shop.example,Accept: a\,b", "SERVICE_CHECK_HEADER_X_ASKED_BY": "consul",
            "SERVICE_CHECK_SUCCESS_BEFORE_PASSING": "2", "SERVICE_CHECK_FAILURES_BEFORE_CRITICAL": "3",
            "SERVICE_CHECK_OUTPUT_MAX_SIZE": "100", "SERVICE_CHECK_DISABLE_REDIRECTS": "true",
            "SERVICE_CHECK_DEREGISTER_AFTER": "10m", "SERVICE_CHECK_NAME": "front page", "SERVICE_CHECK_NOTES": "a note",
            "SERVICE_CHECK_1_HTTPS": "/health", "SERVICE_CHECK_1_TLS_SKIP_VERIFY": "true",
            "SERVICE_CHECK_1_TLS_SERVER_NAME": "shop.example", "SERVICE_CHECK_2_GRPC": "shop.Orders",
            "SERVICE_CHECK_3_ALIAS": "other", "SERVICE_CHECK_4_UDP": "true", "SERVICE_CHECK_5_H2PING": "true",
            "SERVICE_CHECK_6_OS_SERVICE": "ssh", "SERVICE_CHECK_7_DOCKER": "/probe", "SERVICE_CHECK_8_SCRIPT": "/probe"})
        self.service("rig-host:web:5000")
        base = "service:rig-host:web:5000"
        # What this Consul cannot have (or nobody allowed) is left out, and said. The catalog hears of the service first.
        wanted = {base, f"{base}:1", f"{base}:2", f"{base}:3"}
        wait_until(lambda: self.checks("shop").keys() == wanted, 10, f"the checks are {wanted}")
        rows = {check["CheckID"]: check for check in self.store.get("/v1/health/checks/shop")}
        self.assertEqual(("front page", "a note"), (rows[base]["Name"], rows[base]["Notes"]))
        wait_until(lambda: self.checks("shop")[base] == "passing", 10, "the HTTP check passes")
        notes = "\n".join(note for one in http.get(agent.status_address, "/v1/status").json()["containers"]
                          for note in one.get("notes", []))
        for word in ("check_disable_redirects: needs Consul 1.12", "check_1_tls_server_name: needs Consul 1.10",
                     "check_4_udp: needs Consul 1.13", "check_5_h2ping: needs Consul 1.11",
                     "check_6_os_service: needs Consul 1.14", "check_7_docker runs a command",
                     "check_8_script runs a command"):
            self.assertIn(word, notes)

    # Tags and names

    def test_tag_templates(self):
        self.docker.run(name="pages", labels={"SERVICE_IGNORE": "true"})
        page = f"http://{self.docker.address('pages')}:5000/"
        agent = self.agent("-internal", "-tags",
                           "{{strSlice .Name 1}},{{mIndex \"zone\" .Config.Labels}},"
                           f"{{{{len (httpGet \"{page}\") | printf \"%d\" | splitIndex 0 \"x\"}}}}")
        self.docker.run(name="web", labels={"zone": "b"})
        tags = self.service("rig-host:web:5000")["Tags"]
        self.assertEqual(["web", "b"], tags[:2])
        self.assertGreater(int(tags[2]), 10)
        # One container for which it fails harms nobody.
        agent.term(15)
        failing = self.agent("-internal", "-tags", "{{index .Config.Labels.zone 99}}")
        self.docker.run(name="odd")
        wait_until(lambda: self.service("rig-host:odd:5000")["Tags"] == [], 5, "it is registered without")
        self.assertTrue(failing.ready())


class KvTest(E2ETest):
    """consulkv, under both names."""

    def registrator(self, *options):
        link = os.path.join(self.dir, "registrator")
        if not os.path.exists(link):
            os.symlink(longshore.executable(), link)
        process = self.keep(Process("registrator", [link, *options], os.path.join(self.logs, "registrator.log"),
                                    {"DOCKER_HOST": self.docker.host}))
        return process.start()

    def pairs(self):
        return {key: self.store.key(key) for key in self.store.keys("svc")}

    def wait_pairs(self, wanted):
        def same():
            now = self.pairs()
            if now != wanted:
                raise AssertionError(f"it has {now}")
            return True
        wait_until(same, 10, f"the store has {wanted}")

    def test_as_registrator(self):
        self.docker.run(name="web", publish=["5000"], labels={"SERVICE_NAME": "shop", "SERVICE_TAGS": "x"})
        process = self.registrator("-ip", "192.0.2.1", "consulkv://127.0.0.1:8500/svc")
        port = self.docker.published("web", "5000/tcp")
        self.wait_pairs({"svc/shop/rig-host:web:5000": f"192.0.2.1:{port}"})
        self.docker.run("--expose", "5001", name="two", publish=["5000", "5001"])
        wait_until(lambda: len(self.pairs()) == 3, 10, "two more keys")
        self.assertIn("svc/nano-5001/rig-host:two:5001", self.pairs())
        self.docker.remove("web", "two")
        self.wait_pairs({})
        self.assertEqual({}, self.store.services())
        self.assertEqual(0, process.term(15))

    def test_a_restart_writes_nothing_and_takes_away_what_is_gone(self):
        agent = self.agent("-internal", uri="consulkv://127.0.0.1:8500/svc/deep")
        for name in ("stays", "goes"):
            self.docker.run(name=name, labels={"SERVICE_ID": name})
        stays = f"{self.docker.address('stays')}:5000"
        wait_until(lambda: len(self.pairs()) == 2, 10, "both keys")
        agent.kill9()
        self.docker.remove("goes")
        index = self.store.get("/v1/kv/svc/deep/nano/stays")[0]["ModifyIndex"]
        agent.start().wait_ready()
        self.wait_pairs({"svc/deep/nano/stays": stays})
        self.assertEqual(index, self.store.get("/v1/kv/svc/deep/nano/stays")[0]["ModifyIndex"])
        self.assertEqual(["svc/deep/nano/stays"], self.store.keys())

    def test_a_lease_ends_with_its_agent(self):
        agent = self.agent("-internal", "-ttl", "10", "-ttl-refresh", "3", uri="consulkv://127.0.0.1:8500/svc")
        self.docker.run(name="web")
        wait_until(lambda: len(self.pairs()) == 1, 10, "its key")
        self.assertTrue(self.store.get("/v1/kv/svc/nano/rig-host:web:5000")[0]["Session"])
        agent.kill9()
        # Consul ends a session within twice its life.
        began = time.monotonic()
        wait_until(lambda: not self.pairs(), 45, "the key is gone with the session")
        self.assertGreater(time.monotonic() - began, 5)
