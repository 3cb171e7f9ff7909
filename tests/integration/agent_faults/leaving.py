"""How services leave and come back while their container runs: drains and pauses, with faults of Docker and Consul in the
middle of each. Stops and heartbeats have files of their own."""

import json
from functools import partial

from agent_faults.server import close, served_then_closed, status
from rig.wait import hold_true

ONE, TWO = "host:c0:80", "host:c1:80"
MAINTENANCE = "agent/service/maintenance/"
SHORT, LONG = {"StopTimeout": 1}, {"StopTimeout": 60}
TROUBLES = {"500": status(500), "403": status(403), "429": status(429), "no leader": status(500, "No cluster leader"),
            "closed": close, "done, answer lost": served_then_closed}


def begin(stage, *options, **more):
    """Two that are registered."""
    containers = stage.containers(2, **more)
    stage.engine.put(*containers)
    stage.start(*(options or ("-internal",)))
    stage.expect()
    return containers


def cut_off(stage, meanwhile):
    """The event stream ends, and nobody is let in before `meanwhile` has happened."""
    # From the first question on: what time it is must be asked after `meanwhile`.
    stage.engine.fault("/version", close)
    seen = stage.engine.seen("/version")
    stage.engine.end_streams(cleanly=False)
    stage.wait_seen(stage.engine, "/version", seen + 1)
    meanwhile()
    stage.engine.heal()
    stage.agent.wait_ready()


# Drains

def drain(stage, target, value=None, delete=False):
    path = f"/v1/kv/longshore/drains/node/{target}"
    answer = stage.store.ask("DELETE" if delete else "PUT", path, None if delete else value or {"version": 1})
    assert answer.status == 200, answer.body


DRAINED = "longshore: drained"
TARGETS = {"a service": (ONE, DRAINED), "a container by name": ("container:c0", DRAINED),
           "a container by ID": ("container:100000ababab", DRAINED), "the host": ("*", DRAINED + " with its host")}


def drained(target, reason, stage):
    begin(stage)
    drain(stage, target)
    stage.wait_maintained(ONE, reason)
    assert (stage.maintained(TWO) != "") == (target == "*")
    stage.keeps(ONE, TWO, seconds=0.2)
    drain(stage, target, delete=True)
    stage.wait_maintained(ONE, "")
    stage.wait_maintained(TWO, "")


def drained_out(stage):
    begin(stage)
    drain(stage, ONE, {"version": 1, "mode": "deregister", "reason": "upgrade"})
    stage.expect(TWO)
    drain(stage, ONE, delete=True)
    stage.expect()


def drain_of_nonsense(value, stage):
    """The key is the request, whatever its value."""
    begin(stage)
    answer = stage.store.ask("PUT", f"/v1/kv/longshore/drains/node/{ONE}", value)
    assert answer.status == 200
    stage.wait_maintained(ONE, DRAINED)
    drain(stage, ONE, delete=True)
    stage.wait_maintained(ONE, "")


def drained_before_the_start(stage):
    """Not registered for a moment either."""
    stage.store.wait_up()
    drain(stage, "*")
    stage.engine.put(*stage.containers(2))
    stage.start()
    stage.expect_none()
    assert stage.store.writes() == 0
    drain(stage, "*", delete=True)
    stage.expect()


def starts_while_drained(stage):
    begin(stage)
    drain(stage, "*")
    stage.wait_maintained(ONE, DRAINED + " with its host")
    stage.engine.run(*stage.containers(1, first=5))
    hold_true(lambda: "host:c5:80" not in stage.store.services(), 0.5, "what starts meanwhile is not registered")
    drain(stage, "*", delete=True)
    stage.expect()


def ends_while_drained(stage):
    one, _ = begin(stage)
    drain(stage, ONE)
    stage.wait_maintained(ONE, DRAINED)
    stage.engine.kill(one)
    stage.expect(TWO)
    drain(stage, ONE, delete=True)
    stage.wait_quiet(0.3)


def drained_while_docker_is_away(stage):
    begin(stage)
    stage.engine.stop()
    stage.agent.wait_unready("Docker")
    drain(stage, ONE)
    stage.wait_maintained(ONE, DRAINED)
    stage.engine.start()
    stage.agent.wait_ready()
    assert stage.maintained(ONE) == DRAINED
    drain(stage, ONE, delete=True)
    stage.wait_maintained(ONE, "")


