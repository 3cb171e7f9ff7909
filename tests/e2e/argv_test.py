"""The agent's command line under both names, row by row: exit codes without a Docker or a Consul."""

import os
import subprocess

from e2e.base import E2ETest
from rig.longshore import executable

URI = "consul://127.0.0.1:8999"  # nobody listens there
QUICK = ["-retry-attempts", "0"]  # gives up at once: the call itself was accepted
# words, Registrator's exit code, ours under its name, ours under our own, and a word of the message ("" = any).
# After a call that is accepted the unreachable Consul ends it with 1.
ROWS = [
    ("no URI", [], 2, 2, None, "URI"),
    ("help", ["-h"], 0, 0, 0, "-internal"),
    ("long help", ["--help"], 0, 0, 0, "-internal"),
    ("unknown option", ["-bogus", URI], 2, 2, 2, "bogus"),
    ("mistyped option", ["-intrnal", URI], 2, 2, 2, "-internal"),
    ("two URIs", [*QUICK, URI, URI], 2, 2, 2, ""),
    ("option after the URI", [*QUICK, URI, "-internal"], 2, 2, 1, ""),
    ("two dashes", ["--internal", *QUICK, URI], 1, 1, 1, ""),
    ("boolean with a value", ["-internal=false", *QUICK, URI], 1, 1, 1, ""),
    ("boolean with a bad value", ["-internal=maybe", URI], 2, 2, 2, "internal"),
    ("a value is missing", ["-ip"], 2, 2, 2, "ip"),
    ("value by equals", ["-ip=192.0.2.1", *QUICK, URI], 1, 1, 1, ""),
    ("unknown scheme", [*QUICK, "ftp://127.0.0.1"], 1, 1, 2, ""),
    ("etcd", [*QUICK, "etcd://127.0.0.1:4001/x"], None, 1, 2, "Consul"),
    ("zookeeper", [*QUICK, "zookeeper://127.0.0.1/x"], None, 1, 2, "Consul"),
    ("scheme in capitals", [*QUICK, "CONSUL://127.0.0.1:8999"], 1, 1, 1, "127.0.0.1:8999"),
    ("deregister with a wrong word", ["-deregister", "never", URI], 1, 1, 2, "on-success"),
    ("retry-interval 0", ["-retry-interval", "0", URI], 1, 1, 2, "retry-interval"),
    ("resync in hexadecimal", [*QUICK, "-resync", "0x10", URI], 1, 1, 1, ""),
    ("negative resync", [*QUICK, "-resync", "-1", URI], 1, 1, 2, ""),
    ("a port that cannot be", [*QUICK, "consul://127.0.0.1:99999"], 1, 1, 2, "port"),
    ("option in other case", ["-useipfromlabel", "x", URI], 2, 2, 2, "useipfromlabel"),
    ("end of options", [*QUICK, "--", URI], 1, 1, 1, ""),
    ("version with one dash", ["-version"], 2, 2, None, "version"),
    ("ttl alone", ["-ttl", "30", URI], 1, 1, 2, "-ttl"),
    ("ttl-refresh alone", ["-ttl-refresh", "10", URI], 1, 1, 2, "-ttl"),
    ("ttl as long as its refresh", ["-ttl", "10", "-ttl-refresh", "10", URI], 1, 1, 2, "-ttl"),
    ("ttl shorter than its refresh", ["-ttl", "5", "-ttl-refresh", "10", URI], 1, 1, 2, "-ttl"),
    ("ttl and refresh", ["-ttl", "30", "-ttl-refresh", "10", *QUICK, URI], 1, 1, 1, ""),
    ("ttl that is no number", ["-ttl", "soon", "-ttl-refresh", "1", URI], 2, 2, 2, "ttl"),
    ("deregister always", ["-deregister", "always", *QUICK, URI], 1, 1, 1, ""),
    ("deregister on-success", ["-deregister", "on-success", *QUICK, URI], 1, 1, 1, ""),
    ("retry-attempts 0", ["-retry-attempts", "0", URI], 1, 1, 1, ""),
    ("retry-attempts 2", ["-retry-attempts", "2", "-retry-interval", "10", URI], 1, 1, 1, ""),
    ("retry-attempts that is no number", ["-retry-attempts", "x", URI], 2, 2, 2, "retry-attempts"),
    ("resync that is no number", ["-resync", "soon", URI], 2, 2, 2, "resync"),
]


class ArgvTest(E2ETest):
    backend = None
    wants_docker = False

    def test_every_row(self):
        link = self.path("registrator")
        os.symlink(executable(), link)
        peer = os.environ.get("LONGSHORE_BENCH_REGISTRATOR")
        for name, words, original, registrator, ours, message in ROWS:
            if peer and original is not None:
                self.check(name, "original", [peer, *words], original, "")
            self.check(name, "registrator", [link, *words], registrator, message)
            if ours is not None:
                self.check(name, "ours", [executable(), "agent", *words], ours, message)

    def check(self, name, who, command, code, message):
        with self.subTest(row=name, who=who):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                                  check=False, env={**os.environ, "GL_DISABLE_VERSION_CHECK": "1",
                                                    "DOCKER_HOST": "unix:///nowhere/docker.sock"})
            self.assertEqual(code, done.returncode, done.stderr[-500:])
            self.assertIn(message, done.stderr + done.stdout)
