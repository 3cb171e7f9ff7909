"""The failover check of the three hosts: `vagrant/poc test`. Load runs while hosts and processes are taken away, one at a
time; a table says what it cost. Exit code 0 if every row keeps its promise, else 1; 130 after ^C, with all hosts up again.

Start reading: steps.py (what is done), judge.py (what is allowed), load.py, hosts.py.
"""

import argparse
import signal
import sys
import time

from failover import steps
from failover.hosts import Hosts
from failover.judge import Row, Verdict, last_upstreams, show_head
from failover.load import RATE, Load

# Of the requests that are to be sent: fewer are no proof.
ENOUGH = 0.9
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def options(args):
    parser = argparse.ArgumentParser(prog="poc test")
    parser.add_argument("--poc", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--url", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--nginx", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="only a deploy, a frozen host and a restarted renderer")
    parser.add_argument("--relaxed", action="store_true",
                        help="show times and the rate without judging them, for a machine that has other work")
    return parser.parse_args(args)


class Table:
    def __init__(self, rig, load, relaxed):
        self.rig, self.load, self.relaxed, self.rows = rig, load, relaxed, []

    def verdict(self, row):
        return Verdict(row, self.load.failures("GET"), self.load.failures("POST"),
                       last_upstreams(self.rig.read("logs/access.log")), self.rig.host_of)

    def play(self, name, step, hosts=None):
        """One row. It begins where the one before it ended, so that no request is outside of all rows."""
        row = Row(name, self.rows[-1][0].ended if self.rows else 0.0, self.relaxed)
        closed, reloads = self.load.count("closed_posts"), self.rig.reloads()
        if hosts:
            row.short += steps.calm(self.rig, hosts)
        try:
            step(self.rig, row, self.load)
        except RuntimeError as error:
            row.short.append(str(error))
        time.sleep(steps.READ_TIMEOUT)
        row.ended = self.load.now()
        row.closed, row.reloads = self.load.count("closed_posts") - closed, self.rig.reloads() - reloads
        verdict = self.verdict(row)
        verdict.show()
        self.rows.append((row, verdict))

    def play_control(self):
        closed, reloads = (sum(getattr(row, name) for row, _ in self.rows) for name in ("closed", "reloads"))
        self.play("control: reloads only", lambda *all_three: steps.control(*all_three, reloads, closed))

    def end(self, seconds):
        """The load has ended: what failed only now is judged, too. True if all is well."""
        self.rows[-1][0].ended = float("inf")
        for number, (row, shown) in enumerate(self.rows):
            verdict = self.verdict(row)
            if len(verdict.lines) != len(shown.lines):
                print("   with what failed later:")
                verdict.show()
            self.rows[number] = (row, verdict)
        short = sum(not verdict.ok for _, verdict in self.rows)
        load, rate = self.load, self.load.count("sent") / seconds
        print(f"\n{load.count('sent')} requests, {rate:.0f}/s, {len(load.failures('GET'))} GETs and {len(load.failures('POST'))} "
              f"POSTs failed, {load.count('closed_posts')} POSTs met a kept connection that had been closed, "
              f"slowest {load.slowest() * 1000:.0f} ms; {len(self.rows) - short} rows ok, {short} short", flush=True)
        if rate < ENOUGH * RATE:
            print(f"{rate:.0f} requests a second instead of {RATE:.0f}: this machine is too busy for the proof", flush=True)
        return not short and (self.relaxed or rate >= ENOUGH * RATE)


def run(rig, chosen):
    steps.spread(rig)
    missing = steps.calm(rig)
    if missing:
        raise RuntimeError("; ".join(missing))
    load = Load(chosen.url)
    try:
        table = Table(rig, load, chosen.relaxed)
        show_head()
        for name, step in steps.STEPS:
            if not chosen.quick or name in steps.QUICK:
                table.play(name, step, 1 if step in steps.ONE_HOST else 2)
        table.play_control()
        seconds = load.now()
    finally:
        load.stop()
    return 0 if table.end(seconds) else 1


def stop(_signum, _frame):
    raise KeyboardInterrupt


def main(args):
    chosen = options(args)
    for signum in STOPS:
        signal.signal(signum, stop)
    rig, code = Hosts(chosen.poc, chosen.url, chosen.nginx), 1
    try:
        code = run(rig, chosen)
    except KeyboardInterrupt:
        print("\ninterrupted", flush=True)
        code = 130
    except (RuntimeError, OSError) as error:
        print(f"poc test: {error}", file=sys.stderr, flush=True)
    # Each of its verbs has a time limit; a second ^C would leave a host away.
    for signum in STOPS:
        signal.signal(signum, signal.SIG_IGN)
    return code if rig.bring_back() else max(code, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
