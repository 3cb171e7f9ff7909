"""Following a cluster of three Consul servers through an agent of this host, as on real hosts: the leader is lost, the
servers are cut off, and the agent comes back without its data. No healthy instance may leave the file meanwhile."""

import signal

from e2e.watch_test import HOLD, Watch
from rig.consul import Consul
from rig.wait import hold_true, wait_until

LOCAL = [f"local-{number}" for number in range(4)]
NODE_ID = "6f1c1a52-6c0e-4d0a-9f0c-2d7c5a1b9e01"  # one that lost its data is still this host
JOIN = ["127.0.0.1:8311", "127.0.0.1:8321", "127.0.0.1:8331"]


class ClusterTest(Watch):
    def begin(self):
        self.servers = []
        for number in (1, 2, 3):
            server = Consul(self.logs, node=f"server-{number}", port=8500 + 100 * number, base_port=8300 + 10 * number,
                            bootstrap=False, bootstrap_expect=3, retry_join=JOIN, retry_interval="1s")
            server.wipe()
            self.addCleanup(server.kill9)
            server.process.start()
            self.servers.append(server)
        agent = Consul(self.logs, node="watch-node", server=False, bootstrap=False, retry_join=JOIN,
                       retry_interval="1s", node_id=NODE_ID)
        agent.wipe()
        self.addCleanup(agent.kill9)
        return agent.start(60)

    def fill(self):
        super().fill()
        self.register_local()

    def register_local(self):
        """What the agent of this host does for its containers."""
        for name in LOCAL:
            self.consul.put("/v1/agent/service/register", {"ID": name, "Name": name, "Port": 9000,
                                                           "Address": "192.0.2.99"})

    def rows(self):
        return super().rows() | {f"{name} {name} 9000" for name in LOCAL}

    def follow(self, hold=HOLD):
        renderer = self.renderer("-max-connections", "24", "-hold", f"{hold}s")
        self.renderer_log = renderer.log_path
        return renderer, self.history()

    def change_in_the_end(self, number):
        """As soon as there is a leader."""
        self.ports[number, 0] += 1

        def told():
            self.register(number, 0)
            return True
        wait_until(told, 60, "the servers take a change")

    def held(self):
        with open(self.renderer_log, encoding="utf-8") as file:
            return {name for line in file if "event=instance_held" in line for name in LOCAL if f"id={name} " in line}

    def leader(self):
        where = self.consul.get("/v1/status/leader")
        return next(server for server, join in zip(self.servers, (8310, 8320, 8330)) if where.endswith(f":{join}"))

    def test_the_leader_is_lost(self):
        renderer, history = self.follow()
        lost = self.leader()
        lost.kill9()
        self.change_in_the_end(7)
        self.wait_right(60)
        renderer.wait_ready(60)
        lost.process.start()
        self.change_in_the_end(8)
        self.wait_right(60)
        self.assert_never_short(history)

    def test_without_a_majority_for_a_while(self):
        """What an agent that is cut off sees of its servers."""
        renderer, history = self.follow()
        for server in self.servers[:2]:
            server.process.send(signal.SIGSTOP)
        try:
            hold_true(lambda: self.rows() == self.shown(), 2 * HOLD, "the file stays, for longer than the hold")
        finally:
            for server in self.servers[:2]:
                server.process.send(signal.SIGCONT)
        self.change_in_the_end(9)
        self.wait_right(60)
        renderer.wait_ready(60)
        self.assert_never_short(history)

    def test_the_agent_comes_back_without_its_data(self):
        """It has Consul forget its services at once, and they are registered again within the hold."""
        renderer, history = self.follow(hold=20)
        self.consul.kill9()
        self.consul.wipe()
        self.consul.process.start()
        wait_until(lambda: self.held() == set(LOCAL), 60, "the services of the agent without data are missed")
        wait_until(lambda: self.register_local() or True, 30, "the agent takes registrations")
        self.change_in_the_end(10)
        self.wait_right(60)
        renderer.wait_ready(60)
        self.assert_never_short(history)
