"""A service of one instance, ended through our socket: in the gap everybody gets 503 with Retry-After, and the proxy says how
long that was."""

import os
import re
import time

from e2e.proxy_test import PAGES, ProxyCase
from rig import http
from rig.nginx import Nginx
from rig.wait import wait_until

ABSENT = "status 503, Retry-After 2"


class GapTest(ProxyCase):
    def serve(self, template, **env):
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
        self.proxy()

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

    def test_a_site(self):
        self.serve("site.conf.ctmpl")
        self.gaps()

    def test_an_upstream(self):
        self.serve("upstream.conf.ctmpl", SERVICE="nano")
        self.gaps()
