"""The agent as an ordinary user: the socket's group is enough, and without it the log says what is missing."""

import os

from e2e.base import E2ETest
from rig import http
from rig.longshore import executable
from rig.process import Process
from rig.wait import wait_until

SOCKET, STATUS = "/run/docker.sock", "127.0.0.1:8511"
USER, GROUP, STRANGERS = 61234, 61235, 61236


class UserTest(E2ETest):
    def setUp(self):
        super().setUp()
        before = os.stat(SOCKET)
        self.addCleanup(lambda: os.path.exists(SOCKET) and os.chown(SOCKET, before.st_uid, before.st_gid))
        self.addCleanup(lambda: os.path.exists(SOCKET) and os.chmod(SOCKET, before.st_mode & 0o777))
        os.chown(SOCKET, 0, GROUP)
        os.chmod(SOCKET, 0o660)

    def agent_as(self, group):
        command = ["setpriv", "--reuid", str(USER), "--regid", str(group), "--clear-groups", "--inh-caps=-all",
                   executable(), "agent", "-internal", "-state-dir", "", "-http-addr", STATUS, "consul://127.0.0.1:8500"]
        return self.keep(Process(f"agent-{group}", command, os.path.join(self.logs, f"agent-{group}.log"),
                                 env={"DOCKER_HOST": f"unix://{SOCKET}"})).start()

    def test_a_user_in_the_group_of_the_socket(self):
        addresses = self.start_nano("one")
        self.agent_as(GROUP)
        self.wait_healthy("nano", addresses, 20)
        self.docker.cli("kill", "one")
        self.wait_healthy("nano", [], 20)

    def test_a_user_outside_of_it_is_told_the_fix(self):
        agent = self.agent_as(STRANGERS)
        wait_until(lambda: "event=docker_lost" in agent.log(), 15, "it says that it cannot reach Docker")
        line = next(line for line in agent.log().splitlines() if "event=docker_lost" in line)
        self.assertIn("ermission denied", line)
        self.assertIn(f"it belongs to group {GROUP}: run as root, or with that group", line)
        self.assertNotIn("docker USER", line)
        self.assertIn("ermission denied", http.get(STATUS, "/readyz").text)
        # The group is given: no restart is needed.
        os.chown(SOCKET, 0, STRANGERS)
        wait_until(lambda: http.get(STATUS, "/readyz").status == 200, 20, "it is ready")
