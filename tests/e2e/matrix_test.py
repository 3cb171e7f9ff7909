"""The conformance matrix of e2e/matrix: every container set-up runs at once on one engine, then one agent per name and
option set registers them all in a Consul of its own, and what is there is compared row by row.

With LONGSHORE_BENCH_REGISTRATOR, an executable of Registrator, its column is compared too.
"""

import base64
import os
import shlex
import signal
import subprocess
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from e2e.base import LOGS, E2ETest
from e2e.matrix import addresses, checks, labels, metadata, names
from e2e.matrix.rows import ANY, OWN
from rig import http, image, sandbox
from rig.consul import Consul
from rig.longshore import executable
from rig.process import Process
from rig.wait import wait_until

ROWS = metadata.ROWS + names.ROWS + addresses.ROWS + checks.ROWS + labels.ROWS
TEMPLATE = ('{{strSlice .Name 1}},{{toUpper .Config.Image}},x-{{splitIndex 0 "/" .Config.Image}},'
            '{{with mIndex "absent" .Config.Labels}}{{.}}{{else}}none{{end}}')
# All 13, each with a letter before its word; the page is Consul's own.
FUNCTIONS = ('a-{{strSlice .Name 1 4}},b-{{split "/" .Config.Image | sIndex 0}},'
             'c-{{with mIndex "absent" .Config.Labels}}{{.}}{{else}}none{{end}},d-{{toUpper .Config.Image}},'
             'e-{{toLower "App"}},f-{{replace -1 "i" "1" .Name}},g-{{join "+" (split "/" "x/y")}},'
             'h-{{splitIndex -1 "/" .Name}},i-{{matchFirstElement "^SERVICE_" .Config.Env}},'
             'j-{{len (matchAllElements "^SERVICE_" .Config.Env)}},'
             'k-{{jsonParse (httpGet "http://127.0.0.1:8600/v1/agent/self") "Config::NodeName"}}')
OPTIONS = {
    "plain": [], "ip": ["-ip", "192.0.2.7"], "internal": ["-internal"], "internal-ip": ["-internal", "-ip", "192.0.2.7"],
    "explicit": ["-explicit"], "tags": ["-tags", "x,y"], "label": ["-useIpFromLabel", "net.address"],
    "template": ["-tags", TEMPLATE], "functions": ["-tags", FUNCTIONS], **OWN}
CONSUL = {"port": 8600, "base_port": 8700, "bind": sandbox.HOST_IP, "enable_script_checks": True}
# Long before it listens, so that none of the many on the host's network meets another one's port.
WAITS = "ENV LISTEN_DELAY_MS=600000"
# The last part is the default name, and `app` where the name is not the point.
IMAGES = {
    "app": ["EXPOSE 5000"], "app:v1": ["EXPOSE 5000"], "idle/app": [], "exposes/app": ["EXPOSE 8125"],
    "registry.example:5000/team/thing:v1": ["EXPOSE 5000"], "team/thing": ["EXPOSE 5000"],
    "my.app_x-y:1.2": ["EXPOSE 5000"],
    "labelled": ["EXPOSE 5000", "ENV SERVICE_NAME=from-image", "LABEL SERVICE_TIER=image"]}
NETWORKS = {"one": [], "two": [], "six": ["--ipv6", "--subnet", "fd00:10:213::/64"],
            "lan": ["-d", "macvlan", "-o", "parent=lan0", "--subnet", "10.214.9.0/24"]}
RUNS_AT_ONCE = 6
ENVIRONMENT = {"DOCKER_HOST": "unix:///run/docker.sock", "GL_DISABLE_VERSION_CHECK": "1"}


