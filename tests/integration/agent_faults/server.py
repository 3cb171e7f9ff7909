"""A small HTTP server that misbehaves on command: the part that the scripted Docker and Consul share.

One thread per connection. Rules are looked at in order before a request is served: the first one that matches and is
not used up decides what happens.
"""

import os
import re
import socket
import threading
from collections import namedtuple
from dataclasses import dataclass

Request = namedtuple("Request", "method path body headers")


@dataclass
class Rule:
    """`match` is searched in "METHOD /path?query". `times` None = for ever."""
    match: str
    action: object
    times: int = None


class Answer:
    def __init__(self, status=200, body=b"", content_type="application/json", headers=()):
        self.status, self.body, self.content_type, self.headers = status, body, content_type, dict(headers)

    def raw(self):
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return (f"HTTP/1.1 {self.status} X\r\nContent-Type: {self.content_type}\r\nContent-Length: {len(self.body)}\r\n"
                f"{more}\r\n").encode() + self.body


class Close(Exception):
    """Ends the connection at once."""


# What a rule can do. Each gets the connection and the request, and may return an Answer, None (serve it) or raise Close.

def status(code, text="trouble"):
    return lambda connection, request: Answer(code, text.encode(), "text/plain")


def body(data, code=200):
    return lambda connection, request: Answer(code, data if isinstance(data, bytes) else data.encode())


def close(_connection, _request):
    raise Close


def hang(connection, _request):
    """Until the rules change or the server stops; then the connection ends without an answer."""
    connection.server.wait_for_change(connection)
    raise Close


def hold(connection, _request):
    """Until the rules change; then the request is served after all."""
    connection.server.wait_for_change(connection)


def served_then_closed(connection, request):
    """The request takes effect and its answer is lost."""
    connection.server.serve(connection, request)
    raise Close


def served_then_silent(connection, request):
    """The request takes effect, and no answer comes."""
    connection.server.serve(connection, request)
    return hang(connection, request)


def cut(keep):
    """The answer breaks off after so many bytes of its body."""
    def action(connection, request):
        answer = connection.server.serve(connection, request)
        head, _, rest = answer.raw().partition(b"\r\n\r\n")
        connection.send(head + b"\r\n\r\n" + rest[:keep])
        raise Close
    return action


def raw(data):
    """These bytes instead of an answer."""
    def action(connection, _request):
        connection.send(data)
        raise Close
    return action


class Connection:
    def __init__(self, server, sock):
        self.server, self.sock, self.file = server, sock, sock.makefile("rb")
        self.backend = None  # for servers that pass requests on

    def send(self, data):
        self.sock.sendall(data)

    def run(self):
        try:
            while True:
                request = self.read()
                if request is None:
                    return
                answer = self.server.decide(self, request)
                if answer is None:
                    return
                self.send(answer.raw())
        except (Close, OSError, ValueError):
            pass
        finally:
            self.server.forget(self)
            self.end()

    def end(self):
        for part in (self.sock, self.backend):
            try:
                if part is self.sock:
                    part.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            if part is not None:
                part.close()

    def read(self):
        line = self.file.readline(65536)
        if not line:
            return None
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while (line := self.file.readline(65536)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return Request(method, path, self.file.read(int(headers.get("content-length", 0))), headers)


class Server:
    """`address` is a path of a unix socket, or "host:port"."""

    def __init__(self, address):
        self.address = address
        self.rules, self.requests = [], []
        self.changed = threading.Condition()
        self.version = 0  # of the rules
        self.listener, self.connections = None, set()

    # Life

    def start(self):
        if self.address.startswith("/"):
            if os.path.exists(self.address):
                os.unlink(self.address)
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(self.address)
        else:
            host, port = self.address.split(":")
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind((host, int(port)))
            self.address = f"{host}:{self.listener.getsockname()[1]}"
        self.listener.listen(256)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()
        return self

    def accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            connection = Connection(self, sock)
            with self.changed:
                if self.listener is not listener:
                    sock.close()
                    return
                self.connections.add(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def stop(self):
        """Nobody listens any more, and every connection is reset."""
        with self.changed:
            listener, self.listener = self.listener, None
            self.touch()
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut_connections()

    def running(self):
        return self.listener is not None

    def cut_connections(self):
        for connection in list(self.connections):
            connection.end()

    def forget(self, connection):
        with self.changed:
            self.connections.discard(connection)

    # Rules

    def fault(self, match, action, times=None):
        with self.changed:
            self.rules.append(Rule(match, action, times))
            self.touch()

    def heal(self):
        """No rules; what hangs or is held goes on."""
        with self.changed:
            self.rules.clear()
            self.touch()

    def touch(self):
        self.version += 1
        self.changed.notify_all()

    def wait_for_change(self, connection):
        with self.changed:
            before = self.version
            self.changed.wait_for(lambda: self.version != before or connection not in self.connections)

    def decide(self, connection, request):
        text = f"{request.method} {request.path}"
        with self.changed:
            self.requests.append(text)
            self.changed.notify_all()
            rule = next((one for one in self.rules if one.times != 0 and re.search(one.match, text)), None)
            if rule is not None and rule.times is not None:
                rule.times -= 1
        answer = rule.action(connection, request) if rule is not None else None
        return answer if answer is not None else self.serve(connection, request)

    def seen(self, match):
        """How many requests so far match."""
        with self.changed:
            return sum(1 for text in self.requests if re.search(match, text))

    def serve(self, connection, request):
        raise NotImplementedError
