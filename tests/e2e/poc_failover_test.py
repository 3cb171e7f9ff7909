"""What `vagrant/poc test` makes of failed requests, of hosts that are away and of ^C; e2e-steps runs all of it."""

import os
import signal
import sys
import unittest

sys.path.append("vagrant")

from e2e import poc_test
from failover.hosts import Hosts
from failover.judge import Row, Verdict, last_upstreams
from failover.load import Failure
from rig.longshore import executable
from rig.process import Process
from rig.wait import wait_until

LOG = """\
2026-11-28T06:00:00+00:00 192.168.50.1 "POST /?a-1 HTTP/1.1" host="x" status=504 time=1.001 upstream="192.168.50.102:32768" upstream_status="504"
2026-11-28T06:00:00+00:00 192.168.50.1 "POST /?a-2 HTTP/1.1" host="x" status=504 time=1.3 upstream="192.168.50.102:32768, 192.168.50.101:32770" upstream_status="504, 504"
2026-11-28T06:00:00+00:00 192.168.50.1 "POST /?a-3 HTTP/1.1" host="x" status=502 time=0 upstream="nanoservice" upstream_status="502"
2026-11-28T06:00:00+00:00 192.168.50.1 "GET / HTTP/1.1" host="x" status=504 time=1 upstream="192.168.50.102:32768" upstream_status="504"
"""


class JudgeTest(unittest.TestCase):
    def setUp(self):
        self.row = Row("suspend host-2", 10.0)
        self.row.ended = 20.0
        self.row.taken = ("host-2", 11.0, 13.0)
        self.hosts = Hosts("poc", "192.168.50.103:80", "/nowhere")

    def verdict(self, gets=(), posts=()):
        return Verdict(self.row, gets, posts, last_upstreams(LOG), self.hosts.host_of)

    def test_who_had_it(self):
        self.assertEqual({"/?a-1": "192.168.50.102:32768", "/?a-2": "192.168.50.101:32770", "/?a-3": "nanoservice"},
                         last_upstreams(LOG))
        self.assertEqual(["host-2", None, None, None], [self.hosts.host_of(address) for address in (
            "192.168.50.102:32768", "192.168.50.112:1", "nanoservice", "unix:/x:")])

    def test_posts(self):
        for path, at, ok in (("/?a-1", 12.0, True), ("/?a-1", 13.1, False), ("/?a-1", 10.9, False), ("/?a-2", 12.0, False),
                             ("/?a-3", 12.0, False), ("/?b-9", 12.0, False)):
            verdict = self.verdict(posts=[Failure(at, "status 504", path)])
            self.assertEqual(ok, verdict.ok, verdict.lines)
            self.assertEqual(1, len(verdict.lines), "each is listed")
        self.assertIn("POST of 12.00 s lost: status 504, sent to 192.168.50.102:32768 on host-2",
                      self.verdict(posts=[Failure(12.0, "status 504", "/?a-1")]).lines)
        self.assertTrue(self.verdict(posts=[Failure(20.0, "reset", "/?b-9")]).ok, "it is of the next row")
        self.row.taken = None
        self.assertFalse(self.verdict(posts=[Failure(12.0, "status 504", "/?a-1")]).ok, "nobody was taken away")

    def test_gets_and_times(self):
        self.assertFalse(self.verdict(gets=[Failure(12.0, "status 504", "/")]).ok)
        self.row.relaxed = True
        self.row.promise("out", 2.5, 2.0)
        self.assertTrue(self.verdict().ok)
        self.assertFalse(self.verdict(gets=[Failure(12.0, "status 504", "/")]).ok, "also on a busy machine")
        self.row.promise("out", None, 2.0)
        self.assertEqual(["out never (limit 2 s)"], self.verdict().lines)


class InterruptTest(poc_test.PocTest):
    """Everything of the one-host test's set-up; its tests are not repeated."""

    test_up_join_leave_down = None
    test_up_after_everything_was_killed = None

    def begin(self, name):
        # From within its folder: the name of the script has no slash then.
        process = Process(name, ["bash", "poc", "test", "--quick", "--relaxed"], os.path.join(self.logs, name + ".log"),
                          cwd="vagrant", env={"LONGSHORE_POC_STATE": self.state,
                                              "LONGSHORE_BUILD_DIR": os.path.dirname(executable())})
        self.addCleanup(process.kill9)
        return process.start()

    def test_a_host_that_is_away_and_an_interrupt(self):
        self.poc("up", "--hosts", "3", "--no-build", seconds=300)
        for verb, state, back in (("suspend", "suspended", "resume host-3"), ("lose", "lost", "up --hosts 3")):
            self.poc(verb, "host-3")
            begun = self.begin("test-" + verb)
            self.assertEqual(1, begun.wait(30))
            self.assertIn(f"host-3 is {state}; \"poc {back}\" brings it back", begun.log())
            self.assertNotIn("Traceback", begun.log())
            self.poc("up", "--hosts", "3", "--no-build", seconds=300)
        begun = self.begin("test-interrupted")
        wait_until(lambda: os.path.exists(os.path.join(self.state, "frozen-host-2")), 120, "a host is frozen")
        os.kill(begun.pid, signal.SIGINT)
        self.assertEqual(130, begun.wait(60), begun.tail(40))
        self.assertIn("host-2 is suspended and is brought back", begun.log())
        self.assertNotIn("Traceback", begun.log())
        # Its Consul may have led, and is elected or followed anew.
        wait_until(lambda: self.poc("status"), 60, "all parts are ready again")
        self.poc("down", seconds=180)
        self.assert_nothing_left()
