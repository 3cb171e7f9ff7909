"""Each metric of the agent, with a scripted engine and a registry that fails on demand; see metrics.py."""

import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

from agent_faults.engine import Container  # noqa: E402
from agent_faults.server import Answer, close, hold, status  # noqa: E402
from agent_faults.stage import Agent as StageAgent, Stage  # noqa: E402
from e2e.base import E2ETest  # noqa: E402
from e2e.metrics import Moves  # noqa: E402
from rig.longshore import executable  # noqa: E402
from rig.meter import Meter  # noqa: E402
from rig.wait import wait_until  # noqa: E402

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
