"""The Consul of a scenario: an embedded registry behind a proxy that can misbehave, so that its answers are true where
no fault is asked for."""

import http.client
import json
import random
import socket
import subprocess
import tempfile
import urllib.parse

from agent_faults.server import Answer, Server
from rig.wait import wait_until

WRITES = r"^(PUT|DELETE) "
PORT = 8500


class Store(Server):
    def __init__(self, executable, node="node"):
        super().__init__("127.0.0.1:0")
        self.executable, self.node = executable, node
        self.child, self.backend, self.log = None, None, tempfile.TemporaryFile()

    def boot(self):
        """A registry that knows nothing."""
        self.halt()
        self.backend = free_place()
        self.child = subprocess.Popen([self.executable, "registry", "-http-addr", self.backend, "-node", self.node],
                                      stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def halt(self):
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    def empty(self):
        """As an agent that lost its data directory."""
        self.boot()
        self.wait_up()

    def wait_up(self):
        wait_until(lambda: self.ask("GET", "/v1/status/leader").status == 200, 20, "the registry answers")

    def serve(self, connection, request):
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "connection")}
        if connection.backend is None:
            connection.backend = http.client.HTTPConnection(self.backend, timeout=660)
        try:
            connection.backend.request(request.method, request.path, request.body or None, headers)
            got = connection.backend.getresponse()
            data = got.read()
        except (OSError, http.client.HTTPException):
            # What a dead agent's clients see.
            raise OSError("the registry is away") from None
        keep = {name: value for name, value in got.getheaders() if name.lower().startswith("x-")}
        return Answer(got.status, data, got.getheader("Content-Type", "text/plain"), keep)

    # What the tests ask, past every fault

    def ask(self, method, path, value=None):
        connection = http.client.HTTPConnection(self.backend, timeout=10)
        try:
            connection.request(method, path, None if value is None else json.dumps(value))
            got = connection.getresponse()
            return Answer(got.status, got.read())
        finally:
            connection.close()

    def services(self):
        """By ID; None while there is no registry."""
        try:
            return {key: one for key, one in json.loads(self.ask("GET", "/v1/agent/services").body).items()
                    if one["Service"] != "consul"}
        except (OSError, http.client.HTTPException):
            return None

    def register(self, **service):
        assert self.ask("PUT", "/v1/agent/service/register", service).status == 200

    def deregister(self, ident):
        self.ask("PUT", "/v1/agent/service/deregister/" + urllib.parse.quote(ident))

    def checks(self):
        return json.loads(self.ask("GET", "/v1/agent/checks").body)

    def writes(self, what="service/(de)?register"):
        return self.seen(WRITES + ".*" + what)


def free_place():
    """An address of the loopback that nobody else listens on or connects from: ports of 127.0.0.1 are also the near ends
    of hundreds of connections, and may be taken between a look and their use."""
    while True:
        host = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        with socket.socket() as sock:
            try:
                sock.bind((host, PORT))
                return f"{host}:{PORT}"
            except OSError:
                continue
