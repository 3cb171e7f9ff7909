"""Environments on one Consul: keys, colours, drains and what templates find are kept apart."""

from e2e.deploy_test import CHECKED
from e2e.drain_test import DrainCase
from rig import http
from rig.longshore import call

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
