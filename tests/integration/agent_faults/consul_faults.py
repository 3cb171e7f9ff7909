"""Consul's side: refusals, silence, lost answers, an agent that forgot everything, entries that others touched."""

from functools import partial

from agent_faults.server import body, close, hang, raw, served_then_closed, status
from agent_faults.stage import PATIENCE
from rig.wait import hold_true, wait_until

REGISTER, DEREGISTER = "PUT /v1/agent/service/register", "PUT /v1/agent/service/deregister/"
LIST, SELF = "GET /v1/agent/services", "GET /v1/agent/self"
NO_LEADER = status(500, "No cluster leader")
ANSWERS = {
    "403": status(403, "Permission denied"), "429": status(429, "slow down"), "500": status(500),
    "no leader": NO_LEADER, "503": status(503), "closed": close, "hangs": hang, "no HTTP": raw(b"what?\r\n\r\n"),
    "done, answer lost": served_then_closed}


def register_all(action, stage):
    """No registration works for a while."""
    stage.engine.put(*stage.containers(5))
    stage.store.fault(REGISTER, action)
    stage.start(ready=False)
    stage.wait_seen(stage.store, REGISTER, 2)
    stage.store.heal()
    stage.expect()
    stage.agent.wait_ready()


def register_one_port(action, stage):
    """One port of two fails: the other one is there, and the failed one follows. (The proxy tells them by order: the
    first try of each kind is answered badly.)"""
    two = stage.engine.put(*stage.containers(1))
    two.ports = {"80/tcp": None, "81/tcp": None}
    stage.store.fault(REGISTER, action, times=1)
    stage.start()
    stage.expect("host:c0:80", "host:c0:81")


def register_later(action, stage):
    """A container changes while registrations fail: its old entry stays until the new one is taken."""
    one, other = stage.containers(2)
    one.ports = {"80/tcp": 8000}
    other.ports = {"80/tcp": 9000}
    stage.engine.put(one, other)
    stage.start("-ip", "192.0.2.1", "-cleanup", "-reconcile-interval", "1s")
    stage.expect()
    stage.store.fault(REGISTER, action)
    stage.engine.restart(one)
    stage.wait_seen(stage.store, REGISTER, 4)
    stage.keeps("host:c0:80", "host:c1:80", seconds=0.3)
    assert stage.store.services()["host:c1:80"]["Port"] == 9000
    stage.store.heal()
    wait_until(lambda: stage.store.services()["host:c0:80"]["Port"] == 8001, PATIENCE, "the new port is registered")


def deregister(action, stage):
    containers = stage.containers(3)
    stage.engine.put(*containers)
    stage.start()
    stage.expect()
    stage.store.fault(DEREGISTER, action)
    stage.engine.kill(containers[0])
    stage.wait_seen(stage.store, DEREGISTER, 1)
    stage.engine.run(*stage.containers(1, first=7))
    wait_until(lambda: "host:c7:80" in (stage.store.services() or ()), PATIENCE, "registrations go on")
    stage.store.heal()
    stage.expect()


def first_list(action, stage):
    """What Consul holds is not known yet: nothing is removed."""
    stage.store.wait_up()
    stage.store.register(ID="host:old:80", Name="app", Port=80)
    stage.engine.put(*stage.containers(3))
    stage.store.fault(LIST, action)
    stage.start("-internal", "-cleanup", ready=False)
    stage.wait_seen(stage.store, LIST, 2 if action is not hang else 1)
    assert stage.store.writes("deregister") == 0
    stage.store.heal()
    stage.agent.wait_ready()
    stage.expect()


def later_list(action, stage):
    stage.engine.put(*stage.containers(3))
    stage.start("-internal", "-reconcile-interval", "1s")
    stage.expect()
    before = stage.store.writes()
    seen = stage.store.seen(LIST)
    stage.store.fault(LIST, action)
    stage.wait_seen(stage.store, LIST, seen + 2)
    assert stage.store.writes() == before, "written while Consul's list was unknown"
    stage.store.heal()
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()
    stage.agent.wait_ready()


def agent_self(action, stage):
    """Who the Consul agent is stays unknown for a while; no right to know it (403) is no outage."""
    stage.engine.put(*stage.containers(2))
    stage.store.fault(SELF, action)
    stage.start(ready=False)
    stage.wait_seen(stage.store, SELF)
    stage.store.heal()
    stage.expect()
    stage.agent.wait_ready()


def servers_away(action, stage):
    """The local agent answers and its servers do not: no lock, no drains, no notes. What runs is registered all the same,
    a container that ends goes, and when the servers are there again the lock is taken."""
    one, *others = stage.containers(5)
    stage.engine.put(one, *others)
    stage.store.fault("^[A-Z]+ /v1/(kv|session|catalog|health|txn)", action)
    stage.start(ready=False)
    stage.expect()
    stage.agent.wait_ready()
    stage.engine.kill(one)
    stage.expect(*(f"host:{other.name}:80" for other in others))
    stage.store.heal()
    stage.wait_seen(stage.store, "PUT /v1/kv/longshore/agents/.*acquire=")
    stage.agent.wait_ready()


def self_denied_for_good(stage):
    stage.engine.put(*stage.containers(2))
    stage.store.fault(SELF, ANSWERS["403"])
    stage.start()
    stage.expect()


def note(action, stage):
    """The withdrawal note cannot be written: the entry goes all the same."""
    containers = stage.containers(2)
    stage.engine.put(*containers)
    stage.start()
    stage.expect()
    stage.store.fault("(PUT|DELETE) /v1/kv/", action)
    stage.engine.kill(containers[0])
    stage.expect("host:c1:80")


