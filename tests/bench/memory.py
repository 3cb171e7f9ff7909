"""Memory of the idle programs: the agent with no containers, the renderer with one template."""

import os
import time

from bench import stacks, table
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.wait import wait_until

# Long enough for buffers of the start to be given back.
SETTLE_SECONDS = 3


def run(chosen):
    docker = Dockerd(stacks.LOGS).start()
    consul = Consul(stacks.LOGS).start()
    consul.put("/v1/agent/service/register", {"ID": "a", "Name": "nano", "Address": "192.0.2.1", "Port": 1})
    home = stacks.fresh_dir("memory")
    source, target = os.path.join(home, "in.ctmpl"), os.path.join(home, "out")
    with open(source, "w", encoding="utf-8") as file:
        file.write(stacks.UPSTREAM)
    template = f"{source}:{target}"
    try:
        agents = [stacks.our_agent("-internal"),
                  chosen.registrator and stacks.peer_agent(chosen.registrator, "-internal")]
        renderers = [stacks.our_renderer(template),
                     chosen.consul_template and stacks.peer_renderer(chosen.consul_template, template)]
        rows = []
        for name, sides, ready in (("agent", agents, lambda: True),
                                   ("renderer", renderers, lambda: os.path.exists(target))):
            got = [measure(side, ready, target) if side else None for side in sides]
            for kind in ("Rss", "Pss"):
                ours, peer = ([figures[kind]] if figures else None for figures in got)
                rows.append(table.row(f"{name}, idle: {kind}", "MB", ours, peer))
        return rows
    finally:
        docker.stop()
        consul.stop()


def measure(side, ready, target):
    if os.path.exists(target):
        os.remove(target)
    side.start()
    try:
        wait_until(ready, 15, f"{side.process.name} is at work")
        time.sleep(SETTLE_SECONDS)
        with open(f"/proc/{side.process.pid}/smaps_rollup", encoding="ascii") as file:
            fields = dict(line.split(":", 1) for line in file.read().splitlines()[1:])
        # kB in the file are KiB; the figures to beat are in MB of 10^6 bytes.
        return {kind: int(fields[kind].split()[0]) * 1024 / 1e6 for kind in ("Rss", "Pss")}
    finally:
        side.stop()
