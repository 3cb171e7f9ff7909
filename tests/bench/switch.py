"""Blue/green switches under 9 kept connections: failed requests, and how long a switch takes to settle.

`longshore deploy -rollback` goes to and fro between two colours of one container each; three load balancers, each with a
renderer of its own, must have settled. What a failed request is stands in rig/loadgen.py. Closed POSTs are counted apart;
their floor are the same nginx, of which nothing is changed, but which are reloaded as often and as fast.
"""

import json
import os
import time

from bench import stacks, start, table
from bench.load import under_load
from rig import image
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.longshore import Agent, Renderer, call
from rig.nginx import Nginx
from rig.wait import wait_until

BALANCERS = 3
# At each of them.
CLIENTS = 2, 1  # of GET, of POST, at each
RELOADS = 'longshore_render_reloads_total{outcome="confirmed"}'
UPSTREAM = """upstream nano {
{{- range service (print "books-" (keyOrDefault "services/books/color" "none")) }}
  server {{ .Address }}:{{ .Port }};
{{- else }}
  server 127.0.0.1:9;
{{- end }}
}
"""


def run(chosen):
    docker = Dockerd(stacks.LOGS).start()
    image.make(docker, os.path.join(chosen.build, "nanoservice"))
    consul = Consul(stacks.LOGS).start()
    try:
        settled, ours, control = switches(chosen.runs, docker)
    finally:
        docker.remove_all()
        docker.stop()
        consul.stop()
    rows = [table.row(f"colour switched, {chosen.runs} times, {BALANCERS} load balancers: written to settled on all", "ms",
                      settled)]
    return rows + [table.row(f"the same: {what}", "requests", [ours[what]], None, [control[what]])
                   for what in ("sent", "failed", "closed POSTs")]


def deploy(docker, *words):
    done = call("deploy", "books", "-json", *words, env={"DOCKER_HOST": docker.host}, seconds=120)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return {line["event"]: line for line in map(json.loads, done.stdout.splitlines())}


class Balancer:
    """An nginx and a renderer that keeps it current."""

    def __init__(self, home, number):
        self.nginx = Nginx(os.path.join(home, str(number)), f"127.0.0.1:{8080 + number}")
        self.nginx.write("site.conf", f"server {{ listen {self.nginx.where}; location / {{ proxy_pass http://nano; }} }}\n")
        self.nginx.write("upstream.conf", "upstream nano { server 127.0.0.1:9; }\n")
        self.nginx.start()
        source = os.path.join(home, "upstream.ctmpl")
        with open(source, "w", encoding="utf-8") as file:
            file.write(UPSTREAM)
        pages = f"127.0.0.1:{8540 + number}"
        self.renderer = Renderer(stacks.LOGS, [f"{source}:{os.path.join(self.nginx.conf_d, 'upstream.conf')}"], "-http-addr",
                                 pages, "-renderer-id", f"lb-{number}", "-reload-pid-file", self.nginx.pid_file)
        self.renderer.status_address = pages
        self.renderer.log_path = os.path.join(stacks.LOGS, f"render-{number}.log")

    def start(self):
        self.renderer.start().wait_ready()

    def stop(self):
        if self.renderer.running():
            self.renderer.term()
        self.nginx.stop()

    def reloads(self):
        return round(self.renderer.metrics()[RELOADS])


def reload_all(balancers, times, pace):
    for _ in range(times):
        for one in balancers:
            one.nginx.reload()
        time.sleep(pace)


def switches(runs, docker):
    home = stacks.fresh_dir("switch")
    agent = Agent(stacks.LOGS, "-internal")
    balancers = []
    try:
        agent.start().wait_ready()
        for number in range(BALANCERS):
            balancers.append(Balancer(home, number))
            balancers[-1].start()
        checks = ("-label", "SERVICE_CHECK_HTTP=/health", "-label", "SERVICE_CHECK_INTERVAL=1s")
        deploy(docker, "-image", "nano", *checks)
        deploy(docker, "-image", "nano")
        for one in balancers:
            wait_until(lambda one=one: start.status(one.nginx.where) == 200, 10, "the first colours are made")
        before = [one.reloads() for one in balancers]
        places = [one.nginx.where for one in balancers]
        ours, settled = under_load(places, CLIENTS, lambda: [
            1000 * deploy(docker, "-rollback")["settled"]["seconds"] for _ in range(runs)])
        reloads = [one.reloads() - count for one, count in zip(balancers, before)]
        print(f"   reloads of each: {reloads}, {ours['seconds']:.0f} s", flush=True)
        times = max(1, max(reloads))
        control, _ = under_load(places, CLIENTS, lambda: reload_all(balancers, times, ours["seconds"] / times))
    finally:
        for one in balancers:
            one.stop()
        if agent.running():
            agent.term()
    return settled, ours, control
