"""Engines that are newer than Debian's 20.10 (API 1.41), and their oldest and newest versions: what the answers of each
version leave out or have anew, and calls that are refused because they are too old. The shapes are in engine.py."""

from functools import partial

from agent_faults.server import status

# Newest and oldest version that an engine speaks, and what the agent must ask by.
ENGINES = {"Engine 25": ("1.44", "1.24", "1.44"), "Engine 28": ("1.48", "1.24", "1.48"),
           "Engine 29": ("1.52", "1.44", "1.52"), "Engine 29.7": ("1.55", "1.40", "1.52"),
           "one of the future": ("1.60", "1.56", "1.56")}
HOST = "192.0.2.1"


def endpoint(service):
    return service["Address"], service["Port"]


# What runs, with which options, and what must be registered for it.

def published(stage):
    one = stage.containers(1)[0]
    one.ports = {"80/tcp": 8080, "81/tcp": None}
    stage.engine.put(one)
    stage.start("-ip", HOST)
    assert endpoint(stage.expect("host:c0:80")["host:c0:80"]) == (HOST, 8080)
    stage.lenient = True


def internal(stage):
    one = stage.engine.put(*stage.containers(1))
    stage.start("-internal")
    assert endpoint(stage.expect()["host:c0:80"]) == (one.address, 80)


def best_gateway(stage):
    """Two networks of its own and no address beside them: the one with the better gateway, where the version tells."""
    one = stage.containers(1, mode="elsewhere", networks={
        "a": "10.1.0.2", "b": {"IPAddress": "10.2.0.2", "GlobalIPv6Address": "fd00::2", "GwPriority": 7}})[0]
    stage.engine.put(one)
    stage.start("-internal")
    service = stage.expect()["host:c0:80"]
    ranked = stage.engine.spoken != "1.44"
    assert endpoint(service) == ("10.2.0.2" if ranked else "10.1.0.2", 80), service
    assert ("lan_ipv6" in service["TaggedAddresses"]) == ranked, service


def on_the_host(stage):
    one, silent = stage.containers(2, mode="host", networks={})
    silent.ports, silent.labels = {}, {"SERVICE_81_NAME": "shop"}
    stage.engine.put(one, silent)
    stage.start("-ip", HOST)
    services = stage.expect("host:c0:80", "host:c1:81")
    assert endpoint(services["host:c1:81"]) == (HOST, 81)
    stage.lenient = True


def shared(stage):
    """Registrator finds no address here since 1.52."""
    owner, user = stage.containers(2)
    user.mode, user.networks = "container:" + owner.id, {}
    stage.engine.put(owner, user)
    stage.start("-internal")
    assert endpoint(stage.expect()["host:c1:80"]) == (owner.address, 80)


def healthy(stage):
    one = stage.containers(1, health="starting", config={
        "Healthcheck": {"Test": ["CMD", "/probe"], "Interval": 5 * 10**9, "StartInterval": 10**9}})[0]
    stage.engine.put(one)
    stage.start("-internal")
    stage.expect()
    stage.wait_check("longshore-health:host:c0:80", "critical", "starting")
    stage.engine.be(one, "healthy")
    stage.wait_check("longshore-health:host:c0:80", "passing", "healthy")
    stage.engine.be(one, "unhealthy")
    stage.wait_check("longshore-health:host:c0:80", "critical", "unhealthy")


def changes(stage):
    one, other = stage.containers(2)
    stage.engine.put(one)
    # No list finds what the stream told.
    stage.start("-internal", "-reconcile-interval", "1h")
    stage.engine.run(other)
    stage.expect()
    stage.engine.rename(one, "renamed")
    stage.expect()
    stage.engine.restart(other)
    stage.engine.kill(one)
    stage.expect("host:c1:80")


def digest(stage):
    one = stage.containers(1, image="shop/app:1")[0]
    stage.engine.put(one)
    stage.engine.images["sha256:" + "0" * 64] = {"Id": "sha256:" + "0" * 64, "RepoDigests": [
        "other/app@sha256:" + "1" * 64, "shop/app@sha256:" + "2" * 64]}
    stage.start("-internal")
    assert stage.expect()["host:c0:80"]["Meta"]["longshore-digest"] == "sha256:" + "2" * 64


