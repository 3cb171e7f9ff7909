"""What takes minutes: the roles of ansible/ against three hosts with systemd as process 1, which are containers of the
test's engine (twice, no task skipped, the second time no change; then services with a database and with colours, new
versions under load, Jenkins' playbook, and all away), and the three hosts of `poc up --swarm`."""

import functools
import glob
import hashlib
import os
import re
import shutil
import subprocess
import threading
import zipfile
from http import server as http_server

from e2e import hosts_test, poc_test
from e2e.base import E2ETest
from rig import http, sandbox
from rig.wait import wait_until

HOSTS = ("host-1", "host-2", "host-3")
CONSUL = os.environ.get("LONGSHORE_TEST_CONSUL", "")
# systemd needs the first, the engine inside a host the others; not --privileged.
ALLOWED = ["--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "--cap-add", "SYS_PTRACE", "--security-opt",
           "seccomp=unconfined", "--security-opt", "apparmor=unconfined", "--security-opt", "systempaths=unconfined"]
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)\s+skipped=(\d+)", re.MULTILINE)


class Files(http_server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


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
        group = "/" + os.environ[sandbox.SESSION_VARIABLE] + "/{{ inventory_hostname }}"
        given = ["-e", f"consul_source=file consul_file={CONSUL} longshore_deb={self.deb}", "-e",
                 f'{{"docker_daemon": {{"cgroup-parent": "{group}"}}}}']
        env = {**os.environ, **self.docker.env, "HOME": self.path("home"), "ANSIBLE_CONFIG": "ansible.cfg",
               "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["ansible-playbook", "-i", "hosts/rig", book, *given, *more], cwd="ansible", env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=1800, check=False)
        self.assertEqual(code, done.returncode, f"{book}:\n{done.stdout[-6000:]}")
        self.said = done.stdout
        recap = {row[0]: tuple(map(int, row[1:])) for row in RECAP.findall(done.stdout)}
        for host, (_, _, unreachable, failed, _) in recap.items():
            self.assertEqual((0, 0), (unreachable, 0 if code else failed), f"{book} on {host}:\n{done.stdout[-6000:]}")
        os.makedirs(self.logs, exist_ok=True)
        with open(os.path.join(self.logs, "recap.log"), "a", encoding="utf-8") as file:
            file.write(" ".join((book, *more)) + "\n" + "".join(row.group(0) + "\n" for row in RECAP.finditer(done.stdout)))
        return {host: (row[0], row[1], row[4]) for host, row in recap.items()}

    def play_twice(self, book, *more):
        """The first run skips nothing, the second one changes nothing either."""
        first = self.play(book, *more)
        self.assertEqual(0, sum(row[2] for row in first.values()), self.said[-6000:])
        self.assertGreater(sum(row[1] for row in first.values()), 0)
        second = self.play(book, *more)
        self.assertEqual((0, 0), (sum(row[1] for row in second.values()), sum(row[2] for row in second.values())),
                         self.said[-8000:])
        print(f"{os.path.basename(book)}: {first}, again {second}", end=" ", flush=True)

    def play_unchanged(self, book, *more):
        self.assertEqual(0, sum(row[1] for row in self.play(book, "--check", *more).values()), self.said[-8000:])

    def loads(self, *names):
        """Images of our engine for the hosts' own."""
        self.docker.cli("save", "-o", self.path("images.tar"), *names)
        for host in HOSTS[:2]:
            self.docker.cli("cp", self.path("images.tar"), f"{host}:/var/cache/images.tar")
            self.on(host, "docker", "load", "-i", "/var/cache/images.tar", seconds=300)

    @staticmethod
    def answers(where, path="/"):
        answer = http.get(where, path)
        if answer.status != 200:
            raise AssertionError(str(answer))
        return True

    def runs(self, service):
        """The image of each container of a service."""
        return [self.on(host, "docker", "ps", "--filter", f"label=longshore.service={service}", "--format", "{{.Image}}")
                for host in HOSTS[:2]]

    def test_twice_then_services_then_away(self):
        # On bare hosts it can only say what it would do; here that none of it fails.
        self.play("infra.yml", "--check")
        self.play_twice("infra.yml", "-e", "longshore_swarm=true")
        self.play_unchanged("infra.yml", "-e", "longshore_swarm=true")
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
        load = self.load(where, host=self.address("host-3"), clients=4, every=0.02)
        self.play("service.yml", *books, "-e", "container_image=nano:two")
        self.assert_no_failures(load)
        self.assertEqual(["nano:two", "nano:two"], self.runs("books"))
        self.play_unchanged("service.yml", *books, "-e", "container_image=nano:two")
        self.same_name(where)
        self.colours(where)
        self.jenkins(where)
        self.play("teardown.yml", "-e", "longshore_swarm=true")
        for host in HOSTS:
            left = self.on(host, "sh", "-c", "ls -d /etc/longshore /var/lib/consul /etc/docker/daemon.json /usr/local/bin/consul "
                                             "/etc/default/longshore-* 2>/dev/null; id consul 2>/dev/null; true")
            self.assertEqual("", left)
        self.assertEqual("", self.on("host-2", "docker", "ps", "-q"))

    def same_name(self, where):
        """An image of the same name that is another one is a new version like any other: started beside the old one."""
        pages = ["-e", "container_name=pages http_address=/pages has_db=false service_pull=false container_image=nano:live",
                 "-e", '{"service_env": {"TEMPLATE": "{{ \'{{\' }} no template", "NUMBER": 5}}']
        for host in HOSTS[:2]:
            self.on(host, "docker", "tag", "nano:one", "nano:live")
        self.play_twice("service.yml", *pages)
        wait_until(lambda: self.answers(where, "/pages"), 60, "nginx sends requests to it")
        self.assertEqual("", self.on("host-1", "cat", "/etc/longshore/services/pages.env").strip())
        before = self.on("host-1", "docker", "ps", "-q", "--filter", "label=longshore.service=pages")
        shown = self.on("host-1", "docker", "inspect", "-f", "{{json .Config.Env}}", before)
        self.assertIn('"TEMPLATE={{ no template"', shown)
        self.assertIn('"NUMBER=5"', shown)
        for host in HOSTS[:2]:
            self.on(host, "sh", "-c", "id=$(docker create nano:one) && docker commit -c 'LABEL edition=2' $id nano:live && "
                                      "docker rm $id")
        load = self.load(where, path="/pages", host=self.address("host-3"), clients=4, every=0.02)
        self.play("service.yml", *pages)
        self.assert_no_failures(load)
        after = self.on("host-1", "docker", "ps", "-q", "--filter", "label=longshore.service=pages")
        self.assertNotEqual(before, after)
        self.assertEqual("2", self.on("host-1", "docker", "inspect", "-f", '{{index .Config.Labels "edition"}}', after))
        self.play("service.yml", *pages, "-e", "container_image=nano:none", code=2)
        self.assertIn("has no image nano:none", self.said)

    def colours(self, where):
        """Blue serves until green is on both hosts and the key is switched; then the key follows a rolling one, too."""
        shop = ["-e", "container_name=shop http_address=/shop service_pull=false service_strategy=colour"]
        self.play_twice("service.yml", *shop, "-e", "container_image=nano:one")
        wait_until(lambda: self.answers(where, "/shop"), 60, "nginx sends requests to it")
        color = ("curl", "-s", "http://127.0.0.1:8500/v1/kv/services/shop/color?raw")
        self.assertEqual("blue", self.on("host-3", *color))
        load = self.load(where, path="/shop", host=self.address("host-3"), clients=4, every=0.02)
        self.play("service.yml", *shop, "-e", "container_image=nano:two")
        self.assertEqual("green", self.on("host-3", *color))
        self.play("service.yml", *shop, "-e", "container_image=nano:one service_strategy=rolling")
        self.assertEqual("green", self.on("host-3", *color))
        self.assertEqual(["nano:one", "nano:one"], self.runs("shop"))
        # And back to colours.
        self.play("service.yml", *shop, "-e", "container_image=nano:two")
        self.assert_no_failures(load)
        self.assertEqual("blue", self.on("host-3", *color))
        self.assertEqual(["nano:two", "nano:two"], self.runs("shop"))
        # What must not run twice ends first.
        self.play_twice("service.yml", *shop, "-e", "container_image=nano:one service_strategy=replace")
        wait_until(lambda: self.answers(where, "/shop"), 60, "nginx sends requests to the new ones")
        self.assertEqual(["nano:one", "nano:one"], self.runs("shop"))

    def jenkins(self, where):
        self.play_twice("jenkins.yml", "-e", "jenkins_image=nano:one container_port=5000 service_pull=false")
        wait_until(lambda: self.answers(where, "/jenkins/login"), 60, "nginx sends requests to it")

    def test_consul_from_a_url_and_from_a_package(self):
        """What infra.yml above takes as a given file."""
        book = self.write("consul.yml", "- hosts: consul_servers\n  become: true\n  roles: [consul]\n")
        with zipfile.ZipFile(self.path("consul.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            made.write(CONSUL, "consul")
        server = http_server.ThreadingHTTPServer(("0.0.0.0", 0), functools.partial(Files, directory=self.dir))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        gateway = self.docker.cli("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "hosts")
        with open(self.path("consul.zip"), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        url = f"consul_source=url consul_url=http://{gateway}:{server.server_port}/consul.zip consul_checksum=sha256:"
        self.play(book, "-e", url + "0" * 64, code=2)
        self.assertIn("did not match", self.said)
        self.play_twice(book, "-e", url + digest)
        shutil.copy(CONSUL, self.path("consul"))
        self.play_twice(book, "-e", f"consul_source=url consul_url=http://{gateway}:{server.server_port}/consul")
        self.assertIn("ExecStart=/usr/local/bin/consul ", self.on("host-1", "cat", "/etc/systemd/system/consul.service"))
        self.give_package()
        self.play_twice(book, "-e", "consul_source=package")
        self.assertIn("ExecStart=/usr/bin/consul ", self.on("host-1", "cat", "/etc/systemd/system/consul.service"))
        self.assertIn(":8300", self.on("host-2", "curl", "-s", "http://127.0.0.1:8500/v1/status/leader"))

    def give_package(self):
        """A source of packages in each host with a package of Consul, as a user would have configured one."""
        tree = self.path("tree")
        os.makedirs(f"{tree}/DEBIAN")
        os.makedirs(f"{tree}/usr/bin")
        shutil.copy(CONSUL, f"{tree}/usr/bin/consul")
        control = ("Package: consul\nVersion: 1.0\nArchitecture: amd64\nMaintainer: nobody <nobody@example.org>\n"
                   "Description: for a test\n")
        self.write("tree/DEBIAN/control", control)
        subprocess.run(["dpkg-deb", "-Zgzip", "-z1", "-b", tree, self.path("consul.deb")], check=True, capture_output=True)
        with open(self.path("consul.deb"), "rb") as file:
            data = file.read()
        self.write("Packages", control + f"Filename: ./consul.deb\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n")
        self.write("test.list", "deb [trusted=yes] file:/srv/packages ./\n")
        for host in HOSTS:
            self.on(host, "mkdir", "/srv/packages")
            for name in ("Packages", "consul.deb"):
                self.docker.cli("cp", self.path(name), f"{host}:/srv/packages/")
            self.docker.cli("cp", self.path("test.list"), f"{host}:/etc/apt/sources.list.d/test.list")
            self.on(host, "apt-get", "update", "-o", "Dir::Etc::SourceList=sources.list.d/test.list", "-o",
                    "Dir::Etc::SourceParts=-", "-o", "APT::Get::List-Cleanup=0")

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
        self.on(host, *put, "server { listen 8099; return 200 two; }")
        wait_until(lambda: self.on(host, "curl", "-s", "http://127.0.0.1:8099/") == "two", 20, "it is well again")
        self.upgrade_while_consul_is_away(host)
        for unit in ("renderer", "docker-proxy", "agent", "registry"):
            self.on(host, "systemctl", "reload-or-restart", f"longshore-{unit}")
            self.on(host, "systemctl", "stop", f"longshore-{unit}")
            self.assertIn("Result=success", self.on(host, "systemctl", "show", f"longshore-{unit}", "-p", "Result"))


    def upgrade_while_consul_is_away(self, host):
        """It ends although agent and renderer cannot be ready, and what ran before runs anew."""
        def state(unit):
            shown = self.on(host, "systemctl", "show", f"longshore-{unit}", "-p", "ActiveState,MainPID")
            return dict(line.split("=") for line in shown.splitlines())
        self.on(host, "systemctl", "stop", "longshore-registry")
        before = {unit: state(unit)["MainPID"] for unit in ("agent", "renderer", "docker-proxy")}
        self.on(host, "dpkg", "-i", "/var/cache/longshore.deb")
        for unit, number in before.items():
            wait_until(lambda unit=unit, number=number: state(unit)["MainPID"] not in ("0", number), 20, f"{unit} runs anew")
        self.assertEqual("inactive", state("registry")["ActiveState"])
        for unit in ("agent", "renderer"):
            self.assertEqual("activating", state(unit)["ActiveState"], unit)
        self.on(host, "systemctl", "start", "longshore-registry")
        for unit in before:
            wait_until(lambda unit=unit: state(unit)["ActiveState"] == "active", 30, f"{unit} is ready")


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
        # All of it again, with the first host lost as well: that one, too, comes back into the swarm that there is.
        self.poc("up", "--hosts", "3", "--swarm", "--no-build", seconds=300)
        self.poc("lose", "host-1", seconds=200)
        self.poc("up", "--hosts", "3", "--swarm", "--no-build", seconds=300)
        nodes = self.poc("exec", "host-3", "docker", "node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.ManagerStatus}}")
        self.assertEqual(["host-1", "host-2", "host-3"], sorted(line.split()[0] for line in nodes.splitlines()), nodes)
        self.assertEqual(3, nodes.count(" Ready "), nodes)
        self.assertIn("without --swarm", subprocess.run(
            ["vagrant/poc", "test"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env={**os.environ, "LONGSHORE_POC_STATE": self.state}).stderr)
        self.poc("down", seconds=180)
        self.assert_nothing_left()
