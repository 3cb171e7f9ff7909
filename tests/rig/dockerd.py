"""A real Docker Engine of the tests' own: Debian's dockerd, containerd and runc, on a tmpfs, inside the sandbox."""

import os
import re
import signal
import subprocess
import urllib.parse

from rig import http, sandbox
from rig.process import Process
from rig.wait import wait_until

# Debian's programs first: a machine may have a newer docker elsewhere.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
BRIDGE = "10.213.8.1/24"
POOL = "base=10.213.64.0/18,size=24"
# What `docker run` says of a port of the engine's own choice that is taken; the group is the container's name.
PORT_LOST = re.compile(r"external connectivity on endpoint (\S+) .*(?:address already in use|port is already allocated)")


class Dockerd:
    def __init__(self, log_dir, name="docker", live_restore=False, socket_path="/run/docker.sock", bridge=None):
        """bridge: (name, address) of a bridge of its own, for an engine beside another one in the same network."""
        home = os.path.join(sandbox.STATE, name)
        self.home, self.socket_path, self.live_restore = home, socket_path, live_restore
        self.where = "unix:" + socket_path
        self.host = "unix://" + socket_path
        os.makedirs(home, exist_ok=True)
        self.bridge = bridge
        # With pools of its own an engine that starts again removes docker0, whosever that is.
        network = ["--bridge", bridge[0], "--iptables=false"] if bridge else ["--bip", BRIDGE, "--default-address-pool", POOL]
        command = ["/usr/sbin/dockerd", "--data-root", f"{home}/root", "--exec-root", f"{home}/exec",
                   "--pidfile", f"{home}/pid", "--host", self.host, *network,
                   "--storage-driver", "overlay2", "--exec-opt", "native.cgroupdriver=cgroupfs",
                   "--cgroup-parent", "/" + os.environ[sandbox.SESSION_VARIABLE], "--log-level", "warn"]
        self.command, self.more = command, []
        log = "dockerd.log" if name == "docker" else f"dockerd-{name}.log"
        self.process = Process("dockerd", command, os.path.join(log_dir, log), {"PATH": PATH})
        self.env = {"PATH": PATH, "DOCKER_HOST": self.host, "DOCKER_CONFIG": f"{home}/config", "HOME": home}

    def start(self, seconds=40):
        # Live restore and further addresses can be chosen at each start.
        self.process.command = self.command + (["--live-restore"] if self.live_restore else []) + self.more
        if not self.process.running() and os.path.exists(f"{self.home}/pid"):
            os.remove(f"{self.home}/pid")  # of an engine that was killed; pids are few in here and soon used again
        if self.bridge:
            self.make_bridge()
        self.process.start()
        wait_until(self.answers, seconds, f"dockerd answers on {self.socket_path}")
        return self

    def make_bridge(self):
        name, address = self.bridge
        subprocess.run(["ip", "link", "del", name], check=False, capture_output=True)
        for words in (["link", "add", name, "type", "bridge"], ["addr", "add", address, "dev", name],
                      ["link", "set", name, "up"]):
            subprocess.run(["ip", *words], check=True, capture_output=True)

    def answers(self):
        if not self.process.running():
            raise AssertionError("dockerd ended:\n" + self.process.tail())
        return http.get(self.where, "/_ping", timeout=2).status == 200

    def stop(self, seconds=40):
        return self.process.term(seconds)

    def kill9(self):
        self.process.kill9()
        # containerd is told to die with it; a new engine must not meet the old one's socket.
        wait_until(lambda: not self._containerd_pid(), 10, "containerd ends with its dockerd")

    def _containerd_pid(self):
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    zombie = file.read().rsplit(")", 1)[1].split()[0] == "Z"
            except (OSError, IndexError):
                continue
            if not zombie and words[0].endswith(b"containerd") and f"{self.home}/exec".encode() in b" ".join(words):
                return int(name)
        return None

    def cli(self, *words, check=True, seconds=60):
        """The docker command line; returns its output without the last line break."""
        done = self._cli(words, seconds)
        for _ in range(4):
            lost = PORT_LOST.search(done.stderr)
            if done.returncode == 0 or words[0] != "run" or not lost:
                break
            # The engine chose a port that somebody else's connection has: such a container never ran.
            self._cli(("rm", "-f", lost.group(1)), 60)
            done = self._cli(words, seconds)
        if check and done.returncode != 0:
            raise AssertionError(f"docker {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _cli(self, words, seconds):
        return subprocess.run(["/usr/bin/docker", *words], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=seconds, check=False)

    def popen(self, *words):
        """The same without waiting."""
        return subprocess.Popen(["/usr/bin/docker", *words], env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *options, image="nano", name=None, env=None, labels=None, publish=(), network=None, command=()):
        """docker run -d; returns the container's id."""
        words = ["run", "-d"] + (["--name", name] if name else []) + (["--network", network] if network else [])
        for key, value in (env or {}).items():
            words += ["-e", f"{key}={value}"]
        for key, value in (labels or {}).items():
            words += ["-l", f"{key}={value}"]
        for port in publish:
            words += ["-p", port]
        return self.cli(*words, *options, image, *command)

    def remove(self, *names):
        if names:
            self.cli("rm", "-f", *names, seconds=300)

    def remove_all(self):
        self.remove(*self.cli("ps", "-aq").split())
        self.cli("network", "prune", "-f")

    def inspect(self, name):
        answer = http.get(self.where, f"/containers/{urllib.parse.quote(name)}/json")
        assert answer.status == 200, answer
        return answer.json()

    def address(self, name, network=None):
        networks = self.inspect(name)["NetworkSettings"]["Networks"]
        return (networks[network] if network else next(iter(networks.values())))["IPAddress"]

    def published(self, name, port):
        return int(self.inspect(name)["NetworkSettings"]["Ports"][port][0]["HostPort"])

    def running(self):
        """Names of the running containers."""
        answer = http.get(self.where, "/containers/json")
        return sorted(item["Names"][0].lstrip("/") for item in answer.json())

    def suspend(self):
        self.process.send(signal.SIGSTOP)

    def resume(self):
        self.process.send(signal.SIGCONT)
