"""Operator verbs on a real Consul and a real engine: plan is checked by `patch`, why by what is really in the file."""

import json
import os
import shutil
import subprocess

from e2e.base import E2ETest
from rig.guarded import Guarded
from rig.longshore import call
from rig.wait import wait_until

SERVERS = '{{ range service "many" }}server {{ .Address }}:{{ .Port }};\n{{ end }}'
INSTANCES = 1000


class PlanCase(E2ETest):
    wants_docker = False

    def plan(self, *options):
        return call("plan", "-consul-addr", self.store.where, *options)


class PlanTest(PlanCase):
    def register(self, *numbers):
        for number in numbers:
            self.store.put("/v1/agent/service/register", {
                "ID": f"many-{number}", "Name": "many", "Address": f"10.1.{number // 250}.{number % 250 + 1}",
                "Port": 80})

    def test_is_a_patch_that_gives_what_render_gives(self):
        source, target = self.write("many.ctmpl", SERVERS), self.path("many.conf")
        self.register(*range(30))
        first = self.plan("-template", f"{source}:{target}:never run")
        self.assertEqual((1, True), (first.returncode, first.stdout.startswith("--- /dev/null\n")), first)
        self.assertIn("plan: then this would run: never run\n", first.stdout)
        self.assertFalse(os.path.exists(target), "a plan writes nothing")
        done = call("render", "-consul-addr", self.store.where, "-once", "-template", f"{source}:{target}")
        self.assertEqual(0, done.returncode, done)
        same = self.plan("-template", f"{source}:{target}")
        self.assertEqual((0, "plan: no changes in 1 files; nothing would be reloaded\n"),
                         (same.returncode, same.stdout))
        for number in (3, 17, 18, 29):
            self.store.put(f"/v1/agent/service/deregister/many-{number}")
        self.register(100, 101)
        changed = self.plan("-template", f"{source}:{target}")
        self.assertEqual(1, changed.returncode, changed)
        copy = self.path("copy.conf")
        shutil.copy(target, copy)
        subprocess.run(["patch", copy], input=changed.stdout, text=True, check=True, capture_output=True)
        call("render", "-consul-addr", self.store.where, "-once", "-template", f"{source}:{target}")
        self.assertEqual(self.read("many.conf"), self.read("copy.conf"))

    def test_errors_and_what_is_missing_make_it_incomplete(self):
        self.register(1)
        good, target = self.write("good.ctmpl", SERVERS), self.path("good.conf")
        bad = self.write("bad.ctmpl", "{{ nope }}")
        waits = self.write("waits.ctmpl", '{{ key "nobody/wrote/it" }}')
        for other in (bad, waits):
            done = self.plan("-plan-timeout", "2s", "-template", f"{good}:{target}", "-template",
                             f"{other}:{self.path('other')}")
            self.assertEqual(2, done.returncode, done)
            self.assertIn("+server 10.1.0.2:80;", done.stdout, "the others' changes are shown all the same")
            self.assertIn("the plan is not complete", done.stderr)
        self.assertIn("nobody/wrote/it", done.stderr)
        self.assertEqual(2, self.plan().returncode, "nothing to render is a wrong call")
        self.assertEqual(2, self.plan("-tmeplate", "a:b").returncode)

    def test_json(self):
        self.register(1)
        source = self.write("many.ctmpl", SERVERS)
        done = self.plan("-json", "-template", f"{source}:{self.path('many.conf')}", "-reload-pid-file", "/run/x.pid")
        said = json.loads(done.stdout)
        self.assertEqual((True, "/run/x.pid", ["create"]),
                         (said["complete"], said["reload_pid_file"], [item["kind"] for item in said["changes"]]))


