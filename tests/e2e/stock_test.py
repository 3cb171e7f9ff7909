"""The stock templates in front of real services: routes, honest absence, labels that want to break out."""

import os
import pathlib
import subprocess
import urllib.parse

from e2e.base import E2ETest
from rig import http
from rig.longshore import Renderer
from rig.nginx import Nginx
from rig.process import Process
from rig.wait import wait_until

SITE, UPSTREAM = "templates/site.conf.ctmpl", "templates/upstream.conf.ctmpl"
WHERE = "127.0.0.1:8080"

# Meta of one instance each. Whatever becomes of them: nginx loads the file, and nothing answers with 418.
BREAK = "; } server { listen 127.0.0.1:8080; return 418; } #"
HOSTILE = [
    {"host": "evil.example" + BREAK}, {"host": "evil.example\n" + BREAK}, {"host": '"' + BREAK}, {"host": "$host"},
    {"host": ".."}, {"host": "."}, {"host": "-"}, {"host": "~^.*$"}, {"host": "*"}, {"host": "a b"}, {"host": ","},
    {"host": "evil.example", "path": '/" {' + BREAK}, {"host": "evil.example", "path": "/\\" + BREAK},
    {"host": "evil.example", "path": "/a\n" + BREAK}, {"host": "evil.example", "path": "~ ^/"},
    {"host": "evil.example", "path": "= /"}, {"host": "evil.example", "path": "/" + "p" * 500},
    {"host": "evil.example/a" + BREAK}, {"host": "evil.example/\"" + BREAK}, {"host": "*.*"}, {"host": "/"},
    {"longshore-targets": "web=evil.example" + BREAK}, {"longshore-targets": "web=/=,=,web=$host=5000"},
    {"longshore-targets": "web" + BREAK + "=evil.example/x=7101"}, {"longshore-targets": "web=evil.example/\"=(" + BREAK},
    {"host": "evil.example", "port": "(" + BREAK}, {"host": "evil.example", "port": "5000\n" + BREAK},
]


class Served:

    def nano(self, color, port):
        """An instance of the demo service, without a container around it."""
        binary = os.path.join(os.environ["LONGSHORE_TEST_BUILD"], "nanoservice")
        process = Process(color, [binary], os.path.join(self.logs, color + ".log"), {"COLOR": color, "PORT": str(port)})
        self.keep(process).start()
        wait_until(lambda: http.get(f"127.0.0.1:{port}", "/health").status == 200, 5, f"{color} listens")
        return process

    def register(self, name, port, meta=None, address="127.0.0.1", critical=False, service_id=None):
        body = {"ID": service_id or f"h:{name}:{port}", "Name": name, "Address": address, "Port": port,
                "Meta": meta or {}}
        if critical:
            body["Check"] = {"TTL": "60s", "Status": "critical"}
        self.store.put("/v1/agent/service/register", body)

    def serve(self, template, **env):
        """nginx and a renderer of one stock template; returns the file."""
        self.ngx = Nginx(self.path("nginx"))
        self.ngx.start()
        self.addCleanup(lambda: self.ngx.process.running() and self.ngx.stop())
        target = os.path.join(self.ngx.conf_d, "stock.conf")
        self.renderer(f"{template}:{target}", options=("-reload-pid-file", self.ngx.pid_file),
                      env={"LISTEN": WHERE, **env})
        return target

    def ask(self, path="/", host="127.0.0.1"):
        answer = http.get(WHERE, path, headers={"Host": host})
        color = answer.text.partition("color=")[2].strip()
        return color or answer.status

    def wait_answer(self, wanted, path="/", host="127.0.0.1"):
        def same():
            got = self.ask(path, host)
            if got != wanted:
                raise AssertionError(f"{host}{path} gets {got}")
            return True
        wait_until(same, 10, f"{host}{path} gets {wanted}")


