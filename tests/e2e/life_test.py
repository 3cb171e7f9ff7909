"""How services leave and come back on real engines: stops, drains, health, two agents, the agent's own end."""

import json
import os
import signal
import time

from e2e.base import E2ETest
from rig import http
from rig.longshore import Agent
from rig.wait import hold_true, wait_until

MAINTENANCE = "_service_maintenance:"


class LifeTest(E2ETest):
    def key_of(self, container, port=5000):
        return f"rig-host:{container}:{port}"

    def registered(self, container, seconds=10):
        key = self.key_of(container)
        wait_until(lambda: key in self.store.services(), seconds, f"{key} is registered")
        return key

    def checks(self, key):
        return {name: check for name, check in self.store.get("/v1/agent/checks").items() if check["ServiceID"] == key}

    def in_maintenance(self, key):
        return MAINTENANCE + key in self.checks(key)

    def node(self):
        return self.store.get("/v1/agent/self")["Config"]["NodeName"]

    def put_drain(self, target, **more):
        value = json.dumps({"version": 1, "mode": "maintain", "reason": "test", "by": "e2e", **more})
        answer = http.put(self.store.where, f"/v1/kv/longshore/drains/{self.node()}/{target}?cas=0", value)
        self.assertEqual("true", answer.text.strip())

    def end_drain(self, target):
        http.request("DELETE", self.store.where, f"/v1/kv/longshore/drains/{self.node()}/{target}")

    def test_stop_takes_out_at_the_signal(self):
        self.agent("-internal")
        self.docker.run(name="web")
        key = self.registered("web")
        pid = self.docker.inspect("web")["State"]["Pid"]
        # Frozen, it cannot die before the signal's consequences have been seen.
        self.docker.cli("kill", "-s", "STOP", "web")
        hold_true(lambda: not self.in_maintenance(key), 0.5, "a signal that is no stop changes nothing")
        stopping = self.docker.popen("stop", "-t", "8", "web")
        began = time.monotonic()
        wait_until(lambda: self.in_maintenance(key), 3, "maintenance at the stop signal")
        self.assertLess(time.monotonic() - began, 3)
        self.assertIn("longshore: stopping", self.checks(key)[MAINTENANCE + key]["Notes"])
        wait_until(lambda: not self.store.healthy("nano"), 3, "the catalog has heard of it")
        os.kill(pid, signal.SIGCONT)
        stopping.wait(20)
        wait_until(lambda: key not in self.store.services(), 5, "gone at die")

    def test_still_running_is_put_back(self):
        agent = self.agent("-internal")
        self.docker.run("--stop-timeout", "1", name="web")
        key = self.registered("web")
        self.docker.cli("kill", "-s", "STOP", "web")
        self.docker.cli("kill", "-s", "TERM", "web")
        wait_until(lambda: self.in_maintenance(key), 3, "out at the signal")
        wait_until(lambda: not self.in_maintenance(key), 10, "put back: it did not stop")
        self.assertIn("event=still_running", agent.log())
        self.docker.cli("kill", "web")
        wait_until(lambda: key not in self.store.services(), 5, "gone")

    def test_agent_begins_in_the_middle_of_a_stop(self):
        agent = self.agent("-internal")
        self.docker.run("--stop-timeout", "6", name="web", labels={"SERVICE_ON_STOP": "deregister"})
        key = self.registered("web")
        self.docker.cli("kill", "-s", "STOP", "web")
        self.docker.cli("kill", "-s", "TERM", "web")
        wait_until(lambda: key not in self.store.services(), 5, "out at the signal")
        agent.kill9()
        agent.start().wait_ready()
        self.assertNotIn(key, self.store.services())
        log = len(agent.log())
        wait_until(lambda: key in self.store.services(), 20, "back: it did not stop")
        self.assertIn("event=still_running", agent.log()[log:])
        self.docker.cli("kill", "web")
        wait_until(lambda: key not in self.store.services(), 5, "gone")

    def test_drains(self):
        agent = self.agent("-internal")
        for name in ("web", "other"):
            self.docker.run(name=name)
            self.registered(name)
        web, other = self.key_of("web"), self.key_of("other")
        self.put_drain(web)
        wait_until(lambda: self.in_maintenance(web), 3, "the service is drained")
        self.assertFalse(self.in_maintenance(other))
        agent.kill9()
        agent.start().wait_ready()
        hold_true(lambda: self.in_maintenance(web), 1.5, "a restart of the agent does not end it")
        self.end_drain(web)
        wait_until(lambda: not self.in_maintenance(web), 3, "the drain is over")
        self.put_drain("container:web", mode="deregister")
        wait_until(lambda: web not in self.store.services(), 3, "the container's services are out")
        self.end_drain("container:web")
        wait_until(lambda: web in self.store.services(), 3, "and back")
        self.put_drain("*")
        wait_until(lambda: self.in_maintenance(web) and self.in_maintenance(other), 3, "the host is drained")
        self.docker.run(name="late")
        hold_true(lambda: self.key_of("late") not in self.store.services(), 1.5, "nothing new appears meanwhile")
        self.end_drain("*")
        self.registered("late", 3)
        wait_until(lambda: not self.in_maintenance(web) and not self.in_maintenance(other), 3, "the host is back")

    def test_maintenance_by_hand_outlives_new_checks(self):
        agent = self.agent("-internal")
        self.docker.run(name="web", labels={"SERVICE_CHECK_TTL": "30s"})
        key = self.registered("web")
        wait_until(lambda: self.checks(key)["service:" + key]["Status"] == "passing", 5, "the heartbeat is sent")
        self.store.put(f"/v1/agent/service/maintenance/{key}?enable=true&reason=by+hand")
        agent.term()
        # The same service gets a lease: its checks change.
        agent.command[2:2] = ["-lease", "20s"]
        agent.start().wait_ready()
        wait_until(lambda: "longshore-lease:" + key in self.checks(key), 5, "the new check is there")
        names = set(self.checks(key))
        self.assertIn(MAINTENANCE + key, names)
        self.assertNotIn("service:" + key, names)
        self.assertEqual(3, len(names), names)

    def test_docker_health(self):
        self.agent("-internal")
        # The image has no shell: this check fails.
        self.docker.run("--health-cmd", "true", "--health-interval", "1s", "--health-retries", "1", name="ill",
                        labels={"SERVICE_NAME": "ill"})
        key = self.registered("ill")
        check = "longshore-health:" + key
        wait_until(lambda: self.checks(key)[check]["Status"] == "critical", 5, "the check is there, and starts critical")
        wait_until(lambda: self.checks(key)[check]["Output"] == "unhealthy", 15, "Docker's verdict arrives")
        self.assertEqual([], self.store.healthy("ill"))

    def test_pause(self):
        self.agent("-internal")
        self.docker.run(name="web")
        key = self.registered("web")
        self.docker.cli("pause", "web")
        wait_until(lambda: self.in_maintenance(key), 3, "a paused container gets no traffic")
        self.docker.cli("unpause", "web")
        wait_until(lambda: not self.in_maintenance(key), 3, "it is back")

    def test_second_agent_only_watches(self):
        first = self.agent("-internal")
        self.docker.run(name="web")
        self.registered("web")
        second = self.keep(Agent(self.logs + "-second", "-internal", "-http-addr", "127.0.0.1:8521", "-tags", "second",
                                 "-reconcile-interval", "1s"))
        second.status_address = "127.0.0.1:8521"
        second.start().wait_not_ready()
        wait_until(lambda: "event=owner_taken" in second.log(), 5, "it says so")
        self.docker.run(name="more")
        self.registered("more")
        hold_true(lambda: all("second" not in service["Tags"] for service in self.store.services().values()), 2.5,
                  "it writes nothing")
        self.assertEqual(0, first.term())
        wait_until(second.ready, 15, "it takes over when the first one has gone")
        wait_until(lambda: all("second" in service["Tags"] for service in self.store.services().values()), 5,
                   "now it writes")

    def test_on_exit(self):
        agent = self.agent("-internal", "-on-exit", "maintain")
        self.docker.run(name="web")
        key = self.registered("web")
        self.assertEqual(0, agent.term())
        self.assertTrue(self.in_maintenance(key))
        agent.start().wait_ready()
        wait_until(lambda: not self.in_maintenance(key), 5, "back with the agent")

    def test_on_exit_deregister(self):
        agent = self.agent("-internal", "-on-exit", "deregister")
        self.docker.run(name="web")
        key = self.registered("web")
        self.assertEqual(0, agent.term())
        self.assertNotIn(key, self.store.services())
        agent.start().wait_ready()
        self.assertIn(key, self.store.services())

    def test_a_lease_ends_without_its_agent(self):
        agent = self.agent("-internal", "-lease", "2s")
        self.docker.run(name="web")
        key = self.registered("web")
        lease = "longshore-lease:" + key
        wait_until(lambda: self.checks(key)[lease]["Status"] == "passing", 5, "it is renewed")
        agent.kill9()
        wait_until(lambda: self.checks(key)[lease]["Status"] == "critical", 20, "nobody renews it")
        wait_until(lambda: self.store.healthy("nano") == [], 10, "the catalog follows")
        agent.start().wait_ready()
        wait_until(lambda: self.checks(key)[lease]["Status"] == "passing", 10, "it is renewed again")

    def test_idle_writes_nothing(self):
        agent = self.agent("-internal", "-reconcile-interval", "1s")
        for name in ("web", "ttl"):
            self.docker.run(name=name, labels={"SERVICE_CHECK_TTL": "3s"} if name == "ttl" else {})
            self.registered(name)
        wait_until(lambda: agent.metrics()["longshore_agent_heartbeats_total"] >= 2, 10, "heartbeats flow")
        before, raft = agent.metrics(), self.raft_index()
        wait_until(lambda: agent.metrics()["longshore_agent_heartbeats_total"] >=
                   before["longshore_agent_heartbeats_total"] + 4, 20, "some time passes")
        after = agent.metrics()
        for what in ("registrations", "deregistrations", "withdrawals", "maintenances", "corrections"):
            name = f"longshore_agent_{what}_total"
            self.assertEqual(before[name], after[name], name)
        self.assertEqual(raft, self.raft_index(), "nothing was written to Consul's log")

    def raft_index(self):
        """The index of the newest change of catalog and keys."""
        newest = 0
        for path in ("/v1/kv/?recurse", "/v1/catalog/services", "/v1/health/state/any", "/v1/session/list"):
            answer = http.get(self.store.where, path)
            newest = max(newest, int(answer.headers.get("X-Consul-Index", 0)))
        return newest


class LifeOnRegistryTest(LifeTest):
    backend = "registry"
