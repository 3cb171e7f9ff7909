"""The failover check of the three hosts: `vagrant/poc test`. Load runs while hosts and processes are taken away, one at a
time; a table says what it cost. Exit code 0 if every row keeps its promise, else 1.

Start reading: steps.py (what is done), judge.py (what is allowed), load.py, hosts.py.
"""

import argparse
import sys
import time

from failover import steps
from failover.hosts import Hosts
from failover.judge import Row, Verdict, last_upstreams, show_head
from failover.load import Load


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
        return not short


def main(args):
    chosen = options(args)
    rig = Hosts(chosen.poc, chosen.url, chosen.nginx)
    rig.poc("scale", "2")
    steps.calm(rig)
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
        for host in ("host-1", "host-2"):
            try:
                rig.poc("resume", host)
            except RuntimeError:
                pass  # neither frozen nor cut off, which is as it should be
    return 0 if table.end(seconds) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
