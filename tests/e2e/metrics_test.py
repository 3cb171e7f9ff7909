"""Each metric of the registry and of docker-proxy; see metrics.py."""

import contextlib
import os
import signal
import subprocess
import threading

from e2e.base import E2ETest, world
from e2e.drain_test import DIES
from e2e.metrics import Moves
from e2e.proxy_test import ProxyCase
from rig import http as web
from rig.longshore import Registry
from rig.meter import Meter
from rig.relay import Relay
from rig.wait import wait_until

REGISTRY = """
longshore_registry_index longshore_registry_services longshore_registry_keys longshore_registry_sessions
longshore_registry_parked_requests longshore_registry_connections longshore_registry_requests_total
longshore_registry_refused_requests_total longshore_registry_check_runs_total longshore_registry_commits_total
longshore_registry_commit_failures_total longshore_registry_checks
"""

PROXY = """
longshore_proxy_connections_total longshore_proxy_ending_calls_total longshore_proxy_drained_total
longshore_proxy_unserved_total longshore_proxy_timed_out_total longshore_proxy_refused_total longshore_proxy_gone_total
longshore_proxy_gaps_total longshore_proxy_gap_seconds_total longshore_proxy_holding
"""


class RegistryTest(Moves, E2ETest):
    backend = "none"
    wants_docker = False

    def test_each_moves(self):
        world.stop_consul()
        registry = self.keep(Registry(self.logs))
        data = os.path.join(registry.home, "data")
        os.makedirs(data, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", data], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", data], check=False)
        registry.start()
        meter = Meter(lambda: web.get(registry.status_address, "/metrics").text)
        meter.look()
        registry.put("/v1/agent/service/register", {"ID": "x", "Name": "x", "Port": 8500, "Address": "127.0.0.1",
                                                    "Checks": [{"CheckID": "ttl", "TTL": "1h"},
                                                               {"TCP": "127.0.0.1:8500", "Interval": "1s"}]})
        for state in ("pass", "warn", "fail"):
            registry.put(f"/v1/agent/check/{state}/ttl")
            meter.look()
        registry.put("/v1/kv/k", "1")
        registry.put("/v1/session/create", {"TTL": "60s"})
        index = int(web.get(registry.where, "/v1/kv/k").headers["X-Consul-Index"])
        parked = threading.Thread(target=lambda: web.get(
            registry.where, f"/v1/kv/k?index={index}&wait=60s", timeout=90))
        parked.start()
        meter.wait("longshore_registry_parked_requests", least=1)
        registry.put("/v1/kv/k", "2")
        parked.join(20)
        web.get(registry.where, "/v1/kv/k", headers={"Host": "evil.example"})
        meter.wait("longshore_registry_refused_requests_total")
        meter.wait("longshore_registry_check_runs_total")
        # The disk is full.
        filler = os.path.join(data, "filler")
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        answers = [web.put(registry.where, f"/v1/kv/big{number}", b"y" * 400_000).status for number in range(3)]
        self.assertIn(500, answers)
        meter.wait("longshore_registry_commit_failures_total")
        os.unlink(filler)
        registry.wait_ready()
        self.assert_all_move(meter, REGISTRY)


class ProxyTest(Moves, ProxyCase):
    def test_each_moves(self):
        self.site("one", "two")
        self.docker.run(name="other", labels={"SERVICE_IGNORE": "1"}, env=DIES)
        self.deaf = False
        relay = Relay("127.0.0.1:8518", self.store.where, lambda method, _path: self.deaf and method == "DELETE").start()
        self.addCleanup(relay.stop)
        self.proxy("-limit", "4s", "-consul-addr", relay.where)
        meter = Meter(lambda: web.get(self.process.status_address, "/metrics").text)
        meter.look()
        self.cli("stop", "other")
        meter.wait("longshore_proxy_unserved_total")
        self.cli("stop", "one")
        meter.wait("longshore_proxy_drained_total")
        # The only one goes, and another follows.
        self.cli("stop", "two")
        self.cli("start", "two")
        meter.wait("longshore_proxy_gaps_total")
        self.cli("start", "one")
        self.wait_file(self.upstream, self.addresses("one", "two"))
        self.freeze_renderer()
        client = self.popen("stop", "one")
        meter.wait("longshore_proxy_holding", least=1)
        client.kill()
        meter.wait("longshore_proxy_gone_total")
        self.assertTrue(self.running("one"))
        self.cli("stop", "one")
        meter.wait("longshore_proxy_timed_out_total")
        # It ends while a call is held. The end of the drain is not taken yet, so there is time to look.
        self.deaf = True
        client = self.popen("stop", "two")
        wait_until(lambda: self.records("drains"), 10, "the drain is asked for")
        self.process.send(signal.SIGTERM)
        meter.wait("longshore_proxy_refused_total")
        self.deaf = False
        self.assertEqual(1, client.wait(20))
        self.assertEqual(0, self.process.wait(20))
        self.assert_all_move(meter, PROXY)
