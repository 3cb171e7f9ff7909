"""Environments on one Consul: keys, colours, drains and what templates find are kept apart."""

import os

from e2e import base
from e2e.deploy_test import CHECKED
from e2e.drain_test import DrainCase
from rig import http, image
from rig.dockerd import Dockerd
from rig.longshore import Longshore, Renderer, call
from rig.nginx import Nginx
from rig.wait import wait_until

OTHERS = {"prod-1": ("10.0.0.1", {"longshore-env": "prod"}), "shared-1": ("10.0.0.2", {"longshore-env": "*"}),
          "plain-1": ("10.0.0.3", {})}


class EnvTest(DrainCase):
    def setUp(self):
        super().setUp()
        for service_id, (address, meta) in OTHERS.items():
            self.store.put("/v1/agent/service/register", {"Name": "nano", "ID": service_id, "Address": address,
                                                          "Port": 5000, "Meta": meta})
        self.source = self.write("env.ctmpl", '{{ range service "nano" }}server {{ .Address }}:{{ .Port }};\n{{ end }}')

    def render(self, *options):
        return self.renderer(f"{self.source}:{self.path('out.conf')}", options=("-probe=false", *options))

    def keys(self, below):
        answer = http.get("127.0.0.1:8500", f"/v1/kv/{below}?keys&consistent")
        return answer.json() if answer.status == 200 else []

    def test_a_renderer_shows_its_own_and_counts_the_others(self):
        ours = self.start_nano("ours")
        self.agent("-internal", "-env", "staging")
        self.wait_healthy("nano", [*ours, *(f"{address}:5000" for address, _ in OTHERS.values())])
        lb = self.render("-env", "staging")
        self.wait_file(self.path("out.conf"), [*ours, "10.0.0.2:5000"])
        self.assertEqual((2, 2), tuple(lb.metrics()[f"longshore_render_instances_{name}"]
                                       for name in ("foreign", "refused_total")))
        line = lb.wait_log("id=prod-1")
        self.assertRegex(line, "event=refused .*env=prod reason=\"it is of another environment\"")
        # A drain of this environment, by a record of this environment.
        done = call("drain", "ours", "-env", "staging")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.wait_file(self.path("out.conf"), ["10.0.0.2:5000"])
        self.assertEqual((1, []), (len(self.keys("longshore/staging/drains/")), self.keys("longshore/drains/")))

    def test_without_a_name_one_sees_those_without_a_name(self):
        self.render()
        self.wait_file(self.path("out.conf"), ["10.0.0.2:5000", "10.0.0.3:5000"])

    def test_only_names_of_its_own_are_suggested(self):
        for name, env in (("shop-blue", "staging"), ("shop-green", "prod"), ("shop-red", "*"), ("shop-white", "")):
            self.store.put("/v1/agent/service/register", {"Name": name, "ID": name, "Address": "10.0.0.4", "Port": 5000,
                                                          "Meta": {"longshore-env": env} if env else {}})
        for env, names in (("staging", "shop-blue, shop-red"), ("prod", "shop-green, shop-red"), ("", "shop-red, shop-white")):
            done = call("drain", "shop", "-env", env)
            self.assertEqual(1, done.returncode, done.stdout + done.stderr)
            self.assertIn(f"; there is {names}; nothing was drained", done.stderr)

    def test_colours_are_kept_apart(self):
        self.agent("-internal", "-env", "staging")
        self.store.put("/v1/kv/services/books/color", "green")
        done = call("deploy", "books", "-image", "nano", "-env", "staging", *CHECKED,
                    env={"DOCKER_HOST": self.docker.host}, seconds=60)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertEqual((["books-blue-1"], "blue", "green"),
                         (self.docker.running(), self.store.key("services/staging/books/color"),
                          self.store.key("services/books/color")))
        self.assertEqual((["longshore/staging/deploys/books"], []),
                         (self.keys("longshore/staging/deploys/"), self.keys("longshore/deploys/")))


