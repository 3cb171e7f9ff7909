"""Stock templates beside the plain ones: TCP and UDP through stream, a cache, limits of one route; and that they write
what the nginx at hand understands."""

import os
import socket
import threading
import time

from e2e.base import E2ETest
from e2e.stock_test import SITE, UPSTREAM, WHERE, Served
from rig import http
from rig.nginx import CONFIG, Nginx
from rig.wait import wait_until

STREAM, CACHE = "templates/stream.conf.ctmpl", "templates/cache.conf.ctmpl"
MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


class UdpEcho:
    """Answers each datagram with its own name before it."""

    def __init__(self, name):
        self.name, self.socket = name, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            data, where = self.socket.recvfrom(2048)
            if data == b"stop":
                return
            self.socket.sendto(self.name.encode() + b" " + data, where)

    def stop(self):
        if self.thread.is_alive():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
                own.sendto(b"stop", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()


class Counting:
    """An HTTP server whose answers carry a number that rises; `hold` makes it accept and say nothing."""

    def __init__(self):
        self.count, self.hold = 0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.silent = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.hold:
                self.silent.append(connection)
                continue
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(65536)
                    self.count += 1
                    body = f"answer {self.count}".encode()
                    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                                       % (len(body), body))
                except OSError:
                    pass

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.thread.join()
        for connection in self.silent:
            connection.close()


class StreamNginx(Nginx):
    """With a stream block beside http."""

    def __init__(self, home):
        super().__init__(home)
        self.stream_d = os.path.join(home, "stream.d")
        os.makedirs(self.stream_d, exist_ok=True)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"load_module {MODULE};\n" + CONFIG.format(home=home, workers=self.worker_count)
                       + f"stream {{ include {self.stream_d}/*.conf; }}\n")


