"""200 containers on a real engine, all started and all killed at once, beside a real Consul: what is missed, what is left
behind, how long after the last event all is settled, the first sync of 200 that run, and the memory for them.

Ours first, then the peer, with the same containers. A round takes minutes: it is the engine that needs them.
"""

import json
import os
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from bench import stacks, table
from rig import http, image
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.longshore import Agent
from rig.wait import TimedOut, wait_until

COUNT = 200
AT_ONCE = 50  # calls in flight; more do not make the engine faster
ENGINE_SECONDS = 900
GIVE_UP_SECONDS = 30  # after the last event; what is not there by then never comes
SETTLE_SECONDS = 2  # for buffers to be given back
BODY = {"Image": "nano", "Labels": {"SERVICE_NAME": "nano"}}


class Events:
    """When the engine told of the last start or end of a container, by a subscriber of the bench's own."""

    def __init__(self, socket_path):
        filters = json.dumps({"type": ["container"], "event": ["start", "die"]})
        self.connection = http.UnixConnection(socket_path, ENGINE_SECONDS)
        self.connection.request("GET", "/events?filters=" + urllib.parse.quote(filters))
        self.answer = self.connection.getresponse()
        self.seen, self.last = 0, 0.0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            while self.answer.readline():
                self.seen, self.last = self.seen + 1, time.monotonic()
        except (OSError, ValueError):
            pass

    def after(self, action):
        """Does it, and waits for the event of each container."""
        wanted = self.seen + COUNT
        action()
        wait_until(lambda: self.seen >= wanted, ENGINE_SECONDS, f"{COUNT} events")
        return self.last


class Crowd:
    def __init__(self, docker):
        self.docker = docker
        self.names = [f"throng-{number}" for number in range(COUNT)]
        self.each("/containers/create?name={}", BODY)

    def start(self):
        self.each("/containers/{}/start")

    def kill(self):
        self.each("/containers/{}/kill")

    def each(self, path, body=None):
        def call(name):
            return http.request("POST", self.docker.where, path.format(name), body, {"Content-Type": "application/json"},
                                timeout=ENGINE_SECONDS)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for answer in pool.map(call, self.names):
                assert answer.status in (200, 201, 204), answer


def run(chosen):
    docker = Dockerd(stacks.LOGS).start()
    image.make(docker, os.path.join(chosen.build, "nanoservice"))
    consul = Consul(stacks.LOGS).start()
    got = {}
    try:
        crowd, events = Crowd(docker), Events(docker.socket_path)
        for who in ("ours", "peer"):
            if who == "ours" or chosen.registrator:
                wait_until(lambda: consul.clear() is None, 60, "Consul is empty")
                got[who] = one_side(who, chosen, consul, crowd, events)
                print(f"   {who}: {got[who]}", flush=True)
    finally:
        docker.remove_all()
        docker.stop()
        consul.stop()
    return [table.row(f"{COUNT} on a real engine: {what}", unit, got["ours"][what], got.get("peer", {}).get(what))
            for what, unit in (("never registered", "services"), ("left stale", "services"),
                               ("all there after the last event", "ms"), ("all gone after the last event", "ms"),
                               ("first sync", "ms"), ("idle: Rss", "MB"), ("all running: Rss", "MB"))]


def side(who, chosen):
    if who == "ours":
        agent = Agent(stacks.LOGS, "-internal")
        return agent, lambda: agent.start().wait_ready(60), agent.term
    peer = stacks.peer_agent(chosen.registrator, "-internal")
    return peer.process, peer.start, peer.stop


def one_side(who, chosen, consul, crowd, events):
    got = {}
    process, start, stop = side(who, chosen)
    start()
    try:
        time.sleep(SETTLE_SECONDS)
        got["idle: Rss"] = [resident(process)]
        there, took = settle(consul, events.after(crowd.start), COUNT)
        got["never registered"] = [COUNT - there]
        got["all there after the last event"] = [took] if there == COUNT else []
        time.sleep(SETTLE_SECONDS)
        got["all running: Rss"] = [resident(process)]
        stop()
        wait_until(lambda: consul.clear() is None, 60, "Consul is empty")
        began = time.monotonic()
        start()
        there, took = settle(consul, began, COUNT)
        got["first sync"] = [took] if there == COUNT else []
        left, took = settle(consul, events.after(crowd.kill), 0)
        got["left stale"] = [left]
        got["all gone after the last event"] = [took] if left == 0 else []
    finally:
        stop()
    return got


def settle(consul, since, wanted):
    """(how many services in the end, milliseconds from `since` until there were so many)"""
    try:
        wait_until(lambda: len(consul.services()) == wanted, GIVE_UP_SECONDS, f"{wanted} services")
    except TimedOut:
        pass
    took = (time.monotonic() - since) * 1000
    return wait_until(lambda: (len(consul.services()),), 30, "Consul answers")[0], took


def resident(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / 1e6
