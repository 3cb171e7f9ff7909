"""Lost hosts on a real Consul cluster: one is killed, one cut off, one frozen; each has a network namespace of its own.

Three nodes: a server and two clients, each with an agent of ours and a scripted engine with one container.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

from agent_faults.engine import Container, Engine  # noqa: E402
from rig import sandbox  # noqa: E402
from rig.longshore import executable  # noqa: E402
from rig.process import Process  # noqa: E402
from rig.wait import hold_true, wait_until  # noqa: E402

NET = "10.213.11"  # of none of the bridges that the engines of other tests leave in this sandbox
RETURN = 10  # seconds, from the answer of a lost node to its traffic
GONE_IN = 90  # seconds; 10 of -reap-after, the failure detector's own, and a busy machine's
BACK_IN = 90


def run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, capture_output=True)


class Host:
    """A namespace, or with number 1 this one, with a Consul agent and one of ours."""

    def __init__(self, test, number, *options):
        self.number, self.name, self.address = number, f"node-{number}", f"{NET}.{number}"
        self.home = os.path.join(test.dir, self.name)
        os.makedirs(self.home)
        self.inside = [] if number == 1 else ["ip", "netns", "exec", self.name]
        if number != 1:
            run("ip", "netns", "add", self.name)
            run("ip", "link", "add", f"veth-{number}", "type", "veth", "peer", "name", "eth0", "netns", self.name)
            run("ip", "link", "set", f"veth-{number}", "master", "reap", "up")
            for words in (("link", "set", "lo", "up"), ("link", "set", "eth0", "up"),
                          ("addr", "add", f"{self.address}/24", "dev", "eth0")):
                run(*self.inside, "ip", *words)
        gossip = {"probe_interval": "300ms", "probe_timeout": "200ms", "suspicion_mult": 6}
        config = {"node_name": self.name, "data_dir": f"{self.home}/data", "bind_addr": self.address,
                  "client_addr": self.address, "log_level": "WARN", "disable_update_check": True,
                  "gossip_lan": gossip, "performance": {"raft_multiplier": 1},
                  "ports": {"dns": -1, "grpc": -1, "serf_wan": -1}}
        config.update({"server": True, "bootstrap": True} if number == 1 else {"retry_join": [f"{NET}.1"]})
        with open(f"{self.home}/consul.json", "w", encoding="utf-8") as file:
            json.dump(config, file)
        program = os.environ.get("LONGSHORE_TEST_CONSUL") or "consul"
        self.consul = Process(f"consul-{number}", [*self.inside, program, "agent", "-config-file",
                                                   f"{self.home}/consul.json"], f"{test.logs}/consul-{number}.log")
        self.engine = Engine(f"{self.home}/docker.sock", engine_id=f"ENGINE{number}").start()
        self.engine.put(Container(number, name=f"c{number}"))
        command = [executable(), "agent", "-hostname", self.name, "-state-dir", f"{self.home}/state", "-internal",
                   "-http-addr", f"{self.address}:8511", *options, f"consul://{self.address}:8500"]
        self.agent = Process(f"agent-{number}", [*self.inside, *command], f"{test.logs}/agent-{number}.log",
                             env={"DOCKER_HOST": f"unix://{self.home}/docker.sock"})

    def start(self):
        self.consul.start()
        wait_until(lambda: get(self.address, "/v1/status/leader"), 30, f"{self.name} has a leader")
        self.agent.start()

    def both(self, signum):
        self.consul.send(signum)
        self.agent.send(signum)

    def end(self):
        for process in (self.agent, self.consul):
            process.kill9()
        self.engine.stop()


def get(address, path):
    with urllib.request.urlopen(f"http://{address}:8500{path}", timeout=5) as answer:
        return json.load(answer)


class ReapTest(unittest.TestCase):
    def setUp(self):
        self.logs = os.path.abspath(os.path.join("build/e2e-logs", self.id().split(".", 2)[-1]))
        self.dir = os.path.join(sandbox.STATE, "reap")
        os.makedirs(self.dir)
        run("ip", "link", "add", "reap", "type", "bridge")
        run("ip", "addr", "add", f"{NET}.1/24", "dev", "reap")
        run("ip", "link", "set", "reap", "up")
        self.hosts = []
        self.addCleanup(self.clean)

    def clean(self):
        for host in self.hosts:
            host.end()
            if host.number != 1:
                subprocess.run(["ip", "netns", "del", host.name], check=False)
        subprocess.run(["ip", "link", "del", "reap"], check=False)

    def nodes(self):
        return {node["Node"] for node in get(f"{NET}.1", "/v1/catalog/nodes?consistent")}

    def in_traffic(self):
        return {entry["Node"]["Node"] for entry in get(f"{NET}.1", "/v1/health/service/app?passing&consistent")}

    def failed(self):
        return {check["Node"] for check in get(f"{NET}.1", "/v1/health/state/critical?consistent")
                if check["CheckID"] == "serfHealth"}

    def wait(self, what, text, seconds=GONE_IN):
        began = time.monotonic()
        wait_until(what, seconds, text)
        return time.monotonic() - began

    def says(self, host, *words):
        return any(all(word in line for word in words) for line in host.agent.log().splitlines())

    def seconds_to_return(self, host):
        """From the moment at which its Consul node is there again until its service gets traffic; our agent's doing."""
        self.wait(lambda: host.name in self.nodes(), f"{host.name} is in the catalog", BACK_IN)
        return self.wait(lambda: host.name in self.in_traffic(), f"{host.name} is back in traffic", BACK_IN)

    def test_killed_cut_off_and_frozen_hosts(self):
        asked = os.path.join(self.dir, "asked")
        check = f'echo "$LONGSHORE_NODE $LONGSHORE_NODE_ADDRESS $LONGSHORE_FAILED_SECONDS" >> {asked}'
        options = ("-reap-after", "10s", "-reap-limit", "70")
        self.hosts = [Host(self, 1, *options, "-reap-check", check), Host(self, 2), Host(self, 3)]
        one, two, three = self.hosts
        for host in self.hosts:
            host.start()
        everybody = {host.name for host in self.hosts}
        self.wait(lambda: self.in_traffic() == everybody, "all are in traffic", 60)
        self.wait(lambda: self.says(one, "event=reaper_leads"), "there is a reaper", 30)

        # One is killed, one cut off. While the session of an agent has not run out it counts as alive.
        three.both(signal.SIGKILL)
        run("ip", "link", "set", "veth-2", "down")
        self.wait(lambda: self.failed() == {two.name, three.name}, "both are failed")
        gone = self.wait(lambda: self.nodes() == {one.name}, "both are removed")
        self.assertTrue(self.says(one, "event=node_reaped", three.name, "-reap-check agrees"))
        with open(asked, encoding="utf-8") as file:
            line = next(line for line in file if line.startswith(three.name)).split()
        self.assertEqual(three.address, line[1])
        self.assertGreaterEqual(int(line[2]), 10)

        # The one that was cut off returns with its service, although nobody tells its agent.
        run("ip", "link", "set", "veth-2", "up")
        back = self.seconds_to_return(two)
        self.assertLess(back, RETURN)
        self.wait(lambda: self.says(two, "node_was_removed"), "it was our agent's doing", 10)
        print(f"removed {gone:.1f} s after both had failed; cut off, back {back:.1f} s after its node", end=" ")

        # Frozen, removed, thawed.
        two.both(signal.SIGSTOP)
        self.addCleanup(two.both, signal.SIGCONT)
        frozen = self.wait(lambda: self.nodes() == {one.name}, "the frozen one is removed")
        before = two.agent.log().count("node_was_removed")
        two.both(signal.SIGCONT)
        back = self.seconds_to_return(two)
        self.assertLess(back, RETURN)
        self.wait(lambda: two.agent.log().count("node_was_removed") > before, "it was our agent's doing", 10)
        print(f"frozen, removed after {frozen:.1f} s, back {back:.1f} s after its node", end=" ")

        # The living stay: the reaper has nothing more to do.
        hold_true(lambda: self.nodes() == {one.name, two.name}, 3, "nobody else goes")
