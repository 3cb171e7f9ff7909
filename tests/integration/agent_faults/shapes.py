"""Versions of the engine's API, what they leave out, and metadata that nobody should write."""

from functools import partial

from agent_faults.server import Answer, body, status
from agent_faults.stage import PATIENCE
from rig.wait import wait_until


def life(stage, *options):
    """One that is there, one that comes, one that goes."""
    containers = stage.containers(2)
    stage.engine.put(*containers)
    stage.start(*options)
    stage.expect()
    stage.engine.run(*stage.containers(1, first=5))
    stage.expect()
    stage.engine.kill(containers[0])
    stage.expect()


# Negotiation

def version(api, minimum, asked, stage):
    stage.engine.api, stage.engine.minimum = api, minimum
    life(stage)
    assert stage.engine.seen(f"GET /v{asked}/events") == 1, stage.engine.requests[:5]


def upgraded(stage):
    """The engine is replaced by one that has dropped the version in use."""
    stage.engine.put(*stage.containers(1))
    stage.start()
    stage.expect()
    stage.engine.stop()
    stage.agent.wait_unready("Docker")
    stage.engine.api, stage.engine.minimum = "1.55", "1.44"
    stage.engine.start()
    stage.agent.wait_ready()
    stage.engine.run(*stage.containers(1, first=3))
    stage.expect()


def asked_for(stage):
    containers = stage.containers(1)
    stage.engine.put(*containers)
    stage.start(env={"DOCKER_API_VERSION": "1.30"})
    stage.expect()
    assert stage.engine.seen("GET /v1.30/events") == 1


def version_body(data, stage):
    stage.engine.fault("/version", body(data))
    life(stage)


def refuses_version(stage):
    """400 for one call, as an engine in the middle of its own upgrade gives it."""
    stage.engine.fault("/containers/json", status(400, "client version is too old"), times=1)
    life(stage)


# What inspect leaves out

def inspect_with(change, idents, stage):
    """The shape of one container changes nothing for the other."""
    one, other = stage.containers(2)
    stage.engine.put(one, other)
    plain = stage.engine.inspected
    stage.engine.inspected = lambda c: change(plain(c)) if c is one else plain(c)
    stage.start(ready=False)
    stage.expect(*idents, "host:c1:80")
    stage.agent.wait_ready()
    stage.lenient = True


def lay(**more):
    return lambda value: {**value, **more}


def inside(key, **more):
    return lambda value: {**value, key: {**value[key], **more}}


def drop(key):
    return lambda value: {name: part for name, part in value.items() if name != key}