def everything(action, stage):
    """All of Consul fails; containers come and go meanwhile."""
    containers = stage.containers(4)
    stage.engine.put(*containers)
    stage.start()
    stage.expect()
    stage.store.fault(" /v1/", action)
    stage.engine.kill(containers[0])
    stage.engine.run(*stage.containers(2, first=8))
    stage.wait_seen(stage.store, "agent/service", 3)
    stage.agent.wait_unready("Consul")
    stage.store.heal()
    stage.expect()
    stage.agent.wait_ready()


# An agent that forgot, and entries that others touched

def emptied(count, stage):
    stage.engine.put(*stage.containers(count))
    stage.start()
    stage.expect()
    stage.store.empty()
    stage.store.cut_connections()
    stage.expect()


def emptied_with_changes(stage):
    containers = stage.containers(5)
    stage.engine.put(*containers)
    stage.start()
    stage.expect()
    stage.store.stop()
    stage.engine.kill(*containers[:2])
    stage.engine.run(*stage.containers(2, first=10))
    stage.agent.wait_unready("Consul")
    stage.store.empty()
    stage.store.start()
    stage.expect()


def emptied_again_and_again(stage):
    stage.engine.put(*stage.containers(5))
    stage.start()
    for _ in range(4):
        stage.expect()
        stage.store.empty()
        stage.store.cut_connections()
    stage.expect()


def touched(change, stage):
    """Somebody changes or removes an entry of ours by hand: it is put right within one look."""
    stage.engine.put(*stage.containers(1))
    stage.start()
    before = stage.expect()["host:c0:80"]
    change(stage.store, before)

    def as_before():
        now = stage.store.services().get("host:c0:80", {})
        return all(now.get(key) == before[key] for key in ("Service", "Address", "Port", "Tags", "Meta"))
    wait_until(as_before, PATIENCE, "the entry is as before")


def registration(before, **changes):
    return {"ID": before["ID"], "Name": before["Service"], "Address": before["Address"], "Port": before["Port"],
            "Tags": before["Tags"], "Meta": before["Meta"], **changes}


TOUCHES = {
    "removed": lambda store, one: store.deregister(one["ID"]),
    "another port": lambda store, one: store.register(**registration(one, Port=1)),
    "another address": lambda store, one: store.register(**registration(one, Address="192.0.2.99")),
    "more tags": lambda store, one: store.register(**registration(one, Tags=["added"])),
    "other Meta": lambda store, one: store.register(**registration(one, Meta={**one["Meta"], "x": "y"})),
    "no Meta": lambda store, one: store.register(**registration(one, Meta={})),
    "another name": lambda store, one: store.register(**registration(one, Name="stranger"))}


def maintenance_stays(stage):
    """Somebody has put it into maintenance: no look of ours ends that."""
    stage.engine.put(*stage.containers(1))
    agent = stage.start("-internal", "-reconcile-interval", "1s")
    stage.expect()
    stage.store.ask("PUT", "/v1/agent/service/maintenance/host:c0:80?enable=true&reason=hand")
    lists = stage.store.seen(LIST)
    stage.wait_seen(stage.store, LIST, lists + 15)
    hold_true(lambda: "_service_maintenance:host:c0:80" in stage.store.checks(), 0.3, "it is in maintenance")
    assert agent.running()


def list_of_garbage(data, stage):
    stage.engine.put(*stage.containers(2))
    stage.start()
    stage.expect()
    seen = stage.store.seen(LIST)
    stage.store.fault(LIST, body(data))
    stage.wait_seen(stage.store, LIST, seen + 2)
    stage.keeps("host:c0:80", "host:c1:80", seconds=0.3)
    stage.store.heal()
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()


# A lost answer of a read is a closed connection; 403 on everything is what the ACL rows are about.
LOST = "done, answer lost"
PLAYS = {
    "no registration works": (register_all, ()), "one port of two fails": (register_one_port, ()),
    "re-registration fails": (register_later, (LOST,)), "deregistration fails": (deregister, ()),
    "first list of Consul": (first_list, (LOST,)), "later list of Consul": (later_list, (LOST, "hangs")),
    "Consul does not say who it is": (agent_self, (LOST,)), "withdrawal note fails": (note, ()),
    "all of Consul fails": (everything, (LOST, "403"))}

SCENARIOS = [
    *((f"{what}: {name}", partial(play, action)) for what, (play, without) in PLAYS.items()
      for name, action in ANSWERS.items() if name not in without),
    *((f"Consul's servers are away: {name}", partial(servers_away, ANSWERS[name]))
      for name in ("no leader", "403", "429", "hangs", "closed")),
    ("Consul never says who it is: 403", self_denied_for_good),
    *((f"Consul comes back empty: {count} services", partial(emptied, count)) for count in (1, 50)),
    ("Consul comes back empty after changes", emptied_with_changes),
    ("Consul comes back empty again and again", emptied_again_and_again),
    *((f"an entry was touched: {name}", partial(touched, change)) for name, change in TOUCHES.items()),
    ("maintenance by hand stays", maintenance_stays),
    *((f"Consul's list is garbage: {name}", partial(list_of_garbage, data)) for name, data in {
        "no JSON": "<html>", "an array": "[]", "a number": "7", "wrong kinds": '{"a": {"ID": 7, "Port": "x"}}'}.items()),
]
