"""What Registrator's users complain of most, one numbered test each, on a real engine and a real Consul.

Each fails on Registrator itself: LONGSHORE_TEST_COMPLAINTS_OF, an executable of it, plays its part instead of the agent.
Then only options that both know are given, so that it fails for what it does and not for what it cannot read.
"""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

from e2e.base import LOGS, E2ETest, world
from rig import http, sandbox
from rig.consul import Consul
from rig.longshore import executable
from rig.process import Process
from rig.relay import Relay
from rig.wait import hold_true, wait_until

ORIGINAL = os.environ.get("LONGSHORE_TEST_COMPLAINTS_OF")
# It advertises an address that others reach, so that loopback is wrong.
CONSUL = {"node": "complaints-node", "port": 18600, "base_port": 18610, "bind": sandbox.HOST_IP,
          "enable_script_checks": True}
OTHER_HOST = ["/usr/bin/unshare", "--uts", "/bin/sh", "-c", 'hostname "$0" && exec "$@"']
CROWD = 8
# What the original has not done soon it never does; what ours does may take long on a busy machine.
SECONDS = 8 if ORIGINAL else 20


class ComplaintsTest(E2ETest):
    backend = None

    def setUp(self):
        super().setUp()
        self.store = world.further("complaints", lambda: Consul(os.path.abspath(LOGS), **CONSUL))
        self.addCleanup(self.clean_consul)

    def subject(self, *options, ours=(), uri=None, docker=None, hostname=None):
        """Ours, or the original without our options; it has read all there was when this returns."""
        wrap = [*OTHER_HOST, hostname] if hostname else []
        words = [*options, uri or "consul://" + self.store.where]
        env = {"DOCKER_HOST": docker or self.docker.host, "GL_DISABLE_VERSION_CHECK": "1"}
        log = os.path.join(self.logs, f"{len(self.processes)}.log")
        if ORIGINAL:
            process = Process("original", [*wrap, ORIGINAL, *words], log, env).start()
            self.addCleanup(process.kill9)
            self.processes.append(process)
            process.wait_log("Syncing services", SECONDS)
            return process
        process = self.keep(Process("agent", [*wrap, executable(), "agent", *ours, *words], log, env)).start()
        process.wait_log("event=synced", SECONDS)
        return process

    def wait_ids(self, *wanted, seconds=SECONDS):
        def same():
            now = sorted(self.store.services())
            if now != sorted(wanted):
                raise AssertionError(f"there are {now}")
            return True
        wait_until(same, seconds, f"the services are {sorted(wanted)}")

    def service(self, key, seconds=SECONDS):
        def found():
            services = self.store.services()
            if key not in services:
                raise AssertionError(f"no {key}, only {sorted(services)}")
            return services[key]
        return wait_until(found, seconds, f"{key} is registered")

    def endpoint(self, key):
        service = self.service(key)
        return service["Address"], service["Port"]

    def checks(self, key):
        return {name: check for name, check in self.store.get("/v1/agent/checks").items() if check["ServiceID"] == key}

    def statuses(self, key):
        return {check["Status"] for check in self.checks(key).values()}

    def test_complaint_01_missed_deaths_leave_stale_services(self):
        subject = self.subject("-internal")
        names = [f"web{number}" for number in range(CROWD)]
        keys = [f"rig-host:{name}:5000" for name in names]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: self.docker.cli("create", "--name", name, "nano"), names))
            # While it does not read, all that happens arrives at once afterwards.
            subject.send(signal.SIGSTOP)
            list(pool.map(lambda name: self.docker.cli("start", name), names))
            subject.send(signal.SIGCONT)
            self.wait_ids(*keys)
            subject.send(signal.SIGSTOP)
            list(pool.map(lambda name: self.docker.cli("kill", name), names))
            subject.send(signal.SIGCONT)
        self.wait_ids()

    def test_complaint_02_dangling_entries_after_a_crash(self):
        first = self.subject("-internal", "-cleanup")
        for name in ("goes", "stays"):
            self.docker.run(name=name, labels={"SERVICE_ID": name})
            self.service(name)
        first.kill9()
        self.docker.remove("goes")
        self.processes.remove(first)
        self.subject("-internal", "-cleanup")
        self.wait_ids("stays")

    def test_complaint_03_everything_twice_under_a_new_host_name(self):
        self.docker.run(name="web")
        # A container of the agent that is made anew has another host name and none of the old one's files.
        for name in ("3f2a9c", "77ab01"):
            one = self.subject("-internal", ours=("-state-dir", self.path(name), "-probation", "1s"), hostname=name)
            self.service(f"{name}:web:5000")
            if name == "3f2a9c":
                one.term() if not ORIGINAL else one.kill9()
        self.wait_ids("77ab01:web:5000")

    def test_complaint_04_requests_dropped_between_signal_and_death(self):
        self.subject("-internal")
        self.docker.run("--stop-timeout", "60", name="web")
        address = [f"{self.docker.address('web')}:5000"]
        wait_until(lambda: self.store.healthy("nano") == address, SECONDS, "it gets traffic")
        # Frozen, it cannot die before the signal's consequences have been seen.
        os.kill(self.docker.inspect("web")["State"]["Pid"], signal.SIGSTOP)
        self.docker.cli("kill", "-s", "TERM", "web")
        wait_until(lambda: not self.store.healthy("nano"), SECONDS, "no traffic while it is still there to answer")
        self.assertTrue(self.docker.inspect("web")["State"]["Running"])

    def test_complaint_05_only_the_stop_signal_takes_out(self):
        self.subject("-internal")
        # As process 1 of its container it takes both without dying.
        self.docker.run("--stop-signal", "USR1", "--stop-timeout", "60", name="web")
        address = [f"{self.docker.address('web')}:5000"]
        wait_until(lambda: self.store.healthy("nano") == address, SECONDS, "it gets traffic")
        self.docker.cli("kill", "-s", "HUP", "web")
        hold_true(lambda: self.store.healthy("nano") == address, 1, "HUP changes nothing")
        self.docker.cli("kill", "-s", "USR1", "web")
        wait_until(lambda: not self.store.healthy("nano"), SECONDS, "its own stop signal does")

    def test_complaint_06_docker_health_is_ignored(self):
        self.subject("-internal")
        # The image has no shell: this check fails.
        self.docker.run("--health-cmd", "true", "--health-interval", "1s", "--health-retries", "1", name="ill")
        self.service("rig-host:ill:5000")
        wait_until(lambda: self.docker.inspect("ill")["State"]["Health"]["Status"] == "unhealthy", SECONDS, "it is ill")
        wait_until(lambda: "unhealthy" in [check["Output"] for check in self.checks("rig-host:ill:5000").values()],
                   SECONDS, "Consul has Docker's verdict")
        self.assertEqual([], self.store.healthy("nano"))

    def test_complaint_07_the_event_stream_ends(self):
        relay = Relay("unix:" + self.path("relay.sock"), self.docker.where).start()
        subject = self.subject("-internal", docker=relay.host)
        self.docker.run(name="before")
        self.service("rig-host:before:5000")
        relay.stop()
        self.docker.run(name="meanwhile")
        self.docker.remove("before")
        relay = Relay(relay.where, self.docker.where).start()
        self.addCleanup(relay.stop)
        self.wait_ids("rig-host:meanwhile:5000")
        self.docker.run(name="after")
        self.service("rig-host:after:5000")
        self.assertTrue(subject.running())

    def test_complaint_08_consul_restarts_without_its_data(self):
        self.subject("-internal")
        self.docker.run(name="web")
        self.service("rig-host:web:5000")
        self.store.kill9()
        self.store.wipe()
        self.store.start()
        self.service("rig-host:web:5000")

    def test_complaint_09_resync_writes_without_need(self):
        relay = Relay("127.0.0.1:18699", self.store.where).start()
        self.addCleanup(relay.stop)
        self.subject("-internal", "-resync", "1", uri="consul://" + relay.where)
        self.docker.run(name="web")
        self.service("rig-host:web:5000")
        written = len([1 for method, _ in relay.requests if method != "GET"])
        hold_true(lambda: relay.count("PUT", "/agent/service/register") == 1, 4, "it is written once")
        # It did look meanwhile.
        self.assertGreater(relay.count("GET", "/v1/agent/services"), 2)
        self.assertEqual(0, relay.count("PUT", "/deregister"), written)

    def test_complaint_10_wrong_address_on_networks_of_ones_own(self):
        for name in ("front", "back"):
            self.docker.cli("network", "create", name)
        self.subject()
        self.docker.run(name="web", network="front", publish=["5000"])
        where = "{}:{}".format(*self.endpoint("rig-host:web:5000"))
        wait_until(lambda: http.get(where, "/", timeout=2).status == 200, SECONDS, f"{where} answers")
        self.docker.cli("create", "--name", "two", "--network", "front", "-l", "SERVICE_INTERNAL=true", "-l",
                        "SERVICE_NETWORK=back", "nano")
        self.docker.cli("network", "connect", "back", "two")
        self.docker.cli("start", "two")
        self.assertEqual((self.docker.address("two", "back"), 5000), self.endpoint("rig-host:two:5000"))

    def test_complaint_11_a_loopback_address_for_the_host(self):
        with open("/etc/hosts", encoding="utf-8") as file:
            hosts = file.read()
        self.write_hosts(hosts + "\n127.0.1.1 laptop\n")
        self.addCleanup(self.write_hosts, hosts)
        self.assertEqual("127.0.1.1", socket.gethostbyname("laptop"))
        self.subject(hostname="laptop")
        self.docker.run(name="web", publish=["5000"])
        self.assertEqual((sandbox.HOST_IP, self.docker.published("web", "5000/tcp")), self.endpoint("laptop:web:5000"))

    def write_hosts(self, text):
        with open("/etc/hosts", "w", encoding="utf-8") as file:
            file.write(text)

    def test_complaint_12_no_address_of_a_containers_own(self):
        self.subject()
        self.docker.run(name="outer", publish=["5000"], labels={"SERVICE_5000_ADDRESS": "192.0.2.7",
                                                                "SERVICE_5000_PORT": "80"})
        self.docker.run(name="inner", labels={"SERVICE_5000_INTERNAL": "true"})
        self.assertEqual(("192.0.2.7", 80), self.endpoint("rig-host:outer:5000"))
        self.assertEqual((self.docker.address("inner"), 5000), self.endpoint("rig-host:inner:5000"))

    def test_complaint_13_ports_on_the_hosts_network(self):
        self.subject()
        self.docker.run("--expose", "5199", name="web", network="host", env={"PORT": "5100"},
                        labels={"SERVICE_PORTS": "5100"})
        self.wait_ids("rig-host:web:5100")
        self.assertEqual((sandbox.HOST_IP, 5100), self.endpoint("rig-host:web:5100"))

    def test_complaint_14_tcp_and_udp_on_one_port(self):
        self.subject("-internal")
        protocols = ("tcp", "udp", "sctp")
        exposed = [word for one in protocols for word in ("--expose", f"53/{one}")]
        self.docker.run(*exposed, name="dns", labels={"SERVICE_5000_IGNORE": "true",
                                                      **{f"SERVICE_53_{one.upper()}_NAME": f"dns-{one}" for one in protocols}})
        wanted = {"rig-host:dns:53": "dns-tcp", "rig-host:dns:53:udp": "dns-udp", "rig-host:dns:53:sctp": "dns-sctp"}
        self.wait_ids(*wanted)
        self.assertEqual(wanted, {key: one["Service"] for key, one in self.store.services().items()})

    def test_complaint_15_every_port_or_none(self):
        self.subject("-internal")
        self.docker.run("--expose", "7000-7003", name="voice", labels={
            "SERVICE_PORTS": "7000-7002", "SERVICE_7000-7001_NAME": "voice", "SERVICE_7002_NAME": "admin"})
        wanted = {"rig-host:voice:7000": "voice", "rig-host:voice:7001": "voice", "rig-host:voice:7002": "admin"}
        self.wait_ids(*wanted)
        self.assertEqual(wanted, {key: one["Service"] for key, one in self.store.services().items()})

    def test_complaint_16_nobody_feeds_ttl_checks(self):
        self.subject("-internal", "-ttl", "30", "-ttl-refresh", "1")
        self.docker.run(name="web", labels={"SERVICE_CHECK_TTL": "2s"})
        key = "rig-host:web:5000"
        self.service(key)
        wait_until(lambda: self.statuses(key) == {"passing"}, SECONDS, "the first heartbeat arrives")
        hold_true(lambda: self.statuses(key) == {"passing"}, 5, "it lives longer than its TTL")

    def test_complaint_17_script_checks_with_arguments(self):
        self.subject("-internal", ours=("-allow-exec-checks",))
        self.docker.run(name="web", labels={"SERVICE_CHECK_SCRIPT": "/usr/bin/test -n '$SERVICE_IP and more'",
                                            "SERVICE_CHECK_INTERVAL": "1s"})
        key = "rig-host:web:5000"
        self.service(key)
        wait_until(lambda: self.statuses(key) == {"passing"}, SECONDS, "the script runs with its arguments")

    def test_complaint_18_one_check_without_thresholds(self):
        self.subject("-internal")
        self.docker.run(name="web", labels={
            "SERVICE_CHECK_HTTP": "/health", "SERVICE_CHECK_INTERVAL": "1s", "SERVICE_CHECK_HEADERS": "Host: shop.example",
            "SERVICE_CHECK_SUCCESS_BEFORE_PASSING": "2", "SERVICE_CHECK_1_TCP": "true"})
        key = "rig-host:web:5000"
        self.service(key)
        wait_until(lambda: {check["Type"]: check["Status"] for check in self.checks(key).values()} ==
                   {"http": "passing", "tcp": "passing"}, SECONDS, "both are there and pass")

    def test_complaint_19_secrets_and_long_values_in_meta(self):
        self.subject("-internal")
        self.docker.run(name="web", labels={
            "SERVICE_ACCOUNT_PASSWORD": "hunter2", "SERVICE_NOTICE": "n" * 600, "SERVICE_REGION": "west",
            "SERVICE_CHECK_TCP": "true", "SERVICE_ENABLE_TAG_OVERRIDE": "true"})
        service = self.service("rig-host:web:5000")
        self.assertEqual("west", service["Meta"]["region"])
        self.assertNotIn("hunter2", str(service))
        self.assertNotIn("check_tcp", service["Meta"])
        self.assertTrue(service["EnableTagOverride"])

    def test_complaint_20_ipv6_and_swarm(self):
        self.docker.cli("network", "create", "--ipv6", "--subnet", "fd00:213:20::/64", "--subnet", "10.213.98.0/24", "six")
        self.subject("-internal")
        # A task's image is given by digest; an image made here has only its ID.
        image = self.docker.cli("inspect", "--format", "{{.Id}}", "nano")
        self.docker.run(name="task", network="six", image=image, labels={
            "com.docker.swarm.service.name": "shop_web"})
        service = self.service("rig-host:task:5000")
        ours = self.docker.inspect("task")["NetworkSettings"]["Networks"]["six"]
        self.assertEqual(("shop_web", ours["IPAddress"]), (service["Service"], service["Address"]))
        self.assertEqual((ours["GlobalIPv6Address"], 5000),
                         tuple(service["TaggedAddresses"]["lan_ipv6"][key] for key in ("Address", "Port")))
