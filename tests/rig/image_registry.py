"""A private registry of images on loopback, as far as a pull needs it: one image under any tag, for those who know the
password. Engines speak plain HTTP with 127.0.0.0/8."""

import base64
import gzip
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rig import image

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def _digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class ImageRegistry:
    """`requests`: "METHOD PATH" of those that were let in; `refused`: of those that were not."""

    def __init__(self, executable, user="me", password="se:cret", port=5055):
        tar = image.layer(executable)
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/app"], "ExposedPorts": {"5000/tcp": {}}},
                             "rootfs": {"type": "layers", "diff_ids": [_digest(tar)]}}).encode()
        layer = gzip.compress(tar, 1, mtime=0)
        parts = [{"mediaType": kind, "size": len(data), "digest": _digest(data)} for kind, data in ((CONFIG, config), (LAYER, layer))]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}).encode()
        self.where = f"127.0.0.1:{port}"
        self.auth = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.blobs = {_digest(data): data for data in (config, layer, manifest)}
        self.manifest = manifest
        self.requests, self.refused = [], []
        # The tag "held" is answered when somebody sets it.
        self.release = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.server.daemon_threads = True

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def _handler(self):
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                line = f"{self.command} {self.path}"
                if self.headers.get("Authorization") != "Basic " + registry.auth:
                    registry.refused.append(line)
                    return self.answer(401, b"{}", ("WWW-Authenticate", 'Basic realm="images"'))
                registry.requests.append(line)
                if self.path == "/v2/":
                    return self.answer(200, b"{}")
                what = self.path.rsplit("/", 1)[1]
                if self.path.endswith("/manifests/held"):
                    registry.release.wait(60)
                if "/manifests/" in self.path:
                    return self.answer(200, registry.blobs.get(what, registry.manifest), ("Content-Type", MANIFEST),
                                       ("Docker-Content-Digest", _digest(registry.manifest)))
                return self.answer(200 if what in registry.blobs else 404, registry.blobs.get(what, b"{}"))

            do_HEAD = do_GET

            def answer(self, status, body, *headers):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