class TwoTest(base.E2ETest):
    """Staging and production, each with an engine, an agent and a load balancer of its own, and one Consul for both."""

    def setUp(self):
        super().setUp()
        self.second = base.world.further("second docker", lambda: Dockerd(
            os.path.abspath(base.LOGS), name="second", socket_path="/run/second.sock", bridge=("second0", "10.213.9.1/24")))
        self.addCleanup(lambda: self.second.process.running() and self.second.remove_all())
        image.make(self.second, os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice"))
        self.engines = {"staging": self.docker, "prod": self.second}
        self.edges = {env: self.edge(env, number) for number, env in enumerate(self.engines)}

    def edge(self, env, number):
        """Its load balancer with the stock template, and its agent; returns where nginx listens."""
        where = f"127.0.0.1:{8080 + number}"
        nginx = Nginx(self.path("nginx-" + env), where)
        nginx.start()
        self.addCleanup(lambda: nginx.process.running() and nginx.stop())
        pages = [f"127.0.0.1:{8520 + 2 * number + role}" for role in (0, 1)]
        # Hosts of one name would fight for the same IDs.
        options = ["-internal", "-env", env, "-hostname", env, "-http-addr", pages[0], "-state-dir", self.path("agent-" + env)]
        agent = Longshore("agent", [*options, "consul://" + self.store.where], self.logs, pages[0],
                          {"DOCKER_HOST": self.engines[env].host}, name="agent-" + env)
        self.keep(agent).start().wait_ready()
        lb = Renderer(self.logs, [f"templates/site.conf.ctmpl:{os.path.join(nginx.conf_d, 'site.conf')}"], "-env", env,
                      "-http-addr", pages[1], "-reload-pid-file", nginx.pid_file, "-renderer-id", env, env={"LISTEN": where})
        lb.name, lb.status_address, lb.log_path = "lb-" + env, pages[1], os.path.join(self.logs, f"lb-{env}.log")
        self.keep(lb).start().wait_ready()
        return where

    def deploy(self, env, service, version, *words, code=0):
        done = call("deploy", service, "-image", "nano", "-e", "VERSION=" + version, *words, seconds=90,
                    env={"DOCKER_HOST": self.engines[env].host, "LONGSHORE_ENV": env})
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def versions(self):
        """What each answers at the host name that both have."""
        out = []
        for where in self.edges.values():
            text = http.get(where, "/", headers={"Host": "shop.example"}).text
            out.append(text.split("version=")[1].split()[0] if "version=" in text else text.strip())
        return tuple(out)

    def wait_versions(self, *wanted):
        def same():
            if self.versions() != wanted:
                raise AssertionError(self.versions())
            return True
        wait_until(same, 20, f"{wanted} answer")

    def test_colours_and_claims_of_one_say_nothing_to_the_other(self):
        host = ("-label", "SERVICE_HOST=shop.example", *CHECKED)
        self.deploy("staging", "books", "s1", *host)
        self.deploy("prod", "books", "p1", *host)
        self.wait_versions("s1", "p1")
        self.deploy("staging", "books", "s2")
        self.wait_versions("s2", "p1")
        self.assertEqual(("green", "blue"), tuple(self.store.key(f"services/{env}/books/color") for env in self.edges))
        # Two operators at once, one in each: both win.
        self.store.put("/v1/kv/longshore/staging/deploys/books?acquire=" +
                       self.store.put("/v1/session/create", {"TTL": "60s", "LockDelay": "0s"}).json()["ID"], "{}")
        self.assertIn("is being deployed", self.deploy("staging", "books", "s3", code=1))
        self.deploy("prod", "books", "p2")
        self.wait_versions("s2", "p2")
        self.assertEqual((["books-green-1"],) * 2, tuple(docker.running() for docker in self.engines.values()))
        # Another service claims the name, in production only.
        self.deploy("prod", "pens", "pens", *host)
        self.store.put("/v1/kv/longshore/prod/claims/shop.example", {"version": 1, "service": "pens"})
        self.wait_versions("s2", "pens")
        self.store.put("/v1/kv/longshore/staging/claims/shop.example", {"version": 1, "service": "books"})
        self.store.put("/v1/kv/longshore/claims/shop.example", {"version": 1, "service": "nobody"})
        self.deploy("staging", "pens", "other", *host)
        self.wait_versions("s2", "pens")
        # What is drained in one serves on in the other.
        done = call("drain", "books-green", "-env", "staging", seconds=60)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.wait_versions("no instance of this service is available", "pens")
