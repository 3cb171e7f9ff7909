"""Whose entry is it? Two agents, cloned machines, other hosts, entries of Registrator and of people."""

import re
import shutil
import socket
from functools import partial

from agent_faults.engine import Engine
from agent_faults.server import hang, served_then_silent, status
from agent_faults.stage import PATIENCE, Agent
from rig.wait import hold_true, wait_until


def second(stage, engine_id="SECOND", *options):
    """Another agent with an engine of its own, on the same Consul agent."""
    first, stage.engine = stage.engine, Engine(stage.dir + "/second.sock", engine_id=engine_id)
    stage.other_engine = stage.engine.start()
    agent = Agent(stage, "second", options or ("-internal",), {}, False)
    stage.engine = first
    stage.agents.append(agent)
    stage.lenient = True
    return agent


def two_with_one_name(stage):
    """Two hosts of one name, each with containers of its own: neither removes what the other one has."""
    stage.engine.put(*stage.containers(3))
    stage.start("-internal", "-cleanup", "-reconcile-interval", "1s")
    stage.expect()
    other = second(stage, "SECOND", "-internal", "-cleanup", "-reconcile-interval", "1s")
    stage.other_engine.put(*stage.containers(3, first=50))
    other.start().wait_ready()
    everything = [f"host:c{number}:80" for number in (0, 1, 2, 50, 51, 52)]
    stage.expect(*everything)
    stage.keeps(*everything, seconds=2.5)
    stage.other_engine.kill(next(iter(stage.other_engine.containers.values())))
    stage.expect(*(ident for ident in everything if ident != "host:c50:80"))


# Entries that are there already. The container c0 runs; `ident` is what is registered, with which Meta and option.

def found(ident, meta, options, stays, stage):
    stage.store.wait_up()
    stage.store.register(ID=ident, Name="app", Port=80, Address="192.0.2.50", Meta=meta)
    stage.engine.put(*stage.containers(1))
    stage.start("-internal", "-reconcile-interval", "1s", *options)
    stage.expect("host:c0:80", *([ident] if stays else []))
    if stays:
        stage.keeps(ident, seconds=1.5)
    stage.lenient = True


MARK = {"longshore-owner": "node/OTHER/abc", "longshore-container": "123456789012"}
FOUND = {
    "made by hand": ("hand", {}, (), True),
    "made by hand, -cleanup": ("hand", {}, ("-cleanup",), True),
    "of another host": ("elsewhere:c9:80", {}, ("-cleanup",), True),
    "of another agent of ours": ("host:c9:80", MARK, ("-cleanup",), True),
    "of Registrator, its container is gone": ("host:c9:80", {}, (), True),
    "of Registrator, its container is gone, -cleanup": ("host:c9:80", {}, ("-cleanup",), False),
    "of Registrator, UDP, -cleanup": ("host:c9:53:udp", {}, ("-cleanup",), False),
    "of Registrator, another port of a running container, -cleanup": ("host:c0:81", {}, ("-cleanup",), False),
    "nearly of its form, -cleanup": ("host:c9:80:tcp", {}, ("-cleanup",), True),
    "nearly of its form, no port, -cleanup": ("host:c9:http", {}, ("-cleanup",), True),
    "nearly of its form, two parts, -cleanup": ("host:80", {}, ("-cleanup",), True)}


def adopted(stage):
    """Registrator's entry of a running container becomes ours in place, without a moment of absence."""
    stage.store.wait_up()
    stage.store.register(ID="host:c0:80", Name="app", Port=80, Address="172.17.0.2", Tags=[])
    stage.engine.put(*stage.containers(1))
    stage.start()
    wait_until(lambda: "longshore-owner" in stage.store.services()["host:c0:80"]["Meta"], PATIENCE, "it is marked")
    assert stage.store.writes("deregister") == 0
    assert stage.store.writes("service/register") == 1