class PlanChecksTest(PlanCase):
    """The check of a group sees the files to come in their places; nobody else does."""

    def setUp(self):
        super().setUp()
        self.edge = Guarded(self, ["a", "b"])

    def live(self):
        return sorted(os.listdir(self.edge.nginx.conf_d))

    def test_a_new_tree_passes_and_is_not_touched(self):
        done = self.plan("-config", self.edge.config)
        self.assertEqual(1, done.returncode, done)
        self.assertRegex(done.stdout, r"plan: the check of group edge \(.*nginx.*\) passes\n")
        self.assertEqual([], self.live())
        self.edge.start()
        self.assertEqual(0, self.plan("-config", self.edge.config).returncode)
        self.edge.renderer.term()
        self.edge.put_raw("b", "server {\n  no_such_thing on;\n}\n")
        before = self.edge.text("b")
        bad = self.plan("-config", self.edge.config)
        self.assertEqual(2, bad.returncode, bad)
        self.assertIn(" refuses this; nothing of it would go live:\n", bad.stdout)
        self.assertIn(f'unknown directive "no_such_thing" in {self.edge.target("b")}:2', bad.stdout)
        self.assertIn("a check does not let this pass", bad.stderr)
        self.assertEqual((["a.conf", "b.conf"], before), (self.live(), self.edge.text("b")))
        said = json.loads(self.plan("-json", "-config", self.edge.config).stdout)
        self.assertEqual([("edge", "refused")], [(one["group"], one["result"]) for one in said["checks"]])
        self.assertIn("no_such_thing", said["checks"][0]["output"])
        self.assertEqual([], [name for name in os.listdir("/tmp") if name.startswith("longshore-")])

    def test_a_check_that_names_the_file_and_one_that_cannot_be_run(self):
        self.store.put("/v1/kv/k", "good")
        check = self.write("check", "#!/bin/sh\ngrep -q good $1 || { echo not good; exit 1; }\n")
        os.chmod(check, 0o755)
        for value, command, code, said in (
                ("good", f'["{check}", "{{{{.}}}}"]', 1, "passes"), ("bad", f'["{check}", "{{{{.}}}}"]', 2, "not good"),
                ("good", '["/nonexistent/check"]', 2, "could not be run")):
            self.store.put("/v1/kv/k", value)
            config = self.write("one.hcl", f"""
group "one" {{
  check = {command}
  command = "never run"
  template {{ contents = "{{{{ key \\"k\\" }}}}" destination = "{self.path('one')}" }}
}}
""")
            done = self.plan("-config", config)
            self.assertEqual(code, done.returncode, done)
            self.assertIn(said, done.stdout)
            self.assertFalse(os.path.exists(self.path("one")))


class WhyTest(E2ETest):
    wants_docker = False

    def why(self, *words):
        return call("why", "-agent-addr=", "-consul-addr", self.store.where, *words)

    def test_answers_for_every_server_line_of_a_large_file(self):
        for number in range(INSTANCES):
            self.store.put("/v1/agent/service/register", {
                "ID": f"many-{number}", "Name": "many", "Address": f"10.1.{number // 250}.{number % 250 + 1}",
                "Port": 80})
        target = self.path("many.conf")
        self.renderer(f"{self.write('many.ctmpl', SERVERS)}:{target}")
        lines = self.read("many.conf").splitlines()
        self.assertEqual(INSTANCES, len(lines))
        for number, line in enumerate(lines, 1):
            done = call("why", "-agent-addr=", "-consul-addr=", line)
            address = line.split()[1].rstrip(";")
            self.assertEqual(0, done.returncode, done)
            self.assertIn(f"{target}:{number}\n", done.stdout)
            self.assertTrue(done.stdout.startswith(address + "  many  many-"), done.stdout)
            self.assertIn("=> there, because it is passing and", done.stdout)
        by_number = self.why(f"{target}:500")
        self.assertTrue(by_number.stdout.startswith(lines[499].split()[1].rstrip(";")), by_number)

    def test_what_is_not_there(self):
        self.store.put("/v1/agent/service/register", {
            "ID": "sick", "Name": "many", "Address": "10.1.1.1", "Port": 80,
            "Check": {"TTL": "1h", "Status": "passing"}})
        self.store.put("/v1/agent/service/register", {"ID": "elsewhere", "Name": "unused", "Port": 81})
        target = self.path("many.conf")
        self.renderer(f"{self.write('many.ctmpl', SERVERS)}:{target}")
        self.store.put("/v1/agent/check/fail/service:sick?note=disk+is+full")
        wait_until(lambda: self.read("many.conf") == "", 5, "the sick one leaves the file")
        sick = self.why("sick")
        self.assertIn("health (passing -> critical)", sick.stdout)
        self.assertIn("=> not there, because it is critical", sick.stdout)
        self.assertIn("disk is full", sick.stdout)
        for question in ("elsewhere", "unused"):
            self.assertIn("=> in Consul, but in no file: no template uses service unused", self.why(question).stdout)
        self.store.put("/v1/agent/service/deregister/sick")
        wait_until(lambda: "=> gone: " in self.why("sick").stdout, 15, "it is said to be gone")
        nobody = self.why("nowhere")
        self.assertEqual((1, True), (nobody.returncode, "=> nobody knows it" in nobody.stdout), nobody)
        self.assertEqual(2, self.why().returncode)


