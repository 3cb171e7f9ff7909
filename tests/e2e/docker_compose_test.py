"""An application of two replicas, redeployed by Debian's docker-compose through our socket: nobody loses a request."""

import subprocess

from e2e.proxy_test import ProxyCase

APPLICATION = """version: "3.7"
services:
  web:
    image: nano
    environment:
      VERSION: ${RELEASE}
      # It ends at once, in the middle of a request.
      DIE_AT_ONCE: "1"
    labels:
      SERVICE_NAME: nano
      SERVICE_CHECK_HTTP: /health
      SERVICE_CHECK_INTERVAL: 1s
"""


class DockerComposeTest(ProxyCase):
    def setUp(self):
        super().setUp()
        self.write("docker-compose.yml", APPLICATION)
        self.edge = self.nginx()
        self.agent("-internal")
        self.lb = self.render_upstream(self.edge)
        self.proxy()

    def compose(self, release, *words):
        env = {**self.docker.env, "DOCKER_HOST": "unix://" + self.listen, "RELEASE": release, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["/usr/bin/docker-compose", "--project-name", "shop", *words], cwd=self.dir, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False)
        self.assertEqual(0, done.returncode, f"{words}: {done.stdout}{done.stderr}\n{self.process.tail()}")
        return done.stdout + done.stderr

    def up(self, release):
        self.compose(release, "up", "-d", "--scale", "web=2")
        self.assertEqual(["shop_web_1", "shop_web_2"], self.docker.running())
        self.wait_versions(self.edge, {release})

    def test_redeployed_and_restarted_under_load(self):
        self.up("1")
        self.wait_settled(self.edge)
        load = self.load(self.edge.where, every=0.005, clients=4)
        posts = self.load(self.edge.where, every=0.02, method="POST", body=b"x")
        for release in ("2", "3", "4"):
            # Both are replaced side by side: the old one is stopped, the new one made and started, the old one removed.
            self.up(release)
        self.compose("4", "restart", "web")
        # The next one waits for whoever was restarted last.
        self.compose("4", "up", "-d", "--scale", "web=2", "--force-recreate")
        self.wait_versions(self.edge, {"4"})
        self.assertEqual((10, 0), (self.counted("drained"), self.counted("timed_out")))
        self.assert_no_failures(load)
        self.assert_no_failures(posts)
        self.assertEqual({}, self.records("drains"))

    def test_looking_is_not_held(self):
        self.up("1")
        self.assertIn("start port=5000", self.compose("1", "logs", "--no-color"))
        self.assertIn("shop_web_2", self.compose("1", "ps"))
        self.assertEqual(0, self.counted("ending_calls"))
