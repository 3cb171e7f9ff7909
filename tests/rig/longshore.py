"""The program under test: one class per verb, all on the addresses that users get by default."""

import os
import subprocess

from rig import http, sandbox
from rig.consul_api import ConsulApi
from rig.process import Process
from rig.wait import wait_until

AGENT, RENDERER, REGISTRY = "127.0.0.1:8511", "127.0.0.1:8512", "127.0.0.1:8500"


def executable():
    return os.path.abspath(os.path.join(os.environ.get("LONGSHORE_TEST_BUILD", "build/release"), "longshore"))


def call(*words, env=None, seconds=30, cwd=None):
    """Runs a verb to its end; returns the finished process with text output."""
    return subprocess.run([executable(), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds, check=False, cwd=cwd, env={**os.environ, **(env or {})})


class Longshore(Process):
    """A running verb with a status address."""

    def __init__(self, verb, options, log_dir, status, env=None, name=None):
        name = name or verb
        super().__init__(name, [executable(), verb, *options], os.path.join(log_dir, name + ".log"), env)
        self.status_address = status

    def ready(self):
        if not self.running():
            raise AssertionError(f"{self.name} ended with {self.child.returncode}\n{self.tail()}")
        return http.get(self.status_address, "/readyz", timeout=2).status == 200

    def not_ready(self):
        """It answers and says that it is not ready: absent and silent do not count."""
        return self.running() and http.get(self.status_address, "/readyz", timeout=2).status == 503

    def wait_ready(self, seconds=15):
        wait_until(self.ready, seconds, f"{self.name} is ready")
        return self

    def wait_not_ready(self, seconds=15):
        wait_until(self.not_ready, seconds, f"{self.name} says that it is not ready")
        return self

    def metrics(self):
        """Prometheus samples by name with labels."""
        samples = {}
        for line in http.get(self.status_address, "/metrics").text.splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples


class Agent(Longshore):
    def __init__(self, log_dir, *options, uri="consul://127.0.0.1:8500", docker="unix:///run/docker.sock", env=None):
        super().__init__("agent", [*options, uri], log_dir, AGENT, {"DOCKER_HOST": docker, **(env or {})})


class Renderer(Longshore):
    def __init__(self, log_dir, templates, *options, consul="127.0.0.1:8500", env=None):
        words = [word for template in templates for word in ("-template", template)]
        super().__init__("render", ["-consul-addr", consul, *words, *options], log_dir, RENDERER, env)


class Registry(Longshore, ConsulApi):
    """The embedded registry, with Consul's interface for the tests."""

    def __init__(self, log_dir, *options):
        self.home = os.path.join(sandbox.STATE, "registry")
        Longshore.__init__(self, "registry", ["-data-dir", f"{self.home}/data", *options], log_dir, REGISTRY)
        ConsulApi.__init__(self, REGISTRY)
        self.process = self

    def start(self, seconds=15):
        os.makedirs(self.home, exist_ok=True)
        super().start()
        self.wait_leader(seconds)
        return self

    def wait_leader(self, seconds=15):
        wait_until(lambda: self.running() and self.get("/v1/status/leader"), seconds, "the registry answers")

    def stop(self):
        return self.term(15)
