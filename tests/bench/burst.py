"""Many containers started and killed at once, with new names each round: which are missed, which are left behind.

Twenty on a real engine, as many rounds as a user would notice; 200 on a scripted one, because a real one needs a minute
to start so many. Neither side is helped by a resync.
"""

import os
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from bench import stacks, table
from rig import http, image, sandbox
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.longshore import Agent
from rig.wait import TimedOut, wait_until

sys.path.append(os.path.abspath("tests/integration"))
from agent_faults.engine import Container, Engine  # noqa: E402

ROUNDS, REAL, SCRIPTED = 4, 20, 200
GIVE_UP_SECONDS = 10  # what is not there by then never comes without a resync
BODY = {"Image": "nano", "Labels": {"SERVICE_NAME": "nano"}}


class RealEngine:
    """Debian's engine; every call of a round is in flight together with the others."""

    def __init__(self, chosen):
        self.docker = Dockerd(stacks.LOGS).start()
        self.host = self.docker.host
        image.make(self.docker, os.path.join(chosen.build, "nanoservice"))
        self.names = []

    def prepare(self, label, count):
        self.names = [f"{label}-{number}" for number in range(count)]
        self.at_once(lambda name: self.call(f"/containers/create?name={name}", BODY))

    def start(self):
        self.at_once(lambda name: self.call(f"/containers/{name}/start"))

    def kill(self):
        self.at_once(lambda name: self.call(f"/containers/{name}/kill"))

    def clear(self):
        self.docker.remove_all()

    def stop(self):
        self.docker.remove_all()
        self.docker.stop()

    def at_once(self, action):
        with ThreadPoolExecutor(len(self.names)) as pool:
            for answer in pool.map(action, self.names):
                assert answer.status in (200, 201, 204), answer

    def call(self, path, body=None):
        return http.request("POST", self.docker.where, path, body, {"Content-Type": "application/json"}, timeout=60)


class BufferedEngine(Engine):
    """Answers questions although somebody is slow to read the events, as Docker does: a thread of its own sends them."""

    def __init__(self, address):
        super().__init__(address)
        self.waiting = queue.SimpleQueue()
        threading.Thread(target=self.drain, daemon=True).start()

    def send(self, data):
        self.waiting.put(b"%x\r\n%s\r\n" % (len(data), data))

    def drain(self):
        while True:
            chunk = self.waiting.get()
            for connection in list(self.streams):
                try:
                    connection.send(chunk)
                except OSError:
                    self.forget(connection)


class ScriptedEngine:
    def __init__(self, _chosen):
        self.engine = BufferedEngine(os.path.join(sandbox.STATE, "scripted.sock"))
        self.engine.start()
        self.host = "unix://" + self.engine.address
        self.ready = []

    def prepare(self, label, count):
        self.ready = [Container(number, name=f"{label}-{number}") for number in range(count)]

    def start(self):
        self.engine.run(*self.ready)

    def kill(self):
        self.engine.kill(*self.ready)

    def clear(self):
        self.engine.vanish(*self.engine.containers.values())

    def stop(self):
        self.engine.stop()


def run(chosen):
    consul = Consul(stacks.LOGS).start()
    rows = []
    try:
        for kind, count, name in ((RealEngine, REAL, ""), (ScriptedEngine, SCRIPTED, ", scripted engine")):
            rows += measure(chosen, consul, kind(chosen), count, f"{count} at once, {ROUNDS} rounds{name}")
    finally:
        consul.stop()
    return rows


def measure(chosen, consul, engine, count, title):
    got = {who: {"never registered": 0, "left stale": 0, "all there": [], "all gone": []} for who in ("ours", "peer")}
    try:
        for number in range(ROUNDS):
            for who in ("ours", "peer"):
                if who == "ours" or chosen.registrator:
                    one_round(chosen, consul, engine, who, count, number, got[who])
                    print(f"   {title}, round {number}, {who}: {got[who]}", flush=True)
    finally:
        engine.stop()

    def samples(who, what):
        value = got[who][what]
        return None if who == "peer" and not chosen.registrator else value if isinstance(value, list) else [value]
    return [table.row(f"{title}: {what}", unit, samples("ours", what), samples("peer", what) or None)
            for what, unit in (("never registered", "services"), ("left stale", "services"), ("all there", "ms"),
                               ("all gone", "ms"))]


def one_round(chosen, consul, engine, who, count, number, got):
    engine.clear()
    # What a peer has left goes one by one; on a busy machine an answer may be late.
    wait_until(lambda: consul.clear() is None, 60, "Consul is empty again")
    engine.prepare(f"{who}{number}", count)
    if who == "ours":
        agent = Agent(stacks.LOGS, "-internal", docker=engine.host)
        agent.start().wait_ready()
        end = agent.term
    else:
        side = stacks.peer_agent(chosen.registrator, "-internal", docker=engine.host)
        side.start()
        end = side.stop
    try:
        there, seconds = follow(engine.start, lambda: len(consul.services()), count)
        got["never registered"] += count - there
        got["all there"] += [seconds * 1000] if there == count else []
        left, seconds = follow(engine.kill, lambda: len(consul.services()), 0)
        got["left stale"] += left
        got["all gone"] += [seconds * 1000] if left == 0 else []
    finally:
        end()


def follow(action, count_now, wanted):
    """(how many in the end, seconds after the action's end); waits no longer than somebody would believe in it."""
    action()
    began = time.monotonic()
    try:
        wait_until(lambda: count_now() == wanted, GIVE_UP_SECONDS, f"{wanted} services")
    except TimedOut:
        pass
    return wait_for_answer(count_now), time.monotonic() - began


def wait_for_answer(count_now):
    """A busy machine may make one answer late."""
    return wait_until(lambda: (count_now(),), 30, "Consul answers")[0]
