"""A published port is taken by somebody else when a container starts: one that the engine has chosen is chosen again, one
that a user has typed is named."""

import socket

from e2e import deploy_test
from e2e.base import E2ETest
from rig.longshore import call
from rig.wait import wait_until

# An engine tries so many ports in a row before a start fails.
TRIED = 10
TYPED = 18080


class TakenPortTest(deploy_test.Deploying, E2ETest):
    test_switches_and_rolls_back_without_losing_a_request = None

    def take(self, *ports):
        """Has these ports of the host for itself. Those that somebody else has are as good."""
        taken = []
        for port in ports:
            one = socket.socket()
            self.addCleanup(one.close)
            try:
                one.bind(("0.0.0.0", port))
                one.listen()
                taken.append(one)
            except OSError:
                one.close()
        return taken

    def take_next(self):
        """The engine goes through the ports in order: the next start fails."""
        self.docker.run("-P", name="scout")
        port = self.docker.published("scout", "5000/tcp")
        self.docker.remove("scout")
        self.take(*range(port + 1, port + 1 + TRIED))

    def test_the_engines_choice_is_made_again(self):
        self.first()
        load = self.load(self.edge.where, every=0.01)
        for version, words in (("2", ()), ("3", ("-strategy", "rolling"))):
            self.take_next()
            said = self.deploy("-image", "nano", "-e", "VERSION=" + version, *words).stdout
            self.assertRegex(said, r"the engine chose port \d+, which is taken; started again")
            self.wait_version(version)
        self.take_next()
        done = call("scale", "books", "2", env={"DOCKER_HOST": self.docker.host}, seconds=90)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("which is taken; started again", done.stdout)
        self.assertEqual(2, len(self.docker.running()))
        self.assert_no_failures(load)

    def test_a_users_choice_is_named(self):
        self.docker.run(name="old", publish=[f"{TYPED}:5000"], labels={
            "SERVICE_NAME": "shop", "SERVICE_CHECK_HTTP": "/health", "SERVICE_CHECK_INTERVAL": "1s"})
        wait_until(lambda: self.store.healthy("shop"), 10, "the old one is registered")

        def shop(*words, code=0):
            done = call("deploy", "shop", *words, env={"DOCKER_HOST": self.docker.host}, seconds=90)
            self.assertEqual(code, done.returncode, f"{words}: {done.stdout}{done.stderr}")
            return done.stdout
        shop("-strategy", "rolling", "-image", "nano")
        self.assertEqual(["shop-1"], self.docker.running())
        taken = self.take(TYPED)
        said = shop("-rollback", code=1)
        self.assertIn(f"port {TYPED} of the host, which old asks for, is taken", said)
        self.assertNotIn("started again", said)
        self.assertEqual(["shop-1"], self.docker.running())
        taken[0].close()
        shop("-rollback")
        self.assertEqual(["old"], self.docker.running())
