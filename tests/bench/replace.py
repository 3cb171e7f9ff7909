"""Instances replaced one after the other by `longshore deploy -strategy rolling`, under 8 kept connections: failed requests.

Two instances of programs that die at once on TERM; each call replaces both. What a failed request is stands in
rig/loadgen.py. Closed POSTs are counted apart; their floor is an nginx of which nothing is changed, but which is reloaded as
often and as fast: twice for each replacement.
"""

import os
import time

from bench import stacks, table
from bench.rolling import settled
from bench.load import under_load
from bench.stops import CLIENTS, reload
from rig import image
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.longshore import call
from rig.wait import wait_until

REPLACEMENTS = 200
NAMES = ("one", "two")


def run(chosen):
    replacements = chosen.rounds or REPLACEMENTS
    docker = Dockerd(stacks.LOGS).start()
    image.make(docker, os.path.join(chosen.build, "nanoservice"))
    consul = Consul(stacks.LOGS).start()
    try:
        for name in NAMES:
            docker.run(name=name, labels={"SERVICE_NAME": "nano"}, env={"DIE_AT_ONCE": "1"})
        with stacks.chain("ours", chosen, docker, by_pid_file=True) as nginx:
            wait_until(lambda: settled(nginx, [docker.address(name) + ":5000" for name in NAMES]), 20, "all is up")
            ours, took = under_load([nginx.where], CLIENTS, lambda: [
                replace(docker, number) for number in range((replacements + 1) // len(NAMES))])
            reloads = 2 * len(NAMES) * len(took)
            pace = ours["seconds"] / reloads
            control, _ = under_load([nginx.where], CLIENTS, lambda: [reload(nginx, pace) for _ in range(reloads)])
    finally:
        docker.remove_all()
        docker.stop()
        consul.stop()
    rows = [table.row(f"{len(NAMES) * len(took)} replaced by deploy: {what}", "requests", [ours[what]], None,
                      [control[what]]) for what in ("sent", "failed", "closed POSTs")]
    return rows + [table.row("deploy, two instances replaced", "ms", [1000 * one for one in took])]


def replace(docker, number):
    """How long the call took."""
    began = time.monotonic()
    done = call("deploy", "nano", "-strategy", "rolling", "-image", "nano", "-e", f"VERSION={number}",
                env={"DOCKER_HOST": docker.host}, seconds=180)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return time.monotonic() - began
