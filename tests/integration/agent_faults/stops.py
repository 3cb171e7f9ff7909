"""A container is told to stop: out of traffic at the signal, gone with its end, back when it lives on; with faults of Docker
and Consul in between, and signals that are told between two connections to Docker."""

from functools import partial

from agent_faults.leaving import LONG, MAINTENANCE, ONE, SHORT, TROUBLES, TWO, begin, cut_off
from agent_faults.server import hang, served_then_closed, status
from agent_faults.stage import PATIENCE
from rig.wait import hold_true, wait_until

OUT = "longshore: stopping: signal 15"


def stop_and_end(stage):
    one, _ = begin(stage, config=LONG)
    stage.engine.signal(one, 15)
    stage.wait_maintained(ONE, OUT)
    assert stage.maintained(TWO) == ""
    stage.keeps(ONE, TWO, seconds=0.3)
    stage.engine.kill(one, code=0, sig="")
    stage.expect(TWO)


def stop_survived(stage):
    one, _ = begin(stage, config=SHORT)
    stage.engine.signal(one, 15)
    stage.wait_maintained(ONE, OUT)
    stage.wait_maintained(ONE, "")
    stage.agent.wait_log("event=still_running", "c0")


def stop_by(signal, config, leaves, stage):
    one, _ = begin(stage, config={**LONG, **config})
    stage.engine.signal(one, signal)
    if leaves:
        stage.wait_maintained(ONE, f"longshore: stopping: signal {signal}")
    else:
        hold_true(lambda: stage.maintained(ONE) == "", 0.5, "the signal means nothing")
        stage.wait_quiet(0.2)
    stage.engine.kill(one)
    stage.expect(TWO)


def stop_deregisters(stage):
    one, _ = begin(stage, config=SHORT, labels={"SERVICE_ON_STOP": "deregister"})
    stage.engine.signal(one, 15)
    stage.expect(TWO)
    # It did not stop.
    stage.expect()


def killed(stage):
    """SIGKILL: out at once, and `die` adds nothing."""
    one, _ = begin(stage)
    stage.engine.signal(one, 9)
    stage.expect(TWO)
    deregistered = stage.store.writes("service/deregister")
    stage.engine.kill(one, sig="")
    stage.wait_quiet(0.3)
    assert stage.store.writes("service/deregister") == deregistered


def restarted_while_stopping(stage):
    one, _ = begin(stage, config=LONG)
    stage.engine.signal(one, 15)
    stage.wait_maintained(ONE, OUT)
    stage.engine.restart(one)
    stage.expect()
    stage.wait_maintained(ONE, "")


def stop_with_trouble(action, stage):
    """Maintenance fails for a while: the stop is not forgotten, and the end is not held up."""
    one, _ = begin(stage, config=LONG)
    stage.store.fault(MAINTENANCE, action)
    stage.engine.signal(one, 15)
    stage.wait_seen(stage.store, MAINTENANCE, 2)
    stage.store.heal()
    stage.wait_maintained(ONE, OUT)
    stage.engine.kill(one, code=0, sig="")
    stage.expect(TWO)


def end_while_maintenance_hangs(stage):
    one, _ = begin(stage, config=LONG)
    stage.store.fault(MAINTENANCE, hang)
    stage.engine.signal(one, 15)
    stage.wait_seen(stage.store, MAINTENANCE)
    stage.engine.kill(one, code=0, sig="")
    stage.engine.run(*stage.containers(1, first=5))
    wait_until(lambda: "host:c5:80" in stage.store.services(), PATIENCE, "others are registered meanwhile")
    stage.store.heal()
    stage.expect()


def stop_while_consul_is_away(stage):
    one, _ = begin(stage, config=LONG)
    stage.store.stop()
    stage.agent.wait_unready()
    stage.engine.signal(one, 15)
    stage.store.start()
    stage.wait_maintained(ONE, OUT)
    stage.engine.kill(one)
    stage.expect(TWO)


def agent_restarts_while_stopping(clean, stage):
    one, _ = begin(stage, config=LONG)
    stage.engine.signal(one, 15)
    stage.wait_maintained(ONE, OUT)
    if clean:
        stage.agent.term()
    else:
        stage.agent.kill9()
    stage.agent.start().wait_ready()
    hold_true(lambda: stage.maintained(ONE) == OUT, 0.5, "it stays out")
    stage.engine.kill(one)
    stage.expect(TWO)