class Stock(Served):
    wants_docker = False

    def test_sites_by_host_and_path(self):
        self.nano("blue", 7101)
        self.nano("green", 7102)
        self.register("web", 7101, {"host": "one.example,Two.example"})
        self.register("api", 7102, {"host": "one.example", "path": "/api/"})
        self.register("late", 7102, {"host": "one.example", "path": "/api/"})
        self.register("only", 7102, {"host": "path.example", "path": "/only/"})
        self.register("ill", 7102, {"host": "ill.example"}, critical=True)
        self.register("wrong", 7102, {"host": "port.example", "port": "80"})
        self.serve(SITE)
        for wanted, host, path in [
                ("blue", "one.example", "/"), ("blue", "two.example", "/x"), ("green", "one.example", "/api/v1"),
                (301, "one.example", "/api"), ("green", "path.example", "/only/"), (404, "path.example", "/"),
                (503, "ill.example", "/"), (404, "port.example", "/"), (404, "unknown.example", "/")]:
            self.wait_answer(wanted, path, host)
        self.assertEqual("2", http.get(WHERE, "/", headers={"Host": "ill.example"}).headers["Retry-After"])

    def test_routes_that_others_name_and_claims(self):
        self.nano("blue", 7101)
        self.nano("green", 7102)
        self.register("web", 7101, {"host": "one.example/,two.example/w/,*.wild.example"})
        self.register("api-7102", 7102)
        # The load balancer's own container, on whatever host.
        self.register("lb", 7103, {"longshore-targets": "stack/api=two.example=7102,api=one.example/api/=7102,"
                                                        "api=three.example=9,gone=four.example=80"})
        self.register("thief", 7102, {"host": "claimed.example,free.example"})
        self.register("owner", 7101, {"host": "claimed.example"})
        self.store.put("/v1/kv/longshore/claims/claimed.example", {"version": 1, "service": "owner"})
        self.store.put("/v1/kv/longshore/claims/one.example", {"version": 1, "service": "web"})
        target = self.serve(SITE)
        for wanted, host, path in [
                ("blue", "one.example", "/"), ("green", "two.example", "/"), ("blue", "two.example", "/w/x"),
                ("blue", "a.wild.example", "/"), (404, "three.example", "/"), (404, "four.example", "/"),
                ("blue", "claimed.example", "/"), ("green", "free.example", "/"), ("blue", "one.example", "/api/")]:
            self.wait_answer(wanted, path, host)
        with open(target, encoding="utf-8") as file:
            text = file.read()
        self.assertIn('# thief: host "claimed.example" is left out, it is claimed by "owner".', text)
        self.assertIn('# api-7102: host "one.example" is left out, it is claimed by "web".', text)
        self.store.put("/v1/kv/longshore/claims/one.example", {"version": 1, "service": "api-7102"})
        self.wait_answer("green", "/api/", "one.example")
        self.wait_answer(404, "/", "one.example")

    def test_default_service_comes_and_goes(self):
        blue = self.nano("blue", 7101)
        self.serve(SITE, DEFAULT_SERVICE="web")
        self.wait_answer(503)
        self.register("web", 7101)
        self.wait_answer("blue")
        blue.term()
        self.store.put("/v1/agent/service/deregister/" + urllib.parse.quote("h:web:7101"))
        self.wait_answer(503)

    def test_upstream_without_instances_says_so(self):
        target = self.serve(UPSTREAM, SERVICE="web")
        self.wait_answer(503)
        self.assertEqual("2", http.get(WHERE, "/").headers["Retry-After"])
        blue = self.nano("blue", 7101)
        self.register("web", 7101)
        self.wait_answer("blue")
        blue.term()
        self.store.put("/v1/agent/service/deregister/" + urllib.parse.quote("h:web:7101"))
        # nginx says 503 for a dead instance too, so the file itself is waited for.
        wait_until(lambda: "7101" not in pathlib.Path(target).read_text(encoding="utf-8"), 20, "7101 leaves the file")
        self.wait_answer(503)

    def test_two_nginx_for_one_service_in_one_network(self):
        """Each has a place of its own where it says that nobody is there."""
        self.serve(UPSTREAM, SERVICE="web")
        self.wait_answer(503)
        other = Nginx(self.path("other"), "127.0.0.1:8081")
        other.start()
        self.addCleanup(lambda: other.process.running() and other.stop())
        renderer = Renderer(self.logs, [f"{UPSTREAM}:{os.path.join(other.conf_d, 'stock.conf')}"], "-http-addr", "127.0.0.1:8519",
                            "-reload-pid-file", other.pid_file, env={"LISTEN": other.where, "SERVICE": "web"},
                            consul=self.store.where)
        renderer.name, renderer.status_address = "other-render", "127.0.0.1:8519"
        renderer.log_path = os.path.join(self.logs, "other-render.log")
        self.keep(renderer).start().wait_ready()
        wait_until(lambda: http.get(other.where, "/").status == 503, 10, "the other one says so too")
        self.assertEqual(503, self.ask())

    def test_hostile_labels_spoil_only_their_own_route(self):
        self.nano("blue", 7101)
        self.register("web", 7101, {"host": "good.example"})
        for number, meta in enumerate(HOSTILE):
            self.register(f"evil-{number}", 7999, meta, service_id=f"h:evil{BREAK}:{number}")
        self.register("evil-address", 7999, {"host": "evil.example"}, address="no.such.name.invalid" + BREAK)
        self.register("evil-name" + BREAK, 7999, {"host": "evil.example"})
        self.register("evil-long", 7999, {"host": "h" * 300}, service_id="h:" + "i" * 5000)
        target = self.serve(SITE)
        self.wait_answer("blue", host="good.example")
        done = subprocess.run(["/usr/sbin/nginx", "-t", "-p", self.ngx.home, "-c", self.ngx.config], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        for host in ("good.example", "evil.example", "127.0.0.1"):
            self.assertNotEqual(418, self.ask(host=host))
        self.assertNotEqual(418, self.ask("/a", "evil.example"))
        again = self.renderer(f"{SITE}:{self.path('again.conf')}", options=("-http-addr", ""), start=False,
                              env={"LISTEN": WHERE})
        again.command += ["-once"]
        again.start()
        self.assertEqual(0, again.wait(20))
        with open(target, encoding="utf-8") as file:
            self.assertEqual(file.read(), self.read("again.conf"))


class StockWithConsulTest(Stock, E2ETest):
    backend = "consul"


class StockWithRegistryTest(Stock, E2ETest):
    backend = "registry"


class ForeignWordsTest(Served, E2ETest):
    """Labels of other tools on real containers: as in Rancher's compose files, and as nginx-proxy has them."""

    def test_rancher_and_nginx_proxy(self):
        self.agent("-internal")
        self.serve(SITE)
        self.docker.run(name="flask", env={"COLOR": "blue", "SERVICE_NAME": "flask-nanoservice"})
        self.docker.run(name="proxied", env={"COLOR": "green", "VIRTUAL_HOST": "vh.example, Other.example:80",
                                             "VIRTUAL_PORT": "5000"})
        self.wait_answer("green", host="vh.example")
        self.wait_answer("green", host="other.example")
        self.wait_answer(404, host="flask-nanoservice.examplez.com")
        self.docker.run(name="RancherLB", labels={
            "io.rancher.loadbalancer.target.flask-nanoservice": "flask-nanoservice.examplez.com=5000",
            "io.rancher.loadbalancer.target.hostile": "x" + BREAK + "=5000",
            "SERVICE_IGNORE": "yes"})
        self.wait_answer("blue", host="flask-nanoservice.examplez.com")
        meta = self.store.services()["rig-host:flask:5000"]["Meta"]
        self.assertEqual(("flask-nanoservice.examplez.com", "5000"), (meta["host"], meta["port"]))
        self.docker.remove("RancherLB")
        self.wait_answer(404, host="flask-nanoservice.examplez.com")
        self.wait_answer("green", host="vh.example")
