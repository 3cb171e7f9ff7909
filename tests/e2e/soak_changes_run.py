"""The other long run of `tests/run --full`: thousands of random changes in Consul and hundreds of faults of the renderer,
Consul, nginx and the files, under one group with check and quarantine. In the end the tree is what a fresh render makes
of Consul's own list, and a site that never changes has answered all the time that its nginx ran."""

import os
import random
import re
import signal
import threading
import time

from e2e.base import E2ETest, servers
from rig import http
from rig.guarded import Guarded
from rig.longshore import call
from rig.wait import wait_until

SECONDS = float(os.environ.get("LONGSHORE_SOAK_SECONDS", "600"))
CHANGES = max(50, round(5000 * SECONDS / 600))
FAULTS = max(6, round(200 * SECONDS / 600))
SERVICES, MOST, SITES = 5, 12, ["keep", "a", "b", "c"]
PER_MINUTE = 300
BAD = ["server { listen 127.0.0.1:8099; no_such_thing on; }\n", "}}}} ;\n", "upstream u { }\n",
       "server { listen 127.0.0.1:8099; location / { return 200 'x' }\n"]


class Canary(threading.Thread):
    """Asks one site again and again; remembers when it did not answer."""

    def __init__(self, where, text):
        super().__init__(daemon=True)
        self.where, self.text, self.asked, self.missed, self.over = where, text, 0, [], threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            at = time.monotonic()
            try:
                good = http.get(self.where, "/", timeout=5).text == self.text
            except OSError:
                good = False
            self.asked += 1
            if not good:
                self.missed.append((at, time.monotonic()))

    def stop(self):
        self.over.set()
        self.join(10)


