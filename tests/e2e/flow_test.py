"""The main job: a container starts and nginx sends it traffic; it stops and is gone without a word."""

from e2e.base import E2ETest
from rig import http
from rig.wait import wait_until


class Flow:
    def test_third_joins_and_one_leaves_under_load(self):
        nginx = self.nginx()
        addresses = self.start_nano("one", "two")
        self.agent("-internal")
        self.render_upstream(nginx)
        self.wait_file(self.upstream, addresses)
        self.wait_settled(nginx)
        history = self.history(self.upstream)
        load = self.load(nginx.where, clients=4)

        third = self.start_nano("three")
        name = self.docker.inspect("three")["Config"]["Hostname"]
        wait_until(lambda: any(name.encode() in body for body in list(load.seen)), 5, "the third one is asked")
        self.assertEqual(sorted(addresses + third), self.store.healthy("nano"))

        leaving = self.docker.address("one") + ":5000"
        self.docker.cli("stop", "one")
        staying = sorted(set(addresses + third) - {leaving})
        self.wait_healthy("nano", staying)
        self.wait_file(self.upstream, staying)
        self.assert_no_failures(load)
        self.assert_never_lost(history, staying[:1])

    def test_last_one_leaves_an_honest_file(self):
        nginx = self.nginx()
        addresses = self.start_nano("one")
        self.agent("-internal")
        self.render_upstream(nginx)
        self.wait_file(self.upstream, addresses)
        self.docker.remove("one")
        self.wait_file(self.upstream, [])
        wait_until(lambda: http.get(nginx.where, "/").status == 502, 5, "nginx has nothing to ask")

    def test_replaced_under_keep_alive_clients(self):
        """The peers' rolling replacement: two containers replaced one after the other under 8 kept connections."""
        nginx = self.nginx()
        self.start_nano("one", "two")
        self.agent("-internal")
        self.render_upstream(nginx)
        self.wait_settled(nginx)
        load = self.load(nginx.where, every=0.01, clients=8)
        old = set(self.docker.running())
        for number, name in enumerate(sorted(old)):
            fresh = self.start_nano(f"new{number}")[0]
            wait_until(lambda a=fresh: a in open(self.upstream, encoding="utf-8").read(), 10, "the new one is rendered")
            self.wait_settled(nginx)
            self.docker.cli("stop", name)
        self.wait_file(self.upstream, [self.docker.address(f"new{number}") + ":5000" for number in (0, 1)])
        self.assert_no_failures(load)


class FlowWithConsulTest(Flow, E2ETest):
    backend = "consul"
    reload = "pid file"


class FlowWithRegistryTest(Flow, E2ETest):
    backend = "registry"
