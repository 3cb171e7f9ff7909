"""The images that common/packaging/make-images builds, run the way their users run them; all on one real engine."""

import json
import os
import shutil
import signal
import stat
import subprocess
import tarfile

from e2e.base import E2ETest
from rig import http
from rig.wait import wait_until

MEGABYTE = 1_000_000


class ImagesTest(E2ETest):
    def setUp(self):
        super().setUp()
        self.docker.cli("network", "ls")
        if not self.docker.cli("images", "-q", "longshore:registrator"):
            self.make()

    def make(self, *words, name="longshore", by=(), root=".", executable=""):
        executable = executable or os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "longshore")
        done = subprocess.run([*by, f"{root}/common/packaging/make-images", "-t", name, executable, *words],
                              env={**os.environ, **self.docker.env}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(0, done.returncode, done.stderr)

    def sidecar(self, name, image, *words, options=()):
        """A container in the host's network, as an agent or a renderer runs; gone at the end of the test."""
        # The image's own check, only asked more often.
        self.docker.cli("run", "-d", "--name", name, "--network", "host", "--label", "SERVICE_IGNORE=1",
                        "--health-interval", "1s", *options, image, *words)
        self.addCleanup(lambda: self.docker.cli("rm", "-f", name, check=False))

    def wait_healthy_container(self, name):
        def healthy():
            state = json.loads(self.docker.cli("inspect", "-f", "{{json .State}}", name))
            if state.get("Health", {}).get("Status") != "healthy":
                raise AssertionError(f"{state} {self.docker.cli('logs', name, check=False)}")
            return True
        wait_until(healthy, 40, f"{name} is healthy")

    def test_small_and_without_surprises(self):
        for tag in ("longshore:latest", "longshore:registrator", "longshore:consul-template", "longshore-lb:latest"):
            size = int(self.docker.cli("image", "inspect", "-f", "{{.Size}}", tag))
            self.assertLessEqual(size, 25 * MEGABYTE, f"{tag} has {size} bytes")
        text = self.docker.cli("run", "--rm", "longshore", "version")
        self.assertIn("longshore", text)
        self.assertEqual("65532:65532", self.docker.cli("image", "inspect", "-f", "{{.Config.User}}", "longshore"))

    def owners(self, tag):
        """{path: (user, group, mode)} of all that an image holds."""
        self.docker.cli("create", "--name", "look", tag)
        self.addCleanup(lambda: self.docker.cli("rm", "-fv", "look", check=False))
        self.docker.cli("export", "-o", self.path("look.tar"), "look")
        self.docker.cli("rm", "-fv", "look")
        with tarfile.open(self.path("look.tar")) as tar:
            return {one.name.rstrip("/"): (one.uid, one.gid, one.mode & 0o7777) for one in tar}

    def test_owners_whoever_builds(self):
        """Somebody who has the engine's group and none of root's rights, and who keeps his files for himself."""
        group = str(os.stat(self.docker.socket_path).st_gid)
        self.addCleanup(lambda: self.docker.cli("rmi", "-f", "theirs:latest", "theirs:registrator", "theirs:consul-template",
                                                "theirs-lb:latest", check=False))
        # Their own checkout: this one may lie where only root gets in.
        checkout = self.path("checkout")
        for folder in ("common/packaging", "templates"):
            shutil.copytree(folder, f"{checkout}/{folder}")
        shutil.copy(os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "longshore"), checkout)
        subprocess.run(["chmod", "-R", "a+rX", checkout], check=True)
        self.make(root=checkout, executable=f"{checkout}/longshore", name="theirs",
                  by=("setpriv", "--reuid=4711", f"--regid={group}", "--clear-groups", "--bounding-set=-all", "sh", "-c",
                      'umask 077; exec "$@"', "sh"))
        for tag in ("longshore:latest", "longshore:registrator", "longshore:consul-template", "longshore-lb:latest"):
            ours, theirs = self.owners(tag), self.owners(tag.replace("longshore", "theirs", 1))
            self.assertEqual(ours, theirs)
            self.assertEqual((65532, 65532, 0o755), ours.pop("var/lib/longshore"))
            self.assertEqual({}, {path: one for path, one in ours.items() if one[:2] != (0, 0)})
            self.assertEqual([], [path for path, one in ours.items() if one[2] & 0o044 != 0o044])

    def test_registrator_as_its_users_type_it(self):
        self.sidecar("reg", "longshore:registrator", "consul://localhost:8500",
                     options=("-v", f"{self.docker.socket_path}:/tmp/docker.sock"))
        self.docker.run(name="web", labels={"SERVICE_NAME": "web"}, publish=("18080:5000",))
        wait_until(lambda: len(self.store.healthy("web")) == 1, 20, "the container is registered")
        self.wait_healthy_container("reg")
        self.docker.cli("rm", "-f", "web")
        wait_until(lambda: self.store.healthy("web") == [], 20, "it is gone")

    def test_agent_without_root(self):
        group = str(os.stat(self.docker.socket_path).st_gid)
        self.assertEqual(0o660, stat.S_IMODE(os.stat(self.docker.socket_path).st_mode))
        self.sidecar("agent", "longshore", "agent", "consul://localhost:8500",
                     options=("--group-add", group, "-v", f"{self.docker.socket_path}:/var/run/docker.sock"))
        self.docker.run(name="web", labels={"SERVICE_NAME": "web"}, publish=("18080:5000",))
        wait_until(lambda: len(self.store.healthy("web")) == 1, 20, "the container is registered")
        self.wait_healthy_container("agent")
        # Its state is kept: the directory is its user's, also as the volume that the engine makes of it.
        self.docker.cli("cp", "agent:/var/lib/longshore", self.path("state"))
        self.assertNotEqual([], os.listdir(self.path("state")))

    def test_consul_template(self):
        folder = self.path("ct")
        os.makedirs(folder)
        self.write("ct/a.ctmpl", 'it is {{ key "word" }}')
        self.store.put("/v1/kv/word", "one")
        self.sidecar("ct", "longshore:consul-template", "-consul-addr", "localhost:8500", "-template", "/data/a.ctmpl:/data/a",
                     options=("-v", f"{folder}:/data"))

        def has(text):
            with open(os.path.join(folder, "a"), encoding="utf-8") as file:
                return file.read() == text
        wait_until(lambda: os.path.exists(os.path.join(folder, "a")) and has("it is one"), 20, "the file is written")
        self.wait_healthy_container("ct")
        self.store.put("/v1/kv/word", "two")
        wait_until(lambda: has("it is two"), 20, "the file follows")

    def test_load_balancer(self):
        agent = self.agent("-internal")
        agent.wait_ready()
        self.sidecar("lb", "longshore-lb", options=("-e", "SERVICE=nano", "-e", "LISTEN=127.0.0.1:18090",
                                                    "-e", "CONSUL_HTTP_ADDR=127.0.0.1:8500"))
        self.start_nano("n1", "n2")
        where = "127.0.0.1:18090"

        def both():
            names = {http.get(where, "/").text.split("host=")[1].split()[0] for _ in range(16)}
            if len(names) != 2:
                raise AssertionError(names)
            return True
        wait_until(both, 30, "both containers answer through the load balancer")
        self.wait_healthy_container("lb")
        load = self.load(where)
        self.docker.cli("stop", "n1")
        self.start_nano("n3")
        wait_until(both, 30, "a new one takes the place of one that left")
        self.assert_no_failures(load)

    def test_every_verb_has_its_own_health(self):
        """The image's check asks its own container, whatever runs there and whoever else serves pages in the host's network."""
        folder = self.path("rendered")
        os.makedirs(folder)
        os.chown(folder, 65532, 65532)
        self.write("rendered/a.ctmpl", 'it is {{ key "word" }}')
        self.store.put("/v1/kv/word", "one")
        renders = ("render", "-consul-addr", "localhost:8500", "-template")
        mount = ("-v", f"{folder}:/data")
        self.sidecar("render", "longshore", *renders, "/data/a.ctmpl:/data/a", options=mount)
        self.sidecar("second", "longshore", *renders, "/data/a.ctmpl:/data/b", "-http-addr", "127.0.0.1:8522",
                     options=(*mount, "--init"))
        self.sidecar("third", "longshore:consul-template", "-consul-addr", "localhost:8500", "-template", "/data/a.ctmpl:/data/c",
                     options=(*mount, "-e", "LONGSHORE_RENDER_HTTP_ADDR=127.0.0.1:8532"))
        self.sidecar("lb", "longshore-lb", options=("-e", "SERVICE=nano", "-e", "LISTEN=127.0.0.1:18090", "-e",
                                                    "LONGSHORE_RENDER_HTTP_ADDR=127.0.0.1:8542"))
        self.sidecar("dark", "longshore", *renders, "/data/a.ctmpl:/data/d", "-http-addr", "", options=mount)
        self.sidecar("registry", "longshore", "registry", "-http-addr", "127.0.0.1:18500")
        everyone = ("render", "second", "third", "lb", "dark", "registry")
        for name in everyone:
            self.wait_healthy_container(name)
        # Each is asked itself: the others stay well when the one at the usual address is gone, ...
        self.docker.cli("rm", "-f", "render")
        for name in everyone[1:]:
            self.wait_asked_again(name, 0)
        # ... and one that does not answer is not well although another one does.
        self.sidecar("render", "longshore", *renders, "/data/a.ctmpl:/data/a", options=mount)
        self.wait_healthy_container("render")
        number = int(self.docker.cli("inspect", "-f", "{{.State.Pid}}", "third"))
        os.kill(number, signal.SIGSTOP)
        self.addCleanup(os.kill, number, signal.SIGCONT)
        # 1, or -1 where Docker's own limit was over first.
        self.wait_asked_again("third", 1, -1)
        self.wait_asked_again("render", 0)

    def wait_asked_again(self, name, *codes):
        """Two checks that began after now ended so."""
        def checks():
            return json.loads(self.docker.cli("inspect", "-f", "{{json .State.Health.Log}}", name))
        seen = {one["Start"] for one in checks()}

        def asked():
            fresh = [one for one in checks() if one["Start"] not in seen]
            if len(fresh) < 2 or fresh[-1]["ExitCode"] not in codes:
                raise AssertionError(f"{name}: {fresh}")
            return True
        wait_until(asked, 90, f"the check of {name} ends with {codes}")

    def test_mistakes_are_named(self):
        for words, code, said in ((["nothing-here"], 1, "is not an executable"), ([], 2, "make-images"),
                                  (["/bin/true", "webserver"], 2, "known: longshore registrator")):
            done = subprocess.run(["common/packaging/make-images", *words], env={**os.environ, **self.docker.env},
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual((code, True), (done.returncode, said in done.stderr), done.stderr)
