"""Blue/green switches under 8 kept connections: failed requests, and how long a switch takes to settle.

`longshore deploy -rollback` goes to and fro between two colours of one container each. What a failed request is stands in
rig/loadgen.py. Closed POSTs are counted apart: their floor is the control column of `rolling`.
"""

import json
import os

from bench import stacks, start, table
from rig import image
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.loadgen import LoadGen
from rig.longshore import Agent, Renderer, call
from rig.nginx import Nginx
from rig.wait import wait_until

GET_CLIENTS, POST_CLIENTS = 6, 2
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
        settled, figures = switches(chosen.runs, docker)
    finally:
        docker.remove_all()
        docker.stop()
        consul.stop()
    rows = [table.row(f"colour switched, {chosen.runs} times: written to settled", "ms", settled)]
    return rows + [table.row(f"the same: {what}", "requests", [count]) for what, count in figures.items()]


def deploy(docker, *words):
    done = call("deploy", "books", "-json", *words, env={"DOCKER_HOST": docker.host}, seconds=120)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return {line["event"]: line for line in map(json.loads, done.stdout.splitlines())}


def switches(runs, docker):
    home = stacks.fresh_dir("switch")
    nginx = Nginx(os.path.join(home, "nginx"))
    nginx.write("site.conf", f"server {{ listen {nginx.where}; location / {{ proxy_pass http://nano; }} }}\n")
    nginx.write("upstream.conf", "upstream nano { server 127.0.0.1:9; }\n")
    source = os.path.join(home, "upstream.ctmpl")
    with open(source, "w", encoding="utf-8") as file:
        file.write(UPSTREAM)
    running = [nginx.start()]
    try:
        running.append(Agent(stacks.LOGS, "-internal").start().wait_ready())
        template = f"{source}:{os.path.join(nginx.conf_d, 'upstream.conf')}"
        running.append(Renderer(stacks.LOGS, [template], "-reload-pid-file", nginx.pid_file).start().wait_ready())
        checks = ("-label", "SERVICE_CHECK_HTTP=/health", "-label", "SERVICE_CHECK_INTERVAL=1s")
        deploy(docker, "-image", "nano", *checks)
        deploy(docker, "-image", "nano")
        wait_until(lambda: start.status(nginx.where) == 200, 10, "the first colours are made")
        loads = [LoadGen(nginx.where, method=method, clients=clients).start()
                 for method, clients in (("GET", GET_CLIENTS), ("POST", POST_CLIENTS))]
        settled = [1000 * deploy(docker, "-rollback")["settled"]["seconds"] for _ in range(runs)]
        for load in loads:
            load.stop()
    finally:
        for process in reversed(running[1:]):
            process.term()
        nginx.stop()
    for load in loads:
        for at, why in load.failures[:5]:
            print(f"   {load.method} at {at:.3f} s: {why}", flush=True)
    return settled, {"sent": sum(load.sent for load in loads), "failed": sum(len(load.failures) for load in loads),
                     "closed POSTs": sum(load.closed_posts for load in loads)}
