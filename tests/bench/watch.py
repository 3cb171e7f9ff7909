"""Following 1,000 and 10,000 services of a real Consul, in two layouts: ten nodes with every service on each, and as
many nodes as services. Ours has Consul's default limit of 200 connections; the peer, which needs one for each service,
has a Consul of its own with the limit raised, and takes its turn after ours.

Change -> file, requests and CPU are of single changes with a pause after each; the floor is one dedicated blocking
query for the changed service, in the same run.
"""

import os
import random
import re
import threading
import time

from bench import stacks, table
from bench.change import TEMPLATE, TXN_OPERATIONS, Watcher, cpu_seconds, read
from bench.inotify import Replaced
from rig.consul import Consul
from rig.wait import wait_until

INSTANCES = 10
HOT = 4  # services that change again and again
LOST_AFTER = 10  # seconds
PAUSE = 0.7  # after each change: what it makes the programs do afterwards belongs to it
BURST = 1000
PORTS = {"ours": 8500, "peer": 8600}
SEED = 5


def run(chosen):
    rows = []
    for services, nodes in layouts(chosen):
        figures = {"ours": measure("ours", chosen, services, nodes)}
        if chosen.consul_template and services <= 1000:
            figures["peer"] = measure("peer", chosen, services, nodes)
        rows += rows_of(f"{services} x {INSTANCES} on {nodes}", figures)
    return rows


def layouts(chosen):
    if chosen.layout:
        return [tuple(int(part) for part in word.split("x")) for word in chosen.layout]
    return [(1000, INSTANCES), (1000, 1000), (10000, INSTANCES), (10000, 10000)]


def rows_of(name, figures):
    ours, peer = figures["ours"], figures.get("peer", {})

    def row(what, unit, key, floor=None):
        return table.row(f"{name}: {what}", unit, ours.get(key), peer.get(key), floor)

    floor = ours["floor"] + peer.get("floor", [])
    return [row("first render", "ms", "first"), row("connections", "", "connections"), row("resident", "MB", "rss"),
            row("even changes: PUT -> file", "ms", "file", floor), row("lost", "", "lost"),
            row("requests per change", "", "requests"), row("CPU per change", "ms", "cpu"),
            row("Consul's CPU per change", "ms", "consul"),
            row("hot services: PUT -> file", "ms", "hot_file", ours.get("hot_floor")),
            row("hot services: CPU per change", "ms", "hot_cpu"),
            row(f"{BURST} changes in 10 s: last -> file right", "ms", "burst"),
            row("evaluations for them", "", "burst_evaluations"), row("idle: CPU per minute", "ms", "idle")]


def service_name(number):
    return f"svc{number:05d}"


def node_of(services, nodes, number, instance):
    """Each service on ten nodes; neighbours in number do not share all of theirs."""
    return instance if nodes <= INSTANCES else (number * 7 + instance * 101) % nodes


def address(node):
    return f"10.{20 + node // 65536}.{node // 256 % 256}.{node % 256}"


def definition(number, instance, port):
    name = service_name(number)
    return {"ID": f"{name}-{instance}", "Service": name, "Port": port}


def fill(consul, services, nodes):
    operations = [{"Node": {"Verb": "set", "Node": {"Node": f"n{node}", "Address": address(node)}}}
                  for node in range(nodes)]
    operations += [{"Service": {"Verb": "set", "Node": f"n{node_of(services, nodes, number, instance)}",
                                "Service": definition(number, instance, 1000)}}
                   for number in range(services) for instance in range(INSTANCES)]
    for begin in range(0, len(operations), TXN_OPERATIONS):
        consul.put("/v1/txn", operations[begin:begin + TXN_OPERATIONS])


def measure(who, chosen, services, nodes):
    print(f"   {who}: {services} services x {INSTANCES} on {nodes} nodes", flush=True)
    limits = {} if who == "ours" else {"http_max_conns_per_client": 5000}
    consul = Consul(stacks.LOGS, node=f"bench-{who}", port=PORTS[who], base_port=PORTS[who] + 20, limits=limits)
    consul.wipe()
    consul.start()
    try:
        fill(consul, services, nodes)
        time.sleep(1)  # Consul's own work after the filling
        return Run(who, chosen, consul, services, nodes).all()
    finally:
        consul.stop()


