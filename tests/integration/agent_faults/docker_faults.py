"""Docker's other answers: inspects and lists that fail, hang, break off or make no sense."""

import os
from functools import partial

from agent_faults.server import body, close, cut, hang, raw, served_then_closed, status

INSPECT, LIST, VERSION, INFO = "/containers/[0-9a-f]+/json", "/containers/json", "/version", "/info"
ANSWERS = {
    "500": status(500), "503": status(503), "closed": close, "hangs": hang, "empty": body(b""), "no JSON": body("<html>"),
    "of the wrong kind": body("[[1]]"), "cut": cut(30), "no HTTP": raw(b"???"), "done, answer lost": served_then_closed,
    "403": status(403, "denied")}


def inspect_of_one(action, stage):
    """One container cannot be inspected: the others are registered, it follows when it can."""
    bad, *good = stage.containers(4)
    stage.engine.put(bad, *good)
    stage.engine.start()
    stage.engine.fault(f"/containers/{bad.id}/json", action)
    stage.start(ready=False)
    stage.expect(*(f"host:{one.name}:80" for one in good))
    fresh = stage.containers(1, first=10)[0]
    stage.engine.run(fresh)
    stage.expect(*(f"host:{one.name}:80" for one in (*good, fresh)))
    stage.engine.heal()
    stage.expect()
    stage.agent.wait_ready()


def inspect_while_running(action, stage):
    """A registered container cannot be inspected any more: its entry stays."""
    one, other = stage.containers(2)
    stage.engine.put(one, other)
    stage.start()
    stage.expect()
    stage.engine.fault(f"/containers/{one.id}/json", action)
    stage.engine.emit("update", one)
    stage.wait_seen(stage.engine, f"/containers/{one.id}/json", 2)
    stage.keeps("host:c0:80")
    stage.engine.kill(other)
    stage.expect("host:c0:80")


def inspect_404(stage):
    """Docker does not know it any more between event and inspect."""
    stage.start()
    gone = stage.containers(1)[0]
    stage.engine.run(gone)
    stage.engine.vanish(gone)
    stage.engine.run(*stage.containers(1, first=1))
    stage.expect()


def inspect_404_of_running(stage):
    one, other = stage.containers(2)
    stage.engine.put(one, other)
    stage.start()
    stage.expect()
    stage.engine.vanish(one)
    stage.engine.emit("update", one)
    stage.expect("host:c1:80")


def inspect_says_exited(stage):
    """The event says start, the inspect that it has ended already."""
    stage.start()
    one = stage.containers(1)[0]
    stage.engine.run(one)
    one.running, one.exit_code = False, 3
    stage.engine.run(*stage.containers(1, first=1))
    stage.expect("host:c1:80")


def many_inspects_hang(stage):
    """Half of 60 hang: the rest is not kept waiting until they are given up."""
    everything = stage.containers(60)
    stage.engine.put(*everything)
    stage.engine.start()
    for one in everything[:6]:
        stage.engine.fault(f"/containers/{one.id}/json", hang)
    stage.start(ready=False)
    stage.expect(*(f"host:{one.name}:80" for one in everything[6:]))
    stage.engine.heal()
    stage.expect()


def at_first(match, action, stage):
    """The first answers are bad; nothing is removed meanwhile."""
    stage.store.wait_up()
    stage.store.register(ID="host:c0:80", Name="app", Port=80, Address="172.17.0.2")
    stage.engine.put(*stage.containers(3))
    stage.engine.start()
    stage.engine.fault(match, action)
    stage.start("-internal", "-cleanup", ready=False)
    stage.wait_seen(stage.engine, match)
    stage.keeps("host:c0:80", seconds=0.3)
    assert stage.store.writes() == 0, "something was written from half of the truth"
    stage.engine.heal()
    stage.agent.wait_ready()
    stage.expect()


