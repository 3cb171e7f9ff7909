"""Every metric of every part is provoked and scraped. The lists below are compared with what each part shows: one that
is new there, or that no scenario moves, fails the test; a lint compares them with the sources."""

import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

from agent_faults.engine import Container  # noqa: E402
from agent_faults.server import Answer, close, hold, status  # noqa: E402
from agent_faults.stage import Agent as StageAgent, Stage  # noqa: E402
from e2e.base import E2ETest, world  # noqa: E402
from e2e.drain_test import DIES  # noqa: E402
from e2e.proxy_test import ProxyCase  # noqa: E402
from rig import http as web  # noqa: E402
from rig.longshore import Registry, executable  # noqa: E402
from rig.meter import Meter  # noqa: E402
from rig.nginx import Nginx  # noqa: E402
from rig.relay import Relay  # noqa: E402
from rig.wait import wait_until  # noqa: E402

# What is not moved in here, and which test does it.
ELSEWHERE = {}

# Of each process; what a test can say of them is that they are there.
PROCESS = """longshore_build_info process_cpu_seconds_total process_resident_memory_bytes process_virtual_memory_bytes
    process_start_time_seconds process_open_fds process_max_fds"""

AGENT = """
longshore_agent_docker_connected longshore_agent_docker_connections_total longshore_agent_docker_events_total
longshore_agent_docker_lists_total longshore_agent_docker_inspects_total longshore_agent_docker_inspect_failures_total
longshore_agent_consul_connected longshore_agent_consul_reads_total longshore_agent_consul_read_failures_total
longshore_agent_reconciles_total longshore_agent_corrections_total
longshore_agent_containers longshore_agent_services
longshore_agent_registrations_total longshore_agent_registration_failures_total
longshore_agent_deregistrations_total longshore_agent_deregistration_failures_total
longshore_agent_withdrawals_total longshore_agent_withdrawal_failures_total
longshore_agent_maintenances_total longshore_agent_releases_total longshore_agent_maintenance_failures_total
longshore_agent_fed_checks longshore_agent_heartbeats_total longshore_agent_heartbeat_failures_total
longshore_agent_drains longshore_agent_read_only longshore_agent_session_renewals_total
longshore_agent_reaper_leading longshore_agent_failed_nodes longshore_agent_nodes_reaped_total
longshore_agent_nodes_spared_total longshore_agent_reaper_refusals_total longshore_agent_node_losses_total
"""

RENDERER = """
longshore_render_templates longshore_render_templates_rendered
longshore_render_watches longshore_render_watches_stale longshore_render_data_age_seconds
longshore_render_watch_age_seconds longshore_render_watch_answers_total longshore_render_watch_errors_total
longshore_render_connections longshore_render_own_queries longshore_render_signals longshore_render_requests_total
longshore_render_probes_total longshore_render_lists_total longshore_render_reads_total
longshore_render_instances_held longshore_render_instances_vanished_total
longshore_render_instances_released_early_total
longshore_render_evaluations_total longshore_render_evaluation_errors_total
longshore_render_files_written_total longshore_render_file_errors_total
longshore_render_followups_pending longshore_render_followups_total longshore_render_followup_errors_total
longshore_render_reloads_total longshore_render_nginx_workers_retired_total longshore_render_word_writes_total
longshore_render_services_low longshore_render_notices_total longshore_render_notice_errors_total
longshore_render_group_applied_total longshore_render_group_refused_total longshore_render_group_checks_total
longshore_render_group_restored_total longshore_render_group_held_total longshore_render_group_problem
longshore_render_group_quarantined longshore_render_group_generations
longshore_probe_backends longshore_probe_backends_out longshore_probe_backends_waiting longshore_probe_backends_kept
longshore_probe_instances_doubted longshore_probe_started_total longshore_probe_failed_total
longshore_probe_ejected_total longshore_probe_returned_total longshore_probe_kept_by_floor_total
longshore_probe_admitted_total longshore_probe_admitted_unproven_total longshore_probe_fallbacks_total
"""

