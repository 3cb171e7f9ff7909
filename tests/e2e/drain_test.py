"""Taking instances out of traffic on request: nobody loses a request, and whoever does not answer is named."""

import base64
import json
import os
import signal
import socket
import subprocess

from e2e.base import E2ETest, servers
from rig import http
from rig.longshore import Renderer, call, executable
from rig.wait import hold_true, wait_until

# They end like programs that handle no signals: at once, in the middle of a request.
DIES = {"DIE_AT_ONCE": "1"}


def connections_to(address, port):
    """How many connections of this network are established to there."""
    words = ".".join(reversed(address.split(".")))
    wanted = f"{int.from_bytes(bytes(map(int, words.split('.'))), 'big'):08X}:{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as file:
        return sum(1 for line in file if line.split()[2:4] == [wanted, "01"])


class DrainCase(E2ETest):
    reload = "pid file"

    def start_nano(self, *names, **more):
        return super().start_nano(*names, env=DIES, **more)

    def site(self, *names, **more):
        """nginx, agent and renderer with these instances, settled."""
        self.edge = self.nginx()
        addresses = self.start_nano(*names, **more)
        self.agent("-internal")
        self.lb = self.render_upstream(self.edge)
        self.wait_file(self.upstream, addresses)
        self.wait_settled(self.edge)
        return addresses

    def records(self, below="renderers"):
        """The records of Consul's KV below a folder of ours, by the rest of their key."""
        answer = http.get("127.0.0.1:8500", f"/v1/kv/longshore/{below}/?recurse&consistent")
        pairs = json.loads(answer.text) if answer.status == 200 else []
        return {pair["Key"].split("/", 2)[2]: pair for pair in pairs}

    def word(self):
        """The renderer's record."""
        return json.loads(base64.b64decode(next(iter(self.records().values()))["Value"]))

    def at_rest(self):
        """The renderer has said all there is to say: settled, and no older worker has anything left."""
        word = self.word()
        nano = word["services"]["nano"]
        return (nano["settled"]["index"] > 0 and "applied" not in nano and word["old_requests"] == 0
                and word["generation"] == word["settled_generation"] and not word["starting"])

    def verb(self, *words, code=0, seconds=90):
        done = call(*words, env={"DOCKER_HOST": self.docker.host}, seconds=seconds)
        self.assertEqual(code, done.returncode, f"{words}: {done.stdout}{done.stderr}")
        return done

    def in_file(self):
        with open(self.upstream, encoding="utf-8") as file:
            return servers(file.read())


