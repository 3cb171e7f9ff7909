"""What all end-to-end tests share: one engine, one Consul and one image per run, everything else per test."""

import os
import shutil
import unittest

from rig import http, image, sandbox
from rig.consul import Consul
from rig.dockerd import Dockerd
from rig.files import FileHistory
from rig.loadgen import LoadGen
from rig.longshore import Agent, Registry, Renderer
from rig.nginx import Nginx
from rig.wait import wait_until

# Lanes that run side by side have folders of their own.
LOGS = os.environ.get("LONGSHORE_E2E_LOGS", "build/e2e-logs")

# The demo's name is `nano`; one line per instance, so that tests can read the file back.
UPSTREAM = """upstream nano {
{{- range service "nano" }}
  server {{ .Address }}:{{ .Port }} max_fails=0;
{{- else }}
  server 127.0.0.1:9;
{{- end }}
}
"""
SITE = "server {{ listen {listen}; location / {{ proxy_pass http://nano; proxy_connect_timeout 1s; }} }}\n"


class World:
    """Servers that are started once and used by all tests."""

    def __init__(self):
        self._docker = None
        self._consul = None
        self._further = {}

    def docker(self, live_restore=False):
        if self._docker is None:
            self._docker = Dockerd(os.path.abspath(LOGS))
        docker = self._docker
        if docker.process.running() and docker.live_restore != live_restore:
            docker.stop()
        if not docker.process.running():
            docker.live_restore = live_restore
            docker.start()
        if not docker.cli("images", "-q", "nano"):
            image.make(docker, os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice"))
        return docker

    def consul(self):
        if self._consul is None:
            self._consul = Consul(os.path.abspath(LOGS))
        if not self._consul.process.running():
            self._consul.start()
        return self._consul

    def further(self, name, make):
        """A server of one group's own, made by its first test and started where it does not run."""
        server = self._further.get(name) or make()
        self._further[name] = server
        if not server.process.running():
            server.start()
        return server

    def stop_consul(self):
        """For tests that need its address for something else."""
        if self._consul is not None and self._consul.process.running():
            self._consul.stop()
        if self._consul is not None:
            self._consul.wipe()

    def stop(self):
        if self._docker is not None and self._docker.process.running():
            self._docker.remove_all()
            self._docker.stop()
        self.stop_consul()
        for server in self._further.values():
            if server.process.running():
                server.stop()


world = World()


class E2ETest(unittest.TestCase):
    """`backend` is "consul" or "registry"; setUp has an empty one and an empty engine ready."""

    backend = "consul"
    reload = "command"
    live_restore = False
    wants_docker = True

    def setUp(self):
        self.processes = []
        self.logs = os.path.abspath(os.path.join(LOGS, self.id().split(".", 2)[-1]))
        self.dir = os.path.join(sandbox.STATE, "test")
        shutil.rmtree(self.dir, ignore_errors=True)
        shutil.rmtree("/var/lib/longshore", ignore_errors=True)
        os.makedirs(self.dir)
        if self.wants_docker:
            self.docker = world.docker(self.live_restore)
            self.addCleanup(self.clean_docker)
        if self.backend == "registry":
            world.stop_consul()
            self.store = self.keep(Registry(self.logs))
            shutil.rmtree(self.store.home, ignore_errors=True)
            self.store.start()
        elif self.backend == "consul":
            self.store = world.consul()
            self.addCleanup(self.clean_consul)

    def clean_docker(self):
        if self.docker.process.running():
            self.docker.remove_all()

    def clean_consul(self):
        if self.store.process.running():
            self.store.clear()

    def keep(self, process):
        """Remembers a process of ours for the end: it must obey TERM, end with 0 and never have crashed."""
        self.processes.append(process)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        code = process.term(15) if process.running() else 0
        for word in ("Sanitizer", "terminate called", "Assertion"):
            self.assertNotIn(word, process.log(), process.tail(30))
        self.assertEqual(0, code, f"{process.name} after TERM\n{process.tail()}")

    def evidence(self):
        """The ends of all logs, for the report of a failure."""
        return [process.tail() for process in self.processes]

    def agent(self, *options, start=True, **more):
        agent = self.keep(Agent(self.logs, *options, **more))
        return agent.start().wait_ready() if start else agent

    def renderer(self, *templates, options=(), start=True, **more):
        renderer = self.keep(Renderer(self.logs, templates, *options, **more))
        return renderer.start().wait_ready() if start else renderer

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def nginx(self):
        """An nginx that serves the upstream `nano` from a rendered file that is not there yet."""
        nginx = Nginx(self.path("nginx"))
        nginx.write("site.conf", SITE.format(listen=nginx.where))
        nginx.write("upstream.conf", "upstream nano { server 127.0.0.1:9; }\n")
        nginx.start()
        self.addCleanup(lambda: nginx.process.running() and nginx.stop())
        return nginx

    def wait_settled(self, nginx, seconds=10):
        """nginx answers through the rendered file, and no older worker is left that would answer otherwise."""
        def settled():
            answer = http.get(nginx.where, "/")
            workers = nginx.workers()
            if answer.status != 200 or len(workers) != nginx.worker_count:
                raise AssertionError(f"{answer}, workers {workers}")
            return True
        wait_until(settled, seconds, "nginx has settled on the rendered file")

    def render_upstream(self, nginx, start=True):
        """A renderer of nginx's upstream file that makes nginx reload: by a command, or itself by the pid file."""
        source = self.write("upstream.ctmpl", UPSTREAM)
        self.upstream = os.path.join(nginx.conf_d, "upstream.conf")
        template = f"{source}:{self.upstream}"
        if self.reload == "pid file":
            return self.renderer(template, options=("-reload-pid-file", nginx.pid_file), start=start)
        return self.renderer(f"{template}:kill -HUP $(cat {nginx.pid_file})", start=start)

    def start_nano(self, *names, **more):
        """Containers of service `nano`; returns their container addresses."""
        labels = {"SERVICE_NAME": "nano", **more.pop("labels", {})}
        for name in names:
            self.docker.run(name=name, labels=labels, **more)
        return sorted(f"{self.docker.address(name)}:5000" for name in names)

    def wait_healthy(self, service, addresses, seconds=10):
        wait_until(lambda: self.store.healthy(service) == sorted(addresses) or self._differs(service), seconds,
                   f"{service} is {sorted(addresses)}")

    def _differs(self, service):
        raise AssertionError(f"it is {self.store.healthy(service)}")

    def wait_file(self, path, addresses, seconds=10):
        def same():
            now = servers(open(path, encoding="utf-8").read())
            if now != sorted(addresses):
                raise AssertionError(f"it has {now}")
            return True
        wait_until(same, seconds, f"{path} has {sorted(addresses)}")

    def history(self, path):
        history = FileHistory(path).start()
        self.addCleanup(history.stop)
        return history

    @staticmethod
    def wait_versions(nginx, wanted):
        """Eight answers through nginx are of these versions of the demo service, and of no other."""
        def same():
            seen = {http.get(nginx.where, "/").text.partition("version=")[2].split(" ")[0] for _ in range(8)}
            if seen != wanted:
                raise AssertionError(seen)
            return True
        wait_until(same, 20, f"{wanted} answers")

    def load(self, where, **more):
        load = LoadGen(where, **more).start()
        self.addCleanup(load.stop)
        return load

    def assert_no_failures(self, load):
        wait_until(lambda: load.sent > 10, 60, "the load generator has asked more than ten times")
        load.stop()
        self.assertEqual([], load.failures, load.summary())

    def assert_never_lost(self, history, addresses):
        """Every version of the file that existed held all these instances."""
        for at, text in history.stop():
            self.assertIsNotNone(text, "the file was absent for a moment")
            missing = set(addresses) - set(servers(text))
            self.assertFalse(missing, f"a version lost {missing}:\n{text}")


def servers(text):
    """host:port of the server lines of an upstream file, without the placeholder."""
    found = [line.split()[1].rstrip(";") for line in text.splitlines() if line.strip().startswith("server ")]
    return sorted(address for address in found if address != "127.0.0.1:9")