REGISTRY = """
longshore_registry_index longshore_registry_services longshore_registry_keys longshore_registry_sessions
longshore_registry_parked_requests longshore_registry_connections longshore_registry_requests_total
longshore_registry_refused_requests_total longshore_registry_check_runs_total longshore_registry_commits_total
longshore_registry_commit_failures_total longshore_registry_checks
"""

PROXY = """
longshore_proxy_connections_total longshore_proxy_ending_calls_total longshore_proxy_drained_total
longshore_proxy_unserved_total longshore_proxy_timed_out_total longshore_proxy_refused_total longshore_proxy_gone_total
longshore_proxy_gaps_total longshore_proxy_gap_seconds_total longshore_proxy_holding
"""


class Moves:
    """The end of each scenario."""

    def assert_all_move(self, meter, listed):
        names = set(listed.split())
        shown = {name for name in meter.names if name not in PROCESS.split()}
        self.assertEqual(set(PROCESS.split()), meter.names - shown)
        self.assertEqual(names, shown - set(ELSEWHERE), "the list of this part, and what it shows")
        still = [key for key in meter.unmoved() if key.partition("{")[0] in names]
        self.assertEqual([], still, "no scenario moves these")


class AgentTest(Moves, E2ETest):
    backend = "none"
    wants_docker = False

    def nodes(self, *failed):
        """What Consul's failure detector says of three nodes and of the registry's own."""
        names = {"node", "well", "dead", "liar"}
        rows = [{"Node": name, "CheckID": "serfHealth", "Status": "critical" if name in failed else "passing",
                 "ModifyIndex": 7} for name in sorted(names)]
        return lambda _connection, _request: Answer(200, json.dumps(rows).encode(), headers={"X-Consul-Index": "7"})

    def evidence(self):
        return [agent.log()[-6000:] for agent in self.stage.agents]

    def test_each_moves(self):
        stage = self.stage = Stage(executable(), self.path("stage"))
        self.addCleanup(stage.close)
        stage.lenient = True  # one container's second port is refused
        engine, store = stage.engine, stage.store
        register, deregister = "PUT /v1/agent/service/register", "PUT /v1/agent/service/deregister/"
        web_ = engine.put(Container(1, name="web", env={"SERVICE_80_CHECK_TTL": "30s"}))
        engine.put(Container(2, name="twins", ports={"80/tcp": None, "81/tcp": None}, env={"SERVICE_ID": "same"}))
        store.fault("GET /v1/health/state/any", self.nodes("dead", "liar", "well"))
        agent = stage.start("-internal", "-reconcile-interval", "1s", "-reap-after", "10s", ready=False, engine=False)
        meter = Meter(lambda: agent.page("/metrics")[1])
        wait_until(meter.look, 20, "the agent has a page")
        meter.wait("longshore_agent_docker_connected", is_=0)
        engine.start()
        agent.wait_ready()
        for key in ("docker_connected", "consul_connected", "containers", "services{state=registered}",
                    "services{state=rejected}", "fed_checks", "heartbeats_total", "reconciles_total"):
            meter.wait("longshore_agent_" + key, least=1)
        meter.wait("longshore_agent_reaper_leading", is_=1)
        meter.wait("longshore_agent_reaper_refusals_total", 30)
        # From here on two nodes of four are failed, for as long as -reap-after says.
        store.heal()
        store.fault("GET /v1/health/state/any", self.nodes("dead", "liar"))
        store.fault("GET /v1/health/node/dead", self.nodes_of("dead", "critical"))
        store.fault("GET /v1/health/node/liar", self.nodes_of("liar", "passing"))
        store.fault("PUT /v1/txn", self.answer(b"{}"))
        meter.wait("longshore_agent_failed_nodes", is_=2)

        # Docker: an end of the stream, an inspect that fails.
        engine.end_streams()
        meter.wait("longshore_agent_docker_connections_total")
        engine.fault("GET .*/containers/[0-9a-f]+/json", status(500), times=1)
        engine.run(Container(3, name="more"))
        meter.wait("longshore_agent_docker_inspect_failures_total")
        meter.wait("longshore_agent_services{state=registered}", least=3)

        # Consul: each kind of write fails, hangs, works.
        store.fault(register, hold)
        engine.run(Container(4, name="slow"))
        meter.wait("longshore_agent_services{state=in_flight}", least=1)
        self.drop(store, register)
        store.fault(register, status(500), times=3)
        engine.run(Container(5, name="late"))
        meter.wait("longshore_agent_registration_failures_total")
        meter.wait("longshore_agent_services{state=failing}", least=1)
        stage.wait_seen(store, register, 1)
        store.fault("PUT /v1/kv/longshore/withdrawn", status(500), times=1)
        store.fault(deregister, status(500), times=1)
        engine.kill(*[one for one in list(engine.containers.values()) if one.name in ("more", "slow")])
        for key in ("withdrawals_total", "withdrawal_failures_total", "deregistrations_total",
                    "deregistration_failures_total"):
            meter.wait("longshore_agent_" + key)

        # Somebody else's doings.
        store.deregister("host:web:80")
        meter.wait("longshore_agent_corrections_total")
        wait_until(lambda: "host:web:80" in (store.services() or ()), 20, "it is registered again")
        target = "/v1/kv/longshore/drains/node/host:web:80"
        store.fault("PUT /v1/agent/service/maintenance", status(500), times=1)
        store.ask("PUT", target, {"version": 1, "mode": "maintain"})
        for key in ("drains", "maintenances_total", "maintenance_failures_total", "services{state=withheld}"):
            meter.wait("longshore_agent_" + key)
        store.ask("DELETE", target)
        meter.wait("longshore_agent_releases_total")
        store.fault("PUT /v1/agent/check/", status(500), times=1)
        meter.wait("longshore_agent_heartbeat_failures_total", 40)
        store.fault("GET /v1/catalog/node/", self.answer(b"null"), times=1)
        meter.wait("longshore_agent_node_losses_total", 60)
        second = StageAgent(stage, "second", ["-internal"], {}, False)
        stage.agents.append(second)
        second.option("-state-dir", agent.state).start().wait_unready("another live agent")
        meter.look(second.page("/metrics")[1])
        second.term()

        for key in ("nodes_reaped_total", "nodes_spared_total", "session_renewals_total"):
            meter.wait("longshore_agent_" + key, 60)
        store.fault(".", close)
        meter.wait("longshore_agent_consul_read_failures_total")
        meter.wait("longshore_agent_consul_connected", is_=0)
        store.heal()
        meter.wait("longshore_agent_consul_connected", is_=1)
        self.assert_all_move(meter, AGENT)
        self.assertTrue(web_.running)
        agent.wait_ready()
        stage.finish()

    @staticmethod
    def answer(data):
        return lambda _connection, _request: Answer(200, data, headers={"X-Consul-Index": "7"})

    def nodes_of(self, name, state):
        return self.answer((f'[{{"Node": "{name}", "CheckID": "serfHealth", "Status": "{state}", '
                            '"ModifyIndex": 7}]').encode())

    @staticmethod
    def drop(server, match):
        """One rule goes, the others stay."""
        with server.changed:
            server.rules[:] = [rule for rule in server.rules if rule.match != match]
            server.touch()


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
  template {{ contents = "{{{{ key \\"seldom\\" }}}}" destination = "{self.path('seldom')}" }}
}}
template {{
  contents = "{{{{ range services }}}}{{{{ range service .Name }}}}{{{{ .ID }}}} {{{{ end }}}}{{{{ end }}}}"
  destination = "{self.path('all')}"
  command = "while [ -e {self.path('gate')} ]; do sleep 0.05; done; test ! -e {self.path('fail')}"
}}
template {{ contents = "{{{{ key \\"number\\" | parseInt }}}}" destination = "{self.path('number')}" }}
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
        for number in range(self.MANY):
            self.register(f"many-{number}", f"many-{number}", 9)
        relay = Relay("127.0.0.1:8517", "127.0.0.1:8500").start()
        renderer = self.renderer(options=("-config", self.config(), "-consul-addr", relay.where, "-hold", "4s",
                                          "-probe-admission", "1s"), start=False)
        renderer.start()
        meter = Meter(lambda: web.get(renderer.status_address, "/metrics").text)
        wait_until(meter.look, 20, "the renderer has a page")
        meter.wait("longshore_render_file_errors_total", least=1)
        os.makedirs(self.path("lost"))
        renderer.wait_ready(30)

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


