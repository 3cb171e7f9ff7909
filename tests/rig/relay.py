"""A relay in front of a server: notes each request, refuses some, and can cut every connection.

In front of Docker it is a socket proxy, in front of Consul the proof of what was written.
"""

import os
import socket
import threading

from rig.wait import wait_until

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\nConnection: close\r\n\r\nforbidden"


def _open(where, server):
    if where.startswith("unix:"):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address = where[5:]
    else:
        host, _, port = where.rpartition(":")
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        address = (host, int(port))
    if server:
        one.bind(address)
        one.listen(64)
    else:
        one.connect(address)
    return one


class Relay:
    """`where` and `target` are "unix:/path" or "host:port"; refuse(method, path) says what gets a 403."""

    def __init__(self, where, target, refuse=lambda _method, _path: False):
        self.where, self.target, self.refuse = where, target, refuse
        self.host = where.replace("unix:", "unix://")
        self.requests, self.refused = [], []
        self.live, self.lock = set(), threading.Lock()

    def start(self):
        self.listener = _open(self.where, True)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self):
        # Closing alone does not wake a thread in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        if self.where.startswith("unix:"):
            os.remove(self.where[5:])

    def cut(self):
        """Ends every connection; new ones are served. Returns how many it were."""
        with self.lock:
            ended = list(self.live)
            self.live.clear()
        for one in ended:
            _shut(one)
        return len(ended)

    def wait_request(self, method, part, seconds=10):
        wait_until(lambda: self.count(method, part) or [], seconds, f"{method} ..{part}.. is asked")

    def count(self, method, part):
        return sum(1 for name, path in list(self.requests) if name == method and part in path)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = _open(self.target, False)
        except OSError:
            client.close()
            return
        with self.lock:
            self.live.add(client)
        threading.Thread(target=_copy, args=(server, client), daemon=True).start()
        try:
            self._pass_requests(client.makefile("rb"), client, server)
        except (OSError, ValueError):
            pass
        with self.lock:
            self.live.discard(client)
        _shut(server)
        _shut(client)

    def _pass_requests(self, reader, client, server):
        while line := reader.readline():
            method, path, _ = line.decode("latin-1").split(" ", 2)
            if self.refuse(method, path):
                self.refused.append((method, path))
                client.sendall(REFUSAL)
                return
            self.requests.append((method, path))
            head, length = [line], 0
            while (line := reader.readline()) not in (b"\r\n", b""):
                head.append(line)
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            server.sendall(b"".join(head) + b"\r\n" + (reader.read(length) if length else b""))


def _copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    _shut(target)
    source.close()


def _shut(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
