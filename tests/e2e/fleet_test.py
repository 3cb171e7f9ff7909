"""Load balancers of a fleet do not reload all at once: turns and splay, for what can wait."""

import os

from e2e.base import E2ETest
from rig import http
from rig.longshore import Renderer
from rig.wait import hold_true, wait_until

TEMPLATE = '{{ key "servers" }}\n'
ONE, TWO, THREE = (" ".join(f"10.0.0.{number}:80" for number in range(1, most + 1)) for most in (1, 2, 3))


class Fleet:
    wants_docker = False

    def setUp(self):
        super().setUp()
        self.store.put("/v1/kv/servers", TWO)
        self.source = self.write("in.ctmpl", TEMPLATE)
        self.log = self.path("reloads")

    def balancer(self, name, *options):
        """Its reload lasts until the test lets it go, and tells its beginning and its end."""
        command = f"echo begin {name} >> {self.log}; while [ -e {self.path('busy')} ]; do sleep 0.02; done; " \
                  f"echo end {name} >> {self.log}"
        address = f"127.0.0.1:{8600 + ord(name)}"
        one = Renderer(os.path.join(self.logs, name), [f"{self.source}:{self.path(name)}:{command}"], "-renderer-id", name,
                       "-http-addr", address, "-fleet-semaphore", "edges", *options)
        one.status_address = address
        self.keep(one)
        return one.start().wait_ready()

    def reloads(self):
        return self.read("reloads").splitlines() if os.path.exists(self.log) else []

    def waits(self, balancer):
        page = http.get(balancer.status_address, "/v1/status").json()
        return page["groups"][0]["waits_for_turn"]

    def lines(self, count, what):
        def there():
            if len(self.reloads()) != count:
                raise AssertionError(str(self.reloads()))
            return True
        wait_until(there, 20, what)

    def began(self, count, seconds=20):
        wait_until(lambda: len([line for line in self.reloads() if line.startswith("begin")]) >= count, seconds,
                   f"{count} have begun: {self.reloads()}")

    def pair(self, *options):
        both = [self.balancer(name, *options) for name in "ab"]
        self.lines(4, "the first files wait for nobody")
        os.unlink(self.log)
        self.busy = self.write("busy", "")
        return both

    def free(self):
        os.unlink(self.busy)

    def test_one_after_the_other(self):
        both = self.pair("-fleet-patience", "1m")
        self.store.put("/v1/kv/servers", THREE)
        self.began(1)
        wait_until(lambda: [self.waits(one) for one in both].count(True) == 1, 10, "the other one waits")
        hold_true(lambda: len(self.reloads()) == 1, 0.5, "one at a time")
        self.assertEqual(1, sorted(self.read(name).split().count("10.0.0.3:80") for name in "ab")[1])
        self.free()
        self.lines(4, "both have")
        first, second = self.reloads()[0].split()[1], self.reloads()[2].split()[1]
        self.assertEqual([f"begin {first}", f"end {first}", f"begin {second}", f"end {second}"], self.reloads())
        self.assertEqual({"a", "b"}, {first, second})
        wait_until(lambda: self.places() == [], 10, "all places are free")

    def places(self):
        answer = http.get(self.store.where, "/v1/kv/longshore/fleet/?keys")
        return answer.json() if answer.status == 200 else []

    def test_two_at_a_time(self):
        self.pair("-fleet-patience", "1m", "-fleet-limit", "2")
        self.store.put("/v1/kv/servers", THREE)
        self.began(2)
        self.assertEqual(["longshore/fleet/edges/0", "longshore/fleet/edges/1"], sorted(self.places()))
        self.free()

    def test_a_removal_waits_for_nobody(self):
        self.pair("-fleet-patience", "1m", "-fleet-splay", "0s")
        self.store.put("/v1/kv/servers", THREE)
        self.began(1)
        self.store.put("/v1/kv/servers", ONE)
        wait_until(lambda: {self.read(name) for name in "ab"} == {ONE + "\n"}, 10, "both have taken them away")
        self.free()

    def test_patience_ends(self):
        self.pair("-fleet-patience", "1s")
        self.store.put("/v1/kv/servers", THREE)
        self.began(2)
        self.free()
        logs = "".join(process.log() for process in self.processes)
        self.assertIn("event=turn_not_given", logs)
        self.assertIn('reason="none within 1s"', logs)


class FleetWithConsulTest(Fleet, E2ETest):
    backend = "consul"

    def test_whoever_dies_or_is_stopped_gives_its_turn_up(self):
        both = self.pair("-fleet-patience", "1m")
        self.store.put("/v1/kv/servers", THREE)
        self.began(1)
        name = self.reloads()[0].split()[1]
        holder = both["ab".index(name)]
        holder.kill9()
        # Consul frees the place of a dead one within twice the 10 s of its session.
        self.began(2, 60)
        self.free()
        wait_until(lambda: "end " + ("b" if name == "a" else "a") in self.reloads(), 20, "the other one is done")
        wait_until(lambda: self.places() == [], 10, "all places are free")


class FleetWithRegistryTest(Fleet, E2ETest):
    backend = "registry"