class RegistryTest(Moves, E2ETest):
    backend = "none"
    wants_docker = False

    def test_each_moves(self):
        world.stop_consul()
        registry = self.keep(Registry(self.logs))
        data = os.path.join(registry.home, "data")
        os.makedirs(data, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", data], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", data], check=False)
        registry.start()
        meter = Meter(lambda: web.get(registry.status_address, "/metrics").text)
        meter.look()
        registry.put("/v1/agent/service/register", {"ID": "x", "Name": "x", "Port": 8500, "Address": "127.0.0.1",
                                                    "Checks": [{"CheckID": "ttl", "TTL": "1h"},
                                                               {"TCP": "127.0.0.1:8500", "Interval": "1s"}]})
        for state in ("pass", "warn", "fail"):
            registry.put(f"/v1/agent/check/{state}/ttl")
            meter.look()
        registry.put("/v1/kv/k", "1")
        registry.put("/v1/session/create", {"TTL": "60s"})
        index = int(web.get(registry.where, "/v1/kv/k").headers["X-Consul-Index"])
        parked = threading.Thread(target=lambda: web.get(
            registry.where, f"/v1/kv/k?index={index}&wait=60s", timeout=90))
        parked.start()
        meter.wait("longshore_registry_parked_requests", least=1)
        registry.put("/v1/kv/k", "2")
        parked.join(20)
        web.get(registry.where, "/v1/kv/k", headers={"Host": "evil.example"})
        meter.wait("longshore_registry_refused_requests_total")
        meter.wait("longshore_registry_check_runs_total")
        # The disk is full.
        filler = os.path.join(data, "filler")
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        answers = [web.put(registry.where, f"/v1/kv/big{number}", b"y" * 400_000).status for number in range(3)]
        self.assertIn(500, answers)
        meter.wait("longshore_registry_commit_failures_total")
        os.unlink(filler)
        registry.wait_ready()
        self.assert_all_move(meter, REGISTRY)


