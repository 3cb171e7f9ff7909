"""Two containers replaced one after the other, again and again, under 8 kept connections: failed requests.

The blunt way that deployment scripts have: the new one answers by itself, then the old one is stopped; nobody waits for
nginx. What a failed request is stands in rig/loadgen.py. Closed POSTs are counted apart; their floor is an nginx of which
nothing is changed, but which is reloaded as often.
"""

import os
import time

from bench import stacks, start, table
from rig import image
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.loadgen import LoadGen
from rig.wait import wait_until

ROUNDS, INSTANCES = 10, 2
GET_CLIENTS, POST_CLIENTS = 6, 2
RELOADS_PER_ROUND = 2 * INSTANCES
GAP_SECONDS = 1.0  # between rounds: requests on a quiet nginx belong to it


def run(chosen):
    docker = Dockerd(stacks.LOGS).start()
    image.make(docker, os.path.join(chosen.build, "nanoservice"))
    consul = Consul(stacks.LOGS).start()
    figures = {}
    try:
        for who in ("ours", "peer", "control"):
            if who == "peer" and not (chosen.registrator and chosen.consul_template):
                continue
            consul.clear()
            figures[who] = side(who, chosen, docker, consul)
            print(f"   {who}: {figures[who]}", flush=True)
    finally:
        docker.remove_all()
        docker.stop()
        consul.stop()
    return [table.row(f"{INSTANCES} replaced, {ROUNDS} rounds: {what}", "requests",
                      *([figures[who][what]] if who in figures else None for who in ("ours", "peer", "control")))
            for what in ("sent", "failed", "closed POSTs")]


def side(who, chosen, docker, consul):
    addresses = [begin(docker, f"{who}-0-{number}") for number in range(INSTANCES)]
    with stacks.chain(who if who == "peer" else "ours", chosen, docker) as nginx:
        wait_until(lambda: len(consul.healthy("nano")) == INSTANCES, 15, "the first instances are registered")
        wait_until(lambda: settled(nginx, addresses), 15, "nginx has settled on the first instances")
        loads = [LoadGen(nginx.where, method=method, clients=clients).start()
                 for method, clients in (("GET", GET_CLIENTS), ("POST", POST_CLIENTS))]
        for number in range(1, ROUNDS + 1):
            if who == "control":
                reload_only(nginx)
            else:
                replace(docker, who, number)
            time.sleep(GAP_SECONDS)
        for load in loads:
            load.stop()
    docker.remove_all()
    for load in loads:
        for at, why in load.failures[:5]:
            print(f"   {who}: {load.method} at {at:.3f} s: {why}", flush=True)
    return {"sent": sum(load.sent for load in loads), "failed": sum(len(load.failures) for load in loads),
            "closed POSTs": sum(load.closed_posts for load in loads)}


def begin(docker, name):
    docker.run(name=name, labels={"SERVICE_NAME": "nano"})
    where = docker.address(name) + ":5000"
    wait_until(lambda: start.status(where) == 200, 10, f"{name} answers")
    return where


def settled(nginx, addresses):
    with open(os.path.join(nginx.conf_d, "upstream.conf"), encoding="utf-8") as file:
        text = file.read()
    return all(address in text for address in addresses) and len(nginx.workers()) == nginx.worker_count \
        and start.status(nginx.where) == 200


def replace(docker, who, number):
    for index in range(INSTANCES):
        begin(docker, f"{who}-{number}-{index}")
        docker.cli("stop", "-t", "10", f"{who}-{number - 1}-{index}")
        docker.remove(f"{who}-{number - 1}-{index}")


def reload_only(nginx):
    for _ in range(RELOADS_PER_ROUND):
        nginx.reload()
        time.sleep(0.3)  # about what `docker run` and `docker stop` take
