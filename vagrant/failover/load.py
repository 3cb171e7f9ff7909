"""200 requests a second: GET and POST, on kept and on fresh connections. Every POST has a name of its own, by which nginx's log
tells who was asked."""

import collections
import itertools
import time

from rig.loadgen import LoadGen

CLIENTS, PER_CLIENT = 10, 0.2  # of each of the four kinds: 50 requests a second
KINDS = [(method, kept) for method in ("GET", "POST") for kept in (True, False)]
RATE = len(KINDS) * CLIENTS / PER_CLIENT

# Seconds from the beginning of the load until it was sent, what its sender saw, what it asked for.
Failure = collections.namedtuple("Failure", "at why path")


class Load:
    def __init__(self, url):
        # The log may have those of an earlier load in it.
        mark, numbers = f"{time.time_ns():x}", itertools.count(1)
        self.began = time.monotonic()
        self.parts = {
            (method, kept): LoadGen(url, host="nanoservice.localhost", method=method, every=PER_CLIENT, clients=CLIENTS,
                                    path=(lambda: f"/?{mark}-{next(numbers)}") if method == "POST" else "/",
                                    body=b"x" * 100 if method == "POST" else b"", keep_alive=kept)
            for method, kept in KINDS}
        for part in self.parts.values():
            part.start()

    def stop(self):
        for part in self.parts.values():
            part.stop_wanted.set()
        for part in self.parts.values():
            part.stop()

    def now(self):
        return time.monotonic() - self.began

    def failures(self, method):
        """By the time at which they were sent."""
        found = []
        for (name, _), part in self.parts.items():
            if name == method:
                with part.lock:
                    found += [Failure(at + part.began - self.began, why, path)
                              for (at, why), path in zip(part.failures, part.failed_paths)]
        return sorted(found)

    def count(self, attribute):
        return sum(getattr(part, attribute) for part in self.parts.values())

    def forget_answers(self):
        for part in self.parts.values():
            with part.lock:
                part.first_seen.clear()

    def first_answer(self, name):
        """Wall clock of the first answer of an instance since then; None = none."""
        times = [when for part in self.parts.values() for body, when in list(part.first_seen.items())
                 if f"host={name} ".encode() in body]
        return min(times, default=None)

    def slowest(self):
        return max(part.slowest for part in self.parts.values())
