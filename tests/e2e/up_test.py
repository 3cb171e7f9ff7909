"""`longshore up`: registry, agent and renderer of one host in one process, from the first container to nginx."""

import os
import signal

from e2e.base import UPSTREAM, E2ETest, world
from rig import http
from rig.consul_api import ConsulApi
from rig.longshore import AGENT, REGISTRY, RENDERER, Longshore, call
from rig.wait import wait_until


class UpTest(E2ETest):
    backend = None

    def setUp(self):
        super().setUp()
        world.stop_consul()
        self.store = ConsulApi(REGISTRY)

    def up(self, *options, start=True):
        process = self.keep(Longshore("up", options, self.logs, RENDERER, {"DOCKER_HOST": self.docker.host}))
        return process.start().wait_ready() if start else process

    def answering(self, where):
        return http.get(where, "/readyz", timeout=2).status == 200

    def test_from_a_container_to_traffic_and_back(self):
        nginx = self.nginx()
        self.upstream = os.path.join(nginx.conf_d, "upstream.conf")
        (address,) = self.start_nano("one")
        source = self.write("upstream.ctmpl", UPSTREAM)
        up = self.up("-template", f"{source}:{self.upstream}", "-render.reload-pid-file", nginx.pid_file,
                     "-agent.internal", "-registry.data-dir", self.path("data"))
        for where in (AGENT, RENDERER):
            wait_until(lambda where=where: self.answering(where), 10, f"{where} is ready")
        self.wait_file(self.upstream, [address])
        self.wait_settled(nginx)
        self.assertEqual(200, http.get(nginx.where, "/").status)
        history = self.history(self.upstream)
        (second,) = self.start_nano("two")
        self.wait_file(self.upstream, [address, second])
        self.assert_never_lost(history, [address])
        self.docker.cli("stop", "one")
        self.wait_file(self.upstream, [second])
        # Killed and started again on its data: nobody who is healthy leaves the file.
        up.kill9()
        history = self.history(self.upstream)
        up.start().wait_ready()
        wait_until(lambda: self.store.healthy("nano") == [second], 10, "the registry has the second one")
        self.assert_never_lost(history, [second])
        self.assertEqual(0, call("health").returncode)

    def test_ends_in_order_and_leaves_the_files(self):
        target = self.path("upstream.conf")
        (address,) = self.start_nano("one")
        up = self.up("-template", f"{self.write('upstream.ctmpl', UPSTREAM)}:{target}", "-agent.internal")
        self.wait_file(target, [address])
        before = self.read("upstream.conf")
        self.assertEqual(0, up.term(15, signal.SIGTERM))
        self.assertEqual(before, self.read("upstream.conf"))

    def test_hup_reads_templates_again(self):
        target, source = self.path("out"), self.write("t.ctmpl", "one")
        up = self.up("-template", f"{source}:{target}")
        wait_until(lambda: self.read("out") == "one", 5, "it is rendered")
        self.write("t.ctmpl", "two")
        up.send(signal.SIGHUP)
        wait_until(lambda: self.read("out") == "two", 5, "it is rendered again")

    def test_a_registry_with_a_token_in_a_shell_for_another_consul(self):
        target, token = self.path("upstream.conf"), self.write("token", "first\n")
        (address,) = self.start_nano("one")
        elsewhere = {"CONSUL_HTTP_ADDR": "https://192.0.2.1:8501", "CONSUL_HTTP_SSL": "true",
                     "CONSUL_HTTP_TOKEN": "theirs"}
        config = self.write("longshore.hcl", "agent { internal = true }\n")
        options = ("-template", f"{self.write('upstream.ctmpl', UPSTREAM)}:{target}", "-config", config,
                   "-registry.token-file", token)
        up = self.keep(Longshore("up", options, self.logs, RENDERER, {"DOCKER_HOST": self.docker.host, **elsewhere}))
        up.start().wait_ready()
        self.wait_file(target, [address])
        self.assertEqual(200, self.asked_with("first"))
        # Another token: who has the old one is out, the parts go on.
        self.write("token", "second\n")
        up.send(signal.SIGHUP)
        wait_until(lambda: self.asked_with("second") == 200, 10, "the file is read again")
        self.assertEqual(403, self.asked_with("first"))
        (second,) = self.start_nano("two")
        self.wait_file(target, [address, second])

    def asked_with(self, token):
        return http.get(REGISTRY, f"/v1/catalog/services?token={token}", timeout=2).status

    def test_wrong_calls(self):
        for words, said in ((("-tempalte", "a:b"), "template"), (("-registry-addr", "nowhere:port"), "nowhere:port"),
                            (("-agent.internl",), "agent.internal"), (("-config", "/not/there"), "/not/there")):
            done = call("up", *words)
            self.assertEqual(2, done.returncode, done)
            self.assertIn(said, done.stderr)

    def test_taken_address_is_one_clear_line(self):
        self.up(start=False).start()
        wait_until(lambda: self.answering(AGENT), 15, "the first one runs")
        second = call("up", "-agent-addr=", "-renderer-addr=")
        self.assertEqual(1, second.returncode, second)
        self.assertIn("8500", second.stderr)
        self.assertIn("in use", second.stderr)
