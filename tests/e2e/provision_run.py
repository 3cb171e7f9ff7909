"""What takes minutes: the roles of ansible/ against three hosts with systemd as process 1, which are containers of the
test's engine (twice, no task skipped, the second time no change; then a service with a database, a new version under load,
and all away), and the three hosts of `poc up --swarm`."""

import glob
import os
import re
import subprocess

from e2e import hosts_test, poc_test
from e2e.base import E2ETest
from rig import http, sandbox
from rig.wait import wait_until

HOSTS = ("host-1", "host-2", "host-3")
# systemd needs the first, the engine inside a host the others; not --privileged.
ALLOWED = ["--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--cap-add", "SYS_PTRACE", "--security-opt",
           "seccomp=unconfined", "--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined"]
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)\s+skipped=(\d+)", re.MULTILINE)


class ProvisionTest(E2ETest):
    backend = None

    def setUp(self):
        super().setUp()
        self.docker.cli("import", "-c", 'CMD ["/sbin/init"]', os.environ["LONGSHORE_TEST_HOSTS"], "host", seconds=300)
        self.docker.cli("network", "create", "hosts")
        self.addCleanup(self.docker.cli, "network", "rm", "hosts", check=False)
        for host in HOSTS:
            # Its engine must not lie on the overlay of ours.
            self.docker.cli("run", "-d", "--name", host, "--hostname", host, "--network", "hosts", "--stop-signal",
                            "SIGRTMIN+3", *ALLOWED, "-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--tmpfs", "/run", "--tmpfs",
                            "/tmp:exec", "-v", "/var/lib/docker", "host")
            self.addCleanup(self.docker.cli, "rm", "-fv", host, check=False)
        for host in HOSTS:
            wait_until(lambda one=host: self.on(one, "systemctl", "is-system-running", check=False).strip() in
                       ("running", "degraded"), 60, f"{host} runs")
            # Packages are there already, and there is no network to look for newer lists.
            self.on(host, "touch", "/var/lib/apt/lists")
        self.deb = self.package()

    def package(self):
        if "LONGSHORE_TEST_DEB" in os.environ:
            return os.environ["LONGSHORE_TEST_DEB"]
        build = os.path.abspath(os.environ["LONGSHORE_TEST_BUILD"])
        subprocess.run(["cpack", "-G", "DEB", "--config", f"{build}/CPackConfig.cmake", "-B", self.path("deb")], check=True,
                       cwd=build, capture_output=True)
        return next(path for path in glob.glob(self.path("deb/longshore_*.deb")))

    def on(self, host, *words, check=True, seconds=60):
        return self.docker.cli("exec", host, *words, check=check, seconds=seconds)

    def address(self, host):
        return self.docker.address(host, "hosts")

    def play(self, book, *more, code=0):
        """Runs a playbook; returns {host: (ok, changed, skipped)}."""
        consul = os.environ["LONGSHORE_TEST_CONSUL"]
        group = "/" + os.environ[sandbox.SESSION_VARIABLE] + "/{{ inventory_hostname }}"
        given = ["-e", f"consul_source=file consul_file={consul} longshore_deb={self.deb}", "-e",
                 f'{{"docker_daemon": {{"cgroup-parent": "{group}"}}}}']
        env = {**os.environ, **self.docker.env, "HOME": self.path("home"), "ANSIBLE_CONFIG": "ansible.cfg",
               "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["ansible-playbook", "-i", "hosts/rig", book, *given, *more], cwd="ansible", env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=1800, check=False)
        self.assertEqual(code, done.returncode, f"{book}:\n{done.stdout[-6000:]}")
        recap = {row[0]: tuple(map(int, row[1:])) for row in RECAP.findall(done.stdout)}
        for host, (_, _, unreachable, failed, _) in recap.items():
            self.assertEqual((0, 0), (unreachable, failed), f"{book} on {host}:\n{done.stdout[-6000:]}")
        self.said = done.stdout
        return {host: (row[0], row[1], row[4]) for host, row in recap.items()}

    def play_twice(self, book, *more):
        """The first run skips nothing, the second one changes nothing either."""
        first = self.play(book, *more)
        self.assertEqual(0, sum(row[2] for row in first.values()), self.said[-6000:])
        self.assertGreater(sum(row[1] for row in first.values()), 0)
        second = self.play(book, *more)
        self.assertEqual((0, 0), (sum(row[1] for row in second.values()), sum(row[2] for row in second.values())),
                         self.said[-8000:])
        print(f"{book}: {first}, again {second}", end=" ", flush=True)

    def loads(self, *names):
        """Images of our engine for the hosts' own."""
        self.docker.cli("save", "-o", self.path("images.tar"), *names)
        for host in HOSTS[:2]:
            self.docker.cli("cp", self.path("images.tar"), f"{host}:/var/cache/images.tar")
            self.on(host, "docker", "load", "-i", "/var/cache/images.tar", seconds=300)

    @staticmethod
    def answers(where):
        answer = http.get(where, "/")
        if answer.status != 200:
            raise AssertionError(str(answer))
        return True

    def test_twice_then_a_service_then_away(self):
        self.play_twice("infra.yml", "-e", "longshore_swarm=true")
        self.assertEqual(2, self.on("host-1", "docker", "node", "ls").count(" Active "), "host-3 votes only")
        for name in ("one", "two"):
            self.docker.cli("tag", "nano", f"nano:{name}")
        self.loads("nano:one", "nano:two")
        books = ["-e", "container_name=books http_address=/ has_db=true db_image=nano:one db_port=5000 service_pull=false"]
        self.play_twice("service.yml", *books, "-e", "container_image=nano:one")
        where = self.address("host-3") + ":80"
        wait_until(lambda: self.answers(where), 60, "nginx sends requests to it")
        env = self.on("host-1", "cat", "/etc/longshore/services/books.env")
        self.assertIn(f"DB_HOST={self.address('host-2')}\n", env + "\n")
        # A new version: one host after the other, the old one drained; nobody notices.
        load = self.load(where, clients=4, every=0.02)
        self.play("service.yml", *books, "-e", "container_image=nano:two")
        self.assert_no_failures(load)
        for host in HOSTS[:2]:
            images = self.on(host, "docker", "ps", "--filter", "label=longshore.service", "--format", "{{.Image}}")
            self.assertEqual("nano:two", images)
        self.play("teardown.yml", "-e", "longshore_swarm=true")
        for host in HOSTS:
            left = self.on(host, "sh", "-c", "ls -d /etc/longshore /var/lib/consul /etc/docker/daemon.json /usr/local/bin/consul "
                                             "/etc/default/longshore-* 2>/dev/null; id consul 2>/dev/null; true")
            self.assertEqual("", left)
        self.assertEqual("", self.on("host-2", "docker", "ps", "-q"))


    def test_units(self):
        """All four of the package under the systemd of a host, with its restrictions."""
        host = "host-1"
        self.docker.cli("cp", self.deb, f"{host}:/var/cache/longshore.deb")
        self.on(host, "dpkg", "-i", "/var/cache/longshore.deb")
        put = ("curl", "-sf", "-X", "PUT", "http://127.0.0.1:8500/v1/kv/site", "-d")
        config = """group "edge" {
  check    = "nginx -t -q"
  pid_file = "/run/nginx.pid"
  template {
    contents    = "{{ key `site` }}"
    destination = "/etc/nginx/conf.d/site.conf"
  }
}
"""
        self.on(host, "sh", "-c", f"cat > /etc/longshore/longshore.hcl <<'END'\n{config}END\n")
        self.on(host, "systemctl", "start", "longshore-registry")
        self.on(host, *put, "server { listen 8099; return 200 one; }")
        for unit in ("agent", "docker-proxy", "renderer"):
            self.on(host, "systemctl", "start", f"longshore-{unit}")
        for unit, word in (("agent", "services registered"), ("docker-proxy", "serving"),
                           ("renderer", "1 templates rendered"), ("registry", "serving")):
            shown = self.on(host, "systemctl", "show", f"longshore-{unit}", "-p", "ActiveState,StatusText,NRestarts")
            for part in ("ActiveState=active", word, "NRestarts=0"):
                self.assertIn(part, shown, unit)
        self.assertEqual("one", self.on(host, "curl", "-s", "http://127.0.0.1:8099/"))
        # The check of a group sees the new file in its place, and it alone.
        self.on(host, *put, "server { listen 8099; no_such_thing on; }")
        wait_until(lambda: "no_such_thing" in self.on(host, "curl", "-s", "http://127.0.0.1:8512/readyz"), 20, "it is refused")
        self.assertNotIn("private view", self.on(host, "journalctl", "-u", "longshore-renderer"))
        self.assertIn("return 200 one", self.on(host, "cat", "/etc/nginx/conf.d/site.conf"))
        # The socket of the proxy is open to the engine's group, and works.
        mine, original = (self.on(host, "stat", "-L", "-c", "%G %a", path)
                          for path in ("/run/longshore/docker.sock", "/run/docker.sock"))
        self.assertEqual(original, mine)
        self.assertIn("Server", self.on(host, "docker", "-H", "unix:///run/longshore/docker.sock", "version"))
        for unit in ("renderer", "docker-proxy", "agent", "registry"):
            self.on(host, "systemctl", "reload-or-restart", f"longshore-{unit}")
            self.on(host, "systemctl", "stop", f"longshore-{unit}")
            self.assertIn("Result=success", self.on(host, "systemctl", "show", f"longshore-{unit}", "-p", "Result"))


class SwarmTest(poc_test.PocTest):
    """Everything of the one-host test's set-up; its tests are not repeated."""

    test_up_join_leave_down = None
    test_up_after_everything_was_killed = None
    names = hosts_test.HostsTest.names

    def test_a_swarm_replaces_what_a_lost_host_ran(self):
        self.poc("up", "--hosts", "3", "--swarm", "--no-build", seconds=300)
        self.assertEqual({"host-1", "host-2"}, {name[:6] for name in self.names()})
        self.poc("scale", "3")
        wait_until(lambda: len(self.names()) == 3, 20, "three tasks answer")
        load = self.load(hosts_test.BALANCER, clients=2)
        said = self.poc("lose", "host-2", seconds=200)
        self.assertRegex(said, r"host-1-\d answers through nginx \d+\.\d s after the loss")
        print(said.splitlines()[-1].strip(), end=" ", flush=True)
        wait_until(lambda: len(self.names()) == 3 and {name[:6] for name in self.names()} == {"host-1"}, 90,
                   "all tasks are on the host that is left")
        self.assert_no_failures(load)
        self.poc("deploy", "--version", "2.0", seconds=200)
        self.assertIn("version=2.0", http.get(hosts_test.BALANCER, "/").text)
        self.assertIn("without --swarm", subprocess.run(
            ["vagrant/poc", "test"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env={**os.environ, "LONGSHORE_POC_STATE": self.state}).stderr)
        self.poc("down", seconds=180)
        self.assert_nothing_left()