class DrainTest(DrainCase):
    def test_a_container_leaves_and_comes_back_under_load(self):
        addresses = self.site("one", "two")
        wait_until(lambda: self.word()["services"]["nano"]["settled"]["index"] > 0, 10, "the renderer has settled")
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")
        leaving = self.docker.address("one") + ":5000"
        for _ in range(3):
            said = self.verb("drain", "one")
            self.assertIn("settled", said.stdout)
            self.assertEqual([one for one in addresses if one != leaving], self.in_file())
            # It may die now: nobody asks it any more.
            self.docker.cli("kill", "one")
            self.docker.cli("start", "one")
            self.assertEqual([one for one in addresses if one != leaving], self.in_file())
            self.verb("undrain", "one")
            leaving = self.docker.address("one") + ":5000"
            addresses = sorted(f"{self.docker.address(name)}:5000" for name in ("one", "two"))
            self.wait_file(self.upstream, addresses)
        self.assertEqual({}, self.records("drains"))
        self.assert_no_failures(load)
        self.assert_no_failures(posts)

    def test_the_last_one_stays_until_its_successor_answers(self):
        """A container without checks passes for Consul before it listens: nobody else would serve meanwhile."""
        self.site("one")
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")
        old, verbs = "one", (("drain",), ("stop",), ("drain", "-json"))
        for number, verb in enumerate(verbs):
            fresh = f"next-{number}"
            self.docker.run(name=fresh, labels={"SERVICE_NAME": "nano"}, env={**DIES, "LISTEN_DELAY_MS": "2500"})
            wait_until(lambda: len(http.get("127.0.0.1:8500", "/v1/health/service/nano?passing").json()) == 2, 10,
                       "the successor passes for Consul")
            self.assertEqual([self.docker.address(old) + ":5000"], self.in_file())
            self.verb(*verb, old)
            self.assertEqual([self.docker.address(fresh) + ":5000"], self.in_file())
            if verb[0] == "drain":
                self.docker.cli("kill", old)
            self.docker.cli("rm", "-f", old)
            wait_until(lambda: len(http.get("127.0.0.1:8500", "/v1/health/service/nano").json()) == 1, 10,
                       "the old one is gone")
            old = fresh
        self.assertIn("last_ones_stay", self.lb.log())
        self.assert_no_failures(load)
        self.assert_no_failures(posts)

    def test_stop_drains_first(self):
        self.site("one", "two")
        load = self.load(self.edge.where, every=0.005, clients=4)
        for _ in range(3):
            lines = [json.loads(line) for line in self.verb("stop", "-json", "one").stdout.splitlines()]
            self.assertEqual(["drained", "stopped"], [line["event"] for line in lines if line["event"] != "waiting"])
            self.assertEqual([self.docker.address("two") + ":5000"], self.in_file())
            self.assertEqual({}, self.records("drains"))
            self.docker.cli("start", "one")
            self.wait_file(self.upstream, sorted(f"{self.docker.address(name)}:5000" for name in ("one", "two")))
        self.assert_no_failures(load)

    def test_a_service_and_a_host(self):
        addresses = self.site("one", "two")
        said = [json.loads(line) for line in self.verb("drain", "nano", "-json", "-reason", "tests").stdout.splitlines()]
        self.assertEqual("asked", said[0]["event"])
        self.assertEqual(2, len(said[0]["instances"]))
        self.assertEqual("drained", said[-1]["event"])
        self.assertEqual([], self.in_file())
        self.assertEqual(2, len(self.records("drains")))
        self.assertIn("draining", call("status").stdout)
        self.verb("undrain", "nano")
        self.wait_file(self.upstream, addresses)
        self.verb("drain", "-node")
        self.assertEqual([], self.in_file())
        # A narrower request than the one that there is.
        self.assertIn("there is no drain", self.verb("undrain", "nano", code=1).stderr)
        self.verb("undrain", "-node")
        self.wait_file(self.upstream, addresses)
        # Out of Consul altogether, and back.
        self.verb("drain", "-mode", "deregister", "one")
        self.assertNotIn("rig-host:one:5000", self.store.services())
        self.verb("undrain", "one")
        self.wait_file(self.upstream, addresses)

    def test_service_drain_says_how_long_old_requests_are_waited_for(self):
        self.site("one", labels={"SERVICE_DRAIN": "1s"})
        for _ in range(8):
            self.hold_request()
        # Each is at the container: more connections than idle ones that nginx may keep.
        wait_until(lambda: connections_to(self.docker.address("one"), 5000) >= 8, 20, "the requests are on their way")
        done = json.loads(self.verb("drain", "one", "-json").stdout.splitlines()[-1])
        self.assertEqual(("drained", False), (done["event"], done["finished"]))
        self.assertLess(done["seconds"], 8)

    def hold_request(self):
        """A request whose answer takes longer than the test; its connection ends before nginx is told to quit."""
        host, port = self.edge.where.split(":")
        held = socket.create_connection((host, int(port)), timeout=10)
        self.addCleanup(held.close)
        held.sendall(b"GET /slow?ms=25000 HTTP/1.1\r\nHost: nano\r\n\r\n")

    def test_a_host_that_nobody_knows_is_not_drained(self):
        """Whoever mistypes its name must not be told that it is out of traffic."""
        self.site("one")
        done = self.verb("drain", "-node", "nosuchnode", code=1)
        self.assertIn("nosuchnode: Consul knows no node of that name; nothing was drained", done.stderr)
        self.assertEqual({}, self.records("drains"))

    def test_wrong_calls(self):
        self.site("one")
        self.assertIn("nothing was drained", self.verb("drain", "no-such-thing", code=1).stderr)
        self.assertIn("say whom", self.verb("drain", code=2).stderr)
        self.assertIn("maintain or deregister", self.verb("drain", "-mode", "x", "one", code=2).stderr)
        self.assertIn("there is no drain", self.verb("undrain", "one", code=1).stderr)
        self.assertIn("nothing was stopped", self.verb("stop", "one", "no-such-thing", code=1).stderr)
        self.assertTrue(self.docker.inspect("one")["State"]["Running"])


