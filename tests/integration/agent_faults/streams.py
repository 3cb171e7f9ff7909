"""The stream of events: ends, halves, garbage, duplicates, other framings, silence."""

from functools import partial

from agent_faults.server import body, close, hold, raw, status
from rig.wait import hold_true, wait_until

IDLE = 10_000  # a container that no scenario changes


# The stream ends, and something happened meanwhile.

def ends(cleanly, change, stage):
    one, other = stage.containers(2)
    stage.engine.put(one, other, *stage.containers(1, first=IDLE))
    stage.start()
    stage.expect()
    change(stage, one)
    stage.engine.end_streams(cleanly)
    stage.expect()
    stage.agent.wait_ready()


def nothing(_stage, _one):
    pass


def died(stage, one):
    stage.engine.vanish(one)


def exited(_stage, one):
    one.running, one.exit_code = False, 1


def started(stage, _one):
    stage.engine.put(*stage.containers(2, first=20))


def replaced(stage, one):
    stage.engine.vanish(one)
    fresh = stage.containers(1, first=30)[0]
    fresh.name = one.name
    stage.engine.put(fresh)


def renamed(_stage, one):
    one.name = "other-name"


MEANWHILE = {"nothing": nothing, "one is gone": died, "one has exited": exited, "two are new": started,
             "one is replaced": replaced, "one is renamed": renamed}


def ends_in_the_middle(stage):
    stage.engine.put(*stage.containers(1))
    stage.start()
    stage.expect()
    fresh = stage.engine.put(*stage.containers(1, first=1))
    stage.engine.send(stage.engine.line("container", "start", fresh.id, {})[:40])
    stage.engine.end_streams()
    stage.expect()


def ends_again_and_again(stage):
    """An engine that ends every stream at once: no busy loop, and no service is lost."""
    stage.engine.put(*stage.containers(2))
    stage.engine.start()
    stage.engine.fault("GET /[^ ]*events", close)
    agent = stage.start(ready=False)
    stage.wait_seen(stage.engine, "/events", 3)
    before = stage.engine.seen("/events")
    hold_true(lambda: stage.engine.seen("/events") <= before + 8, 1.5, "reconnects come with pauses")
    stage.engine.heal()
    agent.wait_ready()
    stage.expect()


def refused(action, stage):
    stage.engine.put(*stage.containers(2))
    stage.engine.start()
    stage.engine.fault("/events", action, times=2)
    stage.start()
    stage.expect()
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()


# What stands in the stream.

def garbage(data, stage):
    stage.engine.put(*stage.containers(1))
    stage.start()
    stage.expect()
    stage.engine.send(data)
    stage.engine.run(*stage.containers(2, first=1))
    stage.expect()
    stage.engine.kill(next(iter(stage.engine.containers.values())))
    stage.expect()


GARBAGE = {
    "text": b"this is no JSON\n", "binary": bytes(range(256)) + b"\n", "an array": b"[1, 2]\n", "a number": b"42\n",
    "null": b"null\n", "a string": b'"start"\n', "an empty object": b"{}\n", "empty lines": b"\n\r\n\n",
    "a type of the wrong kind": b'{"Type": 7, "Action": [], "Actor": "x"}\n',
    "an actor without an ID": b'{"Type": "container", "Action": "start", "Actor": {}}\n',
    "an ID of the wrong kind": b'{"Type": "container", "Action": "start", "Actor": {"ID": {"a": 1}}}\n',
    "attributes of the wrong kind": b'{"Type":"container","Action":"die","Actor":{"ID":"x","Attributes":{"exitCode":7}}}\n',
    "malformed UTF-8": b'{"Type": "container", "Action": "st\xff\xfe", "Actor": {"ID": "\xc3("}}\n',
    "deep nesting": b'{"Type":' + b"[" * 20000 + b"]" * 20000 + b"}\n",
    "a line of a megabyte": b'{"Type": "container", "Action": "' + b"x" * 1_000_000 + b'"}\n',
    "an unknown type": b'{"Type": "volume", "Action": "mount", "Actor": {"ID": "v", "Attributes": {}}}\n',
    "an unknown action": b'{"Type": "container", "Action": "teleport", "Actor": {"ID": "v", "Attributes": {}}}\n',
    "a container that is not there": b'{"Type": "container", "Action": "start", "Actor": {"ID": "' + b"f" * 64 + b'"}}\n',
    "an ID with a path in it": b'{"Type": "container", "Action": "start", "Actor": {"ID": "../../info?x=#"}}\n',
    "half an object in two chunks": b'{"Type": "container", '}


