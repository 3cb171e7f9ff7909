"""The long run of `tests/run --full` about a network that is cut: for LONGSHORE_PARTITION_SECONDS (300) every packet
between the renderer and Consul is lost, in both directions, while services go on changing. Nobody hears of it by a
closed connection."""

import contextlib
import os
import subprocess
import time

from e2e.watch_test import HOLD, SERVICES, Watch
from rig.relay import Relay
from rig.wait import hold_true

SECONDS = float(os.environ.get("LONGSHORE_PARTITION_SECONDS", "300"))
PORT = 8517
# From the cut on, at the latest: a parked query is waited for as long as it was to last, and then some.
NOTICED = 120


def rules(verb):
    for chain, side in (("OUTPUT", "--dport"), ("INPUT", "--sport")):
        subprocess.run(["iptables", verb, chain, "-p", "tcp", side, str(PORT), "-j", "DROP"], check=True)


class PartitionTest(Watch):
    @contextlib.contextmanager
    def cut(self):
        rules("-I")
        try:
            yield
        finally:
            rules("-D")

    def test_nothing_leaves_and_all_is_caught_up(self):
        relay = Relay(f"127.0.0.1:{PORT}", "127.0.0.1:8500").start()
        self.addCleanup(relay.stop)
        renderer = self.renderer("-max-connections", "24", "-hold", f"{HOLD}s", consul=relay.where)
        history = self.history()
        before = self.shown()
        with self.cut():
            began = time.monotonic()
            for number in range(0, SERVICES, 7):
                self.change(number, number % 3)
            self.remove(5, 1)
            self.register(8, 0, "critical")
            if SECONDS >= NOTICED:
                renderer.wait_not_ready(NOTICED)
            hold_true(lambda: renderer.running() and self.shown() == before,
                      max(1.0, SECONDS - (time.monotonic() - began)), "it lives, and the file stays")
        # A critical instance leaves by the template's own filter.
        del self.ports[8, 0]
        self.wait_right(60)
        renderer.wait_ready(60)
        self.assert_never_short(history)
        self.change(3)
        self.wait_right(30)