class MissingTest(DrainCase):
    def test_a_killed_renderer_is_named_waited_for_and_forgotten(self):
        self.site("one", "two")
        name = next(iter(self.records()))
        # Its nginx goes on serving what it wrote last.
        self.lb.kill9()
        self.processes.remove(self.lb)
        said = self.verb("drain", "one", "-timeout", "2s", code=1)
        self.assertIn(name, said.stderr)
        said = self.verb("stop", "one", "-timeout", "1s", code=1)
        self.assertIn("was not stopped", said.stderr)
        self.assertTrue(self.docker.inspect("one")["State"]["Running"])
        self.assertIn("lives", self.verb("forget", name, code=1).stderr)
        # As Consul does by itself, within half a minute.
        self.store.put(f"/v1/session/destroy/{self.records()[name]['Session']}")
        self.assertIn("missing: " + name, self.verb("drain", "one", "-timeout", "1s", code=1).stderr)
        self.assertIn("missing", call("status").stdout)
        self.verb("forget", name)
        self.assertEqual({}, self.records())
        self.assertIn("no renderer uses it", self.verb("drain", "one").stdout)

    def test_a_stopped_renderer_is_waited_for_until_it_goes_on(self):
        self.site("one", "two")
        os.kill(self.lb.child.pid, signal.SIGSTOP)
        self.addCleanup(lambda: self.lb.running() and os.kill(self.lb.child.pid, signal.SIGCONT))
        said = self.verb("drain", "one", "-timeout", "2s", code=1)
        self.assertIn("waiting for " + next(iter(self.records())), said.stdout)
        self.assertEqual(1, len(self.records("drains")))
        os.kill(self.lb.child.pid, signal.SIGCONT)
        self.verb("drain", "one")
        self.assertEqual([self.docker.address("two") + ":5000"], self.in_file())

    def test_a_stop_that_was_interrupted_is_finished_by_the_next_one(self):
        self.site("one", "two")
        os.kill(self.lb.child.pid, signal.SIGSTOP)
        self.addCleanup(lambda: self.lb.running() and os.kill(self.lb.child.pid, signal.SIGCONT))
        first = subprocess.Popen([executable(), "stop", "one"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 env={**os.environ, "DOCKER_HOST": self.docker.host})
        wait_until(lambda: self.records("drains"), 10, "the drain is asked for")
        first.send_signal(signal.SIGINT)
        first.wait(10)
        self.assertTrue(self.docker.inspect("one")["State"]["Running"])
        self.assertEqual(1, len(self.records("drains")))
        os.kill(self.lb.child.pid, signal.SIGCONT)
        self.verb("stop", "one")
        self.assertFalse(self.docker.inspect("one")["State"]["Running"])
        self.assertEqual({}, self.records("drains"))


class WordTest(DrainCase):
    def test_written_on_change_only_and_gone_after_a_clean_stop(self):
        self.site("one")
        wait_until(self.at_rest, 10, "the renderer is at rest")
        before = next(iter(self.records().values()))
        hold_true(lambda: next(iter(self.records().values()))["ModifyIndex"] == before["ModifyIndex"], 1.5,
                  "nothing changes, nothing is written")
        self.start_nano("two")
        wait_until(lambda: next(iter(self.records().values()))["ModifyIndex"] > before["ModifyIndex"], 10, "news")
        word = self.word()
        self.assertFalse(word["starting"])
        wait_until(lambda: self.word()["settled_generation"] == self.word()["generation"], 10, "it has settled")
        self.assertEqual(0, self.lb.term(15))
        self.processes.remove(self.lb)
        self.assertEqual({}, self.records())

    def test_restarted_after_a_kill_it_takes_its_record_back(self):
        self.site("one")
        name = next(iter(self.records()))
        self.lb.kill9()
        self.processes.remove(self.lb)
        self.lb = self.render_upstream(self.edge)
        wait_until(lambda: self.word()["pid"] == self.lb.child.pid and not self.word()["starting"], 10, "it is back")
        self.assertEqual([name], list(self.records()))
        self.assertIn("settled", self.verb("drain", "one").stdout)

    def test_two_with_one_id_move_apart(self):
        self.site("one")
        name = next(iter(self.records()))
        source = self.path("upstream.ctmpl")
        twin = self.keep(Renderer(self.logs, [f"{source}:{self.upstream}"], "-http-addr", "127.0.0.1:8599"))
        twin.status_address = "127.0.0.1:8599"
        twin.start().wait_ready()
        wait_until(lambda: len(self.records()) == 2, 20, "each has a record of its own")
        self.assertIn(name, self.records())
        self.assertIn("renderer_id_taken", self.lb.log())

    def test_a_spoilt_record_is_put_right_by_the_next_word(self):
        addresses = self.site("one")
        name = next(iter(self.records()))
        self.assertEqual(200, http.request("PUT", "127.0.0.1:8500", f"/v1/kv/longshore/renderers/{name}", b"x").status)
        self.start_nano("two")
        wait_until(lambda: self.word()["services"]["nano"]["settled"]["index"] > 0, 10, "written again")
        self.assertNotEqual(addresses, self.in_file())
