"""The agent with the embedded registry instead of a Consul: what others do to its entries, lost nodes, and checks."""

import re

from e2e.base import E2ETest
from rig.wait import hold_true, wait_until

REAP_AFTER = "10s"  # the least


class EmbeddedTest(E2ETest):
    backend = "registry"

    def checks_of(self, key):
        return {check["CheckID"]: check["Status"] for check in self.store.get("/v1/agent/checks").values()
                if check["ServiceID"] == key}

    def test_what_another_party_deregisters_comes_back(self):
        key, node = "rig-host:web:5000", self.store.get("/v1/agent/self")["Config"]["NodeName"]
        self.agent("-internal")
        self.docker.run(name="web", labels={"SERVICE_CHECK_TTL": "30s"})
        wait_until(lambda: self.checks_of(key) == {f"service:{key}": "passing"}, 20, "it is registered and fed")
        before = self.store.services()[key]
        for path, body in ((f"/v1/agent/service/deregister/{key}", None),
                           ("/v1/catalog/deregister", {"Node": node, "ServiceID": key})):
            self.store.put(path, body)
            wait_until(lambda: self.store.services().get(key) == before, 20, f"it is there again after {path}")
            wait_until(lambda: self.checks_of(key) == {f"service:{key}": "passing"}, 20, "and its check is fed")
        # Nobody can take the registry's own node away.
        self.store.put("/v1/catalog/deregister", {"Node": node})
        hold_true(lambda: key in self.store.services(), 1, "the node stays with what is on it")
        self.docker.remove("web")
        wait_until(lambda: not self.store.services(), 20, "a container that ends is gone for good")

    def test_lost_nodes_are_reaped_and_never_a_living_one(self):
        key = "rig-host:web:5000"
        for name, status in (("lost", "critical"), ("answered-for", "critical"), ("living", "passing"),
                             ("other", "passing")):
            self.store.put("/v1/catalog/register", {
                "Node": name, "Address": "192.0.2.7", "Service": {"ID": "app", "Service": "app"},
                "Check": {"CheckID": "serfHealth", "Name": "Serf Health Status", "Status": status}})
        # An agent of ours answers for that node, whatever its failure detector says.
        session = self.store.put("/v1/session/create", {"TTL": "300s"}).json()["ID"]
        self.store.put(f"/v1/kv/longshore/agents/answered-for/0123?acquire={session}", {"version": 1})
        agent = self.agent("-internal", "-reap-after", REAP_AFTER)
        self.docker.run(name="web")
        wait_until(lambda: key in self.store.services(), 20, "the container is registered")
        own = self.store.get("/v1/agent/self")["Config"]["NodeName"]
        staying = {own, "answered-for", "living", "other"}
        wait_until(lambda: {node["Node"] for node in self.store.get("/v1/catalog/nodes")} == staying, 60,
                   "the lost node is removed")
        self.assertEqual({"answered-for", "living", "other"},
                         {one["Node"] for one in self.store.get("/v1/catalog/service/app")})
        wait_until(lambda: re.search("event=node_spared node=answered-for .*its agent is alive", agent.log()), 30,
                   "the other failed one is spared, with the reason")
        self.assertRegex(agent.log(), "event=node_reaped node=lost ")
        self.assertEqual(staying, {node["Node"] for node in self.store.get("/v1/catalog/nodes")})
        self.assertIn(key, self.store.services())

    def test_an_alias_follows_its_service(self):
        self.agent("-internal")
        self.docker.run(name="db", labels={"SERVICE_ID": "db", "SERVICE_NAME": "db"})
        self.docker.run(name="web", labels={"SERVICE_ID": "web", "SERVICE_CHECK_ALIAS": "db"})
        address = [f"{self.docker.address('web')}:5000"]
        self.wait_healthy("nano", address, 20)
        self.store.put("/v1/agent/service/maintenance/db?enable=true&reason=by+hand")
        self.wait_healthy("nano", [], 20)
        self.store.put("/v1/agent/service/maintenance/db?enable=false")
        self.wait_healthy("nano", address, 20)
        self.docker.remove("db")
        self.wait_healthy("nano", [], 20)

    def test_checks_that_it_does_not_run_are_refused_with_a_word(self):
        agent = self.agent("-internal", "-allow-exec-checks")
        for name, label in (("script", "SERVICE_CHECK_SCRIPT"), ("docker", "SERVICE_CHECK_DOCKER")):
            self.docker.run(name=name, labels={label: "/bin/true"})
        self.docker.run(name="web")
        wait_until(lambda: "rig-host:web:5000" in self.store.services(), 20, "the others are registered")
        for name, word in (("script", "Script"), ("docker", "Docker")):
            wait_until(lambda: re.search(f"event=register_failed id=rig-host:{name}:5000 .*{word} checks are not "
                                         "supported by the embedded registry", agent.log()), 20, f"{word}: a clear word")
        self.assertEqual({"rig-host:web:5000"}, set(self.store.services()))