def duplicated(times, stage):
    stage.start()
    one, other = stage.containers(2)
    send = stage.engine.send
    stage.engine.send = lambda data: [send(data) for _ in range(times)]
    stage.engine.run(one, other)
    stage.expect()
    assert stage.store.writes("service/register") == 2, "a duplicate led to another registration"
    stage.engine.kill(one)
    stage.expect()
    assert stage.store.writes("service/deregister") == 1


def late_die(stage):
    """The end of an earlier life is told once more after the container has started again."""
    one = stage.engine.put(*stage.containers(1))
    agent = stage.start()
    stage.expect()
    old = stage.engine.line("container", "die", one.id, {"exitCode": "0", "name": one.name})
    stage.engine.restart(one)
    stage.expect()
    stage.engine.send(old)
    stage.engine.run(*stage.containers(1, first=1))
    stage.expect()
    wait_until(agent.ready, 10, "the agent is ready")


def framing(frame, stage):
    stage.engine.frame = frame
    # No list finds what the stream told.
    stage.start("-internal", "-reconcile-interval", "1h")
    stage.engine.run(*stage.containers(5))
    stage.expect()
    stage.engine.kill(*list(stage.engine.containers.values())[:3])
    stage.expect()


def in_pieces(size, stage):
    stage.start()
    send = stage.engine.send
    stage.engine.send = lambda data: [send(data[at:at + size]) for at in range(0, len(data), size)]
    stage.engine.run(*stage.containers(2))
    stage.expect()
    stage.engine.kill(*stage.engine.containers.values())
    stage.expect_none()


def in_one_chunk(stage):
    stage.start()
    send, kept = stage.engine.send, []
    stage.engine.send = kept.append
    stage.engine.run(*stage.containers(50))
    send(b"".join(kept))
    stage.expect()


def silent(change, stage):
    """An engine skips a subscriber without a word when it is slow; the periodic list finds what was missed."""
    one, other = stage.containers(2)
    stage.engine.put(one, other)
    stage.start("-internal", "-reconcile-interval", "1s")
    stage.expect()
    change(stage, one)
    stage.expect()


def list_hangs_behind_stream(stage):
    """Events come while no list is answered: what they say is not acted upon before the first list."""
    stage.engine.put(*stage.containers(2))
    stage.store.wait_up()
    stage.store.register(ID="host:stale:80", Name="app", Port=80)
    stage.engine.start()
    stage.engine.fault("/containers/json", hold)
    agent = stage.start("-internal", "-cleanup", ready=False)
    stage.wait_seen(stage.engine, "/containers/json")
    stage.engine.run(*stage.containers(1, first=5))
    stage.keeps("host:stale:80")
    stage.engine.heal()
    agent.wait_ready()
    stage.expect()


SCENARIOS = [
    *((f"stream ends{'' if cleanly else ' by a reset'}, meanwhile {name}", partial(ends, cleanly, change))
      for cleanly in (True, False) for name, change in MEANWHILE.items()),
    ("stream ends in the middle of a line", ends_in_the_middle),
    ("stream ends again and again", ends_again_and_again),
    *((f"stream refused: {name}", partial(refused, action)) for name, action in {
        "500": status(500), "404": status(404), "403": status(403, "no"), "closed": close, "an empty answer": body(""),
        "no HTTP": raw(b"hello\r\n\r\n"), "headers cut": raw(b"HTTP/1.1 200 OK\r\nContent-Ty")}.items()),
    *((f"garbage in the stream: {name}", partial(garbage, data)) for name, data in GARBAGE.items()),
    *((f"every event {times} times", partial(duplicated, times)) for times in (2, 20)),
    ("a late die of an earlier life", late_die),
    *((f"framing: {frame}", partial(framing, frame)) for frame in ("json-seq", "lines")),
    *((f"framing: in pieces of {size}", partial(in_pieces, size)) for size in (1, 7)),
    ("framing: 50 starts in one chunk", in_one_chunk),
    *((f"silence: {name}", partial(silent, change)) for name, change in MEANWHILE.items() if change is not nothing),
    ("events before the first list", list_hangs_behind_stream),
]
