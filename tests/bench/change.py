"""A PUT to Consul starts -> the file is replaced; beside it, in the same run, one dedicated blocking query."""

import http.client
import json
import os
import threading
import time

from bench import inotify, stacks, table
from rig.consul import Consul
from rig.wait import wait_until

TEMPLATE = "{{ range services }}{{ range service .Name }}{{ .Name }} {{ .Address }}:{{ .Port }}\n{{ end }}{{ end }}"
BLOCK = 10
TXN_OPERATIONS = 64  # Consul's limit per transaction
TICKS = os.sysconf("SC_CLK_TCK")


def run(chosen):
    # The default limit of 200 connections stops the peer at 200 services.
    limits = {"http_max_conns_per_client": 5000} if chosen.consul_template else {}
    consul = Consul(stacks.LOGS, limits=limits).start()
    fill(consul, chosen.services, chosen.instances)
    figures = {who: {"file": [], "cpu": [], "floor": []} for who in ("ours", "peer")}
    try:
        for begin in range(0, chosen.runs, BLOCK):
            count = min(BLOCK, chosen.runs - begin)
            for who in ("ours", "peer"):
                if who == "ours" or chosen.consul_template:
                    block(who, chosen, consul, count, figures[who], begin)
            print(f"   {begin + count} of {chosen.runs}", flush=True)
    finally:
        consul.stop()
    ours, peer = figures["ours"], figures["peer"]
    size = f"{chosen.services} x {chosen.instances}"
    return [table.row(f"{size}: PUT -> file replaced", "ms", ours["file"], peer["file"] or None,
                      ours["floor"] + peer["floor"]),
            table.row(f"{size}: CPU per change", "ms", ours["cpu"], peer["cpu"] or None)]


def service_name(number):
    return f"svc{number:04d}"


def fill(consul, services, instances):
    """Services on nodes of their own: the agent's own checks and anti-entropy stay out of the figures."""
    for node in range(instances):
        consul.put("/v1/catalog/register", {"Node": f"n{node}", "Address": f"192.0.2.{node + 1}",
                                            "SkipNodeUpdate": False})
    operations = [
        {"Service": {"Verb": "set", "Node": f"n{node}", "Service": definition(number, node, 1000)}}
        for number in range(services) for node in range(instances)]
    for begin in range(0, len(operations), TXN_OPERATIONS):
        consul.put("/v1/txn", operations[begin:begin + TXN_OPERATIONS])


def definition(number, node, port):
    name = service_name(number)
    return {"ID": f"{name}-{node}", "Service": name, "Address": f"10.9.{node}.{number % 250 + 1}", "Port": port}


class Watcher:
    """One blocking query on one kept connection: what any tool has to pay."""

    def __init__(self, where, path):
        host, _, port = where.rpartition(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self.path, self.answered_at = path, 0.0
        self.index = self._query("")

    def _query(self, more):
        self.connection.request("GET", self.path + more)
        answer = self.connection.getresponse()
        answer.read()
        self.answered_at = time.monotonic()
        return int(answer.headers["X-Consul-Index"])

    def wait(self):
        before = self.index
        while self.index <= before:
            self.index = self._query(f"?index={before}&wait=30s")


def block(who, chosen, consul, count, figures, begin):
    home = stacks.fresh_dir("change")
    source, target = os.path.join(home, "in.ctmpl"), os.path.join(home, "out")
    with open(source, "w", encoding="utf-8") as file:
        file.write(TEMPLATE)
    template = f"{source}:{target}"
    side = stacks.our_renderer(template) if who == "ours" else stacks.peer_renderer(chosen.consul_template, template)
    side.start()
    replaced = inotify.Replaced(target)
    try:
        wait_until(lambda: read(target).count("\n") >= chosen.services * chosen.instances, 60, "the first file")
        time.sleep(0.5)  # the watches of the first render are parked before the first change
        for number in range(count):
            file_ms, floor_ms, cpu_ms = once(chosen, consul, replaced, target, side.process.pid, begin + number, who)
            figures["file"].append(file_ms)
            figures["floor"].append(floor_ms)
            figures["cpu"].append(cpu_ms)
    finally:
        replaced.close()
        side.stop()


def once(chosen, consul, replaced, target, pid, number, who):
    index = number * 7919 % chosen.services
    watcher = Watcher(consul.where, f"/v1/health/service/{service_name(index)}")
    floor = threading.Thread(target=watcher.wait)
    floor.start()
    port = 2000 + number * 2 + (who == "peer")
    node = number % chosen.instances
    body = json.dumps({"Node": f"n{node}", "Address": f"192.0.2.{node + 1}", "SkipNodeUpdate": True,
                       "Service": definition(index, node, port)})
    host, _, http_port = consul.where.rpartition(":")
    writer = http.client.HTTPConnection(host, int(http_port), timeout=10)
    writer.connect()
    time.sleep(0.05)  # the floor's query is parked
    cpu = cpu_seconds(pid)
    began = time.monotonic()
    writer.request("PUT", "/v1/catalog/register", body)
    while True:
        if not replaced.wait(20):
            raise AssertionError(f"{target} was not replaced within 20 s of the change")
        seen = time.monotonic()
        if f":{port}\n" in read(target):
            break
    writer.getresponse().read()
    writer.close()
    floor.join(30)
    time.sleep(0.1)  # what the change makes the tool do afterwards belongs to it
    spent = cpu_seconds(pid) - cpu
    return (seen - began) * 1000, (watcher.answered_at - began) * 1000, spent * 1000


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def cpu_seconds(pid):
    """User and system time in steps of the scheduler's nanoseconds where the kernel tells them, else clock ticks."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            main = int(file.read().split()[0]) / 1e9
        threads = 0.0
        for name in os.listdir(f"/proc/{pid}/task"):
            if name != str(pid):
                with open(f"/proc/{pid}/task/{name}/schedstat", encoding="ascii") as file:
                    threads += int(file.read().split()[0]) / 1e9
        return main + threads
    except FileNotFoundError:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
