"""Each metric of the renderer, with Consul, nginx and backends that fall silent; see metrics.py."""

import http.server
import os
import signal
import socket
import subprocess
import threading

from e2e.base import E2ETest
from e2e.metrics import Moves
from rig import http as web
from rig.meter import Meter
from rig.nginx import Nginx
from rig.relay import Relay
from rig.wait import wait_until

RENDERER = """
longshore_render_templates longshore_render_templates_rendered
longshore_render_watches longshore_render_watches_stale longshore_render_data_age_seconds
longshore_render_watch_age_seconds longshore_render_watch_answers_total longshore_render_watch_errors_total
longshore_render_connections longshore_render_own_queries longshore_render_signals longshore_render_requests_total
longshore_render_probes_total longshore_render_lists_total longshore_render_reads_total
longshore_render_instances_held longshore_render_instances_vanished_total
longshore_render_instances_foreign longshore_render_instances_refused_total
longshore_render_instances_released_early_total
longshore_render_evaluations_total longshore_render_evaluation_errors_total longshore_render_remarks
longshore_render_files_written_total longshore_render_file_errors_total
longshore_render_followups_pending longshore_render_followups_total longshore_render_followup_errors_total
longshore_render_reloads_total longshore_render_nginx_workers_retired_total longshore_render_word_writes_total
longshore_render_services_low longshore_render_notices_total longshore_render_notice_errors_total
longshore_render_group_applied_total longshore_render_group_refused_total longshore_render_group_checks_total
longshore_render_group_restored_total longshore_render_group_held_total longshore_render_group_problem
longshore_render_group_quarantined longshore_render_group_generations longshore_render_group_turns_total
longshore_probe_backends longshore_probe_backends_out longshore_probe_backends_waiting longshore_probe_backends_kept
longshore_probe_instances_doubted longshore_probe_started_total longshore_probe_failed_total
longshore_probe_ejected_total longshore_probe_returned_total longshore_probe_kept_by_floor_total
longshore_probe_admitted_total longshore_probe_admitted_unproven_total longshore_probe_fallbacks_total
"""


class Backend:
    """A backend that answers, is silent, or goes."""

    def __init__(self, answers=True):
        self.answers, outer = threading.Event(), self
        if answers:
            self.answers.set()

        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answers.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.answers.set()
        self.server.shutdown()
        self.server.server_close()


