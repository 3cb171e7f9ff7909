"""Guards: what a registry says may be too bad to be true. Instances that go without a word stay in the file."""

import json

from e2e.base import E2ETest
from rig import http
from rig.longshore import call
from rig.wait import hold_true, wait_until

SERVICE = """{{ range service "shop" }}{{ .Address }}:{{ .Port }}
{{ end }}"""


class Guards:
    """Instances in the catalog whose addresses neither answer nor refuse: nothing but the registry speaks of them."""

    wants_docker = False

    def register(self, *numbers, service="shop"):
        for number in numbers:
            self.store.put("/v1/agent/service/register", {"ID": f"{service}-{number}", "Name": service,
                                                          "Address": f"192.0.2.{number}", "Port": 80})

    def deregister(self, *numbers, service="shop"):
        for number in numbers:
            self.store.put(f"/v1/agent/service/deregister/{service}-{number}")

    def begin(self, *options, template=SERVICE, **more):
        source = self.write("shop.ctmpl", template)
        self.out = self.path("shop.conf")
        # The hold is another matter: without one what is missing goes at once.
        self.renderer_of = self.renderer(f"{source}:{self.out}", options=("-hold", "0", "-probe=false", *options), **more)
        return self.renderer_of

    def shows(self, *numbers):
        expected = "".join(f"192.0.2.{number}:80\n" for number in numbers)
        def same():
            if self.read("shop.conf") != expected:
                raise AssertionError(self.read("shop.conf"))
            return True
        wait_until(same, 15, f"the file shows {numbers}")
        return expected

    def metric(self, name, labels=""):
        return self.renderer_of.metrics()[name + labels]

    def held(self):
        return http.get(self.renderer_of.status_address, "/v1/status").json()["guards"]

    def test_mass_deregistration_is_held_until_instances_return(self):
        self.register(1, 2, 3, 4, 5, 6)
        renderer = self.begin("-max-shrink", "50%")
        everything = self.shows(1, 2, 3, 4, 5, 6)
        said = len(renderer.log())
        self.deregister(3, 4, 5, 6)
        line = renderer.wait_log("event=guard_holds", after=said)
        self.assertIn("max_shrink is 50%", line)
        wait_until(lambda: self.store.healthy("shop") == ["192.0.2.1:80", "192.0.2.2:80"], 10, "the registry has two")
        # Some of them may have gone one by one before it was too much: they are back.
        wait_until(lambda: self.read("shop.conf") == everything, 15, "all of them are shown")
        hold_true(lambda: self.read("shop.conf") == everything, 2, "they stay")
        self.assertEqual(1, renderer.log()[said:].count("event=guard_holds "))
        (held,) = self.held()
        self.assertEqual("shop", held["service"])
        self.assertEqual(["192.0.2.3:80", "192.0.2.4:80", "192.0.2.5:80", "192.0.2.6:80"],
                         sorted(one["address"] for one in held["instances"]))
        self.assertEqual(4, self.metric("longshore_guard_instances_kept"))
        self.assertEqual(1, self.metric("longshore_guard_holds_total"))
        self.assertGreaterEqual(self.metric("longshore_guard_instances_kept_total"), 4)
        why = call("why", "192.0.2.5:80").stdout
        self.assertIn("there, because a guard keeps it", why)
        self.assertIn("longshore release", why)
        self.register(7)
        self.shows(1, 2, 7)
        self.assertEqual([], self.held())
        self.assertEqual(1, self.metric("longshore_guard_holds_ended_total", '{reason="returned"}'))

    def test_an_operator_lets_go(self):
        self.register(1, 2)
        self.begin("-keep-on-empty")
        everything = self.shows(1, 2)
        self.deregister(1, 2)
        wait_until(lambda: self.held(), 15, "something is held")
        wait_until(lambda: any("shop keeps" in text for row in self.status_rows() for text in row.get("guarded", [])), 15,
                   "status tells")
        self.assertEqual(everything, self.read("shop.conf"))
        self.assertIn("shop keeps", call("release").stderr)
        self.assertEqual(0, call("release", "other").returncode)
        hold_true(lambda: self.read("shop.conf") == everything, 1, "another service's release says nothing")
        self.assertEqual(0, call("release", "shop").returncode)
        self.shows()
        self.assertEqual(1, self.metric("longshore_guard_holds_ended_total", '{reason="released"}'))

    def status_rows(self):
        return json.loads(call("status", "-json").stdout)["consul"]["status"]["renderers"]


class GuardsWithConsulTest(Guards, E2ETest):
    backend = "consul"

    def test_words_of_single_instances_are_heeded(self):
        self.register(1, 2, 3)
        self.begin("-min-instances", "2")
        self.shows(1, 2, 3)
        # Maintenance is a word, below the minimum too.
        self.maintain("shop-2")
        self.shows(1, 3)
        self.maintain("shop-3")
        self.shows(1)
        self.assertEqual([], self.held())
        # A note that comes later lets a kept one go.
        self.register(5)
        self.shows(1, 5)
        self.deregister(5)
        wait_until(lambda: self.held(), 15, "it is kept")
        self.assertEqual(0, self.metric("longshore_guard_holds_ended_total", '{reason="said"}'))
        node = self.store.get("/v1/agent/self")["Config"]["NodeName"]
        self.store.put(f"/v1/kv/longshore/withdrawn/{node}/shop-5", {})
        self.shows(1)
        self.assertEqual(1, self.metric("longshore_guard_holds_ended_total", '{reason="said"}'))

    def maintain(self, instance):
        self.store.put(f"/v1/agent/service/maintenance/{instance}?enable=true&reason=test")

    def test_blocks_of_files(self):
        """A service of its own rule, what a template requires, and its limit."""
        self.register(1, 2)
        config = self.write("guards.hcl", f"""
guard {{ service = "shop"  keep_on_empty = true  limit = "3s" }}
template {{
  contents = "{{{{ range service \\"shop\\" }}}}{{{{ .ID }}}} {{{{ end }}}}"
  destination = "{self.path('needs.conf')}"
  guard {{ require_services = ["auth"]  limit = "3s" }}
}}""")
        renderer = self.begin("-config", config, start=False)
        renderer.start()
        self.shows(1, 2)
        renderer.wait_log("event=template_waiting")
        self.register(1, service="auth")
        wait_until(lambda: self.read_or("needs.conf") == "shop-1 shop-2 ", 15, "what it requires is there")
        self.deregister(1, service="auth")
        renderer.wait_log("template=\"(inline) " + self.path("needs.conf") + "\" reason=\"what it requires is not there\"")
        wait_until(lambda: self.metric("longshore_guard_files_held_total") >= 1, 15, "it is counted")
        self.deregister(1, 2)
        self.assertIn("reason=limit", renderer.wait_log("event=guard_holds_no_longer service=shop"))
        self.shows()
        self.assertEqual(1, self.metric("longshore_guard_holds_ended_total", '{reason="limit"}'))
        wait_until(lambda: self.read_or("needs.conf") == "", 15, "not for ever")

    def read_or(self, name):
        try:
            return self.read(name)
        except FileNotFoundError:
            return None


class GuardsWithRegistryTest(Guards, E2ETest):
    backend = "registry"
