"""`docker run` returned -> first 200 through nginx, from no instance to one; beside it the container asked directly."""

import os
import socket
import time

from bench import stacks, table
from rig import image, sandbox
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.wait import wait_until

BLOCK = 10
PAUSE_SECONDS = 0.0005
GIVE_UP_SECONDS = 30


def run(chosen):
    docker = Dockerd(stacks.LOGS).start()
    image.make(docker, os.path.join(chosen.build, "nanoservice"))
    consul = Consul(stacks.LOGS).start()
    peers = chosen.registrator and chosen.consul_template
    samples = {"ours": [], "peer": [], "floor": []}
    try:
        for begin in range(0, chosen.runs, BLOCK):
            count = min(BLOCK, chosen.runs - begin)
            for who in ("ours", "peer"):
                if who == "ours" or peers:
                    consul.clear()
                    samples[who] += block(who, chosen, docker, consul, count)
            samples["floor"] += [direct(docker) for _ in range(count)]
            print(f"   {begin + count} of {chosen.runs}", flush=True)
    finally:
        docker.remove_all()
        docker.stop()
        consul.stop()
    return [table.row("docker run -> first 200 through nginx", "ms", samples["ours"],
                      samples["peer"] or None, samples["floor"])]


def block(who, chosen, docker, consul, count):
    with stacks.chain(who, chosen, docker) as nginx:
        return [through_nginx(docker, consul, nginx) for _ in range(count)]


def through_nginx(docker, consul, nginx):
    began = launch(docker)
    taken = first_200(nginx.where, began)
    docker.remove("probe")
    # A peer may leave it registered for good; the next run must still start from nothing.
    try:
        wait_until(lambda: not consul.services(), 3, "the container is deregistered")
    except AssertionError:
        consul.clear()
    wait_until(lambda: status(nginx.where) == 502, 10, "nginx has no instance again")
    time.sleep(0.15)  # nginx's old workers live for 100 ms after a reload: they must not answer the next run
    return taken


def direct(docker):
    began = launch(docker)
    taken = first_200(docker.address("probe") + ":5000", began)
    docker.remove("probe")
    return taken


def launch(docker):
    # Docker gives the same address again. A question for its hardware address that nobody answered meanwhile is
    # repeated only after a second, which would be measured instead of the tools.
    sandbox.run("ip", "neigh", "flush", "all")
    docker.run(name="probe", labels={"SERVICE_NAME": "nano"})
    return time.monotonic()


def first_200(where, began):
    while time.monotonic() - began < GIVE_UP_SECONDS:
        if status(where) == 200:
            return (time.monotonic() - began) * 1000
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"no 200 from {where} within {GIVE_UP_SECONDS} s")


def status(where):
    """Status of one GET on a fresh connection, 0 when there was none."""
    host, _, port = where.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), 2) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\nHost: demo\r\n\r\n")
            return int(connection.recv(4096).split(b" ", 2)[1])
    except (OSError, IndexError, ValueError):
        return 0