class ProxyTest(Moves, ProxyCase):
    def test_each_moves(self):
        self.site("one", "two")
        self.docker.run(name="other", labels={"SERVICE_IGNORE": "1"}, env=DIES)
        self.deaf = False
        relay = Relay("127.0.0.1:8518", self.store.where, lambda method, _path: self.deaf and method == "DELETE").start()
        self.addCleanup(relay.stop)
        self.proxy("-limit", "4s", "-consul-addr", relay.where)
        meter = Meter(lambda: web.get(self.process.status_address, "/metrics").text)
        meter.look()
        self.cli("stop", "other")
        meter.wait("longshore_proxy_unserved_total")
        self.cli("stop", "one")
        meter.wait("longshore_proxy_drained_total")
        # The only one goes, and another follows.
        self.cli("stop", "two")
        self.cli("start", "two")
        meter.wait("longshore_proxy_gaps_total")
        self.cli("start", "one")
        self.wait_file(self.upstream, self.addresses("one", "two"))
        self.freeze_renderer()
        client = self.popen("stop", "one")
        meter.wait("longshore_proxy_holding", least=1)
        client.kill()
        meter.wait("longshore_proxy_gone_total")
        self.assertTrue(self.running("one"))
        self.cli("stop", "one")
        meter.wait("longshore_proxy_timed_out_total")
        # It ends while a call is held. The end of the drain is not taken yet, so there is time to look.
        self.deaf = True
        client = self.popen("stop", "two")
        wait_until(lambda: self.records("drains"), 10, "the drain is asked for")
        self.process.send(signal.SIGTERM)
        meter.wait("longshore_proxy_refused_total")
        self.deaf = False
        self.assertEqual(1, client.wait(20))
        self.assertEqual(0, self.process.wait(20))
        self.assert_all_move(meter, PROXY)
