"""How a row of the matrix is written: what is run, and what must then be in Consul.

    row("name_of_the_container", "docker run's arguments", S(...), ...)

The expected services are what Registrator makes of the container. Where we mean to differ `registrator` says what we do
under that name, `ours` what `longshore agent` does, and `why` is required; left out, they are as the one before. The
name of the row is the container's name and with that part of the ID.
"""

from dataclasses import dataclass, field

HOST_NET = "--network host"
# The whole Meta is compared, but for the keys that start with longshore-.
NOTHING = {}


@dataclass(frozen=True)
class S:
    """One service. `id` is the end of the ID behind host and container, or with a leading = all of it.

    `address`: "host" is the host's own, "net" the container's, "net:N" that on network N, "" none (Consul then answers
    with the node's); anything else stands for itself. `port`: a number, or "5000/tcp" for what that was published on.
    "net6:N" is its IPv6 address; `six`, where given, is the tagged address `lan_ipv6`. `check`: Consul's kinds of checks, separated by spaces; `status` only where the row is about it.
    """
    name: str = "app"
    id: str = "5000"
    tags: tuple = ()
    address: str = "host"
    port: object = 5000
    meta: dict = field(default_factory=dict)
    check: str = ""
    status: str = ""
    six: str = ""


# For what is left to chance.
ANY = "any"
# Option sets with options that are only ours.
OWN = {
    "network": ["-internal", "-network", "two,one"], "address": ["-address-from", "interface:none,192.0.2.99"],
    "six": ["-internal", "-prefer-ipv6"], "explicit-ports": ["-explicit-ports"], "name-from": ["-name-from", "container"],
    "loopback": ["-allow-loopback"]}


class Row:
    def __init__(self, name, run, original, registrator, ours, why, under, image):
        self.name, self.run, self.under, self.image, self.why = name, run, under, image, why
        self.original = original
        self.registrator = original if registrator is None else registrator
        self.ours = self.registrator if ours is None else ours
        if (self.registrator != original or self.ours != self.registrator) and not why:
            raise ValueError(f"{name}: a difference without a reason")
        if ANY in (self.registrator, self.ours) and under not in OWN:
            raise ValueError(f"{name}: what we do is never left to chance")

    def expected(self, who):
        return {"original": self.original, "registrator": self.registrator, "ours": self.ours}[who]


def row(name, run, *original, registrator=None, ours=None, why="", under="plain", image="app"):
    """`under` is the name of the option set. Without a network or a port of its own it runs on the host's network:
    metadata is read alike everywhere, and that one starts fastest."""
    if "--network" not in run and "-p " not in run and "-P" not in run.split():
        run = f"{HOST_NET} {run}"
    found = ANY if original == (ANY,) else list(original)
    return Row(name, run, found, registrator, ours, why, under, image)


def again(name, under, *original, registrator=None, ours=None, why=""):
    """The same container under another option set."""
    found = ANY if original == (ANY,) else list(original)
    return Row(name, None, found, registrator, ours, why, under, None)


def own(name, under, *ours):
    """The same with options that Registrator, and we under its name, refuse as unknown ones."""
    return Row(name, None, ANY, ANY, list(ours), "refused by Registrator", under, None)