class RendererTest(Moves, E2ETest):
    backend = "consul"
    wants_docker = False
    MANY = 60

    def backend_of(self, service, name, **more):
        one = Backend(**more)
        self.addCleanup(one.stop)
        self.register(service, name, one.port)
        return one

    def register(self, service, name, port):
        self.store.put("/v1/agent/service/register", {"ID": name, "Name": service, "Address": "127.0.0.1", "Port": port})

    def put(self, key, value):
        self.store.put("/v1/kv/" + key, value)

    def config(self, more=""):
        nginx, said = self.edge, self.path("told")
        checker = self.path("checker")
        return self.write("all.hcl", f"""
max_connections = 12
probe {{ enabled = true }}
health_check {{ interval = "300ms" }}
state_dir = "{self.path('state')}"
watch {{ service = "web" below = 3 for = "100ms" command = "test -e {said}" }}
group "edge" {{
  check = ["nginx", "-t", "-q", "-p", "{nginx.home}", "-c", "{nginx.config}"]
  pid_file = "{nginx.pid_file}"
  confirm_timeout = "2s"
  quarantine = true
  template {{ contents = "{{{{ key \\"site-a\\" }}}}" destination = "{nginx.conf_d}/a.conf" }}
  template {{ contents = "{{{{ key \\"site-b\\" }}}}" destination = "{nginx.conf_d}/b.conf" }}
}}
group "plain" {{
  check = ["{checker}", "{{{{.}}}}"]
  command = "true"
  template {{ contents = "{{{{ key \\"plain\\" }}}}" destination = "{self.path('plain')}" }}
}}
group "seldom" {{
  reloads_per_minute = 10
  command = "true"
  fleet {{ semaphore = "seldom"  patience = "1s" }}
  template {{ contents = "{{{{ key \\"seldom\\" }}}}" destination = "{self.path('seldom')}" }}
}}
template {{
  contents = "{{{{ range services }}}}{{{{ range service .Name }}}}{{{{ .ID }}}} {{{{ end }}}}{{{{ end }}}}"
  destination = "{self.path('all')}"
  command = "while [ -e {self.path('gate')} ]; do sleep 0.05; done; test ! -e {self.path('fail')}"
}}
template {{ contents = "{{{{ key \\"number\\" | parseInt }}}}{{{{ if keyExists \\"odd\\" }}}}{{{{ remark \\"odd\\" }}}}{{{{ end }}}}" destination = "{self.path('number')}" }}
template {{ contents = "{{{{ key \\"number\\" }}}}" destination = "{self.path('lost/number')}" create_dest_dirs = false }}
{more}
""")

    def site(self, name, more=""):
        return f"server {{ listen 127.0.0.1:80{9 if name == 'a' else 8}0; {more} location / {{ return 200; }} }}\n"

    def test_each_moves(self):
        self.edge = Nginx(self.path("nginx"))
        self.edge.start()
        self.addCleanup(lambda: self.edge.process.running() and self.edge.stop())
        checker = self.write("checker", "#!/bin/sh\ngrep -q good $1\n")
        os.chmod(checker, 0o755)
        for name in "ab":
            self.put(f"site-{name}", self.site(name))
        self.put("plain", "good 1")
        self.put("seldom", "1")
        self.put("number", "1")
        backends = [self.backend_of("web", f"web-{number}") for number in (1, 2)]
        self.backend_of("steady", "steady-1")
        relay = Relay("127.0.0.1:8517", "127.0.0.1:8500").start()
        renderer = self.renderer(options=("-config", self.config(), "-consul-addr", relay.where, "-hold", "4s",
                                          "-probe-admission", "1s"), start=False)
        renderer.start()
        meter = Meter(lambda: web.get(renderer.status_address, "/metrics").text)
        wait_until(meter.look, 20, "the renderer has a page")
        meter.wait("longshore_render_file_errors_total", least=1)
        os.makedirs(self.path("lost"))
        renderer.wait_ready(30)
        self.assertEqual(0, meter.look()["longshore_render_signals"])
        for number in range(self.MANY):
            self.register(f"many-{number}", f"many-{number}", 9)

        self.commands_and_files(meter, renderer)
        self.groups(meter)
        self.watches(meter)
        self.probes(meter, backends)
        # Consul goes and comes.
        relay.stop()
        for key in ("watch_errors_total", "watches_stale", "data_age_seconds"):
            meter.wait("longshore_render_" + key)
        relay = Relay(relay.where, relay.target).start()
        self.addCleanup(relay.stop)
        meter.wait("longshore_render_watches_stale", is_=0)
        self.assert_all_move(meter, RENDERER)

    def commands_and_files(self, meter, renderer):
        gate = self.write("gate", "")
        self.register("another", "another", 9)
        meter.wait("longshore_render_followups_pending", least=1)
        os.unlink(gate)
        self.write("fail", "")
        self.register("another-2", "another-2", 9)
        meter.wait("longshore_render_followup_errors_total")
        os.unlink(self.path("fail"))
        self.put("number", "none")
        meter.wait("longshore_render_evaluation_errors_total")
        self.put("number", "2")
        self.put("odd", "1")
        meter.wait("longshore_render_remarks", is_=1)
        # One template more: HUP.
        self.config(f'template {{ contents = "{{{{ key \\"number\\" }}}}" destination = "{self.path("fresh")}" }}')
        before = meter.look()["longshore_render_templates"]
        renderer.send(signal.SIGHUP)
        meter.wait("longshore_render_templates", is_=before + 1)
        for key in ("notice_errors_total", "services_low"):
            meter.wait("longshore_render_" + key, least=1)
        self.write("told", "")
        meter.wait("longshore_render_notices_total")

    def groups(self, meter):
        # A request that never ends keeps its old worker.
        with socket.create_connection(("127.0.0.1", 8090)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost:")
            wait_until(lambda: self.edge_reads(), 10, "a worker has it")
            self.put("site-b", self.site("b", "add_header X second;"))
            meter.wait("longshore_render_group_generations")
        self.put("site-b", "no_such_thing on;\n")
        meter.wait("longshore_render_group_quarantined", is_=1)
        self.put("site-b", self.site("b"))
        meter.wait("longshore_render_group_quarantined", is_=0)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 8099))
            other.listen()
            self.put("site-b", self.site("b", "listen 127.0.0.1:8099;"))
            meter.wait("longshore_render_group_restored_total")
        self.put("site-b", self.site("b"))
        self.put("plain", "bad")
        meter.wait("longshore_render_group_refused_total")
        meter.wait("longshore_render_group_problem", least=1)
        os.rename(self.path("checker"), self.path("checker.away"))
        self.put("plain", "good 2")
        meter.wait("longshore_render_group_checks_total{result=broken}")
        os.rename(self.path("checker.away"), self.path("checker"))
        for number in range(2, 5):
            self.put("seldom", str(number))
            wait_until(lambda: meter.look() and self.read("seldom") == str(number) or
                       meter.look()["longshore_render_group_held_total"] > 0, 20, "it is written, or held")
        meter.wait("longshore_render_group_held_total")
        meter.wait("longshore_render_group_turns_total{outcome=given}", least=1)
        # Another one has the place.
        session = self.store.put("/v1/session/create", {"Name": "other", "LockDelay": "0s"}).json()["ID"]
        place = f"/v1/kv/longshore/fleet/seldom/0?acquire={session}"
        wait_until(lambda: self.store.put(place, "other").json(), 20, "it is free")
        self.put("seldom", "last")
        meter.wait("longshore_render_group_turns_total{outcome=without}", least=1)
        for key in ("reloads_total{outcome=confirmed}", "reloads_total{outcome=unconfirmed}",
                    "reloads_total{outcome=done}", "reloads_total{outcome=failed}", "nginx_workers_retired_total",
                    "group_checks_total{result=passed}", "group_checks_total{result=refused}", "word_writes_total"):
            meter.wait("longshore_render_" + key, least=1)

    def edge_reads(self):
        """Does a worker hold the client's connection?"""
        shown = subprocess.run(["ss", "-Htn", "state", "established", "sport", "=", ":8090"], capture_output=True,
                               text=True, check=True).stdout
        return [line for line in shown.splitlines() if line.split()[0] == "0"]

    def watches(self, meter):
        # More dependencies than connections, then a change that nobody can name: signals, probes, lists.
        for key in ("signals", "own_queries", "connections", "watch_age_seconds"):
            meter.wait("longshore_render_" + key, least=0.001)
        for number in range(3):
            self.register(f"many-{number}", f"many-{number}b", 10 + number)
        meter.wait("longshore_render_probes_total", least=1)
        meter.wait("longshore_render_lists_total", least=1)
        # One vanishes and would accept: it is held. Another one refuses.
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.register("many-1", "many-held", listener.getsockname()[1])
            wait_until(lambda: "many-held" in self.read("all"), 20, "it is known")
            self.store.put("/v1/agent/service/deregister/many-held")
            meter.wait("longshore_render_instances_held", least=1)
            meter.wait("longshore_render_instances_vanished_total")
        self.store.put("/v1/agent/service/deregister/many-2")
        meter.wait("longshore_render_instances_released_early_total")
        # One of another environment.
        self.store.put("/v1/agent/service/register", {"Name": "many-1", "ID": "many-foreign", "Address": "127.0.0.1",
                                                      "Port": 9, "Meta": {"longshore-env": "other"}})
        meter.wait("longshore_render_instances_foreign", least=1)
        meter.wait("longshore_render_instances_refused_total")

    def probes(self, meter, backends):
        one, two = backends
        meter.wait("longshore_probe_started_total", least=10)
        one.answers.clear()
        meter.wait("longshore_probe_backends_out", least=1)
        two.answers.clear()
        meter.wait("longshore_probe_kept_by_floor_total")
        meter.wait("longshore_probe_backends_kept", least=1)
        one.answers.set()
        two.answers.set()
        meter.wait("longshore_probe_returned_total")
        silent = self.backend_of("web", "web-3", answers=False)
        meter.wait("longshore_probe_backends_waiting", least=1)
        meter.wait("longshore_probe_admitted_unproven_total")
        silent.answers.set()
        self.backend_of("web", "web-4")
        meter.wait("longshore_probe_admitted_total")
        self.backend_of("odd", "odd-1", answers=False)
        meter.wait("longshore_probe_fallbacks_total", 60)
        # Two instances turn critical in one answer, because their node does.
        first, second = Backend(), Backend()
        for number, backend in enumerate((first, second)):
            self.addCleanup(backend.stop)
            self.node("passing", {"ID": f"far-{number}", "Service": "far", "Address": "127.0.0.1",
                                  "Port": backend.port})
        wait_until(lambda: "far-1" in self.read("all"), 20, "they are known")
        self.node("critical")
        meter.wait("longshore_probe_instances_doubted", least=1)
        self.store.put("/v1/catalog/deregister", {"Node": "far"})

    def node(self, state, service=None):
        body = {"Node": "far", "Address": "192.0.2.1", "SkipNodeUpdate": True,
                "Check": {"Node": "far", "CheckID": "serfHealth", "Name": "gossip", "Status": state}}
        self.store.put("/v1/catalog/register", {**body, **({"Service": service} if service else {})})