def cleanup_while_failing(stage):
    """Registrator deletes the good entry of a container whose registration fails."""
    stage.store.wait_up()
    stage.store.register(ID="host:c0:80", Name="app", Port=80, Address="172.17.0.2")
    stage.engine.put(*stage.containers(1))
    stage.store.fault("agent/service/register", status(403))
    stage.start("-internal", "-cleanup", "-reconcile-interval", "1s", ready=False)
    stage.wait_seen(stage.store, "agent/service/register", 3)
    stage.keeps("host:c0:80", seconds=1.5)


def other_hostname(stage):
    """The agent's host gets another name: every service once, not twice."""
    stage.engine.put(*stage.containers(3))
    stage.start()
    stage.expect()
    stage.agent.term()
    stage.agent.option("-hostname", "renamed").start().wait_ready()
    stage.expect(*(f"renamed:c{number}:80" for number in range(3)))
    stage.agent.term()
    stage.agent.option("-hostname", "host").start().wait_ready()


def owners_of_living(stage):
    return {one["Meta"]["longshore-owner"] for ident, one in stage.store.services().items() if ident != "host:c0:80"}


def without_state(stage):
    """The state directory is lost: entries are taken over, none is left behind."""
    stage.engine.put(*stage.containers(3))
    stage.start()
    stage.expect()
    before = owners_of_living(stage)
    stage.agent.term()
    shutil.rmtree(stage.agent.state)
    stage.engine.vanish(next(iter(stage.engine.containers.values())))
    stage.agent.start().wait_ready()
    wait_until(lambda: {"host:c1:80", "host:c2:80"} <= set(stage.store.services()), PATIENCE, "the living are there")
    wait_until(lambda: len(owners_of_living(stage)) == 1 and owners_of_living(stage) != before, PATIENCE,
               "they have the new owner")
    stage.lenient = True


def other_options(stage):
    """The next start has other options: entries change in place."""
    one = stage.containers(1)[0]
    one.ports = {"80/tcp": 8080}
    stage.engine.put(one)
    stage.start("-ip", "192.0.2.1")
    assert stage.expect()["host:c0:80"]["Port"] == 8080
    stage.agent.term()
    stage.agent.option("-ip", "192.0.2.2").start().wait_ready()
    wait_until(lambda: stage.store.services()["host:c0:80"]["Address"] == "192.0.2.2", PATIENCE, "the address changes")
    assert stage.store.writes("deregister") == 0


def explicit_now(stage):
    """What the new options do not want is removed."""
    one, other = stage.containers(2)
    one.labels = {"SERVICE_NAME": "shop"}
    stage.engine.put(one, other)
    stage.start("-internal", "-tags", "a")
    stage.expect()
    stage.agent.term()
    stage.agent.command.insert(-1, "-explicit")
    stage.agent.start().wait_ready()
    stage.expect("host:c0:80")
    stage.lenient = True


def shared_id(stage):
    """Two containers ask for one ID: the later start has it, and when it ends the other one gets it back."""
    one, other = stage.containers(2)
    one.labels = other.labels = {"SERVICE_ID": "shared"}
    other.generation = 9
    stage.engine.put(one)
    stage.start()
    stage.expect("shared")
    stage.engine.run(other)
    wait_until(lambda: stage.store.services()["shared"]["Address"] == other.address, PATIENCE, "the later one has it")
    stage.engine.kill(other)
    wait_until(lambda: stage.store.services()["shared"]["Address"] == one.address, PATIENCE, "the first one has it back")
    stage.engine.kill(one)
    stage.expect_none()


# As registrator

def as_registrator(options, stage):
    name = socket.gethostname()
    stage.engine.put(*stage.containers(5))
    stage.start(*options, compatible=True)
    stage.expect(*(f"{name}:c{number}:80" for number in range(5)))
    stage.engine.run(*stage.containers(20, first=10))
    stage.expect(*(f"{name}:{one.name}:80" for one in stage.engine.containers.values()))
    stage.engine.end_streams()
    stage.engine.kill(*list(stage.engine.containers.values())[:10])
    stage.expect(*(f"{name}:{one.name}:80" for one in stage.engine.containers.values()))
    stage.store.empty()
    stage.store.cut_connections()
    stage.expect(*(f"{name}:{one.name}:80" for one in stage.engine.containers.values()))
    stage.lenient = True


