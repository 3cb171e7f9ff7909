"""The renderer asks backends by itself: out when they are silent, back when they answer, in with the first answer."""

import os
import signal

from e2e.base import E2ETest, servers
from rig.longshore import call
from rig.wait import hold_true, wait_until


class Probes:
    def pid(self, name):
        return self.docker.inspect(name)["State"]["Pid"]

    def freeze(self, name):
        """Its process stops; the kernel goes on accepting connections for it, and Consul sees nothing."""
        os.kill(self.pid(name), signal.SIGSTOP)
        self.addCleanup(self.thaw, name)

    def thaw(self, name):
        try:
            os.kill(self.pid(name), signal.SIGCONT)
        except (ProcessLookupError, AssertionError):
            pass

    def in_file(self):
        with open(self.upstream, encoding="utf-8") as file:
            return servers(file.read())

    def begin(self, *names, **more):
        nginx = self.nginx()
        addresses = self.start_nano(*names, **more)
        self.agent("-internal")
        self.renderer_of = self.render_upstream(nginx)
        self.wait_file(self.upstream, addresses)
        self.wait_settled(nginx)
        return nginx, addresses

    def metric(self, name):
        return sum(value for key, value in self.renderer_of.metrics().items() if key.partition("{")[0] == name)

    def says(self, *words):
        return any(all(word in line for word in words) for line in self.renderer_of.log().splitlines())

    def test_frozen_goes_and_comes_back(self):
        _, addresses = self.begin("one", "two")
        gone = self.docker.address("one") + ":5000"
        # It has answered: a backend that never did is not judged by its silence.
        wait_until(lambda: self.metric("longshore_probe_started_total") > 4, 20, "both have answered")
        self.freeze("one")
        self.wait_file(self.upstream, sorted(set(addresses) - {gone}), 20)
        self.assertEqual(addresses, self.store.healthy("nano"), "nobody told Consul")
        self.assertTrue(self.says("event=instance_ejected", "service=nano"), self.renderer_of.tail())
        self.assertEqual(1, self.metric("longshore_probe_ejected_total"))
        self.assertIn("not there, because it does not answer the load balancer: silent", call("why", gone).stdout)
        self.thaw("one")
        self.wait_file(self.upstream, addresses, 20)
        self.assertTrue(self.says("event=instance_taken_back", "service=nano"), self.renderer_of.tail())

    def test_new_one_waits_until_it_listens(self):
        """A container that is registered before it listens costs nobody an error."""
        nginx, addresses = self.begin("one", "two")
        history, load = self.history(self.upstream), self.load(nginx.where, clients=4)
        late = self.start_nano("late", env={"LISTEN_DELAY_MS": "2000"})
        self.wait_healthy("nano", sorted(addresses + late))
        self.wait_file(self.upstream, sorted(addresses + late), 20)
        name = self.docker.inspect("late")["Config"]["Hostname"].encode()
        wait_until(lambda: any(name in body for body in list(load.seen)), 10, "the late one is asked")
        self.assert_no_failures(load)
        self.assert_never_lost(history, addresses)
        self.assertGreaterEqual(self.metric("longshore_probe_admitted_total"), 1)


class ProbesWithConsulTest(Probes, E2ETest):
    backend = "consul"

    def test_the_last_one_stays(self):
        _, addresses = self.begin("one", "two")
        wait_until(lambda: self.metric("longshore_probe_started_total") > 4, 20, "both have answered")
        last = self.docker.address("two") + ":5000"
        self.freeze("one")
        self.wait_file(self.upstream, [last], 20)
        self.freeze("two")
        wait_until(lambda: self.metric("longshore_probe_backends_kept") >= 1, 20, "it fails, and stays")
        hold_true(lambda: self.in_file() == [last], 2, "the last one stays")
        for name in ("one", "two"):
            self.thaw(name)
        self.wait_file(self.upstream, addresses, 20)

    def test_off_by_label(self):
        nginx = self.nginx()
        for name in ("one", "two"):
            self.docker.run(name=name, labels={"SERVICE_NAME": "nano", "SERVICE_PROBE": "off"})
        addresses = sorted(self.docker.address(name) + ":5000" for name in ("one", "two"))
        self.agent("-internal")
        self.renderer_of = self.render_upstream(nginx)
        self.wait_file(self.upstream, addresses)
        self.freeze("one")
        hold_true(lambda: self.in_file() == addresses, 3, "nobody asks it")


class ProbesWithRegistryTest(Probes, E2ETest):
    backend = "registry"
