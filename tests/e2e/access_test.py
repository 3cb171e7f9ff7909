"""Who may ask Docker: an ordinary user of the socket's group, nobody else; through a proxy that lets only reading pass."""

import os

from e2e.base import E2ETest
from rig.longshore import executable
from rig.process import Process
from rig.relay import Relay
from rig.wait import wait_until

USER, GROUP = 64123, 64124
# What is asked of Docker; all else of its interface may be closed.
NEEDED = ("/_ping", "/version", "/info", "/events", "/containers/json", "/containers/")


def refuse(method, path):
    """A read-only socket proxy's rule."""
    path = path.partition("?")[0]
    if path.startswith("/v1."):
        path = path[path.index("/", 1):]
    return method != "GET" or not path.startswith(NEEDED) or path.endswith(("/archive", "/export", "/logs"))


class AccessTest(E2ETest):
    def ordinary(self, groups):
        """The agent as a user that owns nothing but its state directory."""
        state = self.path("state")
        os.makedirs(state, exist_ok=True)
        os.chown(state, USER, USER)
        os.chmod(self.dir, 0o755)
        words = ["/usr/bin/setpriv", "--reuid", str(USER), "--regid", str(USER),
                 *(["--groups", str(groups)] if groups else ["--clear-groups"]), "--inh-caps=-all",
                 executable(), "agent", "-internal", "-state-dir", state, "consul://" + self.store.where]
        return self.keep(Process("agent", words, os.path.join(self.logs, "agent.log"),
                                 {"DOCKER_HOST": self.docker.host})).start()

    def close_socket(self):
        before = os.stat(self.docker.socket_path)
        self.addCleanup(os.chmod, self.docker.socket_path, before.st_mode & 0o777)
        self.addCleanup(os.chown, self.docker.socket_path, before.st_uid, before.st_gid)
        os.chown(self.docker.socket_path, 0, GROUP)
        os.chmod(self.docker.socket_path, 0o660)

    def test_a_user_of_the_sockets_group(self):
        self.close_socket()
        agent = self.ordinary(GROUP)
        self.docker.run(name="web")
        wait_until(lambda: "rig-host:web:5000" in self.store.services(), 10, "it is registered\n" + agent.tail())
        self.docker.remove("web")
        wait_until(lambda: not self.store.services(), 10, "and gone")

    def test_a_user_outside_of_it_is_told_what_to_do(self):
        self.close_socket()
        agent = self.ordinary(None)
        line = agent.wait_log("ermission denied", 10)
        self.assertIn(self.docker.socket_path, line)
        self.assertIn(f"group {GROUP}", line)
        self.assertTrue(agent.running())
        # Once it may, it goes on by itself.
        os.chmod(self.docker.socket_path, 0o666)
        self.docker.run(name="web")
        wait_until(lambda: "rig-host:web:5000" in self.store.services(), 40, "it is registered")

    def test_behind_a_proxy_that_only_reads(self):
        relay = Relay("unix:" + self.path("proxy.sock"), self.docker.where, refuse).start()
        self.addCleanup(relay.stop)
        self.agent("-internal", docker=relay.host)
        self.docker.run(name="web")
        wait_until(lambda: "rig-host:web:5000" in self.store.services(), 10, "it is registered")
        self.docker.cli("rename", "web", "shop")
        wait_until(lambda: list(self.store.services()) == ["rig-host:shop:5000"], 10, "the rename is followed")
        self.docker.remove("shop")
        wait_until(lambda: not self.store.services(), 10, "and gone")
        # What may be refused is asked once, and nothing is said of it.
        self.assertLessEqual(len(relay.refused), 1)
        for refused in relay.refused:
            self.assertIn("/images/", str(refused))
        self.assertEqual({"GET"}, {method for method, _ in relay.requests})
