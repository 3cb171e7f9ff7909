"""Kill -9 and restart of every part, one at a time, under a request every 10 ms: the file never loses a healthy
instance, no request fails, and afterwards changes are followed again."""

import json
import os
import shutil
import threading

from e2e.base import E2ETest, world
from rig import http
from rig.wait import wait_until

# How long a part stays away: longer than a reconnect, shorter than anything that gives up (1.5 s).
AWAY_REQUESTS = 150


class Crash(E2ETest):
    live_restore = True

    def setUp(self):
        super().setUp()
        self.engine = self.nginx()
        self.addresses = self.start_nano("one", "two")
        self.agent_process = self.agent("-internal")
        self.renderer_process = self.render_upstream(self.engine)
        self.wait_file(self.upstream, self.addresses)
        self.wait_settled(self.engine)
        self.file = self.history(self.upstream)
        self.requests = self.load(self.engine.where)

    def away(self):
        """The part is gone for as long as so many requests take, one every 10 ms."""
        before = self.requests.sent
        wait_until(lambda: self.requests.sent >= before + AWAY_REQUESTS, 30, "the load goes on")

    def in_catalog(self, service):
        entries = json.loads(http.get(self.store.where, f"/v1/catalog/service/{service}?consistent").text)
        return sorted(f"{entry['ServiceAddress']}:{entry['ServicePort']}" for entry in entries)

    def assert_all_converge(self, seconds=20):
        """A third container joins: agent, store, renderer and nginx all work again; then nothing was lost."""
        third = self.start_nano("three")
        self.wait_file(self.upstream, self.addresses + third, seconds)
        name = self.docker.inspect("three")["Config"]["Hostname"].encode()
        wait_until(lambda: any(name in body for body in list(self.requests.seen)), 10, "nginx asks the third one")
        self.agent_process.wait_ready(20)
        self.renderer_process.wait_ready(20)
        self.wait_healthy("nano", self.addresses + third)
        self.assert_no_failures(self.requests)
        self.assert_never_lost(self.file, self.addresses)


class CrashTest(Crash):
    def test_agent(self):
        self.agent_process.kill9()
        self.away()
        self.agent_process.start()
        self.assert_all_converge()

    def test_renderer(self):
        self.renderer_process.kill9()
        self.away()
        self.renderer_process.start()
        self.assert_all_converge()

    def test_consul(self):
        self.store.kill9()
        self.away()
        self.store.start()
        self.assert_all_converge()

    def test_consul_with_a_history(self):
        """A restarted server replays its log while it already answers: for 0.1 s readers are shown the past, with a
        leader and rising indexes (seen with 1.8.7). Nothing of it may be believed."""
        for number in range(30):
            for index in range(10):
                self.store.put("/v1/agent/service/register", {
                    "ID": f"ghost{index}", "Name": "nano", "Address": f"192.0.2.{index}", "Port": 1})
            for index in range(10):
                self.store.put(f"/v1/agent/service/deregister/ghost{index}")
                self.store.put(f"/v1/kv/longshore/withdrawn/rig-node/rig-host:one:5000?flags={number}", "{}")
        http.request("DELETE", self.store.where, "/v1/kv/longshore/withdrawn/?recurse")
        # The server's agent tells the catalog in its own time: the past must be over before the file is watched.
        wait_until(lambda: self.in_catalog("nano") == sorted(self.addresses), 30, "the catalog holds no ghost")
        # Ghosts accept no connection, so they may have been rendered for a moment, but not any more.
        self.wait_file(self.upstream, self.addresses, 20)
        self.wait_settled(self.engine)
        self.file.stop()
        self.requests.stop()
        for _ in range(3):
            self.file, self.requests = self.history(self.upstream), self.load(self.engine.where)
            self.store.kill9()
            self.store.start()
            self.renderer_process.wait_ready(20)
            self.away()
            self.assert_no_failures(self.requests)
            self.assert_never_lost(self.file, self.addresses)
            self.assertNotIn("192.0.2.", "".join(text or "" for text in self.file.texts()))

    def test_consul_that_forgets(self):
        self.store.kill9()
        self.store.wipe()
        self.away()
        self.store.start()
        self.wait_healthy("nano", self.addresses, 20)
        self.assert_all_converge()

    def test_engine_with_live_restore(self):
        self.docker.kill9()
        self.away()
        self.docker.start()
        self.assertEqual(["one", "two"], self.docker.running())
        self.assert_all_converge()

    def test_all_at_once_then_a_container_that_died_meanwhile(self):
        self.agent_process.kill9()
        self.renderer_process.kill9()
        self.store.kill9()
        gone = self.docker.address("two") + ":5000"
        self.docker.remove("two")
        self.store.start()
        self.agent_process.start()
        self.renderer_process.start()
        self.addresses.remove(gone)
        self.wait_file(self.upstream, self.addresses, 20)
        self.assert_all_converge()


class CrashRegistryTest(Crash):
    backend = "registry"

    def test_registry(self):
        self.store.kill9()
        self.away()
        self.store.start()
        self.assert_all_converge()

    def test_registry_that_forgets(self):
        self.store.kill9()
        shutil.rmtree(self.store.home)
        self.away()
        self.store.start()
        self.wait_healthy("nano", self.addresses, 20)
        self.assert_all_converge()


class CrashWithoutLiveRestoreTest(E2ETest):
    """The engine ends its containers; what is started afterwards is followed."""

    def test_new_generations_are_followed(self):
        nginx = self.nginx()
        self.start_nano("one", "two")
        agent = self.agent("-internal")
        self.render_upstream(nginx)
        self.wait_settled(nginx)
        self.docker.kill9()
        agent.wait_not_ready()
        world.docker()
        self.assertEqual([], self.docker.running())
        agent.wait_ready(20)
        self.wait_file(self.upstream, [], 20)
        # In the other order, so that their addresses change.
        self.docker.cli("start", "two")
        self.docker.cli("start", "one")
        addresses = [self.docker.address(name) + ":5000" for name in ("one", "two")]
        self.wait_healthy("nano", addresses, 15)
        self.wait_file(self.upstream, addresses, 15)
        self.wait_settled(nginx)


class HalfFileTest(E2ETest):
    wants_docker = False

    def test_renderer_leaves_no_half_files(self):
        """Killed while it writes: a file of 20,000 lines changes again and again, so that the blow often falls there."""
        folder = self.path("many")
        os.makedirs(folder)
        lines = '{{ range loop 20000 }}{{ key "v" }}-{{ . }}\n{{ end }}end {{ key "v" }}\n'
        self.store.put("/v1/kv/v", "0")
        target = os.path.join(folder, "out.conf")
        renderer = self.renderer(f"{self.write('many.ctmpl', lines)}:{target}")
        history = self.history(target)
        for value in range(1, 21):
            self.store.put("/v1/kv/v", str(value))
            # From right away to after the write, in steps that do not repeat with the writes' own rhythm.
            threading.Event().wait(value * 0.0017)
            renderer.kill9()
            renderer.start()
            wait_until(lambda value=value: self.last_line(target) == f"end {value}", 15, "it catches up")
        for _, text in history.stop():
            self.assertIsNotNone(text, "the file was absent for a moment")
            rows = text.splitlines()
            value = rows[-1].removeprefix("end ")
            self.assertEqual(20001, len(rows))
            self.assertTrue(all(row == f"{value}-{number}" for number, row in enumerate(rows[:-1])), "one version is mixed")
        renderer.wait_ready()
        self.assertEqual(["out.conf"], os.listdir(folder), "what was staged is gone, also after a kill")

    def last_line(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()[-1]
