"""A real Consul in other set-ups: unix socket, TLS with client certificates, token, script checks."""

import json
import os

from e2e.base import E2ETest
from rig import certificates, http, longshore
from rig.consul import Consul
from rig.process import Process
from rig.wait import wait_until

PORT, TLS_PORT, TOKEN = 18500, 18501, "7a1b6c7e-0000-4000-8000-000000000001"


class UriTest(E2ETest):
    backend = None

    def setUp(self):
        super().setUp()
        certificates.make(self.dir)
        self.store = Consul(self.logs, port=PORT, base_port=18300)
        self.socket = self.path("consul.sock")
        self.configure({
            "addresses": {"http": f"127.0.0.1 unix://{self.socket}"},
            "ports": {"http": PORT, "https": TLS_PORT, "server": 18300, "serf_lan": 18301, "serf_wan": 18302, "dns": -1,
                      "grpc": -1},
            "ca_file": self.path("ca.pem"), "cert_file": self.path("server.pem"), "key_file": self.path("server.key"),
            "verify_incoming_https": True})

    def configure(self, more):
        with open(f"{self.store.home}/config.json", encoding="utf-8") as file:
            config = json.load(file)
        with open(f"{self.store.home}/config.json", "w", encoding="utf-8") as file:
            json.dump({**config, **more}, file)

    def start(self):
        self.store.wipe()
        self.store.start()
        self.addCleanup(self.stop)

    def stop(self):
        self.store.stop()
        self.store.wipe()

    def registrator(self, *options, env=None):
        link = self.path("registrator")
        if not os.path.exists(link):
            os.symlink(longshore.executable(), link)
        process = Process("registrator", [link, *options], os.path.join(self.logs, "registrator.log"),
                          {"DOCKER_HOST": self.docker.host, **(env or {})})
        return self.keep(process).start()

    def wait_service(self, process, key):
        wait_until(lambda: key in self.store.services(), 15, f"{key} is registered\n{process.tail(8)}")

    def test_unix_sockets(self):
        self.start()
        self.docker.run(name="web")
        process = self.registrator("-internal", f"consul-unix://{self.socket}")
        self.wait_service(process, "rig-host:web:5000")
        process.term(15)
        process = self.registrator("-internal", f"consulkv-unix://{self.socket}:/svc")
        wait_until(lambda: self.store.key("svc/nano/rig-host:web:5000") == f"{self.docker.address('web')}:5000", 15,
                   "its key is there")

    def test_tls_with_a_client_certificate(self):
        self.start()
        self.docker.run(name="web")
        files = {"CONSUL_CACERT": self.path("ca.pem"), "CONSUL_CLIENT_CERT": self.path("client.pem"),
                 "CONSUL_CLIENT_KEY": self.path("client.key")}
        # Without the certificate Consul hangs up; that is an outage, and nothing ends.
        process = self.registrator("-internal", f"consul-tls://localhost:{TLS_PORT}",
                                   env={"CONSUL_CACERT": files["CONSUL_CACERT"]})
        process.wait_log("consul_lost", 15)
        self.assertEqual({}, self.store.services())
        process.term(15)
        process = self.registrator("-internal", f"consul-tls://localhost:{TLS_PORT}", env=files)
        self.wait_service(process, "rig-host:web:5000")

    def test_token(self):
        self.configure({"acl": {"enabled": True, "default_policy": "deny", "tokens": {"master": TOKEN, "agent": TOKEN}},
                        "addresses": {"http": "127.0.0.1"}})
        self.store.get = lambda path: Consul.get(self.store, path + ("&" if "?" in path else "?") + "token=" + TOKEN)
        self.start()
        self.docker.run(name="web")
        # A read that is filtered to nothing looks like an agent that has nothing; the write is refused, and retried.
        denied = self.agent("-internal", uri=f"consul://127.0.0.1:{PORT}", start=False).start()
        denied.wait_log("403", 15)
        self.assertEqual({}, self.store.services())
        denied.term(15)
        allowed = self.registrator("-internal", f"consul://127.0.0.1:{PORT}", env={"CONSUL_HTTP_TOKEN": TOKEN})
        self.wait_service(allowed, "rig-host:web:5000")
        self.assertNotIn(TOKEN, allowed.log())

    def test_deploy_with_a_token_file(self):
        """As a CI server has it: the address and a file with the token by variables, and a token that may do no more than that."""
        self.configure({"acl": {"enabled": True, "default_policy": "deny", "tokens": {"master": TOKEN, "agent": TOKEN}},
                        "addresses": {"http": "127.0.0.1"}})
        self.store.get = lambda path: Consul.get(self.store, path + ("&" if "?" in path else "?") + "token=" + TOKEN)
        self.start()
        rules = {"key_prefix": {"longshore/": {"policy": "write"}, "services/": {"policy": "write"}},
                 "session_prefix": {"": {"policy": "write"}}, "service_prefix": {"": {"policy": "read"}},
                 "node_prefix": {"": {"policy": "read"}}, "agent_prefix": {"": {"policy": "read"}}}
        with_master = {"X-Consul-Token": TOKEN}
        made = http.put(self.store.where, "/v1/acl/policy", {"Name": "deploy", "Rules": json.dumps(rules)},
                        headers=with_master)
        self.assertEqual(200, made.status, made.text)
        made = http.put(self.store.where, "/v1/acl/token", {"Policies": [{"Name": "deploy"}]}, headers=with_master)
        self.assertEqual(200, made.status, made.text)
        secret = made.json()["SecretID"]
        self.agent("-internal", uri=f"consul://127.0.0.1:{PORT}", env={"CONSUL_HTTP_TOKEN": TOKEN})

        def deploy(token_file, code):
            done = longshore.call("deploy", "books", "-image", "nano", "-json", seconds=60, env={
                "DOCKER_HOST": self.docker.host, "CONSUL_HTTP_ADDR": f"127.0.0.1:{PORT}", "CONSUL_HTTP_TOKEN_FILE": token_file})
            self.assertEqual(code, done.returncode, done.stdout + done.stderr)
            self.assertNotIn(secret, done.stdout + done.stderr)
            return done.stdout + done.stderr
        self.assertIn("403", deploy("", 1))
        self.assertEqual([], self.docker.running())
        self.assertIn("cannot read " + self.path("none"), deploy(self.path("none"), 2))
        deploy(self.write("token", secret + "\n"), 0)
        self.assertEqual(["books-blue-1"], self.docker.running())
        # The same call with the colours' turn changed, by the same file.
        deploy(self.path("token"), 0)
        self.assertEqual(["books-green-1"], self.docker.running())

    def test_script_checks(self):
        self.configure({"enable_script_checks": True})
        self.start()
        self.docker.run(name="web", labels={
            "SERVICE_NAME": "shop", "SERVICE_CHECK_INTERVAL": "1s",
            "SERVICE_CHECK_SCRIPT": "test '$SERVICE_PORT' = \"5000\"",
            "SERVICE_CHECK_1_SCRIPT": "echo $SERVICE_IP | grep -q '^10[.]213[.]'",
            "SERVICE_CHECK_2_SCRIPT": "test 'two words' = 'two  words'"})
        self.agent("-internal", "-allow-exec-checks", uri=f"consul://127.0.0.1:{PORT}")
        base = "service:rig-host:web:5000"
        # A script that ends with 1 is a warning.
        wanted = {base: "passing", f"{base}:1": "passing", f"{base}:2": "warning"}
        def checks():
            rows = self.store.get("/v1/agent/checks")
            now = {key: (row["Status"], row["Output"]) for key, row in rows.items()}
            if {key: status for key, (status, _) in now.items()} != wanted:
                raise AssertionError(f"they are {now}")
            return True
        wait_until(checks, 15, "each script has its outcome")
