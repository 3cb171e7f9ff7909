"""Which metrics of a running part have moved: everything that was scraped so far, by name and the labels of closed sets."""

import re
import threading

from rig.wait import wait_until

# Values of these come from closed sets, so that each is to be seen; a group's name is a user's.
CLOSED = ("state", "result", "outcome", "status")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def key_of(sample):
    name, _, labels = sample.partition("{")
    kept = ",".join(f"{key}={value}" for key, value in LABEL.findall(labels) if key in CLOSED)
    return name + (f"{{{kept}}}" if kept else "")


class Meter:
    """`fetch` returns the text of /metrics. A second part of the same kind can lend its samples by look()."""

    def __init__(self, fetch):
        self.fetch, self.seen, self.names, self.counters = fetch, {}, set(), set()
        self.lock = threading.Lock()

    def look(self, text=None):
        """Sums of this moment: what differs in a group's name alone is one."""
        now = {}
        for line in (self.fetch() if text is None else text).splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.names.add(name)
                if kind == "counter":
                    self.counters.add(name)
            elif line and not line.startswith("#"):
                sample, _, value = line.rpartition(" ")
                now[key_of(sample)] = now.get(key_of(sample), 0) + float(value)
        with self.lock:
            for key, value in now.items():
                self.seen.setdefault(key, set()).add(value)
        return now

    def wait(self, key, seconds=30, least=None, is_=None):
        """Until it is more than it was first, at least `least`, or exactly `is_`."""
        first = min(self.seen.get(key, {0}))

        def there():
            value = self.look().get(key)
            if value is None:
                raise AssertionError(f"there is no {key}")
            right = value == is_ if is_ is not None else value >= least if least is not None else value > first
            if not right:
                raise AssertionError(f"{key} is {value}")
            return True
        wait_until(there, seconds, f"{key} moves")

    def unmoved(self):
        """Counters that never counted, and gauges that always were the same."""
        def moved(key, values):
            return max(values) > 0 if key.partition("{")[0] in self.counters else len(values) > 1
        return sorted(key for key, values in self.seen.items() if not moved(key, values))