class ManyServicesTest(E2ETest):
    """More services than anybody looks through: none is left out."""
    wants_docker = False
    backend = "registry"
    SERVICES = 2100

    def test_all_of_them_are_looked_at(self):
        for number in range(self.SERVICES):
            self.store.put("/v1/agent/service/register", {
                "ID": f"id-{number}", "Name": f"service-{number:04}", "Address": "10.2.0.1", "Port": 1000 + number})
        done = call("status", "-agent-addr=", "-renderer-addr=", "-consul-addr", self.store.where, "-json", seconds=90)
        self.assertEqual(0, done.returncode, done.stderr)
        said = json.loads(done.stdout)["consul"]["status"]
        self.assertEqual([f"id-{number}" for number in range(self.SERVICES)], [row["id"] for row in said["services"]])
        # An ID says nothing of the service's name.
        last = call("why", "-agent-addr=", "-renderer-addr=", "-consul-addr", self.store.where,
                    f"id-{self.SERVICES - 1}", seconds=90)
        self.assertIn(f"10.2.0.1:{999 + self.SERVICES}  service-{self.SERVICES - 1}  id-{self.SERVICES - 1}", last.stdout)
        # Of many instances some are shown, and how many are not.
        for number in range(260):
            self.store.put("/v1/agent/service/register", {
                "ID": f"same-{number}", "Name": "same", "Address": "10.3.0.1", "Port": 1000 + number})
        renderer = self.renderer(f"{self.write('t', SERVERS.replace('many', 'same'))}:{self.path('out')}")
        shown = call("why", "-agent-addr=", "-consul-addr=", "same")
        self.assertIn("and 60 more instances: ask for one of them", shown.stdout)
        self.assertEqual(60, json.loads(call("why", "-agent-addr=", "-consul-addr=", "-json", "same").stdout)["more"])
        renderer.term(15)


class ClusterTest(E2ETest):
    def test_container_from_event_to_file(self):
        nginx = self.nginx()
        self.agent("-internal")
        renderer = self.render_upstream(nginx)
        (address,) = self.start_nano("one")
        self.docker.run(name="quiet", labels={"SERVICE_IGNORE": "1"})
        self.wait_file(self.upstream, [address])
        self.wait_settled(nginx)
        wait_until(lambda: "container" in call("why", address).stdout, 5, "the agent knows the container")
        said = call("why", address).stdout
        for word in ("event ", "registration ", "consul ", "guard ", "template ", f"file          {self.upstream}:2",
                     "=> there, because it is passing"):
            self.assertIn(word, said)
        self.assertIn("=> not registered: skipped", call("why", "quiet").stdout)
        status = json.loads(call("status", "-json", "-link", "http://logs/{{.Node}}/{{.Container}}").stdout)
        (row,) = status["consul"]["status"]["services"]
        self.assertEqual(("nano", "passing", address, "rig-node", True),
                         (row["service"], row["state"], row["address"], row["node"],
                          row["registered_by"].startswith("longshore ")))
        self.assertEqual(f"http://logs/rig-node/{row['container']}", row["link"])
        self.assertTrue(self.docker.inspect("one")["Id"].startswith(row["container"]))
        self.assertTrue(renderer.running())
