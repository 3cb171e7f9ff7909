"""Many events at once, and events while the first list is on its way: none may be lost."""

from functools import partial

from agent_faults.server import hold
from agent_faults.stage import PATIENCE
from rig.wait import wait_until

SIZES = (5, 20, 300)
APIS = ("1.41", "1.52")


def all_start(count, api, stage):
    stage.engine.api = api
    stage.start()
    stage.engine.run(*stage.containers(count))
    stage.expect()
    assert stage.store.writes("service/register") == count, "each is registered once"


def all_end(count, api, stage):
    stage.engine.api = api
    all_of_them = stage.containers(count)
    stage.engine.put(*all_of_them)
    stage.start()
    stage.expect()
    stage.engine.kill(*all_of_them)
    stage.expect_none()
    assert stage.store.writes("service/deregister") == count, "each is deregistered once"


def half_end_at_once(count, api, stage):
    stage.engine.api = api
    stage.start()
    all_of_them = stage.containers(count)
    stage.engine.run(*all_of_them)
    stage.engine.kill(*all_of_them[::2])
    stage.expect()


def all_restart(count, api, stage):
    """Each comes back with another published port."""
    stage.engine.api = api
    all_of_them = stage.containers(count)
    for one in all_of_them:
        one.ports = {"80/tcp": 20000 + one.number * 10}
    stage.engine.put(*all_of_them)
    stage.start("-ip", "192.0.2.1")
    stage.expect()
    stage.engine.restart(*all_of_them)

    def ports():
        services = stage.store.services()
        return all(services.get(f"host:{one.name}:80", {}).get("Port") == one.ports["80/tcp"] for one in all_of_them)
    wait_until(ports, PATIENCE, "every new port is registered")


def same_names_again(count, stage):
    """Other containers take over the names, and with them the IDs, in the same burst."""
    first = stage.containers(count)
    stage.engine.put(*first)
    stage.start()
    stage.expect()
    second = stage.containers(count, first=1000)
    for old, new in zip(first, second):
        new.name = old.name
        stage.engine.kill(old)
        stage.engine.run(new)

    def taken_over():
        services = stage.store.services()
        return all(services.get(f"host:{new.name}:80", {}).get("Address") == new.address for new in second)
    wait_until(taken_over, PATIENCE, "every ID has the new container's address")
    stage.expect()


def noise(stage):
    """Thousands of events that concern nobody."""
    stage.start()
    lines = b"".join(stage.engine.line("container", "exec_start: probe", f"{number:064x}", {}) for number in range(5000))
    stage.engine.send(lines)
    stage.engine.run(*stage.containers(3))
    stage.expect()
    assert stage.engine.seen("/containers/[^/]*/json") <= 6, "strangers were inspected"


def one_restarts_often(stage):
    one = stage.engine.put(*stage.containers(1))
    stage.start()
    stage.expect()
    for _ in range(30):
        stage.engine.restart(one)
    stage.expect()


# While the first list, or the first inspect, is on its way.

def meanwhile(where, change, stage):
    first = stage.containers(4)
    stage.engine.put(*first)
    stage.engine.start()
    stage.engine.fault(where, hold)
    stage.start(ready=False)
    stage.wait_seen(stage.engine, where)
    assert stage.store.services() == {}
    change(stage, first)
    stage.engine.heal()
    stage.agent.wait_ready()
    stage.expect()


def change_start(stage, _first):
    stage.engine.run(*stage.containers(3, first=10))


def change_end(stage, first):
    stage.engine.kill(*first[:2])


def change_restart(stage, first):
    stage.engine.restart(*first[:2])


def change_short_life(stage, _first):
    short = stage.containers(2, first=10)
    stage.engine.run(*short)
    stage.engine.kill(*short)


def change_rename(stage, first):
    stage.engine.rename(first[0], "renamed")


def change_all(stage, first):
    change_start(stage, first)
    change_restart(stage, first)
    change_rename(stage, first)
    change_end(stage, first[2:])


KINDS = {"start": all_start, "end": all_end, "start, half end at once": half_end_at_once, "restart": all_restart}
CHANGES = {"containers start": change_start, "containers end": change_end, "containers restart": change_restart,
           "containers live shortly": change_short_life, "a container is renamed": change_rename,
           "everything happens": change_all}

SCENARIOS = [
    *((f"burst: {count} {name}, API {api}", partial(play, count, api))
      for name, play in KINDS.items() for count in SIZES for api in APIS),
    *((f"burst: {count} names change hands", partial(same_names_again, count)) for count in (1, 20)),
    ("burst: noise", noise),
    ("burst: one container restarts 30 times", one_restarts_often),
    *((f"first list on its way: {name}", partial(meanwhile, "/containers/json", change))
      for name, change in CHANGES.items()),
    *((f"first inspect on its way: {name}", partial(meanwhile, "/containers/[0-9a-f]+/json", change))
      for name, change in CHANGES.items()),
]
