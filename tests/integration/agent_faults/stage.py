"""One scenario's world: a scripted engine, a registry that can fail, and one or more agents, the executable under test."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request

from agent_faults.engine import Container, Engine
from agent_faults.store import Store, free_place
from rig.wait import hold_true, wait_until

# Machines that run the tests may be busy; no scenario waits for this long when all is well.
PATIENCE = 45
CRASHES = ("Sanitizer", "terminate called", "Assertion")


class Agent:
    def __init__(self, stage, name, options, env, compatible):
        self.log_path = os.path.join(stage.dir, name + ".log")
        self.where = free_place()
        self.state = os.path.join(stage.dir, name + "-state")
        uri = "consul://" + stage.store.address
        program = [os.path.join(stage.dir, "registrator")] if compatible else [stage.executable, "agent"]
        own = [] if compatible else ["-hostname", "host", "-state-dir", self.state, "-watch-interval", "100ms",
                                     "-http-addr", self.where]
        self.compatible = compatible
        self.command = [*program, *own, *options, uri]
        self.env = {**os.environ, "DOCKER_HOST": "unix://" + stage.engine.address, **env}
        self.child = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        return self

    def option(self, name, value):
        """Changes an option of the next start."""
        self.command[self.command.index(name) + 1] = value
        return self

    def running(self):
        return self.child is not None and self.child.poll() is None

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def page(self, path):
        assert self.running(), f"the agent ended with {self.child.returncode}\n{self.log()[-3000:]}"
        try:
            with urllib.request.urlopen(f"http://{self.where}{path}", timeout=5) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ready(self):
        if self.compatible:
            return "event=synced" in self.log()
        return self.page("/readyz")[0] == 200

    def wait_ready(self):
        wait_until(self.ready, PATIENCE, "the agent is ready")
        return self

    def wait_unready(self, why=""):
        def unready():
            code, text = self.page("/readyz")
            assert code == 503 and why in text, f"{code} {text}"
            return True
        wait_until(unready, PATIENCE, f"the agent says that it is not ready: {why}")
        return self

    def status(self):
        return json.loads(self.page("/v1/status")[1])

    def wait_log(self, *words):
        wait_until(lambda: any(all(word in line for word in words) for line in self.log().splitlines()), PATIENCE,
                   f"a log line with {words}")
        return self

    def term(self):
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(PATIENCE)

    def kill9(self):
        self.child.kill()
        self.child.wait()


class Stage:
    def __init__(self, executable, folder):
        self.executable, self.dir = executable, folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        os.symlink(executable, os.path.join(folder, "registrator"))
        self.engine = Engine(os.path.join(folder, "docker.sock"))
        self.store = Store(executable)
        self.store.boot()
        self.store.start()
        self.agents = []
        self.lenient = False  # the scenario means to end with the two sides apart

    # Parties

    def start(self, *options, env=None, compatible=False, ready=True, engine=True, name=None):
        """Engine, registry and an agent; waits until it is ready."""
        if engine and not self.engine.running():
            self.engine.start()
        if "-cleanup" in options and not compatible:
            # What only looks like ours has a minute's grace; the scenarios are about what comes after it.
            options = ("-probation", "0s", *options)
        agent = Agent(self, name or f"agent{len(self.agents)}", options or ("-internal",), env or {}, compatible)
        self.agents.append(agent)
        self.store.wait_up()
        agent.start()
        return agent.wait_ready() if ready else agent

    @property
    def agent(self):
        return self.agents[0]

    def containers(self, count, first=0, **more):
        return [Container(number, **more) for number in range(first, first + count)]

    # Conditions

    def wanted(self):
        """IDs that the running containers call for: the simple rule, for containers without labels."""
        with self.engine.lock:
            return {f"host:{one.name}:{port.partition('/')[0]}{':udp' if port.endswith('/udp') else ''}"
                    for one in self.engine.containers.values() if one.running for port in one.ports}

    def expect(self, *idents):
        """Exactly these; without any: what the engine's containers call for."""
        def same():
            want, got = set(idents) or self.wanted(), self.store.services()
            assert got is not None, "the registry is away"
            assert set(got) == want, f"missing {sorted(want - set(got))[:5]}, too many {sorted(set(got) - want)[:5]}"
            return True
        wait_until(same, PATIENCE, "Consul has what Docker runs")
        return self.store.services()

    def expect_none(self):
        wait_until(lambda: self.store.services() == {}, PATIENCE, "Consul has no service")

    def wait_check(self, check, status, output=""):
        def says():
            now = self.store.checks().get(check, {})
            assert now.get("Status") == status and output in now.get("Output", ""), f"{check} is {now}"
            return True
        wait_until(says, PATIENCE, f"{check} is {status}")

    def maintained(self, ident):
        """The reason of its maintenance, "" = none."""
        check = self.store.checks().get("_service_maintenance:" + ident)
        return check["Notes"] if check else ""

    def wait_maintained(self, ident, reason):
        def same():
            now = self.maintained(ident)
            assert now == reason, f"it is {now!r}"
            return True
        wait_until(same, PATIENCE, f"maintenance of {ident} is {reason!r}")

    def keeps(self, *idents, seconds=0.5):
        hold_true(lambda: set(idents) <= set(self.store.services() or ()), seconds, f"{idents} stay")

    def wait_seen(self, server, match, count=1):
        wait_until(lambda: server.seen(match) >= count, PATIENCE, f"{count} requests {match}")

    def no_writes(self, seconds=0.4):
        before = self.store.writes()
        hold_true(lambda: self.store.writes() == before, seconds, "nothing is written without need")

    def wait_quiet(self, seconds):
        """The last writes may be on their way; then there are none."""
        def quiet():
            self.no_writes(seconds)
            return True
        wait_until(quiet, 5, "writing ends")

    # The end of every scenario

    def finish(self):
        self.engine.heal()
        self.store.heal()
        if not self.lenient:
            if self.wanted():
                self.expect()
            else:
                self.expect_none()
            self.wait_quiet(0.3)
        for agent in self.agents:
            if agent.child is None:
                continue
            if agent.running():
                code = agent.term()
                assert code == 0, f"TERM ended it with {code}\n{agent.log()[-2000:]}"
            for word in CRASHES:
                assert word not in agent.log(), agent.log()[-4000:]
        wrong = [text for text in self.engine.requests if not text.startswith("GET ")]
        assert not wrong, f"Docker was asked to change something: {wrong[:3]}"

    def close(self):
        for agent in self.agents:
            if agent.running():
                agent.kill9()
        self.engine.stop()
        self.store.stop()
        self.store.halt()
        for attempt in range(3):
            shutil.rmtree(self.dir, ignore_errors=True)
            if not os.path.exists(self.dir):
                break
            time.sleep(0.1 * attempt)