def driver(stage):
    """A label names a port that nobody has exposed: on a bridge it would have to be published, on macvlan not."""
    for name, kind in (("bridged", "bridge"), ("lan", "macvlan")):
        stage.engine.networks_known[name] = {"Name": name, "Id": name, "Driver": kind}
    one, other = (stage.containers(1, first=number, mode=name, networks={name: address}, ports={},
                                   labels={"SERVICE_81_NAME": "shop"})[0]
                  for number, (name, address) in enumerate((("bridged", "10.1.0.2"), ("lan", "10.2.0.2"))))
    stage.engine.put(one, other)
    stage.start("-ip", "")
    assert endpoint(stage.expect("host:c1:81")["host:c1:81"]) == ("10.2.0.2", 81)
    stage.lenient = True


PLAYS = {"published": published, "internal": internal, "the best gateway": best_gateway, "on the host": on_the_host,
         "another's network": shared, "health": healthy, "changes": changes, "digest": digest, "driver": driver}


def on_engine(api, minimum, asked, play, stage):
    stage.engine.api, stage.engine.minimum = api, minimum
    play(stage)
    assert stage.engine.spoken == asked, stage.engine.requests[:5]
    assert not [text for text in stage.engine.requests if text.startswith("GET /v1") and f"/v{asked}/" not in text]


# How the version is found, and what happens when it is wrong.

def ping_only(stage):
    """A proxy lets /_ping through and not /version: it says the newest version only."""
    stage.engine.api, stage.engine.minimum = "1.55", "1.40"
    stage.engine.fault("/version", status(403, "Forbidden"))
    changes(stage)
    assert stage.engine.spoken == "1.52"


def no_version_at_all(stage):
    """Without a version an engine answers as its newest one."""
    stage.engine.api, stage.engine.minimum = "1.55", "1.44"
    for path in ("/version", "/_ping", "/info"):
        stage.engine.fault(path, status(403, "Forbidden"))
    changes(stage)
    assert stage.engine.spoken == "1.55"
    assert not [text for text in stage.engine.requests if text.startswith("GET /v1")]


def too_old(stage):
    """DOCKER_API_VERSION of former days: the engine refuses it, and the log says what to do."""
    stage.engine.api, stage.engine.minimum = "1.52", "1.44"
    stage.engine.put(*stage.containers(1))
    agent = stage.start(ready=False, env={"DOCKER_API_VERSION": "1.30"})
    agent.wait_log("event=docker_lost", "client version 1.30 is too old", "DOCKER_API_VERSION")
    agent.wait_unready("client version 1.30 is too old")
    stage.engine.minimum = "1.24"
    agent.wait_ready()
    stage.expect()


def replaced(before, after, stage):
    """The engine is upgraded, or set back, under the running agent."""
    stage.engine.api, stage.engine.minimum = before
    stage.engine.put(*stage.containers(2))
    stage.start()
    stage.expect()
    stage.engine.stop()
    stage.agent.wait_unready("Docker")
    stage.engine.api, stage.engine.minimum = after
    stage.engine.start()
    stage.agent.wait_ready()
    writes = stage.store.writes()
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()
    assert stage.store.writes() == writes + 1, "the other version alone changed a registration"


def framing(frame, stage):
    stage.engine.api, stage.engine.minimum, stage.engine.frame = "1.52", "1.44", frame
    changes(stage)


SCENARIOS = [
    *((f"{engine}: {name}", partial(on_engine, *versions, play))
      for engine, versions in ENGINES.items() for name, play in PLAYS.items()),
    ("newest: the version by ping only", ping_only), ("newest: no version at all", no_version_at_all),
    ("newest: DOCKER_API_VERSION is too old", too_old),
    ("newest: 20.10 becomes 29", partial(replaced, ("1.41", "1.12"), ("1.52", "1.44"))),
    ("newest: 29 becomes 20.10", partial(replaced, ("1.52", "1.44"), ("1.41", "1.12"))),
    *((f"newest: events as {frame}", partial(framing, frame)) for frame in ("ndjson", "json-seq")),
]
