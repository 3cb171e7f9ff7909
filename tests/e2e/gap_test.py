"""A service of one instance, ended through our socket: in the gap everybody gets 503 with Retry-After, and the proxy says how
long that was."""

import os
import re
import threading
import time

from e2e.proxy_test import PAGES, ProxyCase
from rig import http
from rig.longshore import call
from rig.nginx import Nginx
from rig.relay import Relay
from rig.wait import wait_until

ABSENT = "status 503, Retry-After 2"


class GapTest(ProxyCase):
    def serve(self, template, options=(), **env):
        """nginx behind a stock template, with one instance."""
        self.edge = Nginx(self.path("nginx"))
        self.edge.start()
        self.addCleanup(lambda: self.edge.process.running() and self.edge.stop())
        self.begin()
        self.agent("-internal")
        self.lb = self.renderer(f"templates/{template}:{os.path.join(self.edge.conf_d, 'stock.conf')}",
                                options=("-reload-pid-file", self.edge.pid_file),
                                env={"LISTEN": self.edge.where, **env})
        self.wait_answer(200)
        self.wait_settled(self.edge)
        self.proxy(*options)

    def begin(self):
        self.start_nano("one", labels={"SERVICE_HOST": "127.0.0.1,demo"})

    def wait_answer(self, status):
        wait_until(lambda: http.get(self.edge.where, "/").status == status, 20, f"nginx answers with {status}")

    def gap(self, end, come_back, number):
        """One gap; the proxy's figure for it lies between what was surely one and what was at most one."""
        before = self.process.metrics()["longshore_proxy_gap_seconds_total"]
        asked = time.monotonic()
        end()
        ended = time.monotonic()
        self.wait_answer(503)
        begun = time.monotonic()
        come_back()
        self.wait_answer(200)
        wait_until(lambda: self.counted("gaps") == number, 20, f"{number} gaps are counted")
        seen = time.monotonic()
        measured = self.process.metrics()["longshore_proxy_gap_seconds_total"] - before
        self.assertLessEqual(begun - ended, measured)
        self.assertLessEqual(measured, seen - asked)

    def gaps(self):
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")
        for number in (1, 2, 3):
            self.gap(lambda: self.cli("stop", "one"), lambda: self.cli("start", "one"), number)
        # The next one is another container.
        self.gap(lambda: self.cli("rm", "-f", "one"), self.begin, 4)
        for one in (load, posts):
            one.stop()
            self.assertEqual({ABSENT}, {why for _, why in one.failures}, one.summary())
        gap = self.process.wait_log("event=gap ")
        self.assertRegex(gap, r"service=nano nobody_served_for=\S+s")
        page = http.get(PAGES, "/v1/status").text
        self.assertRegex(page, r'"gaps": ?4\b')
        seconds = float(re.search(r'"gap_seconds": ?([0-9.]+)', page)[1])
        self.assertGreater(seconds, 0)
        self.assertEqual((4, 0, []), (self.counted("drained"), self.counted("timed_out"), self.stands()))

    def stands(self):
        """IDs of what stands for an instance that is away."""
        return [key for key in self.store.services() if key.startswith("longshore-gap:")]

    def test_it_ends_with_the_time_and_is_adopted(self):
        """For good gone is not a gap; a proxy that is killed in one leaves it to the next."""
        self.serve("site.conf.ctmpl")
        self.cli("stop", "one")
        self.assertEqual(["longshore-gap:rig-host:one:5000"], self.stands())
        self.process.kill9()
        self.processes.remove(self.process)
        self.proxy("-gap-time", "2s")
        wait_until(lambda: not self.stands(), 20, "it is not waited for any longer")
        self.wait_answer(404)
        self.cli("start", "one")
        self.wait_answer(200)
        wait_until(lambda: self.counted("gaps") == 1, 20, "the gap was measured all the same")
        # Who has just come back is alone, whatever stood for it.
        self.cli("restart", "one")
        wait_until(lambda: self.counted("gaps") == 2, 20, "the next gap is counted")
        self.assertEqual((1, 0), (self.counted("drained"), self.counted("timed_out")))

    def test_it_ends_again_at_once(self):
        """Whoever saw the first gap's end leaves alone what stands for the next one."""
        self.serve("site.conf.ctmpl")
        for _ in range(3):
            self.cli("stop", "one")
            self.assertEqual(["longshore-gap:rig-host:one:5000"], self.stands())
            self.cli("start", "one")
            self.wait_answer(200)
        self.cli("restart", "one")
        self.cli("stop", "one")
        self.wait_answer(503)
        self.assertEqual(["longshore-gap:rig-host:one:5000"], self.stands())
        # People see it, and cannot drain it: not even as a container named like the host.
        row = next(line for line in call("status").stdout.splitlines() if "longshore-gap:" in line)
        self.assertRegex(row, r" gap .* longshore docker-proxy ")
        for word in ("longshore-gap:rig-host:one:5000", "container:rig-host", "nano"):
            done = call("drain", word, "-timeout", "5s")
            self.assertEqual(1, done.returncode, done.stdout + done.stderr)
            self.assertIn("is registered", done.stderr)
        self.cli("start", "one")
        self.wait_answer(200)
        wait_until(lambda: not self.stands(), 20, "nothing stands for it any longer")

    def hold_announcements(self):
        """The proxy's Consul takes them and does not answer before self.gate is set."""
        self.gate, self.asked = threading.Event(), threading.Event()

        def refuse(method, path):
            if method == "PUT" and path.startswith("/v1/agent/service/register"):
                self.asked.set()
                self.gate.wait(60)
            return False
        self.relay = Relay("127.0.0.1:8518", self.store.where, refuse).start()
        self.addCleanup(self.relay.stop)
        self.addCleanup(self.gate.set)
        self.serve("site.conf.ctmpl", ("-consul-addr", self.relay.where))

    def test_consul_hangs_in_the_announcement(self):
        """The call goes on; what arrives late is removed all the same."""
        self.hold_announcements()
        asked = time.monotonic()
        self.cli("stop", "one")
        self.assertLess(time.monotonic() - asked, 10)
        self.process.wait_log("event=gap_not_announced ")
        self.assertEqual([], self.stands())
        self.gate.set()
        wait_until(self.stands, 10, "it arrives after all")
        self.cli("start", "one")
        self.wait_answer(200)
        wait_until(lambda: not self.stands(), 20, "nothing stands for it any longer")

    def test_the_client_goes_away_during_the_announcement(self):
        self.hold_announcements()
        child = self.popen("stop", "one")
        self.assertTrue(self.asked.wait(20))
        child.kill()
        wait_until(lambda: self.counted("gone") == 1, 10, "the client is gone")
        self.gate.set()
        self.relay.wait_request("PUT", "/v1/agent/service/deregister/longshore-gap")
        wait_until(lambda: not self.stands(), 10, "nothing stands for one that goes on")
        self.wait_answer(200)
        self.assertTrue(self.running("one"))

    def test_a_site(self):
        self.serve("site.conf.ctmpl")
        self.gaps()

    def test_an_upstream(self):
        self.serve("upstream.conf.ctmpl", SERVICE="nano")
        self.gaps()