def drained_with_trouble(action, stage):
    """Maintenance fails for a while, and so does what reads the records."""
    begin(stage)
    stage.store.fault(MAINTENANCE, action)
    drain(stage, ONE)
    stage.wait_seen(stage.store, MAINTENANCE, 2)
    stage.store.heal()
    stage.wait_maintained(ONE, DRAINED)
    stage.store.fault("/v1/kv/longshore/drains/", action)
    stage.store.cut_connections()
    drain(stage, ONE, delete=True)
    stage.wait_seen(stage.store, "/v1/kv/longshore/drains/", 3)
    stage.store.heal()
    stage.wait_maintained(ONE, "")


def agent_restarts_while_drained(stage):
    begin(stage)
    drain(stage, ONE)
    stage.wait_maintained(ONE, DRAINED)
    stage.agent.kill9()
    stage.agent.start().wait_ready()
    hold_true(lambda: stage.maintained(ONE) == DRAINED, 0.5, "it stays out")
    stage.agent.term()
    drain(stage, ONE, delete=True)
    stage.agent.start().wait_ready()
    stage.wait_maintained(ONE, "")


def consul_empty_while_drained(stage):
    """The store forgot everything, the request too."""
    begin(stage)
    drain(stage, ONE)
    stage.wait_maintained(ONE, DRAINED)
    stage.store.empty()
    stage.store.cut_connections()
    stage.expect()
    stage.wait_maintained(ONE, "")


# Pauses

def paused(stage):
    one, _ = begin(stage)
    for _ in range(2):
        stage.engine.pause(one)
        stage.wait_maintained(ONE, "longshore: paused")
        stage.engine.pause(one, False)
        stage.wait_maintained(ONE, "")


def paused_silently(stage):
    """The event was lost; the list tells."""
    one, _ = begin(stage, "-internal", "-reconcile-interval", "1s")
    one.paused = True
    stage.wait_maintained(ONE, "longshore: paused")
    one.paused = False
    stage.wait_maintained(ONE, "")


def paused_between(stage):
    one, _ = begin(stage)
    cut_off(stage, lambda: stage.engine.pause(one))
    stage.wait_maintained(ONE, "longshore: paused")
    cut_off(stage, lambda: stage.engine.pause(one, False))
    stage.wait_maintained(ONE, "")


def paused_with_trouble(action, stage):
    one, _ = begin(stage)
    stage.store.fault(MAINTENANCE, action)
    stage.engine.pause(one)
    stage.wait_seen(stage.store, MAINTENANCE, 2)
    stage.engine.pause(one, False)
    stage.store.heal()
    stage.wait_maintained(ONE, "")
    stage.wait_quiet(0.3)


def paused_at_start(stage):
    """Not registered before it goes on."""
    one, other = stage.containers(2)
    one.paused = True
    stage.engine.put(one, other)
    stage.start()
    stage.expect(TWO)
    stage.engine.pause(one, False)
    stage.expect()


def paused_and_ends(stage):
    one, _ = begin(stage)
    stage.engine.pause(one)
    stage.wait_maintained(ONE, "longshore: paused")
    stage.engine.kill(one)
    stage.expect(TWO)


def paused_with_health(stage):
    """Its check says it; maintenance does not."""
    one, _ = begin(stage, health="healthy", config={"Healthcheck": {"Test": ["CMD", "/probe"]}})
    stage.engine.pause(one)
    stage.wait_check("longshore-health:" + ONE, "critical", "paused")
    assert stage.maintained(ONE) == ""
    stage.engine.pause(one, False)
    stage.wait_check("longshore-health:" + ONE, "passing", "healthy")


SCENARIOS = [
    *((f"drain of {name}", partial(drained, *what)) for name, what in TARGETS.items()),
    ("drain: out of the list", drained_out),
    *((f"drain: its value is {json.dumps(value)}", partial(drain_of_nonsense, value)) for value in (
        [1], "x", {"version": 2}, {"mode": "never"})),
    ("drain: before the start", drained_before_the_start), ("drain: one starts meanwhile", starts_while_drained),
    ("drain: one ends meanwhile", ends_while_drained), ("drain: while Docker is away", drained_while_docker_is_away),
    *((f"drain: Consul's trouble: {name}", partial(drained_with_trouble, TROUBLES[name]))
      for name in ("500", "403", "closed")),
    ("drain: the agent restarts meanwhile", agent_restarts_while_drained),
    ("drain: Consul comes back empty", consul_empty_while_drained),
    ("pause: and unpause, twice", paused), ("pause: without an event", paused_silently),
    ("pause: between connections", paused_between),
    *((f"pause: maintenance fails: {name}", partial(paused_with_trouble, TROUBLES[name])) for name in ("500", "closed")),
    ("pause: at the start", paused_at_start), ("pause: and it ends", paused_and_ends),
    ("pause: with a health check", paused_with_health),
]