class SoakChangesTest(E2ETest):
    wants_docker = False

    def setUp(self):
        super().setUp()
        self.alive = {}  # service -> {id: port}
        self.poisoned = {}
        self.down = []  # when nginx was not there
        self.number = 20000
        upstreams = "\n".join(
            f'template {{ contents = "{self.upstream_text(name)}" destination = "{{conf_d}}/{name}.conf" }}'
            for name in self.names())
        self.edge = Guarded(self, SITES, f'quarantine = true\n  reloads_per_minute = {PER_MINUTE}\n  '
                            + upstreams.replace("{conf_d}", self.path("nginx/conf.d"))).start()

    def names(self):
        return [f"s{number}" for number in range(SERVICES)]

    def upstream_text(self, name):
        """As a string of HCL."""
        text = ("upstream NAME {\n{{ range service \"NAME\" }}  server {{ .Address }}:{{ .Port }};\n"
                "{{ else }}  server 127.0.0.1:9;\n{{ end }}}\n")
        return text.replace("NAME", name).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    def target(self, name):
        return os.path.join(self.edge.nginx.conf_d, name + ".conf")

    # One change each.

    def register(self, chance):
        name = chance.choice(self.names())
        instances = self.alive.setdefault(name, {})
        if len(instances) >= MOST:
            return self.deregister(chance)
        self.number += 1
        self.put_instance(name, f"{name}-{self.number}", self.number)

    def put_instance(self, name, ident, port, tags=()):
        self.store.put("/v1/agent/service/register", {
            "ID": ident, "Name": name, "Address": "127.0.0.1", "Port": port, "Tags": list(tags), "Meta": {"probe": "off"},
            "Check": {"TTL": "3600s", "Status": "passing", "CheckID": "c-" + ident}})
        self.alive.setdefault(name, {})[ident] = port

    def some_instance(self, chance):
        names = sorted(name for name in self.alive if self.alive[name])
        if not names:
            return None
        name = chance.choice(names)
        return name, chance.choice(sorted(self.alive[name]))

    def deregister(self, chance):
        found = self.some_instance(chance)
        if not found:
            return self.register(chance)
        name, ident = found
        # Half of them say goodbye; nothing listens there, so the others refuse.
        if chance.random() < 0.5:
            self.store.put(f"/v1/kv/longshore/withdrawn/{self.store.node}/{ident}", {"version": 1})
        self.store.put(f"/v1/agent/service/deregister/{ident}")
        del self.alive[name][ident]

    def flip(self, chance):
        found = self.some_instance(chance)
        if found:
            status = chance.choice(("passing", "critical", "warning"))
            self.store.put(f"/v1/agent/check/update/c-{found[1]}", {"Status": status})

    def retag(self, chance):
        found = self.some_instance(chance)
        if found:
            self.put_instance(found[0], found[1], self.alive[found[0]][found[1]], [f"t{chance.randrange(5)}"])

    def site(self, chance):
        name = chance.choice(SITES[1:])
        self.poisoned.pop(name, None)
        self.edge.put(name, f"n{chance.randrange(1 << 30)}")

    # One fault each.

    def kill_renderer(self, _):
        self.edge.renderer.kill9()
        self.edge.renderer.start()

    def hup_renderer(self, _):
        self.edge.renderer.send(signal.SIGHUP)

    def stop_renderer(self, chance):
        self.edge.renderer.send(signal.SIGSTOP)
        time.sleep(chance.random() * 0.4)
        self.edge.renderer.send(signal.SIGCONT)

    def stop_consul(self, chance):
        self.store.process.send(signal.SIGSTOP)
        time.sleep(chance.random() * 0.6)
        self.store.process.send(signal.SIGCONT)

    def kill_consul(self, _):
        self.store.kill9()
        self.store.start(60)

    def kill_nginx(self, _):
        began = time.monotonic()
        self.edge.nginx.kill9()
        self.edge.nginx.start()
        wait_until(lambda: self.edge.asked("keep") == "first", 20, "nginx is back")
        self.down.append((began, time.monotonic()))

    def stop_nginx(self, chance):
        self.edge.nginx.process.send(signal.SIGSTOP)
        time.sleep(chance.random() * 0.3)
        self.edge.nginx.process.send(signal.SIGCONT)

    def hup_nginx(self, _):
        self.edge.nginx.reload()

    def poison(self, chance):
        name = chance.choice(SITES[1:])
        self.poisoned[name] = True
        self.edge.put_raw(name, chance.choice(BAD))

    def leave_rubbish(self, chance):
        name = chance.choice(self.names() + SITES)
        with open(os.path.join(self.edge.nginx.conf_d, f".{name}.conf.longshore-new"), "w", encoding="utf-8") as file:
            file.write("half a fi")

    def test_thousands_of_changes_and_hundreds_of_faults(self):
        seed = int(os.environ.get("LONGSHORE_SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
        print(f"        seed {seed}, {CHANGES} changes and {FAULTS} faults in {SECONDS:.0f} s", flush=True)
        chance = random.Random(seed)
        changes = [self.register] * 5 + [self.deregister] * 4 + [self.flip] * 4 + [self.retag] + [self.site] * 2
        faults = ([self.kill_renderer] * 6 + [self.hup_renderer] * 2 + [self.stop_renderer] * 2 + [self.stop_consul] * 2
                  + [self.kill_nginx] * 2 + [self.stop_nginx] * 2 + [self.hup_nginx] * 2 + [self.poison] * 4
                  + [self.leave_rubbish] + [self.kill_consul])
        canary = Canary(self.edge.where["keep"], "first")
        canary.start()
        self.addCleanup(canary.stop)
        began, done, failed = time.monotonic(), 0, 0
        while done < CHANGES or failed < FAULTS:
            past = time.monotonic() - began
            while done < min(CHANGES, CHANGES * past / SECONDS):
                chance.choice(changes)(chance)
                done += 1
            if failed < min(FAULTS, FAULTS * past / SECONDS):
                fault = chance.choice(faults)
                fault(chance)
                failed += 1
            time.sleep(0.01)
        took = time.monotonic() - began
        self.heal(chance)
        self.compare()
        canary.stop()
        ours = [(a, b) for a, b in canary.missed if not any(a < back + 1 and b > gone - 1 for gone, back in self.down)]
        log = self.edge.renderer.log()
        told = len(re.findall(r"event=reload_sent", log))
        print(f"        {done} changes, {failed} faults in {took:.0f} s; {told} reloads, canary asked {canary.asked} times",
              flush=True)
        self.assertEqual([], ours, "the site that never changes did not answer")
        # Each life of a renderer has a budget of its own, with one reload to finish what the last one left.
        self.assertLessEqual(told, PER_MINUTE * (took / 60 + 1) + log.count("event=group_recovered"))
        self.assertLess(took, SECONDS * 1.5 + 60)

    def heal(self, chance):
        for name in SITES[1:]:
            self.edge.put(name, f"end-{chance.randrange(1 << 30)}")
        for name in SITES[1:]:
            wanted = self.store.key(f"site-{name}")
            wait_until(lambda: self.edge.text(name) == wanted, 90, f"{name} is healed")
        self.edge.renderer.wait_ready(90)

    def compare(self):
        for name in self.names():
            want = self.store.healthy(name)
            def same():
                with open(self.target(name), encoding="utf-8") as file:
                    got = servers(file.read())
                if got != want:
                    raise AssertionError(f"{name}: {got}, Consul has {want}")
                return True
            wait_until(same, 60, f"{name} is Consul's own list")
        # A fresh render of the same templates, in another place.
        with open(self.edge.config, encoding="utf-8") as file:
            text = file.read()
        fresh = self.path("fresh")
        contents = re.findall(r'template \{ contents = (".*?[^\\]") destination = "([^"]*)"', text)
        self.assertEqual(SERVICES + len(SITES), len(contents))
        config = self.write("fresh.hcl", "\n".join(
            f'template {{ contents = {template} destination = "{fresh}/{os.path.basename(target)}" }}'
            for template, target in contents))
        done = call("render", "-once", "-config", config, "-consul-addr", "127.0.0.1:8500", "-http-addr", "")
        self.assertEqual(0, done.returncode, done.stderr)
        live = sorted(name for name in os.listdir(self.edge.nginx.conf_d) if not name.startswith("."))
        self.assertEqual(live, sorted(os.listdir(fresh)))
        for name in live:
            with open(os.path.join(fresh, name), encoding="utf-8") as file:
                expected = file.read()
            with open(os.path.join(self.edge.nginx.conf_d, name), encoding="utf-8") as file:
                self.assertEqual(expected, file.read(), name)
        self.assertTrue(self.edge.tested())
        for name in SITES[1:]:
            self.edge.serves(name, re.search(r"return 200 '([^']*)'", self.store.key(f"site-{name}")).group(1), 30)
