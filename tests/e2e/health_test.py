"""health, row by row: who is well, who is not, who is nobody of ours."""

import http.server
import socket
import threading

from e2e.base import E2ETest
from rig import longshore
from rig.longshore import call


class HealthTest(E2ETest):
    wants_docker = False
    backend = "registry"

    def row(self, words, code, said, env=None, out=True):
        with self.subTest(words=words, env=env):
            done = call("health", *words, env=env)
            self.assertEqual(code, done.returncode, done)
            self.assertIn(said, done.stdout if out else done.stderr)

    def test_parts_that_run(self):
        self.row(("-addr", longshore.REGISTRY), 0, "ok")
        self.row(("-addr", longshore.REGISTRY, "-ready"), 0, "ready")
        self.row(("-addr", "http://" + longshore.REGISTRY), 0, "ok")
        self.row((), 0, "ok", env={"LONGSHORE_HTTP_ADDR": longshore.REGISTRY})
        self.row((), 0, "ok", env={"LONGSHORE_REGISTRY_HTTP_ADDR": longshore.REGISTRY})
        self.row((), 1, "127.0.0.1:1", env={"LONGSHORE_HTTP_ADDR": "127.0.0.1:1",
                                            "LONGSHORE_REGISTRY_HTTP_ADDR": longshore.REGISTRY}, out=False)
        self.row((), 2, "99999", env={"LONGSHORE_RENDER_HTTP_ADDR": "127.0.0.1:99999"}, out=False)
        # An option beats the variable.
        self.row(("-addr", longshore.REGISTRY), 0, "ok", env={"LONGSHORE_HTTP_ADDR": "127.0.0.1:1"})
        renderer = self.renderer(f"{self.write('t', '{{ key `k` }}')}:{self.path('out')}", start=False)
        renderer.start().wait_not_ready()
        self.row(("-addr", longshore.RENDERER), 0, "ok")
        self.row(("-addr", longshore.RENDERER, "-ready"), 1, "not ready")
        self.store.put("/v1/kv/k", "there")
        renderer.wait_ready()
        self.row(("-addr", longshore.RENDERER, "-ready"), 0, "ready")

    def test_nobody_and_somebody_else(self):
        self.row((), 1, "127.0.0.1:8511", out=False)
        self.row(("-addr", "127.0.0.1:1"), 1, "127.0.0.1:1", out=False)
        self.row(("-addr", "unix:///none/socket"), 1, "/none/socket", out=False)

        class NotOurs(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), NotOurs)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.row(("-addr", f"127.0.0.1:{server.server_address[1]}"), 1, "")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.row(("-addr", f"127.0.0.1:{silent.getsockname()[1]}", "-timeout", "300ms"), 1, "300ms", out=False)

    def test_wrong_calls(self):
        for words in (("-addr", "127.0.0.1:99999"), ("-addr", "ftp://x"), ("extra",), ("-timeout", "soon"), ("-redy",),
                      ("-ready=maybe",)):
            self.row(words, 2, "health -h", out=False)
        self.row(("-h",), 0, "Usage: longshore health")
