"""The two sides of the comparison: our programs and the peers', started in the same way."""

import contextlib
import os
import shutil
import signal

from rig import sandbox
from rig.longshore import Agent, Renderer
from rig.nginx import Nginx
from rig.process import Process
from rig.wait import wait_until

LOGS = os.path.abspath("build/bench-logs")
UPSTREAM = """upstream nano {
{{- range service "nano" }}
  server {{ .Address }}:{{ .Port }};
{{- else }}
  server 127.0.0.1:9;
{{- end }}
}
"""


def fresh_dir(name):
    path = os.path.join(sandbox.STATE, "bench", name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


class Side:
    """An agent or a renderer of one side; which side it is decides program and stop signal."""

    def __init__(self, process, stop_signal, wait_ready):
        self.process, self.stop_signal, self.wait = process, stop_signal, wait_ready

    def start(self):
        self.process.start()
        self.wait()
        return self

    def stop(self):
        self.process.term(15, self.stop_signal)


def our_agent(*options):
    agent = Agent(LOGS, *options)
    return Side(agent, signal.SIGTERM, agent.wait_ready)


def our_renderer(template, consul="127.0.0.1:8500", options=()):
    renderer = Renderer(LOGS, [template], *options, consul=consul)
    return Side(renderer, signal.SIGTERM, lambda: renderer.wait_ready(60))


def peer_agent(executable, *options, docker="unix:///run/docker.sock"):
    process = Process("registrator", [executable, *options, "consul://127.0.0.1:8500"],
                      os.path.join(LOGS, "registrator.log"),
                      {"DOCKER_HOST": docker, "GL_DISABLE_VERSION_CHECK": "1"})
    return Side(process, signal.SIGTERM, lambda: process.wait_log("Listening for Docker events"))


def peer_renderer(executable, template, consul="127.0.0.1:8500"):
    process = Process("consul-template", [executable, "-consul-addr", consul, "-template", template],
                      os.path.join(LOGS, "consul-template.log"))
    # It has no page that says when it is ready; the benches wait for its file. It ignores TERM.
    return Side(process, signal.SIGINT, lambda: None)


@contextlib.contextmanager
def chain(who, chosen, docker, by_pid_file=False):
    """An nginx, and agent and renderer of one side that keep it current; ends all three. by_pid_file (ours): nginx's
    workers are looked at instead of trusted after a command."""
    home = fresh_dir("chain")
    nginx = Nginx(home)
    nginx.write("site.conf", f"server {{ listen {nginx.where}; location / {{ proxy_pass http://nano; }} }}\n")
    nginx.write("upstream.conf", "upstream nano { server 127.0.0.1:9; }\n")
    nginx.start()
    source, target = os.path.join(home, "upstream.ctmpl"), os.path.join(nginx.conf_d, "upstream.conf")
    with open(source, "w", encoding="utf-8") as file:
        file.write(UPSTREAM)
    os.remove(target)
    # A script, because older consul-templates run commands without a shell.
    reload = os.path.join(home, "reload")
    with open(reload, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\nkill -HUP $(cat {nginx.pid_file})\n")
    os.chmod(reload, 0o755)
    template = f"{source}:{target}:{reload}"
    if by_pid_file:
        options = ("-reload-pid-file", nginx.pid_file)
        agent, renderer = our_agent("-internal"), our_renderer(f"{source}:{target}", options=options)
    elif who == "ours":
        agent, renderer = our_agent("-internal"), our_renderer(template)
    else:
        agent = peer_agent(chosen.registrator, "-internal", docker=docker.host)
        renderer = peer_renderer(chosen.consul_template, template)
    agent.start()
    renderer.start()
    try:
        wait_until(lambda: os.path.exists(target), 10, "the first file is rendered")
        yield nginx
    finally:
        renderer.stop()
        agent.stop()
        nginx.stop()
