"""Following many services of a real Consul: over plain HTTP through few connections, over TLS with HTTP/2, beside users
that took all of Consul's connections, and through its faults. No healthy instance may ever leave the file, and what
was stopped may not stay longer than the hold."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time

from e2e.base import E2ETest, world
from rig import http, sandbox
from rig.consul import Consul
from rig.files import FileHistory
from rig.longshore import Registry, Renderer, call
from rig.wait import hold_true, wait_until

TEMPLATE = "{{ range services }}{{ range service .Name }}{{ .Name }} {{ .ID }} {{ .Port }}\n{{ end }}{{ end }}"
SERVICES, NODES, INSTANCES = 120, 40, 3
HOLD = 4
SEED = int(os.environ.get("LONGSHORE_TEST_SEED", "1"))


def name_of(number):
    return f"svc{number:03d}"


def node_of(number, instance):
    return (number * 7 + instance * 13) % NODES


class Watch(E2ETest):
    backend = None
    wants_docker = False

    def setUp(self):
        super().setUp()
        self.ports = {}
        world.stop_consul()
        self.consul = self.begin()
        self.fill()
        self.source, self.target = os.path.join(self.dir, "in.ctmpl"), os.path.join(self.dir, "out")
        with open(self.source, "w", encoding="utf-8") as file:
            file.write(TEMPLATE)

    def begin(self):
        consul = Consul(self.logs, node="watch-node", port=8500, **self.more())
        self.configure(consul)
        consul.wipe()
        self.addCleanup(consul.kill9)
        return consul.start()

    def more(self):
        return {}

    def configure(self, consul):
        """Before it starts."""

    def fill(self):
        for number in range(SERVICES):
            for instance in range(INSTANCES):
                self.ports.setdefault((number, instance), 1000)
                self.register(number, instance)

    def definition(self, number, instance):
        return {"ID": f"{name_of(number)}-{instance}", "Service": name_of(number),
                "Port": self.ports[number, instance]}

    def renderer(self, *options, consul="127.0.0.1:8500"):
        renderer = self.keep(Renderer(self.logs, [f"{self.source}:{self.target}"], *options, consul=consul))
        renderer.start()
        self.wait_right(30)
        renderer.wait_ready(30)
        return renderer

    def change(self, number, instance=0):
        self.ports[number, instance] = self.ports.get((number, instance), 1000) + 1
        self.register(number, instance)

    def register(self, number, instance, status=None):
        node = node_of(number, instance)
        body = {"Node": f"n{node}", "Address": f"192.0.2.{node + 1}", "SkipNodeUpdate": True,
                "Service": self.definition(number, instance)}
        if status:
            body["Check"] = {"CheckID": f"check:{number}-{instance}", "Name": "c", "Status": status,
                             "ServiceID": body["Service"]["ID"]}
        self.consul.put("/v1/catalog/register", body)

    def remove(self, number, instance):
        del self.ports[number, instance]
        self.consul.put("/v1/catalog/deregister", {"Node": f"n{node_of(number, instance)}",
                                                   "ServiceID": f"{name_of(number)}-{instance}"})

    def rows(self):
        return {f"{name_of(number)} {name_of(number)}-{instance} {port}"
                for (number, instance), port in self.ports.items()}

    def shown(self, path=None):
        with open(path or self.target, encoding="utf-8") as file:
            return {line for line in file.read().splitlines() if not line.startswith("consul ")}

    def wait_right(self, seconds=30, path=None):
        def right():
            missing, extra = self.rows() - self.shown(path), self.shown(path) - self.rows()
            if missing or extra:
                raise AssertionError(f"missing {sorted(missing)[:5]}, extra {sorted(extra)[:5]}")
            return True
        wait_until(right, seconds, "the file is right")

    def assert_never_short(self, history):
        """Every version that a reader could see had every instance, with some port of it."""
        wanted = {row.rsplit(" ", 1)[0] for row in self.rows()}
        self.assertTrue(history.versions)
        for _, text in history.versions:
            got = {line.rsplit(" ", 1)[0] for line in (text or "").splitlines()}
            self.assertEqual(set(), wanted - got)

    def history(self):
        history = FileHistory(self.target).start()
        self.addCleanup(history.stop)
        return history


class ManyTest(Watch):
    def test_more_services_than_connections_and_three_renderers(self):
        renderer = self.renderer("-max-connections", "24")
        others = []
        for number in (1, 2):
            target = f"{self.target}{number}"
            words = [f"{self.source}:{target}"]
            other = Renderer(self.logs, words, "-max-connections", "24", "-http-addr", "")
            other.name, other.log_path = f"render{number}", os.path.join(self.logs, f"render{number}.log")
            self.keep(other).start()
            others.append(target)
        for number in range(0, SERVICES, 3):
            self.change(number, number % INSTANCES)
        self.wait_right(30)
        for target in others:
            self.wait_right(30, target)
        samples = renderer.metrics()
        self.assertLessEqual(samples["longshore_render_connections"], 24)
        self.assertGreater(samples["longshore_render_lists_total"], 0)

    def test_beside_others_that_hold_all_of_consuls_connections(self):
        """Consul closes the 201st at once. What is known stays; as soon as there is room, all is followed again. Consul
        keeps the place of a parked query until its wait is over, whether its client is still there or not."""
        renderer = self.renderer()
        history = self.history()
        others = []
        try:
            for _ in range(230):
                other = socket.create_connection(("127.0.0.1", 8500))
                others.append(other)
                try:
                    other.sendall(b"GET /v1/kv/none?index=1000000&wait=8s HTTP/1.1\r\nHost: x\r\n\r\n")
                except ConnectionError:
                    continue  # one too many: Consul was faster to close it than we to send
            for number in range(10):
                try:
                    self.change(number)
                except (OSError, AssertionError):
                    continue  # the rig's own connection was refused; the port that was meant is written below
            hold_true(renderer.running, 2, "the renderer lives")
        finally:
            for other in others:
                other.close()
        # Places become free one by one, and the renderer wants them too: each change is tried until it is taken.
        for number in range(10):
            wait_until(lambda: self.change(number) or True, 30, "Consul takes a change again")
        self.wait_right(60)
        renderer.wait_ready(30)
        self.assert_never_short(history)

    def test_plan_tells_how_each_would_be_followed(self):
        done = call("plan", "-queries", "-template", f"{self.source}:{self.target}")
        self.assertEqual(1, done.returncode, done.stderr)
        # 120 services and Consul's own, on 41 nodes, which fit beside eight queries of the services that change most.
        self.assertIn("query: 121 by lists of 41 nodes, critical and warning checks: health.service(", done.stdout)
        self.assertIn("query: 1 by own query: catalog.services\n", done.stdout)
        few = call("plan", "-queries", "-max-connections", "24", "-template", f"{self.source}:{self.target}")
        self.assertIn("query: 121 by any service, then its index or a list of all", few.stdout)


class FaultTest(Watch):
    def setUp(self):
        super().setUp()
        self.renderer_process = self.renderer("-max-connections", "24", "-hold", f"{HOLD}s")
        self.file = self.history()

    def assert_follows(self, seconds=60):
        self.change(3)
        self.change(77, 1)
        self.wait_right(seconds)
        self.renderer_process.wait_ready(30)
        self.assert_never_short(self.file)

    def test_killed_and_restarted(self):
        self.consul.kill9()
        self.renderer_process.wait_not_ready(30)
        status = json.loads(self.status())
        self.assertTrue(all(watch["knowledge"] == "stale" for watch in status["watches"]), status["watches"][:3])
        self.consul.start()
        self.assert_follows()

    def test_silent_for_a_while(self):
        """A frozen server accepts connections and says nothing; a partition looks the same to us."""
        self.consul.process.send(signal.SIGSTOP)
        try:
            hold_true(lambda: self.rows() == self.shown(), 3, "the file stays")
        finally:
            self.consul.process.send(signal.SIGCONT)
        self.assert_follows()

    def test_reloaded(self):
        self.consul.process.send(signal.SIGHUP)
        self.assert_follows()

    def test_wiped_and_filled_again_within_the_hold(self):
        self.consul.kill9()
        self.consul.wipe()
        self.consul.start()
        self.fill()
        self.assert_follows()
        self.renderer_process.wait_log("event=store_replaced", 60)

    def test_what_is_removed_without_a_word_stays_for_the_hold_and_no_longer(self):
        self.remove(5, 2)
        began = time.monotonic()
        wait_until(lambda: self.shown() == self.rows(), HOLD + 20, "the removed one is gone")
        self.assertLess(time.monotonic() - began, HOLD + 5)
        self.assertGreater(time.monotonic() - began, HOLD - 2)

    def test_what_is_removed_while_consul_was_away(self):
        """An authoritative removal that nobody could tell us of at the time."""
        self.remove(5, 2)
        self.consul.kill9()
        self.consul.start()
        began = time.monotonic()
        wait_until(lambda: self.shown() == self.rows(), HOLD + 30, "the removed one is gone")
        self.assertLess(time.monotonic() - began, HOLD + 15)

    def status(self):
        return http.get(self.renderer_process.status_address, "/v1/status").text


class HistoryTest(Watch):
    """Random changes, quick and slow, of everything that a template can see; in the end the file shows what Consul has,
    through each way of following. LONGSHORE_TEST_SEED repeats a history."""

    def change_something(self, chance):
        number, instance = chance.randrange(SERVICES), chance.randrange(INSTANCES)
        dice = chance.random()
        if dice < 0.5 or (number, instance) not in self.ports:
            self.critical.discard((number, instance))
            self.change(number, instance)
            self.register(number, instance, "passing")
        elif dice < 0.7:
            self.critical.add((number, instance))
            self.register(number, instance, "critical")
        elif dice < 0.95:
            self.critical.discard((number, instance))
            self.remove(number, instance)
        else:
            node = chance.randrange(NODES)
            self.consul.put("/v1/catalog/deregister", {"Node": f"n{node}"})
            for key in [key for key in self.ports if node_of(*key) == node]:
                del self.ports[key]
                self.critical.discard(key)

    def rows(self):
        return {row for key, row in zip(self.ports, self.all_rows()) if key not in self.critical}

    def all_rows(self):
        return [f"{name_of(number)} {name_of(number)}-{instance} {port}"
                for (number, instance), port in self.ports.items()]

    def play(self, *options):
        self.critical = set()
        chance = random.Random(SEED)
        renderer = self.renderer("-hold", "1s", *options)
        for step in range(250):
            self.change_something(chance)
            if step % 50 == 49:
                time.sleep(chance.random())
        self.wait_right(60)
        renderer.wait_ready(30)
        return renderer.metrics()

    def test_with_many_nodes(self):
        self.assertGreater(self.play("-max-connections", "24")["longshore_render_lists_total"], 0)

    def test_with_few_nodes(self):
        self.assertEqual(0, self.play("-max-connections", "64")["longshore_render_lists_total"])


class RegistryHistoryTest(HistoryTest):
    """The same on the embedded registry."""

    def begin(self):
        registry = self.keep(Registry(self.logs))
        shutil.rmtree(registry.home, ignore_errors=True)
        return registry.start()


class Http2Test(Watch):
    def more(self):
        return {"verify_incoming": False, "cert_file": os.path.join(sandbox.STATE, "watch-cert.pem"),
                "key_file": os.path.join(sandbox.STATE, "watch-key.pem")}

    def configure(self, consul):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=consul.test", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", self.more()["key_file"], "-out", self.more()["cert_file"]],
                       check=True, capture_output=True)
        path = f"{consul.home}/config.json"
        with open(path, encoding="utf-8") as file:
            config = json.load(file)
        config["ports"]["https"] = 8501
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)

    def over_tls(self):
        return self.renderer("-consul-ssl-ca-cert", self.more()["cert_file"], consul="https://127.0.0.1:8501")

    def test_each_service_has_its_own_query_on_very_few_connections(self):
        renderer = self.over_tls()
        wait_until(lambda: renderer.metrics()["longshore_render_own_queries"] >= SERVICES, 30,
                   "every service has its own query")
        self.assertLessEqual(renderer.metrics()["longshore_render_connections"], 3)
        before = renderer.metrics()["longshore_render_requests_total"]
        for number in range(0, SERVICES, 10):
            self.change(number)
            self.wait_right(20)
        self.assertLess(renderer.metrics()["longshore_render_requests_total"] - before, 12 * 10)

    def test_restart(self):
        renderer = self.over_tls()
        history = self.history()
        self.consul.kill9()
        renderer.wait_not_ready(30)
        self.consul.start()
        self.change(9)
        self.wait_right(60)
        renderer.wait_ready(30)
        self.assert_never_short(history)