def list_later(action, stage):
    """Lists fail later on: nothing is removed, and events still work where the stream does."""
    stage.engine.put(*stage.containers(3))
    stage.start("-internal", "-reconcile-interval", "1s")
    stage.expect()
    stage.engine.fault(LIST, action)
    stage.wait_seen(stage.engine, LIST, 3)
    stage.keeps("host:c0:80", "host:c1:80", "host:c2:80", seconds=0.3)
    stage.engine.heal()
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()
    stage.agent.wait_ready()


def list_row(change, stage):
    """One odd row does not hide the others."""
    stage.engine.put(*stage.containers(3))
    rows = stage.engine.rows
    stage.engine.rows = lambda every: change(rows(every))
    stage.start()
    stage.expect()
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()


def without(*keys):
    return lambda rows: [{key: value for key, value in row.items() if key not in keys} for row in rows]


def nulls(*keys):
    return lambda rows: [{**row, **{key: None for key in keys}} for row in rows]


ROWS = {"without State": without("State"), "without Ports, Labels and Names": without("Ports", "Labels", "Names"),
        "with null for Ports and Labels": nulls("Ports", "Labels", "NetworkSettings"),
        "with two of each": lambda rows: rows + rows, "backwards": lambda rows: rows[::-1],
        "with unknown fields": lambda rows: [{**row, "New": {"a": [1]}} for row in rows]}


def absent_at_start(stage):
    """No socket at all; it comes later."""
    stage.engine.put(*stage.containers(2))
    stage.start(ready=False, engine=False).wait_unready("Docker")
    stage.engine.start()
    stage.agent.wait_ready()
    stage.expect()


def no_socket_but_a_file(stage):
    with open(stage.engine.address, "w", encoding="ascii"):
        pass
    stage.start(ready=False, engine=False).wait_unready("Docker")
    os.unlink(stage.engine.address)
    stage.engine.put(*stage.containers(1))
    stage.engine.start()
    stage.agent.wait_ready()


def hangs_altogether(stage):
    """It accepts and never answers, as a stopped process does; then it goes on."""
    stage.engine.put(*stage.containers(2))
    stage.start()
    stage.expect()
    stage.engine.fault("GET", hang)
    stage.engine.end_streams(cleanly=False)
    stage.wait_seen(stage.engine, VERSION, 2)
    stage.keeps("host:c0:80", "host:c1:80")
    stage.engine.vanish(next(iter(stage.engine.containers.values())))
    stage.engine.heal()
    stage.expect("host:c1:80")
    stage.agent.wait_ready()


SCENARIOS = [
    *((f"inspect of one: {name}", partial(inspect_of_one, action)) for name, action in ANSWERS.items()),
    *((f"inspect later: {name}", partial(inspect_while_running, ANSWERS[name]))
      for name in ("500", "hangs", "closed", "no JSON", "cut")),
    ("inspect: 404 after the event", inspect_404), ("inspect: 404 of one that ran", inspect_404_of_running),
    ("inspect: it has exited", inspect_says_exited), ("inspect: six hang", many_inspects_hang),
    *((f"first list: {name}", partial(at_first, LIST, action)) for name, action in ANSWERS.items()
      if name != "done, answer lost"),
    *((f"first version: {name}", partial(at_first, VERSION, ANSWERS[name])) for name in
      ("500", "closed", "hangs", "empty", "no JSON", "of the wrong kind", "cut")),
    *((f"first info: {name}", partial(at_first, INFO, ANSWERS[name])) for name in
      ("500", "closed", "hangs", "no JSON", "cut")),
    *((f"list later: {name}", partial(list_later, ANSWERS[name])) for name in
      ("500", "closed", "no JSON", "of the wrong kind", "cut")),
    *((f"list: rows {name}", partial(list_row, change)) for name, change in ROWS.items()),
    ("no socket at start", absent_at_start), ("a file where the socket should be", no_socket_but_a_file),
    ("Docker hangs altogether", hangs_altogether),
]