# Between two connections to Docker: the engine's memory tells

def stop_between(seconds, stays_out, stage):
    one, _ = begin(stage, config=LONG)

    def meanwhile():
        stage.engine.signal(one, 15)
        stage.engine.later(seconds)
    cut_off(stage, meanwhile)
    if stays_out:
        stage.wait_maintained(ONE, OUT)
    else:
        hold_true(lambda: stage.maintained(ONE) == "", 0.5, "it has outlived that long ago")
    stage.engine.kill(one)
    stage.expect(TWO)


def stop_told_twice(stage):
    """It has outlived its stop when the connection is lost: the memory's word is no second stop."""
    one, _ = begin(stage, config=SHORT)
    stage.engine.signal(one, 15)
    stage.wait_maintained(ONE, OUT)
    stage.wait_maintained(ONE, "")
    times = stage.store.seen(MAINTENANCE)
    cut_off(stage, lambda: None)
    stage.wait_quiet(0.3)
    assert stage.store.seen(MAINTENANCE) == times, "it was taken out once more"


def restart_between(stage):
    """Its end and its next start are both in the memory: the entry is not removed for a moment."""
    one, other = begin(stage)
    cut_off(stage, lambda: stage.engine.restart(one))
    stage.expect()
    assert stage.store.writes("service/deregister") == 0, "it was removed although it runs"
    assert stage.store.seen(MAINTENANCE) == 0, "the stop was of its earlier life"
    stage.engine.kill(other)
    stage.expect(ONE)


def much_between(stage):
    """More than an engine remembers."""
    begin(stage)

    def meanwhile():
        stage.engine.run(*stage.containers(150, first=10))
        stage.engine.kill(*[one for one in stage.engine.containers.values() if one.number % 3 == 0])
    cut_off(stage, meanwhile)
    stage.expect()


def no_memory(stage):
    """A proxy that knows no `since`."""
    begin(stage)
    stage.engine.fault("/events.*since=", status(403, "Forbidden"))
    stage.engine.end_streams(cleanly=False)
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()
    stage.agent.wait_ready()
    stage.engine.run(*stage.containers(1, first=6))
    stage.expect()


def no_clock(stage):
    """An engine that does not say what time it is."""
    stage.engine.tells_time = False
    one, _ = begin(stage, config=LONG)
    stage.engine.signal(one, 1)
    cut_off(stage, lambda: stage.engine.signal(one, 15))
    stage.wait_maintained(ONE, OUT)


SCENARIOS = [
    ("stop: and it ends", stop_and_end), ("stop: it lives on", stop_survived),
    *((f"stop: {name}", partial(stop_by, *what)) for name, what in {
        "HUP is none": (1, {}, False), "USR1 is none": (10, {}, False), "its own signal": (3, {"StopSignal": "SIGQUIT"}, True),
        "TERM, and it has another": (15, {"StopSignal": "SIGQUIT"}, False),
        "a real-time signal": (37, {"StopSignal": "SIGRTMIN+3"}, True)}.items()),
    ("stop: deregistered by its label", stop_deregisters), ("stop: SIGKILL", killed),
    ("stop: restarted meanwhile", restarted_while_stopping),
    *((f"stop: maintenance fails: {name}", partial(stop_with_trouble, action)) for name, action in TROUBLES.items()
      if action is not served_then_closed),
    ("stop: maintenance hangs, and it ends", end_while_maintenance_hangs),
    ("stop: while Consul is away", stop_while_consul_is_away),
    *((f"stop: the agent restarts meanwhile by {'TERM' if clean else 'KILL'}", partial(agent_restarts_while_stopping, clean))
      for clean in (True, False)),
    ("between connections: a stop", partial(stop_between, 5, True)),
    ("between connections: a stop long ago", partial(stop_between, 300, False)),
    ("between connections: nothing new", stop_told_twice), ("between connections: a restart", restart_between),
    ("between connections: more than is remembered", much_between),
    ("between connections: a proxy without a memory", no_memory),
    ("between connections: an engine without a clock", no_clock),
]
