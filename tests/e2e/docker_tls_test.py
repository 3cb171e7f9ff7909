"""The agent on a real engine over TCP with TLS: the variables of the docker command line, events, a wrong authority."""

import re
import shutil

from e2e.base import E2ETest
from rig import certificates
from rig.wait import hold_true, wait_until

PORT = 12376
HOST = f"tcp://127.0.0.1:{PORT}"


class DockerTlsTest(E2ETest):
    def setUp(self):
        super().setUp()
        for folder, names in (("engine", ("server", "client")), ("stranger", ("client",))):
            certificates.make(self.path(folder), names)
            # What the docker command line looks for in DOCKER_CERT_PATH: ca.pem, cert.pem, key.pem.
            shutil.copy(self.path(f"{folder}/client.pem"), self.path(f"{folder}/cert.pem"))
            shutil.copy(self.path(f"{folder}/client.key"), self.path(f"{folder}/key.pem"))
        self.docker.stop()
        self.docker.more = ["--host", HOST, "--tlsverify", "--tlscacert", self.path("engine/ca.pem"), "--tlscert",
                            self.path("engine/server.pem"), "--tlskey", self.path("engine/server.key")]
        self.addCleanup(self.without_tls)
        self.docker.start()

    def without_tls(self):
        self.docker.remove_all()
        self.docker.stop()
        self.docker.more = []
        self.docker.start()

    def tls_agent(self, folder, **more):
        return self.agent("-internal", docker=HOST, start=False,
                          env={"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": self.path(folder)}, **more).start()

    def ids(self):
        return sorted(self.store.services())

    def test_follows_containers(self):
        self.docker.run(name="before")
        agent = self.tls_agent("engine").wait_ready()
        self.assertEqual(["rig-host:before:5000"], self.ids())
        self.docker.run(name="after")
        wait_until(lambda: self.ids() == ["rig-host:after:5000", "rig-host:before:5000"], 10, "the second one joins")
        self.docker.remove("before")
        wait_until(lambda: self.ids() == ["rig-host:after:5000"], 10, "the first one leaves")
        # The engine goes away and comes back: the stream is opened again over TLS.
        self.docker.stop()
        agent.wait_not_ready()
        self.docker.start()
        agent.wait_ready(30)
        self.docker.run(name="again")
        wait_until(lambda: "rig-host:again:5000" in self.ids(), 10, "events come again")

    def test_certificate_that_the_engine_does_not_know(self):
        # Its authority is right, so that our side is content; the engine refuses the client.
        shutil.copy(self.path("engine/ca.pem"), self.path("stranger/ca.pem"))
        self.docker.run(name="web")
        agent = self.tls_agent("stranger")
        agent.wait_not_ready()
        wait_until(lambda: re.search("docker.*(certificate|tls|ssl|alert)", agent.log().lower()), 30,
                   "the agent says what the engine refused")
        self.assertEqual([], self.ids())
        self.assertTrue(agent.running())

    def test_authority_that_did_not_sign_the_engine(self):
        self.docker.run(name="web")
        agent = self.tls_agent("stranger")
        agent.wait_not_ready()
        line = agent.wait_log("certificate verify failed", 30)
        self.assertIn("docker", line.lower())
        hold_true(agent.running, 1, "it goes on trying")
        self.assertLess(sum("certificate verify failed" in line for line in agent.log().splitlines()), 5)
        self.assertEqual([], self.ids())
        shutil.copy(self.path("engine/ca.pem"), self.path("stranger/ca.pem"))
        for name in ("cert.pem", "key.pem"):
            shutil.copy(self.path(f"engine/{name}"), self.path(f"stranger/{name}"))
        agent.term(15)
        agent = self.tls_agent("stranger").wait_ready()
        self.assertEqual(["rig-host:web:5000"], self.ids())
