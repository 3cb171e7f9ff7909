"""Docker, Consul or nginx absent at the start or going away: one clear line, not ready, recovery without help."""

import os

from e2e.base import E2ETest, world
from rig import http
from rig.wait import hold_true, wait_until

# More lines than this about one outage of two seconds are a flood.
MOST_LINES = 4


class Absent(E2ETest):
    def assert_said_once(self, process, word):
        """Not ready for a while, alive, and the reason is in the log without being repeated for ever."""
        process.wait_not_ready()
        hold_true(process.running, 2, f"{process.name} lives")
        lines = [line for line in process.log().splitlines() if word in line.lower()]
        self.assertTrue(1 <= len(lines) <= MOST_LINES, "\n".join(lines) or process.tail())


class AbsentAtStartTest(Absent):
    def test_agent_without_docker(self):
        agent = self.keep_agent(docker="unix:///run/not-yet.sock")
        agent.start()
        self.assert_said_once(agent, "/run/not-yet.sock")
        self.docker.run(name="web")
        os.symlink("/run/docker.sock", "/run/not-yet.sock")
        self.addCleanup(os.remove, "/run/not-yet.sock")
        agent.wait_ready(20)
        wait_until(lambda: "rig-host:web:5000" in self.store.services(), 10, "the container is registered")

    def test_agent_without_consul(self):
        world.stop_consul()
        self.docker.run(name="web")
        agent = self.keep_agent()
        agent.start()
        self.assert_said_once(agent, "8500")
        world.consul()
        agent.wait_ready(20)
        wait_until(lambda: "rig-host:web:5000" in self.store.services(), 10, "the container is registered")

    def test_renderer_without_consul(self):
        world.stop_consul()
        nginx = self.nginx()
        before = "upstream nano { server 127.0.0.1:9; }\n"
        renderer = self.render_upstream(nginx, start=False).start()
        self.assert_said_once(renderer, "8500")
        with open(self.upstream, encoding="utf-8") as file:
            self.assertEqual(before, file.read(), "nothing is written from a half-known world")
        world.consul()
        addresses = self.start_nano("one")
        self.agent("-internal")
        renderer.wait_ready(20)
        self.wait_file(self.upstream, addresses)

    def test_renderer_without_nginx(self):
        self.without_nginx("kill -hup")

    def test_renderer_without_nginx_by_pid_file(self):
        self.reload = "pid file"
        self.without_nginx("nginx.pid")

    def without_nginx(self, word):
        nginx = self.nginx()
        nginx.stop()
        addresses = self.start_nano("one")
        self.agent("-internal")
        renderer = self.render_upstream(nginx, start=False).start()
        self.wait_file(self.upstream, addresses)
        self.assert_said_once(renderer, word)
        # It comes up with the file in place; the retried reload finds it.
        nginx.start()
        renderer.wait_ready(20)
        wait_until(lambda: http.get(nginx.where, "/").status == 200, 5, "nginx answers")
        more = self.start_nano("two")
        self.wait_file(self.upstream, addresses + more)
        name = self.docker.inspect("two")["Config"]["Hostname"]
        wait_until(lambda: name in http.get(nginx.where, "/").text, 10, "the second one is asked")

    def keep_agent(self, **more):
        return self.agent("-internal", start=False, **more)


class AwayTest(Absent):
    def test_docker_goes_away(self):
        agent = self.agent("-internal")
        self.docker.stop()
        self.assert_said_once(agent, "docker")
        world.docker()
        agent.wait_ready(20)
        self.docker.run(name="web")
        wait_until(lambda: "rig-host:web:5000" in self.store.services(), 10, "the container is registered")

    def test_docker_hangs(self):
        """A stopped engine still accepts connections and never answers."""
        self.docker.run(name="web")
        agent = self.agent("-internal", "-resync", "1")
        self.assertIn("rig-host:web:5000", self.store.services())
        self.docker.suspend()
        self.addCleanup(self.docker.resume)
        agent.wait_not_ready(60)
        line = next(line for line in agent.log().splitlines() if "level=warn" in line and "docker" in line.lower())
        self.assertRegex(line, "docker_lost.*the answer took longer than 10s")
        self.assertLessEqual(sum("level=warn" in line for line in agent.log().splitlines()), MOST_LINES, agent.tail())
        # What runs there may run well: nothing is taken out because nobody can be asked.
        self.assertIn("rig-host:web:5000", self.store.services())
        self.docker.resume()
        agent.wait_ready(30)
        self.docker.run(name="late")
        wait_until(lambda: "rig-host:late:5000" in self.store.services(), 15, "the container is registered")

    def test_consul_goes_away(self):
        agent = self.agent("-internal")
        source = self.write("in.ctmpl", "{{ range services }}{{ .Name }} {{ end }}\n")
        renderer = self.renderer(f"{source}:{self.path('out')}")
        self.store.kill9()
        self.assert_said_once(agent, "8500")
        self.assert_said_once(renderer, "8500")
        self.store.start()
        agent.wait_ready(20)
        renderer.wait_ready(20)
