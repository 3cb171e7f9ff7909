"""Configuration that changes under a running agent: HUP reads it again."""

import os
import signal
from functools import partial

from agent_faults.stage import PATIENCE
from rig.wait import hold_true, wait_until


def write(stage, text):
    path = os.path.join(stage.dir, "agent.hcl")
    with open(path, "w", encoding="utf-8") as file:
        file.write("agent {\n" + text + "\n}\n")
    return path


def begin(stage, text, count=2):
    stage.engine.put(*stage.containers(count, ports={"80/tcp": 8080}))
    stage.start("-config", write(stage, text))
    return stage.expect()


def hup(stage, text=None):
    if text is not None:
        write(stage, text)
    stage.agent.child.send_signal(signal.SIGHUP)


def changes(before, after, shows, stage):
    begin(stage, before)
    hup(stage, after)
    wait_until(lambda: all(shows(one) for one in stage.store.services().values()), PATIENCE, "every entry shows it")
    assert stage.store.writes("deregister") == 0
    stage.agent.wait_log("event=options_changed")
    stage.wait_quiet(0.3)


INTERNAL = "internal = true"
CHANGES = {
    "tags": (INTERNAL, INTERNAL + '\ntags = "a,b"', lambda one: sorted(one["Tags"]) == ["a", "b"]),
    "a template of tags": (INTERNAL, INTERNAL + '\ntags = "x-{{.Name}}"', lambda one: one["Tags"][:1] == ["x-/" + one["ID"].split(":")[1]]),
    "internal": ('ip = "192.0.2.1"', INTERNAL, lambda one: one["Port"] == 80),
    "ip": ('ip = "192.0.2.1"', 'ip = "192.0.2.2"', lambda one: one["Address"] == "192.0.2.2"),
    "address-from": ('address_from = "192.0.2.1"', 'address_from = "192.0.2.3"', lambda one: one["Address"] == "192.0.2.3")}


def nothing_new(stage):
    begin(stage, INTERNAL)
    writes = stage.store.writes()
    lists = stage.engine.seen("/containers/json")
    hup(stage)
    stage.wait_seen(stage.engine, "/containers/json", lists + 1)
    stage.wait_quiet(0.5)
    assert stage.store.writes() == writes


def less_is_wanted(stage):
    """-explicit: what has no name goes; and without it everything is back."""
    begin(stage, INTERNAL)
    hup(stage, INTERNAL + "\nexplicit = true")
    stage.expect_none()
    hup(stage, INTERNAL)
    stage.expect()


def lease(stage):
    begin(stage, INTERNAL)
    hup(stage, INTERNAL + '\nlease = "10s"')
    stage.wait_check("longshore-lease:host:c0:80", "passing")
    hup(stage, INTERNAL)
    wait_until(lambda: "longshore-lease:host:c0:80" not in stage.store.checks(), PATIENCE, "the lease is gone")
    stage.expect()


def refused(text, word, stage):
    """A file that cannot be read, or a wrong value: everything stays, and it is said."""
    begin(stage, INTERNAL)
    hup(stage, text)
    stage.agent.wait_log("event=configuration_refused", word)
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()
    assert stage.agent.ready()
    # And the next good one counts.
    hup(stage, INTERNAL + '\ntags = "a"')
    wait_until(lambda: all(one["Tags"] == ["a"] for one in stage.store.services().values()), PATIENCE, "it is heeded")


def needs_a_start(stage):
    begin(stage, INTERNAL)
    # What is typed (pages, state directory, URI) wins over the file, now as before.
    hup(stage, INTERNAL + '\nenv = "staging"\nreap-after = "1m"\nhttp-addr = "127.0.0.1:1"\nuri = "consul://127.0.0.1:1"')
    stage.agent.wait_log("event=restart_needed", 'changed="env, reap-after"')
    assert stage.agent.ready()
    hold_true(lambda: len(stage.store.services()) == 2, 0.5, "everything stays")


def while_docker_is_away(stage):
    begin(stage, INTERNAL)
    stage.engine.stop()
    stage.agent.wait_unready("Docker")
    hup(stage, INTERNAL + '\ntags = "late"')
    stage.agent.wait_log("event=options_changed")
    stage.keeps("host:c0:80", "host:c1:80", seconds=0.3)
    stage.engine.start()
    wait_until(lambda: all(one["Tags"] == ["late"] for one in stage.store.services().values()), PATIENCE, "it counts now")


SCENARIOS = [
    *((f"HUP: {name}", partial(changes, *what)) for name, what in CHANGES.items()),
    ("HUP: the same again", nothing_new), ("HUP: less is wanted", less_is_wanted), ("HUP: a lease", lease),
    *((f"HUP: {name}", partial(refused, *what)) for name, what in {
        "half a file": ('tags = "', "agent.hcl"), "an unknown key": ('internl = true', "internal"),
        "a wrong value": ('reconcile_interval = "soon"', "reconcile_interval")}.items()),
    ("HUP: what needs another start", needs_a_start), ("HUP: while Docker is away", while_docker_is_away),
]
