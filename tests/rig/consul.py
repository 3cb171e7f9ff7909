"""A real Consul agent of the tests' own."""

import json
import os
import shutil
import signal

from rig import sandbox
from rig.consul_api import ConsulApi
from rig.process import Process
from rig.wait import wait_until


class Consul(ConsulApi):
    """One server with a data directory, so that it can be killed and restarted; `wipe` makes it forget."""

    def __init__(self, log_dir, node="rig-node", port=8500, base_port=8300, limits=None, bind="127.0.0.1",
                 **more):
        """`bind` is what it advertises, `more` any further keys of its configuration."""
        home = os.path.join(sandbox.STATE, f"consul-{port}")
        super().__init__(f"127.0.0.1:{port}")
        self.home, self.node = home, node
        os.makedirs(home, exist_ok=True)
        config = {
            "node_name": node, "data_dir": f"{home}/data", "server": True, "bootstrap": True,
            "bind_addr": bind, "client_addr": "127.0.0.1", "log_level": "WARN",
            "disable_update_check": True, "performance": {"raft_multiplier": 1}, "limits": limits or {},
            "ports": {"http": port, "server": base_port, "serf_lan": base_port + 1, "serf_wan": base_port + 2,
                      "dns": -1, "grpc": -1}, **more}
        with open(f"{home}/config.json", "w", encoding="utf-8") as file:
            json.dump(config, file)
        executable = os.environ.get("LONGSHORE_TEST_CONSUL") or shutil.which("consul")
        if not executable:
            raise AssertionError("no Consul: set LONGSHORE_TEST_CONSUL to what tests/rig/fetch-consul prints")
        self.process = Process(f"consul-{port}", [executable, "agent", "-config-file", f"{home}/config.json"],
                               os.path.join(log_dir, f"consul-{port}.log"))

    def start(self, seconds=30):
        self.process.start()
        self.wait_leader(seconds)
        return self

    def wait_leader(self, seconds=30):
        # The leader is known before the node itself is in the catalog; a registration needs both. A restarted server
        # answers plain reads from a log that it is still applying; consistent ones wait for its end.
        wait_until(lambda: self.process.running() and self.get("/v1/status/leader") and
                   any(node["Node"] == self.node for node in self.get("/v1/catalog/nodes?consistent")),
                   seconds, f"Consul on {self.where} has a leader")

    def stop(self):
        return self.process.term(15, signal.SIGINT)

    def kill9(self):
        self.process.kill9()

    def wipe(self):
        shutil.rmtree(f"{self.home}/data", ignore_errors=True)
