"""Requests of the tests: one connection each, over TCP or a unix socket."""

import http.client
import json
import socket


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.text[:300]!r}"


def request(method, where, path, body=None, headers=None, timeout=10):
    """`where` is "host:port" or "unix:/path". A body that is no bytes or text is sent as JSON."""
    if where.startswith("unix:"):
        connection = UnixConnection(where[5:], timeout)
    else:
        host, _, port = where.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    try:
        connection.request(method, path, body, headers or {})
        got = connection.getresponse()
        return Answer(got.status, got.headers, got.read())
    except http.client.HTTPException as error:
        # One kind of exception for "it did not answer", like a refused connection.
        raise ConnectionError(f"{method} {where}{path}: {error!r}") from error
    finally:
        connection.close()


def get(where, path, **more):
    return request("GET", where, path, **more)


def put(where, path, body=None, **more):
    return request("PUT", where, path, body, **more)