def on_success(code, keeps, stage):
    """-deregister=on-success: which exit codes leave the entry."""
    one, other = stage.containers(2)
    stage.engine.put(one, other)
    stage.start("-internal", "-deregister", "on-success")
    stage.expect()
    stage.engine.kill(one, code=code, sig=str(code - 128) if code in (137, 143) else "", remove=False)
    stage.engine.kill(other, code=0, sig="", remove=False)
    wait_until(lambda: "host:c1:80" not in stage.store.services(), PATIENCE, "the successful one is gone")
    if keeps:
        stage.keeps("host:c0:80")
    else:
        stage.expect_none()
    stage.lenient = True


def two_with_one_id(stage):
    """Two hosts of one name with a container of one name: no endless taking from each other."""
    stage.engine.put(*stage.containers(1))
    stage.start("-internal", "-reconcile-interval", "1s")
    stage.expect()
    other = second(stage, "SECOND", "-internal", "-reconcile-interval", "1s")
    mine = stage.containers(1, first=90)[0]
    mine.name = "c0"
    stage.other_engine.put(mine)
    other.start()
    other.wait_log("event=id_taken", "host:c0:80")
    before = stage.store.writes()
    hold_true(lambda: stage.store.writes() == before, 3, "they do not fight")
    assert stage.store.services()["host:c0:80"]["Meta"]["longshore-container"] == "100000ababab"


def cloned(stage):
    """A machine's whole state directory is copied: the second one, of the same owner, watches and deletes nothing."""
    stage.engine.put(*stage.containers(3))
    stage.start("-internal", "-reconcile-interval", "1s")
    stage.expect()
    other = second(stage, "ENGINE", "-internal", "-reconcile-interval", "1s")
    shutil.copytree(stage.agent.state, other.state)
    stage.other_engine.put(*stage.containers(1, first=70))
    other.start()
    other.wait_log("event=owner_taken")
    stage.keeps("host:c0:80", "host:c1:80", "host:c2:80", seconds=3)
    other.wait_unready("read-only")
    assert stage.agent.running() and other.running()


def another_engine(while_it_runs, stage):
    """Docker's data directory is replaced: another engine behind the same socket, with containers of its own."""
    stage.engine.put(*stage.containers(3))
    stage.start("-internal", "-reconcile-interval", "1s", "-probation", "1s")
    stage.expect()
    if not while_it_runs:
        stage.agent.term()
    stage.engine.stop()
    stage.engine.vanish(*list(stage.engine.containers.values()))
    stage.engine.engine_id = "SECOND"
    stage.engine.put(*stage.containers(2, first=50))
    stage.engine.start()
    if not while_it_runs:
        stage.agent.start()
    stage.expect("host:c50:80", "host:c51:80")
    owners = {one["Meta"]["longshore-owner"].split("/")[1] for one in stage.store.services().values()}
    assert owners == {"SECOND"}, owners


LOCK, OWNERS = r"^PUT /v1/kv/longshore/agents/.*acquire=", r"^GET /v1/kv/longshore/agents/[^/]+/\?"


def lock_without_an_answer(stage):
    """Consul takes the lock and the answer is lost, and with it the way to give the session back: the agent knows its
    own mark again and does not wait for its own end."""
    stage.engine.put(*stage.containers(3))
    stage.store.fault(LOCK, served_then_silent, times=1)
    stage.store.fault("PUT /v1/session/destroy/", hang)
    stage.start()
    stage.expect()
    stage.wait_seen(stage.store, "PUT /v1/session/renew/", 2)
    assert stage.agent.ready()
    stage.engine.run(*stage.containers(2, first=10))
    stage.expect()
    assert "event=owner_taken" not in stage.agent.log()
    assert stage.store.seen("PUT /v1/session/create") == 1


