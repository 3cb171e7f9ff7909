"""One instance that comes and goes 20 times a second for a minute, beside others that stay: how often nginx is reloaded,
how many generations of workers live, and how long a withdrawal takes to be applied; then the same with 50 streams held
open through the load balancer, so that old workers cannot end."""

import os
import socket
import threading
import time

from bench import stacks, table
from rig import http as rig_http
from rig.consul import Consul
from rig.longshore import RENDERER, Renderer
from rig.nginx import Nginx
from rig.wait import wait_until

SECONDS = float(os.environ.get("LONGSHORE_FLAP_SECONDS", "60"))
PER_SECOND, STREAMS = 20, 50
PORT = 7301


class Origin:
    """Answers at once, or for /hold sends a byte now and then and never ends."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port, self.over, self.open = self.listener.getsockname()[1], threading.Event(), []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                connection.settimeout(5)
                held = b"/hold" in connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok\n")
            except OSError:
                held = False
            if held:
                self.open.append(connection)
            else:
                connection.close()

    def stop(self):
        self.over.set()
        self.listener.close()
        for connection in self.open:
            connection.close()


def run(chosen):
    rows = []
    for streams in (0, STREAMS):
        consul = Consul(stacks.LOGS).start()
        try:
            rows += flap(consul, streams)
        finally:
            consul.stop()
            consul.wipe()
    return rows


def register(consul, ident, port):
    body = {"ID": ident, "Name": "web", "Address": "127.0.0.1", "Port": port, "Meta": {"probe": "off"}}
    consul.put("/v1/agent/service/register", body)


def flap(consul, streams):
    home = stacks.fresh_dir("flap")
    nginx, origin = Nginx(home), Origin()
    nginx.write("site.conf", f"server {{ listen {nginx.where}; location / {{ proxy_pass http://web; proxy_buffering off; "
                             "proxy_read_timeout 1h; } }\n")
    nginx.write("web.conf", "upstream web { server 127.0.0.1:9; }\n")
    nginx.start()
    register(consul, "web-stays", origin.port)
    config = os.path.join(home, "group.hcl")
    with open(config, "w", encoding="utf-8") as file:
        file.write(f'''state_dir = "{home}/state"
group "edge" {{
  check = ["/usr/sbin/nginx", "-t", "-q", "-p", "{home}", "-c", "{nginx.config}"]
  pid_file = "{nginx.pid_file}"
  template {{
    contents = "upstream web {{\\n{{{{ range service \\"web\\" }}}}  server {{{{ .Address }}}}:{{{{ .Port }}}};\\n{{{{ end }}}}}}\\n"
    destination = "{nginx.conf_d}/web.conf"
  }}
}}
''')
    renderer = Renderer(stacks.LOGS, [], "-config", config, "-log-level", "info").start()
    held, removal_ms, most = [], [], 0
    try:
        wait_until(lambda: f":{origin.port};" in text(nginx), 20, "the first file")
        for _ in range(streams):
            held.append(hold(nginx))
        applied = metric('longshore_render_group_applied_total{group="edge"}')
        began, number, over = time.monotonic(), 0, threading.Event()
        others = threading.Thread(target=come_and_go, args=(consul, nginx, over, removal_ms))
        others.start()
        while time.monotonic() - began < SECONDS:
            time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
            if number % 2:
                withdraw(consul, "web-flaps")
            else:
                register(consul, "web-flaps", PORT)
            number += 1
            most = max(most, generations(nginx))
        over.set()
        others.join(60)
        minutes = (time.monotonic() - began) / 60
        reloads = metric('longshore_render_group_applied_total{group="edge"}') - applied
    finally:
        renderer.term(30)
        for connection in held:
            connection.close()
        origin.stop()
        nginx.stop()
    what = f"flap, {streams} held streams: "
    return [table.row(what + "withdrawal -> applied", "ms", removal_ms or [0.0]),
            table.row(what + "reloads in a minute", "", [reloads / minutes]),
            table.row(what + "most generations", "", [float(most)]),
            table.row(what + "changes", "", [float(number)])]


def text(nginx):
    with open(os.path.join(nginx.conf_d, "web.conf"), encoding="utf-8") as file:
        return file.read()


def hold(nginx):
    host, _, port = nginx.where.rpartition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
    connection.recv(4096)
    return connection


def metric(name):
    for line in rig_http.get(RENDERER, "/metrics").text.splitlines():
        if line.startswith(name + " "):
            return float(line.rpartition(" ")[2])
    return 0.0


def withdraw(consul, ident):
    consul.put(f"/v1/kv/longshore/withdrawn/{consul.node}/{ident}", {"version": 1})
    consul.put(f"/v1/agent/service/deregister/{ident}")


def come_and_go(consul, nginx, over, removal_ms):
    """Others beside the one that flaps: each is there for a moment, and how long its going takes is what counts."""
    port = PORT + 1
    while not over.is_set():
        ident = f"web-{port}"
        register(consul, ident, port)
        if not poll(lambda: f":{port};" in text(nginx), 20):
            removal_ms.append(20000.0)
            return
        over.wait(0.3)
        gone = time.monotonic()
        withdraw(consul, ident)
        if not poll(lambda: f":{port};" not in text(nginx), 10):
            removal_ms.append(10000.0)
            return
        swapped = group()["generation"]
        if not poll(lambda: told(swapped), 10):
            removal_ms.append(10000.0)
            return
        removal_ms.append((time.monotonic() - gone) * 1000)
        over.wait(0.5)
        port += 1


def poll(condition, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.002)
    return False


def group():
    return rig_http.get(RENDERER, "/v1/status").json()["groups"][0]


def told(generation):
    """New workers serve that generation: nothing is under way any more, or already the next one."""
    now = group()
    return now["generation"] > generation or (now["state"] == "idle" and not now["owed"])


def generations(nginx):
    """Masters tell their workers apart by nothing; two of them make one generation."""
    return -(-len(nginx.workers()) // nginx.worker_count)
