"""A scripted Docker Engine: containers as data, events as lines, in the shapes of several API versions."""

import json
import re
import threading
import urllib.parse
from dataclasses import dataclass, field

from agent_faults.server import Answer, Close, Server


@dataclass
class Container:
    number: int
    name: str = ""
    ports: dict = field(default_factory=lambda: {"80/tcp": None})  # to the host port, None = exposed only
    env: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    image: str = "app:1"
    mode: str = "default"
    networks: dict = field(default_factory=dict)  # name to address; empty = bridge
    generation: int = 1
    running: bool = True
    paused: bool = False
    exit_code: int = 0
    health: str = ""
    extra: dict = field(default_factory=dict)  # laid over the inspect object

    def __post_init__(self):
        self.name = self.name or f"c{self.number}"
        if not self.networks and self.mode == "default":
            self.networks = {"bridge": f"172.17.{self.number // 200}.{self.number % 200 + 2}"}

    @property
    def id(self):
        return f"{100000 + self.number:06d}" + "ab" * 29

    @property
    def address(self):
        return next(iter(self.networks.values()), "")

    @property
    def started(self):
        return f"2024-01-01T00:00:{self.generation % 60:02d}.{self.number:09d}Z"


class Engine(Server):
    def __init__(self, address, api="1.41", minimum="1.12", frame="lines", engine_id="ENGINE"):
        super().__init__(address)
        self.api, self.minimum, self.frame, self.engine_id = api, minimum, frame, engine_id
        self.containers, self.streams = {}, []
        self.lock = threading.RLock()
        self.clock = 1_710_000_000_000_000_000

    @property
    def modern(self):
        return tuple(map(int, self.api.split("."))) >= (1, 52)

    # Containers

    def put(self, *containers):
        """Silently."""
        with self.lock:
            for one in containers:
                self.containers[one.id] = one
        return containers[0] if containers else None

    def run(self, *containers):
        with self.lock:
            for one in containers:
                one.running = True
                self.containers[one.id] = one
                self.emit("create", one)
                self.emit_network("connect", one)
                self.emit("start", one)

    def kill(self, *containers, code=137, sig="9", remove=True):
        """sig "": they end by themselves."""
        with self.lock:
            for one in containers:
                one.running, one.exit_code = False, code
                if sig:
                    self.emit("kill", one, signal=sig)
                self.emit("die", one, exitCode=str(code))
                self.emit_network("disconnect", one)
                if remove:
                    self.containers.pop(one.id, None)
                    self.emit("destroy", one)

    def restart(self, *containers):
        with self.lock:
            for one in containers:
                self.kill(one, code=0, sig="15", remove=False)
                one.generation += 1
                one.ports = {port: host and host + 1 for port, host in one.ports.items()}
                one.running = True
                self.emit_network("connect", one)
                self.emit("start", one)
                self.emit("restart", one)

    def rename(self, one, name):
        with self.lock:
            old, one.name = one.name, name
            self.emit("rename", one, oldName="/" + old)

    def vanish(self, *containers):
        """Silently."""
        with self.lock:
            for one in containers:
                self.containers.pop(one.id, None)

    # Events

    def line(self, kind, action, ident, attributes):
        self.clock += 1000
        event = {"Type": kind, "Action": action, "Actor": {"ID": ident, "Attributes": attributes}, "scope": "local",
                 "time": self.clock // 10**9, "timeNano": self.clock}
        if kind == "container" and not self.modern:
            event.update({"status": action, "id": ident, "from": attributes.get("image", "")})
        text = json.dumps(event).encode()
        return (b"\x1e" if self.frame == "json-seq" else b"") + text + b"\n"

    def emit(self, action, one, **attributes):
        self.send(self.line("container", action, one.id, {"image": one.image, "name": one.name, **attributes}))

    def emit_network(self, action, one):
        self.send(self.line("network", action, "f" * 64, {"container": one.id, "name": "bridge", "type": "bridge"}))

    def send(self, data):
        """Raw bytes to everybody who listens to events."""
        with self.lock:
            for connection in list(self.streams):
                try:
                    connection.send(b"%x\r\n%s\r\n" % (len(data), data))
                except OSError:
                    self.streams.remove(connection)

    def end_streams(self, cleanly=True):
        with self.lock:
            streams, self.streams = self.streams, []
        for connection in streams:
            if cleanly:
                connection.send(b"0\r\n\r\n")
            connection.end()

    def forget(self, connection):
        with self.lock:
            if connection in self.streams:
                self.streams.remove(connection)
        super().forget(connection)

    # Answers

    def serve(self, connection, request):
        path, _, query = request.path.partition("?")
        path = re.sub(r"^/v[0-9.]+", "", path)
        query = dict(urllib.parse.parse_qsl(query))
        if request.method != "GET":
            return self.json({"message": "read only"}, 403)
        if path == "/_ping":
            return Answer(200, b"OK", "text/plain", {"Api-Version": self.api})
        if path == "/version":
            return self.json({"Version": "x", "ApiVersion": self.api, "MinAPIVersion": self.minimum})
        if path == "/info":
            return self.json({"ID": self.engine_id, "Name": "box", "ServerVersion": "x"})
        if path == "/containers/json":
            return self.json(self.rows("all" in query and query["all"] in ("1", "true")))
        if path == "/events":
            self.listen(connection)
        found = re.fullmatch(r"/containers/([^/]+)/json", path)
        if found:
            with self.lock:
                wanted = urllib.parse.unquote(found.group(1))
                one = next((one for one in self.containers.values()
                            if one.name == wanted or one.id.startswith(wanted)), None)
                if one is not None:
                    return self.json(self.inspected(one))
            return self.json({"message": "No such container: " + wanted}, 404)
        return self.json({"message": "page not found"}, 404)

    def listen(self, connection):
        kind = "application/json-seq" if self.frame == "json-seq" else "application/json"
        connection.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        with self.lock:
            self.streams.append(connection)
        connection.file.read(1)  # until the other side or end() closes it
        raise Close

    @staticmethod
    def json(value, code=200):
        return Answer(code, json.dumps(value).encode())

    def rows(self, every):
        with self.lock:
            return [{"Id": one.id, "Names": ["/" + one.name], "Image": one.image, "Labels": one.labels,
                     "State": self.state(one), "Status": "Up 2 seconds" if one.running else "Exited",
                     "Ports": [self.row_port(port, host) for port, host in one.ports.items()],
                     "HostConfig": {"NetworkMode": one.mode}, "NetworkSettings": {"Networks": self.networks(one)}}
                    for one in self.containers.values() if one.running or every]

    @staticmethod
    def state(one):
        return "paused" if one.paused else "running" if one.running else "exited"

    @staticmethod
    def row_port(text, host):
        number, _, kind = text.partition("/")
        row = {"PrivatePort": int(number), "Type": kind}
        return row if host is None else {"IP": "0.0.0.0", "PublicPort": host, **row}

    @staticmethod
    def networks(one):
        return {name: {"NetworkID": name, "EndpointID": "e", "IPAddress": address, "GlobalIPv6Address": ""}
                for name, address in one.networks.items()}

    def inspected(self, one):
        bindings = {port: None if host is None else [{"HostIp": "0.0.0.0", "HostPort": str(host)}]
                    for port, host in one.ports.items()}
        settings = {"Ports": bindings if one.networks else {}, "Networks": self.networks(one)}
        if not self.modern:
            settings["IPAddress"] = one.networks.get("bridge", "")
        state = {"Status": self.state(one), "Running": one.running, "Paused": one.paused, "Restarting": False,
                 "StartedAt": one.started, "ExitCode": 0 if one.running else one.exit_code}
        if one.health:
            state["Health"] = {"Status": one.health, "FailingStreak": 0, "Log": []}
        return {"Id": one.id, "Name": "/" + one.name, "Image": "sha256:" + "0" * 64, "State": state,
                "Config": {"Image": one.image, "Hostname": one.id[:12], "Labels": one.labels,
                           "Env": [f"{key}={value}" for key, value in one.env.items()],
                           "ExposedPorts": {port: {} for port in one.ports}},
                "HostConfig": {"NetworkMode": one.mode}, "NetworkSettings": settings, **one.extra}