def dead_owners_entry(faults, stage):
    """Ready means that the entries of an owner who is dead are ours, however late Consul says that he is."""
    stage.store.wait_up()
    stage.store.register(ID="host:c0:80", Name="app", Port=80, Address="192.0.2.50", Meta=MARK)
    stage.engine.put(*stage.containers(2))
    stage.store.fault(OWNERS, status(500, "No cluster leader"), times=faults)
    stage.start()
    entry = stage.store.services()["host:c0:80"]
    assert entry["Meta"]["longshore-owner"] != MARK["longshore-owner"], entry
    stage.expect()


def lines_of_registrator(stage):
    """What its users search the log for is there, word by word."""
    name = socket.gethostname()
    silent, ignored, web = stage.containers(3)
    silent.ports = {}
    ignored.labels = {"SERVICE_IGNORE": "yes"}
    stage.engine.put(silent, ignored, web)
    agent = stage.start("-internal", "-ip", "192.0.2.1", compatible=True)
    stage.expect(f"{name}:c2:80")
    stage.engine.kill(web)
    stage.expect_none()
    wanted = ("Starting registrator .*\\.\\.\\.", "Forcing host IP to 192\\.0\\.2\\.1",
              f"Using consul adapter: consul://{re.escape(stage.store.address)}", "Listening for Docker events \\.\\.\\.",
              "Syncing services on 3 containers", f"added: {web.id[:12]} {name}:c2:80",
              f"ignored: {silent.id[:12]} no published ports", f"ignored: {ignored.id[:12]} service on port 80",
              f"removed: {web.id[:12]} {name}:c2:80")
    for line in wanted:
        pattern = rf"^\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d {line}$"
        wait_until(lambda: re.search(pattern, agent.log(), re.M), PATIENCE, f"a line {pattern}")
    stage.lenient = True


def refusing_proxy(refused, stage):
    """A read-only socket proxy that lets through what is needed and no more."""
    for path in refused:
        stage.engine.fault(path, status(403, "Forbidden"))
    stage.engine.put(*stage.containers(2))
    agent = stage.start()
    stage.expect()
    stage.engine.run(*stage.containers(2, first=10))
    stage.expect()
    agent.wait_log("event=docker_refuses", "GET " + refused[0], "403")
    agent.term()
    agent.start().wait_ready()
    stage.expect()


SCENARIOS = [
    ("another engine, seen while it runs", partial(another_engine, True)),
    ("another engine, seen by the next start", partial(another_engine, False)),
    ("a proxy refuses /info", partial(refusing_proxy, ("/info",))),
    ("a proxy refuses /version and /info", partial(refusing_proxy, ("/version", "/info"))),
    ("a proxy allows events and containers only", partial(refusing_proxy, ("/version", "/info", "/_ping"))),
    ("the owner's lock without an answer", lock_without_an_answer),
    *((f"ready with a dead owner's entry, {faults} times unknown", partial(dead_owners_entry, faults))
      for faults in (0, 3)),
    ("as registrator: the lines of its log", lines_of_registrator),
    ("two agents with one service ID", two_with_one_id), ("a copied state directory", cloned),
    ("two agents with one host name", two_with_one_name),
    *((f"an entry is there: {name}", partial(found, *what)) for name, what in FOUND.items()),
    ("an entry of Registrator is adopted", adopted), ("-cleanup while a registration fails", cleanup_while_failing),
    ("the host gets another name", other_hostname), ("the state directory is lost", without_state),
    ("other options after a restart", other_options), ("-explicit after a restart", explicit_now),
    ("two containers with one ID", shared_id),
    *((f"as registrator {' '.join(options)}", partial(as_registrator, options)) for options in (
        ("-internal",), ("-internal", "-resync", "1"), ("-internal", "-cleanup", "-resync", "1"),
        ("-internal", "-deregister", "on-success"), ("-internal", "-ttl", "30", "-ttl-refresh", "10"))),
    *((f"on-success: exit code {code}", partial(on_success, code, keeps)) for code, keeps in (
        (0, False), (1, True), (2, True), (127, True), (128, False), (137, False), (143, False), (255, False))),
]