class MatrixTest(E2ETest):
    backend = None

    def test_every_row(self):
        self.consul = Consul(os.path.abspath(LOGS), "matrix-node", **CONSUL).start()
        self.addCleanup(lambda: self.consul.process.running() and self.consul.stop())
        self.store = self.consul
        self.make_images()
        self.run_containers()
        peer = os.environ.get("LONGSHORE_BENCH_REGISTRATOR")
        link = self.path("registrator")
        os.symlink(executable(), link)
        programs = {"ours": [executable(), "agent"], "registrator": [link], **({"original": [peer]} if peer else {})}
        for who, program in programs.items():
            for options in OPTIONS:
                if who == "ours" or options not in OWN:
                    self.compare(who, program, options)
                else:
                    self.check_refused(who, program, options)
            # The original's column is compared only in Consul itself: not every build of it has the other backend.
            if who != "original":
                self.compare_pairs(who, program)

    def make_images(self):
        path = os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice")
        for name, lines in IMAGES.items():
            repository, colon, tag = name.rpartition(":")
            if not colon or "/" in tag:
                repository, tag = name, "latest"
            image.make(self.docker, path, repository, ['CMD ["/app"]', WAITS, *lines], tag)
        self.image_id = self.docker.cli("inspect", "--format", "{{.Id}}", "app")

    def run_containers(self):
        # What the macvlan network hangs on.
        for words in ("link add lan0 type veth peer name lan1", "link set lan0 up", "link set lan1 up"):
            subprocess.run(["/usr/sbin/ip", *words.split()], check=True, timeout=20)
        self.addCleanup(subprocess.run, ["/usr/sbin/ip", "link", "del", "lan0"], check=False, timeout=20)
        for name, options in NETWORKS.items():
            self.docker.cli("network", "create", *options, name)
        rows = [row for row in ROWS if row.run is not None]
        self.assertEqual(len(rows), len({row.name for row in rows}), "two rows have one name")
        sharing = [row for row in rows if "container:" in row.run]
        with ThreadPoolExecutor(RUNS_AT_ONCE) as pool:
            list(pool.map(self.run_container, [row for row in rows if row not in sharing]))
            list(pool.map(self.run_container, sharing))
        for network, name in addresses.JOINS + labels.JOINS:
            self.docker.cli("network", "connect", network, name)
        self.inspected = {row.name: self.docker.inspect(row.name) for row in rows}

    def run_container(self, row):
        what = self.filled(row.image)
        self.docker.cli("run", "-d", "--name", row.name, *shlex.split(row.run), what, seconds=120)

    def filled(self, text):
        return {"<id>": self.image_id, "<short id>": self.image_id[7:19]}.get(text, text)

    # One agent

    def compare(self, who, program, options):
        rows = [row for row in ROWS if row.under == options and row.expected(who) != ANY]
        want = {row.name: {self.id_of(row, one): one for one in row.expected(who)} for row in rows}
        agent = Process(f"{who}-{options}", [*program, *OPTIONS[options], "consul://" + self.consul.where],
                        os.path.join(self.logs, f"{who}-{options}.log"),
                        ENVIRONMENT)
        self.processes = [agent]
        agent.start()
        try:
            self.wait_first_sync(who, agent)
            services, kinds = self.consul.services(), self.checks()
        finally:
            agent.term(15, signal.SIGTERM)
            for service in self.consul.services():
                self.consul.put(f"/v1/agent/service/deregister/{urllib.parse.quote(service)}")
        for row in rows:
            with self.subTest(row=row.name, who=who, options=options):
                self.check_row(want[row.name], row, services, kinds)

    def check_refused(self, who, program, options):
        with self.subTest(who=who, options=options):
            done = subprocess.run([*program, *OPTIONS[options], "consul://" + self.consul.where],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
                                  env={**os.environ, **ENVIRONMENT})
            self.assertEqual(2, done.returncode, done.stderr)

    def compare_pairs(self, who, program):
        """The same rows as keys of the store: `<prefix>/<name>/<id>` = address:port."""
        rows = [row for row in names.ROWS + addresses.ROWS + labels.ROWS
                if row.under == "plain" and row.expected(who) != ANY]
        agent = Process(f"{who}-kv", [*program, "consulkv://" + self.consul.where + "/svc"],
                        os.path.join(self.logs, f"{who}-kv.log"), ENVIRONMENT)
        self.processes = [agent]
        agent.start()
        try:
            agent.wait_log("event=synced", 60)
            pairs = {base64.b64decode(one["Value"]).decode() + " " + one["Key"]
                     for one in self.consul.get("/v1/kv/svc?recurse")}
        finally:
            agent.term(15, signal.SIGTERM)
            http.request("DELETE", self.consul.where, "/v1/kv/?recurse")
        for row in rows:
            with self.subTest(row=row.name, who=who, options="consulkv"):
                prefix = f"{sandbox.HOSTNAME}:{row.name}:"
                want = {f"{self.address(row, one.address)}:{self.port(row, one.port)} svc/{self.filled(one.name)}/"
                        f"{self.id_of(row, one)}" for one in row.expected(who)}
                mine = {pair for pair in pairs if pair.rsplit("/", 1)[1].startswith(prefix) or pair in want}
                self.assertEqual(sorted(want), sorted(mine))

    def wait_first_sync(self, who, agent):
        if who != "original":
            agent.wait_log("event=synced", 60)
            return
        # It does not say when it is done.
        seen = []
        def still():
            seen.append(len(self.consul.services()))
            return len(seen) > 10 and seen[-1] > 0 and len(set(seen[-10:])) == 1
        wait_until(still, 60, "Registrator registers no more", every=0.1)

    def checks(self):
        found = {}
        for check in self.consul.get("/v1/agent/checks").values():
            found.setdefault(check["ServiceID"], []).append(check)
        return found

    def check_row(self, want, row, services, kinds):
        prefix = f"{sandbox.HOSTNAME}:{row.name}:"
        mine = {key for key in services if key.startswith(prefix) or key in want}
        self.assertEqual(sorted(want), sorted(mine))
        for key, one in want.items():
            service, checks_now = services[key], kinds.get(key, [])
            self.assertEqual((self.filled(one.name), sorted(one.tags)), (service["Service"], sorted(service["Tags"])))
            self.assertEqual((self.address(row, one.address), self.port(row, one.port)),
                             (service["Address"], service["Port"]))
            if one.six:
                self.assertEqual((self.address(row, one.six), one.port),
                                 tuple(service["TaggedAddresses"]["lan_ipv6"][key] for key in ("Address", "Port")))
            if one.meta is not None:
                self.assertEqual(one.meta, {name: value for name, value in service["Meta"].items()
                                            if not name.startswith("longshore-")})
            self.assertEqual(one.check.split(), [check["Type"] for check in checks_now])
            if one.status:
                self.assertEqual(one.status, checks_now[0]["Status"])

    def id_of(self, row, one):
        return one.id[1:] if one.id.startswith("=") else f"{sandbox.HOSTNAME}:{row.name}:{one.id}"

    def address(self, row, text):
        if text == "host":
            return sandbox.HOST_IP
        if not text.startswith("net"):
            return text
        if text.startswith("net6:"):
            return self.inspected[row.name]["NetworkSettings"]["Networks"][text[5:]]["GlobalIPv6Address"]
        where = text[4:]
        other = where if where in self.inspected else row.name
        networks = self.inspected[other]["NetworkSettings"]["Networks"]
        return (networks[where] if where in networks else next(iter(networks.values())))["IPAddress"]

    def port(self, row, value):
        if isinstance(value, int):
            return value
        name, colon, port = value.rpartition(":")
        return int(self.inspected[name if colon else row.name]["NetworkSettings"]["Ports"][port][0]["HostPort"])
