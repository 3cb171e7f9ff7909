"""`docker stop` through our socket, again and again, of programs that die at once, under 8 kept connections.

Two instances take turns; the next stop comes as soon as Docker has started the former one again: that it waits until that one
serves is the proxy's work. What a failed request is stands in rig/loadgen.py. Closed POSTs are counted apart; their floor is an
nginx of which nothing is changed, but which is reloaded as often: twice per stop.
"""

import os
import subprocess
import time

from bench import stacks, table
from bench.load import under_load
from bench.rolling import settled
from rig import image
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.longshore import Longshore
from rig.wait import wait_until

STOPS = 100
NAMES = ("one", "two")
CLIENTS = 6, 2  # of GET, of POST


def run(chosen):
    stops = chosen.rounds or STOPS
    docker = Dockerd(stacks.LOGS).start()
    image.make(docker, os.path.join(chosen.build, "nanoservice"))
    consul = Consul(stacks.LOGS).start()
    listen = os.path.join(stacks.fresh_dir("proxy"), "docker.sock")
    proxy = Longshore("docker-proxy", ["-listen", listen, "-docker-host", docker.host], stacks.LOGS, "127.0.0.1:8514")
    try:
        for name in NAMES:
            docker.run(name=name, labels={"SERVICE_NAME": "nano"}, env={"DIE_AT_ONCE": "1"})
        proxy.start().wait_ready()
        with stacks.chain("ours", chosen, docker, by_pid_file=True) as nginx:
            wait_until(lambda: settled(nginx, [docker.address(name) + ":5000" for name in NAMES]), 20, "all is up")
            ours, held = under_load([nginx.where], CLIENTS,
                                    lambda: [stop(docker, listen, NAMES[number % 2]) for number in range(stops)])
            pace = ours["seconds"] / (2 * stops)
            control, _ = under_load([nginx.where], CLIENTS, lambda: [reload(nginx, pace) for _ in range(2 * stops)])
        past = [stop(docker, docker.socket_path, NAMES[0]) for _ in range(10)]
        metrics = proxy.metrics()
        print(f"   drained {metrics['longshore_proxy_drained_total']:.0f}, "
              f"timed out {metrics['longshore_proxy_timed_out_total']:.0f}", flush=True)
    finally:
        if proxy.running():
            proxy.term(15)
        docker.remove_all()
        docker.stop()
        consul.stop()
    rows = [table.row(f"{stops} stops through the proxy: {what}", "requests", [ours[what]], None, [control[what]])
            for what in ("sent", "failed", "closed POSTs")]
    rows.append(table.row("docker stop", "ms", [1000 * took for took in held], None,
                          [1000 * took for took in past]))
    return rows


def stop(docker, socket_path, name):
    """How long it took; the container runs again afterwards."""
    command = ["/usr/bin/docker", "-H", "unix://" + socket_path]
    began = time.monotonic()
    subprocess.run([*command, "stop", name], check=True, capture_output=True, env=docker.env, timeout=90)
    took = time.monotonic() - began
    subprocess.run([*command, "start", name], check=True, capture_output=True, env=docker.env, timeout=90)
    return took


def reload(nginx, pace):
    nginx.reload()
    time.sleep(pace)
