"""Requests every few milliseconds, counted as an HTTP library would see them.

A failed request is one that its user would notice. A kept connection may be closed by the server while it is idle:
if it was used before, and closes before the first byte of the answer, GET is tried once more on a fresh connection,
as every HTTP library does. All else is a failure: refused, reset, cut short, timed out, not 2xx. The same closes on
POST may not be retried; they are counted apart (`closed_posts`).
"""

import socket
import threading
import time


class ClosedIdle(Exception):
    """A reused connection ended before the first byte of the answer."""


class Client:
    """One keep-alive connection, opened when needed."""

    def __init__(self, where, host="demo", timeout=10):
        name, _, port = where.rpartition(":")
        self.address, self.host, self.timeout = (name, int(port)), host, timeout
        self.socket, self.uses, self.buffer = None, 0, b""
        self.headers = {}  # of the last answer

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.uses, self.buffer = None, 0, b""

    def request(self, method, path, body=b""):
        """(status, body); the retry of GET is inside. Raises OSError or ClosedIdle (POST only)."""
        try:
            return self._once(method, path, body)
        except ClosedIdle:
            if method != "GET":
                raise
            return self._once(method, path, body)

    def _once(self, method, path, body):
        reused = self.socket is not None
        try:
            if not reused:
                self.socket = socket.create_connection(self.address, self.timeout)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n"
            if body or method == "POST":
                head += f"Content-Length: {len(body)}\r\n"
            self.buffer = b""
            try:
                self.socket.sendall(head.encode() + b"\r\n" + body)
                self._more()
            except (ConnectionResetError, BrokenPipeError) as error:
                if reused and not self.buffer:
                    raise ClosedIdle() from error
                raise
            return self._answer(method)
        except BaseException:
            self.close()
            raise

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionResetError("closed by the server")
        self.buffer += data

    def _until(self, mark):
        while mark not in self.buffer:
            self._more()
        part, self.buffer = self.buffer.split(mark, 1)
        return part

    def _exactly(self, count):
        while len(self.buffer) < count:
            self._more()
        part, self.buffer = self.buffer[:count], self.buffer[count:]
        return part

    def _answer(self, method):
        lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        self.headers = headers
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while size := int(self._until(b"\r\n").split(b";")[0], 16):
                body += self._exactly(size)
                self._exactly(2)
            self._until(b"\r\n")
        else:
            body = b"" if method == "HEAD" else self._exactly(int(headers.get("content-length", "0")))
        self.uses += 1
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, body


class LoadGen:
    """`clients` threads, each with its own kept connection and a request every `every` seconds; `path` may be a function."""

    def __init__(self, where, path="/", host="demo", method="GET", every=0.01, clients=1, timeout=10, body=b"",
                 keep_alive=True):
        self.where, self.path, self.host, self.method = where, path, host, method
        self.every, self.clients, self.timeout, self.body, self.keep_alive = every, clients, timeout, body, keep_alive
        self.lock = threading.Lock()
        self.sent, self.failures, self.closed_posts, self.seen = 0, [], 0, {}
        self.failed_paths = []  # one for each failure
        self.first_seen = {}  # answer: wall clock of the first one
        self.slowest = 0.0
        self.stop_wanted = threading.Event()
        self.threads = []
        self.began = 0.0

    def start(self):
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(self.clients)]
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stop_wanted.set()
        for thread in self.threads:
            thread.join(self.timeout + 5)
        return self

    def _loop(self):
        client = Client(self.where, self.host, self.timeout)
        due = time.monotonic()
        while not self.stop_wanted.is_set():
            began = time.monotonic()
            failure, body, closed = None, b"", 0
            path = self.path() if callable(self.path) else self.path
            try:
                status, body = client.request(self.method, path, self.body)
                if not 200 <= status < 300:
                    after = client.headers.get("retry-after")
                    failure = f"status {status}" + (f", Retry-After {after}" if after else "")
            except ClosedIdle:
                closed = 1
            except (OSError, ValueError, IndexError) as error:
                failure = f"{type(error).__name__}: {error}"
            ended = time.monotonic()
            if not self.keep_alive:
                client.close()
            with self.lock:
                self.sent += 1
                self.closed_posts += closed
                self.slowest = max(self.slowest, ended - began)
                if failure:
                    self.failures.append((began - self.began, failure))
                    self.failed_paths.append(path)
                elif not closed:
                    self.seen[body] = self.seen.get(body, 0) + 1
                    self.first_seen.setdefault(body, time.time())
            due = max(due + self.every, ended - 10 * self.every)  # no burst after a long answer
            time.sleep(max(0.0, due - time.monotonic()))
        client.close()

    def summary(self):
        first = "".join(f"\n   at {at:.3f} s: {why}" for at, why in self.failures[:10])
        return (f"{self.sent} requests, {len(self.failures)} failed, {self.closed_posts} closed POSTs, "
                f"slowest {self.slowest * 1000:.0f} ms{first}")
