"""What a row promises and what it cost.

A failed GET is a failure in every row. A POST that was under way on a host that froze or vanished cannot be repeated by
anybody: such a one is allowed if nginx's log says that it was that host which had it, and if it was sent before that host was
out. Each is listed.
"""

import re

# After the file has changed nginx reloads, and older workers accept for about 100 ms more.
SETTLED = 0.5
# A line of the access log (templates/nginx.conf): what was asked for, and all who were tried for it, the last one last.
LOGGED = re.compile(r'"POST (\S+) HTTP/1\.\d" .*? upstream="([^"]*)"')


class Row:
    def __init__(self, name, began, relaxed=False):
        self.name, self.began, self.ended, self.relaxed = name, began, began, relaxed
        self.times, self.short = {}, []
        self.taken = None  # the host that is taken away, and from when to when its POSTs may be lost
        self.closed = self.reloads = 0

    def promise(self, label, seconds, limit):
        self.times[label] = seconds
        if seconds is None or (seconds > limit and not self.relaxed):
            self.short.append(f"{label} {'never' if seconds is None else f'{seconds:.2f} s'} (limit {limit:g} s)")

    def may_lose(self, host, at):
        return self.taken is not None and host == self.taken[0] and self.taken[1] <= at <= self.taken[2]


def last_upstreams(log):
    """{path: address of the last one that was tried}: a POST goes on to the next one only as long as nobody has it."""
    return {path: re.split(r", | : ", upstreams)[-1] for path, upstreams in LOGGED.findall(log)}


class Verdict:
    """Of the requests that were sent during a row."""

    def __init__(self, row, gets, posts, upstreams, host_of):
        self.row = row
        self.gets = [failure for failure in gets if row.began <= failure.at < row.ended]
        self.posts = [failure for failure in posts if row.began <= failure.at < row.ended]
        self.lines = list(row.short)
        if self.gets:
            self.lines.append(f"{len(self.gets)} GETs failed, first at {self.gets[0].at:.2f} s: {self.gets[0].why}")
        self.ok = not self.lines
        for failure in self.posts:
            address = upstreams.get(failure.path, "nobody that nginx's log names")
            host = host_of(address)
            line = f"POST of {failure.at:.2f} s lost: {failure.why}, sent to {address}{f' on {host}' if host else ''}"
            if not row.may_lose(host, failure.at):
                self.ok = False
                line += ", which should not have lost it" + (
                    f" ({row.taken[0]} may from {row.taken[1]:.2f} to {row.taken[2]:.2f} s)" if row.taken else "")
            self.lines.append(line)

    def show(self):
        row = self.row
        times = "  ".join(f"{key} {value:.2f} s" if isinstance(value, float) else f"{key} {value}"
                          for key, value in row.times.items())
        print(f"{row.name:<26} {len(self.gets):>5} {len(self.posts):>6} {row.closed:>7} {row.reloads:>8}  "
              f"{'ok' if self.ok else 'SHORT':<6} {times}", flush=True)
        for line in self.lines:
            print(f"   {line}", flush=True)


def show_head():
    print(f"{'step':<26} {'GETs':>5} {'POSTs':>6} {'closed':>7} {'reloads':>8}  lost; POSTs on closed connections; times", flush=True)
