"""Each party ends and comes back in each phase of the work."""

from functools import partial

from agent_faults.server import hold
from agent_faults.stage import PATIENCE
from rig.wait import wait_until

INSPECT, REGISTER, DEREGISTER = "/containers/[0-9a-f]+/json", "agent/service/register", "agent/service/deregister"


# Phases: each brings the world to a point in the middle of something, and says what must be going on there.

def before_list(stage):
    stage.engine.start()
    stage.engine.fault("/containers/json", hold)
    stage.start(ready=False)
    stage.wait_seen(stage.engine, "/containers/json")


def while_inspecting(stage):
    stage.engine.start()
    stage.engine.fault(INSPECT, hold)
    stage.start(ready=False)
    stage.wait_seen(stage.engine, INSPECT)


def while_reading_consul(stage):
    stage.store.fault("GET /v1/agent/services", hold)
    stage.start(ready=False)
    stage.wait_seen(stage.store, "GET /v1/agent/services")


def while_registering(stage):
    stage.store.fault(REGISTER, hold)
    stage.start(ready=False)
    stage.wait_seen(stage.store, REGISTER)


def idle(stage):
    stage.start()
    stage.expect()


def while_deregistering(stage):
    stage.start()
    stage.expect()
    stage.store.fault(DEREGISTER, hold)
    stage.engine.kill(*list(stage.engine.containers.values())[:4])
    stage.wait_seen(stage.store, DEREGISTER)


# Parties

def docker(stage):
    stage.engine.stop()
    stage.agent.wait_unready("Docker")
    stage.engine.start()


def docker_at_once(stage):
    stage.engine.cut_connections()


def consul(stage):
    stage.store.stop()
    stage.agent.wait_unready()
    stage.store.start()


def consul_at_once(stage):
    stage.store.cut_connections()


def consul_empty(stage):
    stage.store.stop()
    stage.store.empty()
    stage.store.start()


def both(stage):
    stage.engine.stop()
    stage.store.stop()
    stage.agent.wait_unready()
    stage.store.start()
    stage.engine.start()


def agent_term(stage):
    assert stage.agent.term() == 0
    stage.agent.start()


def agent_kill(stage):
    stage.agent.kill9()
    stage.agent.start()


def agent_hup(stage):
    stage.agent.child.send_signal(1)


PHASES = {"before the first list": before_list, "while it inspects": while_inspecting,
          "while it reads Consul": while_reading_consul, "while it registers": while_registering, "when idle": idle,
          "while it deregisters": while_deregistering}
PARTIES = {"Docker": docker, "Docker's connections": docker_at_once, "Consul": consul,
           "Consul's connections": consul_at_once, "an empty Consul": consul_empty, "both": both,
           "the agent by TERM": agent_term, "the agent by KILL": agent_kill, "HUP": agent_hup}


def restart(party, phase, stage):
    """And meanwhile a container comes and one goes."""
    stage.engine.put(*stage.containers(8))
    phase(stage)
    party(stage)
    stage.engine.heal()
    stage.store.heal()
    stage.engine.run(*stage.containers(2, first=20))
    stage.engine.kill(list(stage.engine.containers.values())[0])
    stage.expect()
    stage.agent.wait_ready()
    stage.expect()


# While the agent is away

def away(clean, change, stage):
    containers = stage.containers(4)
    stage.engine.put(*containers)
    stage.start()
    stage.expect()
    if clean:
        stage.agent.term()
    else:
        stage.agent.kill9()
    writes = stage.store.writes()
    change(stage, containers)
    stage.agent.start().wait_ready()
    stage.expect()
    wait_until(lambda: addresses(stage), PATIENCE, "every entry has its container's address")
    if change is nothing:
        assert stage.store.writes() == writes, "written although nothing had changed"


def addresses(stage):
    services = stage.store.services()
    return all(services[f"host:{one.name}:80"]["Address"] == one.address for one in stage.engine.containers.values())


def nothing(_stage, _containers):
    pass


def all_end(stage, containers):
    stage.engine.vanish(*containers)


def some_end(stage, containers):
    stage.engine.vanish(*containers[:2])
    stage.engine.put(*stage.containers(2, first=30))


def replaced(stage, containers):
    stage.engine.vanish(containers[0])
    fresh = stage.containers(1, first=40)[0]
    fresh.name = containers[0].name
    stage.engine.put(fresh)


def emptied(stage, _containers):
    stage.store.empty()


CHANGES = {"nothing": nothing, "all end": all_end, "some end and others start": some_end, "one is replaced": replaced,
           "Consul is emptied": emptied}
SCENARIOS = [
    *((f"{who} restarts {when}", partial(restart, party, phase))
      for who, party in PARTIES.items() for when, phase in PHASES.items()),
    *((f"away after {'TERM' if clean else 'KILL'}: {name}", partial(away, clean, change))
      for clean in (True, False) for name, change in CHANGES.items()),
]
