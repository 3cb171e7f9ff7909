"""The long run of `tests/run --full`: containers come and go at random under load, parts are killed now and then; memory
and descriptors stay flat, no request fails, and in the end the file is what Consul says."""

import os
import random
import time

from e2e.base import E2ETest, servers
from rig.wait import wait_until

SECONDS = float(os.environ.get("LONGSHORE_SOAK_SECONDS", "600"))
STABLE, MOST = 2, 10
# What the allocator may keep after the first fifth of the run, in KiB; a leak of 100 bytes per event is far more.
SLACK_KIB = 2048
FAULT_EVERY = 45


def resident(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Rss:"))


class SoakTest(E2ETest):
    def setUp(self):
        super().setUp()
        self.engine = self.nginx()
        self.stable = self.start_nano(*(f"stable-{number}" for number in range(STABLE)))
        self.parts = [self.agent("-internal", "-resync", "30"), self.render_upstream(self.engine)]
        self.wait_file(self.upstream, self.stable)
        self.wait_settled(self.engine)

    def sample(self):
        return [(resident(part.pid), part.descriptors()) for part in self.parts]

    def one_event(self, chance, alive, number):
        """Starts, stops or kills one container; the stable ones are never touched."""
        if not alive or (len(alive) < MOST and chance.random() < 0.5):
            alive.append(f"c{number}")
            self.start_nano(alive[-1])
        else:
            name = alive.pop(chance.randrange(len(alive)))
            self.docker.cli(*chance.choice((("stop", "-t", "2"), ("kill",), ("kill", "-s", "TERM"))), name)
            self.docker.remove(name)

    def one_fault(self, chance):
        part = chance.choice(self.parts)
        part.kill9()
        part.start().wait_ready(30)

    def test_flat_and_lossless(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"        seed {seed}, {SECONDS:.0f} s", flush=True)
        chance, alive, number, events = random.Random(seed), [], 0, 0
        history = self.history(self.upstream)
        load = self.load(self.engine.where)
        began, baseline, fault_at = time.monotonic(), None, FAULT_EVERY
        while time.monotonic() - began < SECONDS:
            number += 1
            self.one_event(chance, alive, number)
            events += 1
            past = time.monotonic() - began
            # Faults only in the first half: what is measured then is one life of each process.
            if fault_at < past < SECONDS / 2:
                self.one_fault(chance)
                fault_at = past + FAULT_EVERY
            if baseline is None and past > SECONDS * 0.6:
                baseline = self.sample()
        want = sorted(self.stable + [f"{self.docker.address(name)}:5000" for name in alive])
        self.wait_healthy("nano", want, 20)
        self.wait_file(self.upstream, want, 20)
        self.assertEqual(self.store.healthy("nano"), servers(self.read_upstream()))
        self.assert_never_lost(history, self.stable)
        self.assert_no_failures(load)
        print(f"        {events} events, {load.sent} requests, baseline {baseline}, end {self.sample()}", flush=True)
        for part, (before, files), (after, files_now) in zip(self.parts, baseline, self.sample()):
            self.assertLess(after - before, SLACK_KIB, f"{part.name} grew from {before} to {after} KiB")
            self.assertLess(abs(files_now - files), 8, f"{part.name}: {files} descriptors, then {files_now}")

    def read_upstream(self):
        with open(self.upstream, encoding="utf-8") as file:
            return file.read()