ONE, NONE = ("host:c0:80",), ()
SHAPES = {
    "null for Labels and Env": (inside("Config", Labels=None, Env=None), ONE),
    "Env without an equals sign": (inside("Config", Env=["SERVICE_NAME", "", "=", "A=b"]), ONE),
    "null for Ports": (inside("NetworkSettings", Ports=None), ONE),
    "null for ExposedPorts": (inside("Config", ExposedPorts=None), ONE),
    "no ExposedPorts and no Ports": (
        lambda value: inside("NetworkSettings", Ports={})(inside("Config", ExposedPorts={})(value)), NONE),
    "null for Networks": (inside("NetworkSettings", Networks=None), ONE),
    "no networks and no address": (inside("NetworkSettings", Networks={}, IPAddress=""), NONE),
    "a name without a slash": (lay(Name="c0"), ONE),
    "Health null": (inside("State", Health=None), ONE),
    "unknown fields": (lay(Future={"a": [1, {"b": None}]}), ONE),
    "no HostConfig": (drop("HostConfig"), ONE),
    "NetworkMode slirp4netns": (inside("HostConfig", NetworkMode="slirp4netns"), ONE),
    "NetworkMode pasta": (inside("HostConfig", NetworkMode="pasta"), ONE),
    "NetworkMode by ID": (lambda value: inside("HostConfig", NetworkMode="n1")(
        inside("NetworkSettings", IPAddress="", Networks={"x": {"NetworkID": "n1", "IPAddress": "10.9.9.9"}})(value)), ONE),
    "a port that is no number": (inside("Config", ExposedPorts={"http/tcp": {}, "80/tcp": {}}), ONE),
    "a port above 65535": (inside("Config", ExposedPorts={"70000/tcp": {}, "80/tcp": {}}), ONE),
    "a protocol of the future": (inside("Config", ExposedPorts={"80/quic": {}, "80/tcp": {}}), ONE),
    "a host port that is no number": (
        inside("NetworkSettings", Ports={"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "x"}]}), ONE),
    "an empty host port": (inside("NetworkSettings", Ports={"80/tcp": [{"HostIp": "", "HostPort": ""}]}), ONE),
    "IPv6 only": (lambda value: inside("NetworkSettings", IPAddress="", Networks={
        "six": {"NetworkID": "s", "IPAddress": "", "GlobalIPv6Address": "fd00::5"}})(value), ONE)}


# Another container's network

FORMS = {"ID": lambda one: one.id, "short ID": lambda one: one.id[:12], "name": lambda one: one.name,
         "a short name": lambda one: one.name[:2]}


def shares(form, stage):
    """`form` of the owner: by ID, its beginning, name."""
    owner, user = stage.containers(2)
    user.mode, user.networks = "container:" + form(owner), {}
    stage.engine.put(owner, user)
    stage.start()
    assert stage.expect()["host:c1:80"]["Address"] == owner.address


def shares_with_nobody(form, stage):
    """The owner is not there: the others are registered, and it follows when the owner comes."""
    owner, user, other = stage.containers(3)
    user.mode, user.networks = "container:" + form(owner), {}
    stage.engine.put(user, other)
    stage.start(ready=False)
    stage.expect("host:c2:80")
    stage.engine.run(owner)
    stage.expect()


def shares_in_a_circle(stage):
    one, other, third = stage.containers(3)
    one.mode, one.networks = "container:" + other.id, {}
    other.mode, other.networks = "container:" + one.id, {}
    stage.engine.put(one, other, third)
    stage.start(ready=False)
    stage.expect("host:c2:80")
    stage.agent.wait_ready()
    stage.lenient = True


def shares_and_owner_ends(stage):
    owner, user = stage.containers(2)
    user.mode, user.networks = "container:" + owner.id, {}
    stage.engine.put(owner, user)
    stage.start()
    stage.expect()
    stage.engine.kill(owner)
    wait_until(lambda: "host:c0:80" not in stage.store.services(), PATIENCE, "the owner is gone")
    stage.engine.kill(user)
    stage.expect_none()


# Labels

def label(key, value, check, stage):
    """A bad label harms neither the rest of its container nor the other one."""
    one, other = stage.containers(2)
    one.labels = {key: value}
    stage.engine.put(one, other)
    stage.start()
    services = stage.expect()
    assert check(services["host:c0:80"]), services["host:c0:80"]


def fine(_service):
    return True


LABELS = {
    "513 bytes": ("SERVICE_X", "v" * 513, lambda s: s["Meta"]["x"] == "v" * 512),
    "a megabyte": ("SERVICE_X", "v" * 1_000_000, lambda s: s["Meta"]["x"] == "v" * 512),
    "513 bytes of UTF-8": ("SERVICE_X", "v" + "ü" * 256, lambda s: s["Meta"]["x"] == "v" + "ü" * 255),
    "a key of 200": ("SERVICE_" + "K" * 200, "1", lambda s: "k" * 200 not in s["Meta"]),
    "a key with a space": ("SERVICE_A B", "1", lambda s: "a b" not in s["Meta"]),
    "an empty key": ("SERVICE_", "1", lambda s: "" not in s["Meta"]),
    "a reserved key": ("SERVICE_LONGSHORE-OWNER", "me", lambda s: s["Meta"]["longshore-owner"] != "me"),
    "a key of Consul's": ("SERVICE_CONSUL-X", "1", lambda s: "consul-x" not in s["Meta"]),
    "a line break in a value": ("SERVICE_X", "a\nb", lambda s: s["Meta"]["x"] == "a\nb"),
    "a null byte in a value": ("SERVICE_X", "a\0b", fine),
    "a name with control characters": ("SERVICE_NAME", "a\tb\x01", fine),
    "a name with a slash": ("SERVICE_NAME", "team/shop", lambda s: s["Service"] == "team/shop"),
    "a name of 300": ("SERVICE_NAME", "n" * 300, lambda s: s["Service"] == "n" * 300),
    "tags of 500 items": ("SERVICE_TAGS", ",".join(map(str, range(500))), lambda s: len(s["Tags"]) == 500),
    "tags of commas and backslashes": ("SERVICE_TAGS", ",\\,,\\", fine),
    "a port number out of range": ("SERVICE_99999999999999999999_NAME", "x", fine),
    "an interval that is none": ("SERVICE_CHECK_INTERVAL", "often", fine)}


def strange_id(ident, stage):
    """IDs that must be escaped on the way to Consul: registered, looked at, and removed again."""
    one = stage.containers(1)[0]
    one.labels = {"SERVICE_ID": ident}
    stage.engine.put(one)
    stage.start()
    stage.expect(ident)
    stage.no_writes()
    stage.engine.kill(one)
    stage.expect_none()


PING_ONLY = Answer(200, b'{"Version": "4.3.1", "ApiVersion": "1.41"}')
SCENARIOS = [
    *((f"API {api}, at least {minimum}", partial(version, api, minimum, asked)) for api, minimum, asked in (
        ("1.24", "1.12", "1.24"), ("1.30", "1.12", "1.30"), ("1.41", "1.12", "1.41"), ("1.44", "1.24", "1.44"),
        ("1.51", "1.44", "1.51"), ("1.52", "1.44", "1.52"), ("1.55", "1.40", "1.52"), ("1.99", "1.44", "1.52"),
        ("9.1", "9.0", "9.0"))),
    ("API after an upgrade", upgraded), ("API by DOCKER_API_VERSION", asked_for),
    ("API: no smallest version is said", partial(version_body, PING_ONLY.body)),
    ("API: the version is refused once", refuses_version),
    *((f"inspect has {name}", partial(inspect_with, change, idents)) for name, (change, idents) in SHAPES.items()),
    *((f"shares by {name}", partial(shares, form)) for name, form in FORMS.items()),
    *((f"shares by {name}, the owner comes later", partial(shares_with_nobody, form)) for name, form in FORMS.items()),
    ("shares in a circle", shares_in_a_circle), ("shares, and the owner ends first", shares_and_owner_ends),
    *((f"label: {name}", partial(label, *what)) for name, what in LABELS.items()),
    *((f"ID with {name}", partial(strange_id, ident)) for name, ident in {
        "a slash": "a/b", "a question mark": "a?b=c", "a space": "a b", "a quote": 'a"b', "a percent sign": "a%2Fb",
        "UTF-8": "größe", "a backslash": "a\\b", "a hash": "a#b"}.items()),
]
