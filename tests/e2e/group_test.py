"""Files that go live together or not at all: checked before they live, confirmed afterwards, undone otherwise. None of
the bad inputs stops the traffic of a site that had worked, or costs an old file."""

import os
import signal
import socket
import time

from e2e.base import E2ETest
from rig.guarded import Guarded
from rig.wait import hold_true, wait_until

# What makes nginx refuse site `b`, and a word of its message. `a` must go on.
REFUSED = {
    "syntax error": ("server { listen 127.0.0.1:8099; location / { return 200 'x' }\n", "unexpected"),
    "unknown directive": ("server { listen 127.0.0.1:8099; no_such_thing on; }\n", "no_such_thing"),
    "unresolvable name": ("upstream u { server no-such-name.invalid:80; }\n", "host not found"),
    "empty upstream": ("upstream u { }\n", "no servers"),
    "missing certificate": (
        "server { listen 127.0.0.1:8099 ssl; ssl_certificate /nowhere.pem; ssl_certificate_key /nowhere.key; }\n",
        "/nowhere.pem"),
    "open quotes": ("server { listen 127.0.0.1:8099; return 200 \"x; }\n", "unexpected end"),
    "closing braces": ("}}}} ; \n", "unexpected"),
    "duplicate upstream": ("upstream u { server 127.0.0.1:9; }\nupstream u { server 127.0.0.1:9; }\n", "duplicate"),
}


class RefusedTest(E2ETest):
    wants_docker = False

    def test_refused_by_the_check(self):
        edge = Guarded(self, ["a", "b"], 'quarantine = true').start()
        load = self.load(edge.where["b"], every=0.01)
        for number, (what, (bad, word)) in enumerate(REFUSED.items()):
            with self.subTest(what):
                said = len(edge.renderer.log())
                edge.put_raw("b", bad)
                edge.put("a", f"with bad {number}")
                edge.serves("a", f"with bad {number}")
                self.assertEqual(edge.site("b", "first"), edge.text("b"))
                ill = edge.group_is(lambda now: now["quarantined"], "the bad file is listed")["quarantined"]
                self.assertEqual([edge.target("b")], [one["destination"] for one in ill])
                self.assertIn(word, ill[0]["problem"])
                self.assertIn(word, edge.renderer.wait_log("event=quarantined", after=said))
                self.assertTrue(edge.tested())
                edge.put("b", "first")
                edge.group_is(lambda now: not now["quarantined"], "it is healed")
        self.assert_no_failures(load)
        self.assertEqual({b"first"}, set(load.seen))

    def test_without_quarantine_nothing_of_the_change_lives(self):
        edge = Guarded(self, ["a", "b"]).start()
        edge.put_raw("b", REFUSED["unknown directive"][0])
        line = edge.renderer.wait_log("event=check_failed")
        self.assertIn(edge.target("b"), line)
        self.assertIn("line=1", line)
        edge.put("a", "second")
        hold_true(lambda: edge.asked("a") == "first", 0.5, "the change waits as a whole")
        self.assertFalse(edge.renderer.ready())
        self.assertIn("no_such_thing", edge.group()["problem"])
        self.assertEqual(1, edge.renderer.log().count("event=check_failed"))
        edge.put("b", "second")
        edge.serves("a", "second")
        edge.serves("b", "second")
        edge.renderer.wait_ready()


class NotTakenUpTest(E2ETest):
    """What no check sees before: the reload itself fails."""
    wants_docker = False

    def test_bind_conflict_is_undone_and_healed(self):
        edge = Guarded(self, ["a", "b"]).start()
        with socket.socket() as other:
            other.bind(("127.0.0.1", 8098))
            other.listen()
            edge.put("b", "second", "listen 127.0.0.1:8098;")
            edge.renderer.wait_log("event=group_restored", 20)
            self.assertEqual(edge.site("b", "first"), edge.text("b"))
            edge.serves("b", "first")
            edge.put("a", "other")
        edge.serves("b", "second", 60)
        edge.serves("a", "other")

    def test_a_bad_file_without_a_check_is_undone(self):
        edge = Guarded(self, ["a", "b"], check=False).start()
        began = time.monotonic()
        edge.put_raw("b", REFUSED["unknown directive"][0])
        line = edge.renderer.wait_log("event=reload_not_confirmed", 20)
        self.assertIn("no_such_thing", line)
        self.assertLess(time.monotonic() - began, 3, "nginx was asked before the time was up")
        edge.renderer.wait_log("event=group_restored")
        self.assertEqual(edge.site("b", "first"), edge.text("b"))
        self.assertTrue(edge.tested())
        edge.put("b", "second")
        edge.serves("b", "second")

    def test_master_killed_and_started_again(self):
        edge = Guarded(self, ["a"]).start()
        edge.renderer.wait_log("event=generation_applied")
        edge.nginx.kill9()
        edge.put("a", "second")
        edge.renderer.wait_log("event=reload_failed")
        self.assertEqual(edge.site("a", "second"), edge.text("a"))
        edge.nginx.start()
        edge.serves("a", "second")
        edge.put("a", "third")
        edge.serves("a", "third", 30)
        edge.renderer.wait_ready(60)


class CrashTest(E2ETest):
    wants_docker = False

    def test_kill9_before_anybody_was_told(self):
        """The command hangs, we die, the next process tells."""
        self.told(f'state_dir = "{self.path("state")}"')

    def test_kill9_where_nobody_named_a_state_directory(self):
        self.told("")

    def told(self, state):
        log = self.path("told")
        gate = self.write("gate", "")
        self.store.put("/v1/kv/x", "1")
        config = self.write("one.hcl", f"""
{state}
template {{
  contents = "{{{{ key \\"x\\" }}}}"
  destination = "{self.path('out')}"
  command = "while [ -e {gate} ]; do sleep 0.05; done; cat {self.path('out')} >> {log}"
}}
""")
        renderer = self.renderer(options=("-config", config), start=False)
        renderer.start()
        wait_until(lambda: self.read("out") == "1", 15, "the file is there")
        renderer.kill9()
        os.unlink(gate)
        wait_until(lambda: os.path.exists(log), 10, "the first command, which outlived us, ends")
        os.unlink(log)
        renderer.start()
        wait_until(lambda: os.path.exists(log) and self.read("told") == "1", 15, "the command runs, nothing has changed")
        renderer.wait_log("event=command_done")
        renderer.kill9()
        os.unlink(log)
        renderer.start().wait_ready()
        hold_true(lambda: not os.path.exists(log), 0.5, "it is owed once")

    def test_kill9_at_random_moments(self):
        edge = Guarded(self, ["a", "b", "c"]).start()
        load = self.load(edge.where["a"], every=0.01)
        for number in range(12):
            for name in "abc":
                edge.put(name, f"n{number}")
            time.sleep(0.002 * number)
            edge.renderer.kill9()
            self.assertTrue(edge.tested())
            edge.renderer.start()
            for name in "abc":
                edge.serves(name, f"n{number}")
        left = sorted(name for name in os.listdir(edge.nginx.conf_d))
        self.assertEqual(["a.conf", "b.conf", "c.conf"], left)
        self.assert_no_failures(load)

    def test_term_during_a_check(self):
        edge = Guarded(self, ["a"], check=False, group='check = "sleep 1"').start()
        edge.put("a", "second")
        edge.renderer.send(signal.SIGTERM)
        self.assertEqual(0, edge.renderer.wait(20))
