"""TTL checks that the agent feeds: heartbeats that fail, checks that are lost, leases without an agent."""

from functools import partial

from agent_faults.leaving import ONE, TROUBLES, begin
from rig.wait import hold_true

CHECKS = "PUT /v1/agent/check/"
TTL = {"SERVICE_CHECK_TTL": "2s"}


def alive(stage, check="service:" + ONE, seconds=2.5):
    hold_true(lambda: stage.store.checks()[check]["Status"] == "passing", seconds, "the check does not fail")


def fed(stage):
    one, _ = begin(stage, labels=TTL)
    stage.wait_check("service:" + ONE, "passing")
    alive(stage)
    stage.engine.pause(one)
    stage.wait_check("service:" + ONE, "critical")
    stage.engine.pause(one, False)
    stage.wait_check("service:" + ONE, "passing")


def fed_with_trouble(action, stage):
    """Heartbeats fail until the check does: it passes again as soon as they arrive, without a registration."""
    begin(stage, labels=TTL)
    stage.wait_check("service:" + ONE, "passing")
    writes = stage.store.writes()
    stage.store.fault(CHECKS, action)
    stage.wait_check("service:" + ONE, "critical")
    stage.store.heal()
    stage.wait_check("service:" + ONE, "passing")
    assert stage.store.writes() == writes, "something else was written"


def check_lost(stage):
    """Consul's agent lost the check and kept the service."""
    begin(stage, labels=TTL)
    stage.wait_check("service:" + ONE, "passing")
    assert stage.store.ask("PUT", "/v1/agent/check/deregister/service:" + ONE).status == 200
    stage.wait_check("service:" + ONE, "passing")


def fed_after_emptying(stage):
    begin(stage, labels=TTL)
    stage.store.empty()
    stage.store.cut_connections()
    stage.expect()
    stage.wait_check("service:" + ONE, "passing")
    alive(stage)


def not_fed_any_more(clean, stage):
    """Nobody renews a lease when the agent is gone; its return does."""
    begin(stage, "-internal", "-lease", "2s")
    check = "longshore-lease:" + ONE
    stage.wait_check(check, "passing")
    alive(stage, check)
    if clean:
        stage.agent.term()
    else:
        stage.agent.kill9()
    stage.wait_check(check, "critical")
    stage.agent.start().wait_ready()
    stage.wait_check(check, "passing")


def docker_away_and_fed(stage):
    """What is known of the containers is said on while Docker cannot be asked."""
    begin(stage, labels=TTL)
    stage.engine.stop()
    stage.agent.wait_unready("Docker")
    stage.wait_check("service:" + ONE, "passing")
    alive(stage)
    stage.engine.start()
    stage.agent.wait_ready()


SCENARIOS = [
    ("heartbeat: a TTL check", fed),
    *((f"heartbeat: Consul's trouble: {name}", partial(fed_with_trouble, TROUBLES[name]))
      for name in ("500", "429", "closed", "no leader")),
    ("heartbeat: the check is lost", check_lost), ("heartbeat: Consul comes back empty", fed_after_emptying),
    *((f"heartbeat: a lease, and the agent ends by {'TERM' if clean else 'KILL'}", partial(not_fed_any_more, clean))
      for clean in (True, False)),
    ("heartbeat: Docker is away", docker_away_and_fed),
]
