"""Kill -9 and restart of every part, one at a time, under a request every 10 ms: the file never loses a healthy
instance, no request fails, and afterwards changes are followed again."""

import os
import shutil
import time

from e2e.base import E2ETest, world
from rig import http
from rig.wait import wait_until

# How long a part stays away: longer than a reconnect, shorter than anything that gives up.
AWAY_SECONDS = 1.5


class Crash(E2ETest):
    live_restore = True

    def setUp(self):
        super().setUp()
        self.engine = self.nginx()
        template = self.upstream_template(self.engine)
        self.addresses = self.start_nano("one", "two")
        self.agent_process = self.agent("-internal")
        self.renderer_process = self.renderer(template)
        self.wait_file(self.upstream, self.addresses)
        wait_until(lambda: http.get(self.engine.where, "/").status == 200, 5, "nginx answers")
        self.file = self.history(self.upstream)
        self.requests = self.load(self.engine.where)

    def away(self):
        """The part is gone for a while; the load goes on."""
        time.sleep(AWAY_SECONDS)

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

    def test_renderer_leaves_no_half_files(self):
        for _ in range(5):
            self.renderer_process.kill9()
            self.renderer_process.start().wait_ready()
        left = [name for name in os.listdir(self.engine.conf_d) if not name.startswith(".")]
        self.assertEqual(["site.conf", "upstream.conf"], sorted(left))
        self.assert_all_converge()

    def test_consul(self):
        self.store.kill9()
        self.away()
        self.store.start()
        self.assert_all_converge()

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
        template = self.upstream_template(nginx)
        self.start_nano("one", "two")
        agent = self.agent("-internal")
        self.renderer(template)
        wait_until(lambda: http.get(nginx.where, "/").status == 200, 5, "nginx answers")
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
        wait_until(lambda: http.get(nginx.where, "/").status == 200, 5, "nginx answers again")