class Run:
    def __init__(self, who, chosen, consul, services, nodes):
        self.who, self.chosen, self.consul, self.services, self.nodes = who, chosen, consul, services, nodes
        self.chance = random.Random(SEED)
        home = stacks.fresh_dir(f"watch-{who}")
        source, self.target = os.path.join(home, "in.ctmpl"), os.path.join(home, "out")
        with open(source, "w", encoding="utf-8") as file:
            file.write(TEMPLATE)
        template = f"{source}:{self.target}"
        self.side = stacks.our_renderer(template, consul.where) if who == "ours" else \
            stacks.peer_renderer(chosen.consul_template, template, consul.where)
        self.replaced = Replaced(self.target)
        self.port = 2000
        self.ports = {}  # (service, instance) -> its port, of those that changed
        self.figures = {}

    def add(self, key, value):
        self.figures.setdefault(key, []).append(value)

    def all(self):
        began = time.monotonic()
        self.side.process.start()
        try:
            wait_until(lambda: read(self.target).count("\n") >= self.services * INSTANCES, 300, "the first file")
            self.add("first", (time.monotonic() - began) * 1000)
            time.sleep(3)
            self.add("connections", connections(self.side.process.pid))
            self.add("rss", resident(self.side.process.pid))
            order = self.chance.sample(range(self.services), min(self.chosen.runs, self.services))
            for number in order:
                self.change(number, "")
            self.add("lost", self.lost)
            for number in range(self.chosen.runs // 2):
                self.change(number % HOT, "hot_" if number >= 2 * HOT else "warm_")
            self.burst()
            self.figures["rss"] = [resident(self.side.process.pid)]
            self.idle()
        finally:
            self.replaced.close()
            self.side.stop()
        return self.figures

    lost = 0

    def requests(self):
        """Of a program that counts them."""
        return self.side.process.metrics()["longshore_render_requests_total"] if self.who == "ours" else None

    def next_body(self, number):
        self.port = self.port + 1 if self.port < 65000 else 2000
        instance = self.port % INSTANCES
        self.ports[number, instance] = self.port
        node = node_of(self.services, self.nodes, number, instance)
        return {"Node": f"n{node}", "Address": address(node), "SkipNodeUpdate": True,
                "Service": definition(number, instance, self.port)}

    def change(self, number, kind):
        watcher = Watcher(self.consul.where, f"/v1/health/service/{service_name(number)}")
        floor = Floor(watcher)
        body = self.next_body(number)
        time.sleep(0.05)  # the floor's query is parked
        requests = self.requests()
        cpu, consul_cpu = cpu_seconds(self.side.process.pid), cpu_seconds(self.consul.process.pid)
        began = time.monotonic()
        self.consul.put("/v1/catalog/register", body)
        seen = self.wait_for(f":{body['Service']['Port']}\n", began + LOST_AFTER)
        time.sleep(PAUSE)
        cpu, consul_cpu = cpu_seconds(self.side.process.pid) - cpu, cpu_seconds(self.consul.process.pid) - consul_cpu
        if seen is None:
            self.lost += 1
        else:
            self.add(kind + "file", (seen - began) * 1000)
        self.add(kind + "floor", (floor.answered_at() - began) * 1000)
        self.add(kind + "cpu", cpu * 1000)
        self.add(kind + "consul", consul_cpu * 1000)
        if requests is not None:
            # Our own question for the page is none of them.
            self.add(kind + "requests", self.requests() - requests)

    def wait_for(self, text, until):
        while time.monotonic() < until:
            if text in read(self.target):
                return time.monotonic()
            if self.replaced.wait(max(0.0, until - time.monotonic())):
                seen = time.monotonic()
                if text in read(self.target):
                    return seen
        return None

    def burst(self):
        evaluations = self.evaluations()
        began = time.monotonic()
        for count in range(BURST):
            self.consul.put("/v1/catalog/register", self.next_body(self.chance.randrange(self.services)))
            time.sleep(max(0.0, began + (count + 1) * 10 / BURST - time.monotonic()))
        ended = time.monotonic()
        wait_until(self.right, 120, "the file shows the last of all changes")
        self.add("burst", (time.monotonic() - ended) * 1000)
        if evaluations is not None:
            self.add("burst_evaluations", self.evaluations() - evaluations)

    def evaluations(self):
        return self.side.process.metrics()["longshore_render_evaluations_total"] if self.who == "ours" else None

    def right(self):
        rows = {}
        for line in read(self.target).splitlines():
            name, where = line.split(" ")
            host, _, port = where.rpartition(":")
            if name != "consul":
                rows.setdefault((name, host), []).append(int(port))
        for (number, instance), port in self.ports.items():
            node = node_of(self.services, self.nodes, number, instance)
            if port not in rows.get((service_name(number), address(node)), []):
                raise ValueError(f"{service_name(number)} on n{node} has not port {port}")
        count = sum(len(ports) for ports in rows.values())
        if count != self.services * INSTANCES:
            raise ValueError(f"the file shows {count} instances")
        return True

    def idle(self):
        time.sleep(5)
        cpu = cpu_seconds(self.side.process.pid)
        time.sleep(self.chosen.idle)
        self.add("idle", (cpu_seconds(self.side.process.pid) - cpu) * 1000 * 60 / self.chosen.idle)


class Floor:
    def __init__(self, watcher):
        self.watcher = watcher
        self.thread = threading.Thread(target=watcher.wait)
        self.thread.start()

    def answered_at(self):
        self.thread.join(30)
        return self.watcher.answered_at


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024 / 1e6


def connections(pid):
    """Established TCP connections of a process."""
    held = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            held.add(os.readlink(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:
            continue
    count = 0
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as file:
        for line in file.read().splitlines()[1:]:
            fields = line.split()
            count += fields[3] == "01" and f"socket:[{fields[9]}]" in held
    return count