class StockProxies(Served):
    wants_docker = False

    def keep_server(self, server):
        self.addCleanup(server.stop)
        return server

    def udp(self, data, seconds=2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.settimeout(seconds)
            own.sendto(data, ("127.0.0.1", 8082))
            return own.recv(2048)

    def test_udp_echo_through_stream(self):
        nginx = StreamNginx(self.path("nginx"))
        nginx.start()
        self.addCleanup(lambda: nginx.process.running() and nginx.stop())
        one, two = (self.keep_server(UdpEcho(name)) for name in ("one", "two"))
        def register(echo):
            self.store.put("/v1/agent/service/register", {
                "ID": f"h:dns:{echo.port}:udp", "Name": "dns", "Address": "127.0.0.1", "Port": echo.port,
                "Tags": ["udp"]})
        register(one)
        target = os.path.join(nginx.stream_d, "dns.conf")
        renderer = self.renderer(f"{STREAM}:{target}", options=("-reload-pid-file", nginx.pid_file),
                                 env={"SERVICE": "dns", "LISTEN": "127.0.0.1:8082"})
        def answers(*names):
            def same():
                got = {self.udp(b"x%d" % number).split()[0].decode() for number in range(8)}
                if got != set(names):
                    raise AssertionError(str(got))
                return True
            wait_until(same, 15, f"datagrams are answered by {names}")
        answers("one")
        self.assertEqual(b"one hello", self.udp(b"hello"))
        register(two)
        answers("one", "two")
        self.store.put(f"/v1/agent/service/deregister/h:dns:{one.port}:udp")
        self.store.put(f"/v1/kv/longshore/withdrawn/{self.store.get('/v1/agent/self')['Config']['NodeName']}"
                       f"/h:dns:{one.port}:udp", {})
        answers("two")
        with open(target, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("listen 127.0.0.1:8082 udp reuseport;", text)
        self.assertIn("random two least_conn;", text)
        self.assertNotIn("no stream module", text)
        self.assertTrue(renderer.running())

    def test_tcp_through_stream(self):
        nginx = StreamNginx(self.path("nginx"))
        nginx.start()
        self.addCleanup(lambda: nginx.process.running() and nginx.stop())
        self.nano("blue", 7101)
        self.register("web", 7101)
        self.renderer(f"{STREAM}:{nginx.stream_d}/web.conf", options=("-reload-pid-file", nginx.pid_file),
                      env={"SERVICE": "web", "LISTEN": WHERE})
        self.wait_answer("blue")

    def test_cache(self):
        origin = self.keep_server(Counting())
        self.register("shop", origin.port)
        self.serve(CACHE, SERVICE="shop", CACHE_PATH=self.path("cache"))
        def asked(path):
            answer = http.get(WHERE, path)
            return answer.headers.get("X-Cache-Status"), answer.text
        wait_until(lambda: http.get(WHERE, "/warm").status == 200, 15, "the cache answers")
        said = asked("/a.css")
        self.assertEqual("MISS", said[0])
        self.assertEqual(("HIT", said[1]), asked("/a.css"))
        other = asked("/b.css")
        self.assertEqual("MISS", other[0])
        self.assertNotEqual(said[1], other[1])
        # What is cached is served when nobody is left to ask.
        origin.stop()
        self.store.put(f"/v1/agent/service/deregister/h:shop:{origin.port}")
        target = os.path.join(self.ngx.conf_d, "stock.conf")
        def gone():
            with open(target, encoding="utf-8") as file:
                return "down;" in file.read()
        wait_until(gone, 25, "no instance is left")
        wait_until(lambda: asked("/a.css") == ("HIT", said[1]), 10, "the cached answer is still there")

    def test_a_frozen_host_costs_a_retry(self):
        """Limits of one route, from Meta; the host accepts and says nothing, and probes are off."""
        well, frozen = self.keep_server(Counting()), self.keep_server(Counting())
        frozen.hold = True
        meta = {"host": "one.example", "read_timeout": "300ms", "connect_timeout": "200ms", "next_upstream_tries": "2"}
        self.register("web", well.port, meta)
        self.register("web", frozen.port, {**meta, "probe": "off"})
        self.register("slow", well.port, {"host": "two.example", "read_timeout": "1s; return 418"})
        target = self.serve(SITE)
        wait_until(lambda: http.get(WHERE, "/", headers={"Host": "one.example"}).status == 200, 15, "it answers")
        began = time.monotonic()
        answers = [http.get(WHERE, "/", headers={"Host": "one.example"}).status for _ in range(8)]
        self.assertEqual([200] * 8, answers)
        self.assertLess(time.monotonic() - began, 15)
        self.assertTrue(frozen.silent, "it was asked")
        with open(target, encoding="utf-8") as file:
            text = file.read()
        for line in ("proxy_read_timeout 300ms;", "proxy_connect_timeout 200ms;", "proxy_next_upstream_tries 2;"):
            self.assertEqual(1, text.count(line), text)
        self.assertNotIn("return 418", text)

    def fake_nginx(self, version, more=""):
        path = self.path("fake/nginx")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\necho 'nginx version: nginx/{version}' >&2\n"
                       f"echo 'configure arguments: --prefix=/nowhere {more}' >&2\n")
        os.chmod(path + ".new", 0o755)
        os.rename(path + ".new", path)
        return path

    def test_what_the_version_has(self):
        """Another build of nginx than the machine's, replaced by a newer one while we run."""
        self.register("web", 7101)
        self.register("web", 7102, address="backend.example", service_id="h:web:7102")
        program = self.fake_nginx("1.14.2", "--without-http_upstream_zone_module")
        out = self.path("upstream.conf")
        self.renderer(f"{UPSTREAM}:{out}", options=("-reload-executable", program),
                      env={"SERVICE": "web", "RESOLVER": "127.0.0.1:53", "KEEPALIVE": "16"})
        text = self.read("upstream.conf")
        for word, there in (("zone ", False), ("random two", False), ("least_conn;", True), ("keepalive 16;", True),
                            ("resolve", False), ("backend.example:7102", False)):
            self.assertEqual(there, word in text, text)
        self.fake_nginx("1.27.4")
        wait_until(lambda: "random two least_conn;" in self.read("upstream.conf"), 15, "the newer one is seen")
        text = self.read("upstream.conf")
        for word in ("zone web 64k;", "resolver 127.0.0.1:53;", "server backend.example:7102 resolve max_fails=2"):
            self.assertIn(word, text)


class StockProxiesWithConsulTest(StockProxies, E2ETest):
    backend = "consul"
