"""A scripted Docker Engine: containers as data, events as lines, in the shapes of several API versions.

It answers as the version that it is asked by, and refuses what is older or newer than it speaks. Shapes that Debian's
20.10 (1.41) does not have are written after Docker's published history of the API, not recorded.
"""

import json
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

from agent_faults.server import Answer, Close, Server


def at_least(version, least):
    return tuple(map(int, version.split("."))) >= tuple(map(int, least.split(".")))


@dataclass
class Container:
    number: int
    name: str = ""
    ports: dict = field(default_factory=lambda: {"80/tcp": None})  # to the host port, None = exposed only
    env: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    image: str = "app:1"
    mode: str = "default"
    networks: dict = field(default_factory=dict)  # name to address, or to an endpoint's fields; empty = bridge
    generation: int = 1
    running: bool = True
    paused: bool = False
    exit_code: int = 0
    health: str = ""
    config: dict = field(default_factory=dict)  # laid over Config
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
        self.spoken = api  # by whom listens to events
        self.containers, self.streams = {}, []
        self.networks_known, self.images = {}, {}  # answers by ID
        self.memory = []  # of events: time and line
        self.lock = threading.RLock()
        self.clock = 1_710_000_000_000_000_000
        self.tells_time = True

    def later(self, seconds):
        """Time passes for the engine alone."""
        with self.lock:
            self.clock += int(seconds * 10**9)

    def start(self):
        """A new engine remembers nothing."""
        self.memory.clear()
        return super().start()

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

    def signal(self, one, number):
        """It is told, and lives on."""
        with self.lock:
            self.emit("kill", one, signal=str(number))

    def pause(self, one, paused=True):
        with self.lock:
            one.paused = paused
            self.emit("pause" if paused else "unpause", one)

    def be(self, one, health):
        with self.lock:
            one.health = health
            self.emit("health_status: " + health, one)

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
        if kind == "container" and not at_least(self.spoken, "1.52"):
            event.update({"status": action, "id": ident, "from": attributes.get("image", "")})
        text = json.dumps(event).encode()
        line = (b"\x1e" if self.frame == "json-seq" else b"") + text + b"\n"
        self.memory.append((self.clock, line))
        del self.memory[:-256]
        return line

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
        version = re.match(r"/v([0-9.]+)/", path)
        asked = version.group(1) if version else self.api
        path = re.sub(r"^/v[0-9.]+", "", path)
        if not at_least(asked, self.minimum):
            return self.json({"message": f"client version {asked} is too old. Minimum supported API version is "
                                         f"{self.minimum}, please upgrade your client to a newer version"}, 400)
        if not at_least(self.api, asked):
            return self.json({"message": f"client version {asked} is too new. Maximum supported API version is "
                                         f"{self.api}"}, 400)
        query = dict(urllib.parse.parse_qsl(query))
        if request.method != "GET":
            return self.json({"message": "read only"}, 403)
        if path == "/_ping":
            return Answer(200, b"OK", "text/plain", {"Api-Version": self.api})
        if path == "/version":
            return self.json({"Version": "x", "ApiVersion": self.api, "MinAPIVersion": self.minimum})
        if path == "/info":
            return self.json({"ID": self.engine_id, "Name": "box", "ServerVersion": "x",
                              **({"SystemTime": self.system_time()} if self.tells_time else {})})
        if path == "/containers/json":
            return self.json(self.rows("all" in query and query["all"] in ("1", "true")))
        if path == "/events":
            self.spoken = asked
            self.listen(connection, query.get("since"))
        if path.startswith("/networks/") and path[10:] in self.networks_known:
            return self.json(self.networks_known[path[10:]])
        image = re.fullmatch(r"/images/(.+)/json", path)
        if image and urllib.parse.unquote(image.group(1)) in self.images:
            return self.json(self.images[urllib.parse.unquote(image.group(1))])
        found = re.fullmatch(r"/containers/([^/]+)/json", path)
        if found:
            with self.lock:
                wanted = urllib.parse.unquote(found.group(1))
                one = next((one for one in self.containers.values()
                            if one.name == wanted or one.id.startswith(wanted)), None)
                if one is not None:
                    return self.json(self.of_version(asked, self.inspected(one)))
            return self.json({"message": "No such container: " + wanted}, 404)
        return self.json({"message": "page not found"}, 404)

    def system_time(self):
        with self.lock:
            seconds, rest = divmod(self.clock, 10**9)
            return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:09d}Z"

    def listen(self, connection, since=None):
        kind = {"json-seq": "application/json-seq", "ndjson": "application/x-ndjson"}.get(self.frame, "application/json")
        connection.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        with self.lock:
            if since is not None:
                seconds, _, rest = since.partition(".")
                begin = int(seconds) * 10**9 + int((rest + "0" * 9)[:9])
                for when, line in self.memory:
                    if when >= begin:
                        connection.send(b"%x\r\n%s\r\n" % (len(line), line))
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
        def endpoint(name, what):
            more = what if isinstance(what, dict) else {"IPAddress": what}
            return {"NetworkID": name, "EndpointID": "e", "IPAddress": "", "GlobalIPv6Address": "", "GwPriority": 0,
                    "MacAddress": "02:42:ac:11:00:02", "DNSNames": [one.name, one.id[:12]], **more}
        return {name: endpoint(name, what) for name, what in one.networks.items()}

    def inspected(self, one):
        bindings = {port: None if host is None else [{"HostIp": "0.0.0.0", "HostPort": str(host)}]
                    for port, host in one.ports.items()}
        settings = {"SandboxID": "5d", "SandboxKey": "/var/run/docker/netns/5d", "Ports": bindings if one.networks else {},
                    "Networks": self.networks(one), "IPAddress": one.networks.get("bridge", "")}
        state = {"Status": self.state(one), "Running": one.running, "Paused": one.paused, "Restarting": False,
                 "StartedAt": one.started, "ExitCode": 0 if one.running else one.exit_code}
        if one.health:
            state["Health"] = {"Status": one.health, "FailingStreak": 0, "Log": []}
        return {"Id": one.id, "Name": "/" + one.name, "Image": "sha256:" + "0" * 64, "State": state,
                "Config": {"Image": one.image, "Hostname": one.id[:12], "Labels": one.labels,
                           "Env": [f"{key}={value}" for key, value in one.env.items()],
                           "ExposedPorts": {port: {} for port in one.ports}, **one.config},
                "HostConfig": {"NetworkMode": one.mode}, "NetworkSettings": settings, **one.extra}

    @staticmethod
    def of_version(asked, inspected):
        """As that version shows it: most of NetworkSettings is gone since 1.52, empty things are left out since then."""
        settings, config = dict(inspected["NetworkSettings"]), dict(inspected["Config"])
        if at_least(asked, "1.52"):
            settings.pop("IPAddress", None)
            if not config.get("ExposedPorts"):
                config.pop("ExposedPorts", None)
        else:
            settings.update({"Bridge": "", "HairpinMode": False, "LinkLocalIPv6Address": "", "LinkLocalIPv6PrefixLen": 0,
                             "SecondaryIPAddresses": None, "SecondaryIPv6Addresses": None, "EndpointID": "e",
                             "Gateway": "172.17.0.1", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0,
                             "IPPrefixLen": 16, "IPv6Gateway": "", "MacAddress": "02:42:ac:11:00:02"})
            config["OnBuild"] = None
        more = {"ImageManifestDescriptor": {"mediaType": "application/vnd.oci.image.manifest.v1+json",
                                            "digest": "sha256:" + "7" * 64, "size": 1021}} if at_least(asked, "1.48") else {}
        for name, least in (("DNSNames", "1.44"), ("GwPriority", "1.48")):
            if not at_least(asked, least):
                settings["Networks"] = {key: {word: value for word, value in one.items() if word != name}
                                        for key, one in (settings.get("Networks") or {}).items()}
        return {**inspected, **more, "NetworkSettings": settings, "Config": config}
