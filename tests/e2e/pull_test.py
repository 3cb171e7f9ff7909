"""deploy pulls: from a registry that wants a password, with what `docker login` has left, always, when missing, or never."""

import base64
import json
import os
import signal

from e2e import deploy_test
from e2e.base import E2ETest
from rig.image_registry import ImageRegistry
from rig.longshore import call
from rig.wait import wait_until

COMPOSE = """books:
  image: {image}
  labels:
    io.rancher.container.pull_image: always
  environment:
    VERSION: ${{RELEASE}}
"""


class PullTest(deploy_test.Deploying, E2ETest):
    test_switches_and_rolls_back_without_losing_a_request = None

    def setUp(self):
        super().setUp()
        self.images = ImageRegistry(os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice")).start()
        self.addCleanup(self.images.stop)
        self.addCleanup(self.forget)
        os.makedirs(self.path("login"))
        self.write("login/config.json", json.dumps({"auths": {self.images.where: {"auth": self.images.auth}}}))

    def forget(self):
        for image in self.docker.cli("images", "--format", "{{.Repository}}:{{.Tag}}").split():
            if image.startswith(self.images.where):
                self.docker.cli("rmi", "-f", image)

    def pull(self, tag, *words, login=True, code=0):
        """Its output, and how often the manifest was asked for meanwhile."""
        before = len(self.images.requests)
        env = {"DOCKER_HOST": self.docker.host, "DOCKER_CONFIG": self.path("login" if login else "none"), "HOME": self.dir}
        done = call("deploy", "books", "-image", f"{self.images.where}/team/app:{tag}", *words, env=env, seconds=90)
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        self.assertNotIn(self.images.auth, done.stdout + done.stderr)
        return done.stdout, sum("/manifests/" + tag in line for line in self.images.requests[before:])

    def test_with_the_credentials_of_docker_login(self):
        self.first()
        said, asked = self.pull("1", login=False, code=1)
        self.assertEqual((0, True), (asked, "pulling" in said and "it stays blue" in said), said)
        self.assertTrue(self.images.refused)
        said, asked = self.pull("1", "-pull", "never", code=1)
        self.assertEqual((0, True), (asked, "creating a container" in said), said)
        said, asked = self.pull("1", "-e", "VERSION=2")
        self.assertLess(0, asked, said)
        self.wait_version("2")
        self.assertEqual("green", self.color())
        # It is there now.
        said, asked = self.pull("1", "-e", "VERSION=3", login=False)
        self.assertEqual((0, False), (asked, "pulling" in said), said)
        self.wait_version("3")
        said, asked = self.pull("1", "-e", "VERSION=4", "-pull", "always")
        self.assertLess(0, asked, said)
        self.wait_version("4")

    def test_rancher_pulls_always(self):
        self.write("docker-compose.yml", COMPOSE.format(image=f"{self.images.where}/team/app:1"))

        def deploy(release, *words):
            before = len(self.images.requests)
            done = call("deploy", "-compose", self.path("docker-compose.yml"), *words, seconds=90, env={
                "DOCKER_HOST": self.docker.host, "DOCKER_CONFIG": self.path("login"), "RELEASE": release})
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.wait_version(release)
            return sum("/manifests/1" in line for line in self.images.requests[before:])
        self.assertLess(0, deploy("1"))
        # It is there, and asked for again: the tag may mean another image now.
        self.assertLess(0, deploy("2"))
        # Whoever calls knows better.
        self.assertEqual(0, deploy("3", "-pull", "missing"))

    def interrupt(self, child, seconds=5):
        """^C, and what it has said: it does not wait for what nobody needs any more."""
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=seconds)[0]
        self.assertEqual(1, child.returncode, said)
        self.assertIn("interrupted; it stays blue", said)
        self.assertEqual((["books-blue-1"], "blue"), (self.docker.running(), self.color()))

    def test_an_interrupt_does_not_wait_for_a_pull_or_a_helper(self):
        self.first()
        env = {"DOCKER_CONFIG": self.path("login"), "HOME": self.dir}
        child = self.begin("-image", f"{self.images.where}/team/app:held", env=env)
        wait_until(lambda: any("/manifests/held" in line for line in self.images.requests), 20, "the pull has begun")
        self.interrupt(child)
        path = os.environ["PATH"]
        self.addCleanup(lambda: os.environ.update(PATH=path))
        os.makedirs(self.path("bin"))
        self.helper(f"echo $$ > {self.path('helper.pid')}.new; mv {self.path('helper.pid')}.new {self.path('helper.pid')}\n"
                    "sleep 29\n")
        child = self.begin("-image", f"{self.images.where}/team/app:1", env={**env, "PATH": os.environ["PATH"]})
        wait_until(lambda: os.path.exists(self.path("helper.pid")), 20, "the helper is asked")
        self.interrupt(child)
        pid = int(self.read("helper.pid"))
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 5, "the helper has ended")
        # Nor for a smoke command.
        child = self.begin("-image", "nano", "-smoke", f"touch {self.path('smoke')}; sleep 29")
        wait_until(lambda: os.path.exists(self.path("smoke")), 30, "the smoke command runs")
        self.interrupt(child)

    def helper(self, text):
        """A program that keeps credentials, as people have one of their cloud's: of the name in the registry's line."""
        path = self.write("bin/docker-credential-tiny", "#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        self.write("login/config.json", json.dumps({"credHelpers": {self.images.where: "tiny"}}))
        os.environ["PATH"] = os.path.dirname(path) + ":" + os.environ["PATH"]

    def test_with_the_credentials_of_a_helper(self):
        self.first()
        path = os.environ["PATH"]
        self.addCleanup(lambda: os.environ.update(PATH=path))
        os.makedirs(self.path("bin"))
        user, password = base64.b64decode(self.images.auth).decode().split(":", 1)
        answer = json.dumps({"ServerURL": self.images.where, "Username": user, "Secret": password})
        self.helper("echo the keychain is locked; echo noise >&2; exit 1\n")
        said, asked = self.pull("1", code=1)
        self.assertIn("docker-credential-tiny: the keychain is locked", said)
        self.assertEqual((0, "blue"), (asked, self.color()))
        self.helper(f"cat <<'END'\n{answer}\nEND\nkill -KILL $PPID\n")
        said, asked = self.pull("1", code=1)
        self.assertIn("docker-credential-tiny: killed by signal 9; pulling without credentials", said)
        self.assertNotIn(password, said)
        self.helper(f'test "$1" = get && test "$(cat)" = {self.images.where} || exit 3\necho noise >&2\n'
                    f"cat <<'END'\n{answer}\nEND\n")
        said, asked = self.pull("1", "-e", "VERSION=2")
        self.assertLess(0, asked, said)
        self.assertNotIn(password, said)
        self.wait_version("2")
        os.environ["PATH"] = path
        said, _ = self.pull("1", "-pull", "always", code=1)
        self.assertIn("docker-credential-tiny, which config.json names, is not on PATH", said)
        self.assertEqual("green", self.color())
