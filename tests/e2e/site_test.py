"""Sites with TLS, headers, claims and colours: the stock template on a real nginx."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess

from e2e import stock_test
from e2e.base import E2ETest
from rig import certificates, http as plain
from rig.longshore import RENDERER, call
from rig.wait import wait_until

TLS = "127.0.0.1:8443"


class SiteTest(stock_test.Served, E2ETest):
    backend = "registry"
    wants_docker = False

    def site(self, **env):
        self.certificates = self.path("certificates")
        os.makedirs(self.certificates, exist_ok=True)
        return self.serve(stock_test.SITE, LISTEN_TLS=TLS, CERTIFICATES=self.certificates, **env)

    def names_over_tls(self, host):
        """The names in the certificate that a browser asking for `host` is shown; () when it is refused."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        address, _, port = TLS.rpartition(":")
        try:
            with socket.create_connection((address, int(port)), timeout=10) as raw, \
                    context.wrap_socket(raw, server_hostname=host) as stream:
                shown = ssl.DER_cert_to_PEM_cert(stream.getpeercert(True))
        except OSError:
            return ()
        said = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], input=shown, check=True,
                              capture_output=True, text=True).stdout
        return tuple(sorted(re.findall(r"DNS:([^,\s]+)", said)))

    def over_tls(self, host, path="/"):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        address, _, port = TLS.rpartition(":")
        raw = socket.create_connection((address, int(port)), timeout=10)
        with contextlib.closing(http.client.HTTPSConnection(address, int(port), timeout=10)) as connection:
            connection.sock = context.wrap_socket(raw, server_hostname=host)
            connection.request("GET", path, headers={"Host": host})
            got = connection.getresponse()
            return plain.Answer(got.status, got.headers, got.read())

    def remarks(self):
        return [row["remark"] for row in plain.get(RENDERER, "/v1/status").json()["remarks"]]

    def wait_remark(self, text):
        def there():
            if not any(text in one for one in self.remarks()):
                raise AssertionError(self.remarks())
            return True
        wait_until(there, 10, f"it is remarked: {text}")

    def test_certificates_by_name(self):
        self.nano("blue", 7101)
        self.register("shop", 7101, {"host": "shop.example,a.wild.example,old.example,bare.example,by-label.example"})
        self.register("named", 7101, {"host": "named.example", "certificate": "shared", "https": "both"})
        target = self.site()
        folder = self.certificates
        self.wait_answer("blue", host="shop.example")
        self.wait_remark('no certificate for "shop.example" in ' + folder)
        certificates.site(folder, "shop.example", ["shop.example"])
        certificates.site(folder, "_.wild.example", ["*.wild.example"])
        certificates.site(folder, "shared", ["named.example", "by-label.example"])
        certificates.site(folder, "old.example", ["old.example"], days=-1)
        for host in ("shop.example", "a.wild.example", "by-label.example"):
            self.wait_answer(301, "/x?y=1", host)
        for host, names in [("shop.example", ("shop.example",)), ("a.wild.example", ("*.wild.example",)),
                            ("by-label.example", ("by-label.example", "named.example")),
                            ("named.example", ("by-label.example", "named.example")), ("old.example", ()),
                            ("unknown.example", ())]:
            self.assertEqual(names, self.names_over_tls(host), host)
        away = plain.get(stock_test.WHERE, "/x?y=1", headers={"Host": "shop.example"})
        self.assertEqual("https://shop.example:8443/x?y=1", away.headers["Location"])
        posted = plain.request("POST", stock_test.WHERE, "/x", body=b"z", headers={"Host": "shop.example"})
        self.assertEqual(308, posted.status)
        self.assertIn("color=blue", self.over_tls("shop.example").text)
        # Both ways where the label says so, and http alone where the certificate is of no use.
        self.assertEqual("blue", self.ask(host="named.example"))
        self.assertEqual("blue", self.ask(host="old.example"))
        self.assertEqual("blue", self.ask(host="bare.example"))
        self.wait_remark("old.example.crt: expired on")
        self.assertIn("template_remark", self.processes[-1].log())
        # A new certificate under the same name is taken up, a lost one gives http back.
        before = pathlib.Path(target).read_text(encoding="utf-8")
        certificates.site(folder, "shop.example", ["shop.example", "new.example"])
        wait_until(lambda: self.names_over_tls("shop.example") == ("new.example", "shop.example"), 20,
                   "the new certificate is shown")
        self.assertNotEqual(before, pathlib.Path(target).read_text(encoding="utf-8"))
        shutil.move(os.path.join(folder, "shop.example.key"), os.path.join(folder, "taken-away"))
        self.wait_answer("blue", host="shop.example")
        self.wait_remark("shop.example.key: No such file or directory")

    def test_headers_of_a_site(self):
        self.nano("blue", 7101)
        bad = 'X-Evil: a"; } server { listen 127.0.0.1:8080; return 418; } #'
        self.register("web", 7101, {"host": "web.example", "headers":
                                    "X-Frame-Options: DENY | Cache-Control: no-store, max-age=0\n" + bad
                                    + "|Content-Length: 3|X-Var: $host|Bad Name: x|X-Split: a\rX-Other: b"})
        self.site()
        self.wait_answer("blue", host="web.example")
        headers = plain.get(stock_test.WHERE, "/", headers={"Host": "web.example"}).headers
        self.assertEqual(["DENY"], headers.get_all("X-Frame-Options"))
        self.assertEqual(["no-store, max-age=0"], headers.get_all("Cache-Control"))
        self.assertEqual('a"; } server { listen 127.0.0.1:8080; return 418; } #', headers["X-Evil"])
        self.assertEqual(("a", "b"), (headers["X-Split"], headers["X-Other"]))
        self.assertIsNone(headers["X-Var"])
        self.assertEqual(1, len(headers.get_all("Content-Length") or [""]))
        for line in ("Content-Length: 3", "X-Var: $host", "Bad Name: x"):
            self.wait_remark(f'web: header "{line}" is left out')

    def test_claims_and_their_disagreements(self):
        self.nano("blue", 7101)
        self.nano("green", 7102)
        self.register("owner", 7101, {"host": "a.example,b.example"})
        self.register("thief", 7102, {"host": "a.example,b.example"})
        self.store.put("/v1/kv/longshore/claims/a.example", {"version": 1, "service": "owner"})
        self.store.put("/v1/kv/longshore/claims/b.example", {"version": 1, "service": "owner"})
        for text, said in (('"no host!" = "x"', "no host name"), ('"a.example" = ""', "no service")):
            bad = call("render", "-once", "-config", self.write("bad.hcl", f"claims {{\n  {text}\n}}\n"), "-template", "a:/b")
            self.assertEqual((15, True), (bad.returncode, said in bad.stderr), bad.stderr)
        config = self.write("claims.hcl", 'claims {\n  "b.example" = "thief"\n}\n')
        self.ngx = stock_test.Nginx(self.path("nginx"))
        self.ngx.start()
        self.addCleanup(lambda: self.ngx.process.running() and self.ngx.stop())
        lb = self.renderer(f"{stock_test.SITE}:{os.path.join(self.ngx.conf_d, 'site.conf')}",
                           options=("-config", config, "-reload-pid-file", self.ngx.pid_file),
                           env={"LISTEN": stock_test.WHERE})
        self.wait_answer("blue", host="a.example")
        self.wait_answer("green", host="b.example")
        self.wait_remark("thief: host a.example is left out, it is claimed by owner")
        self.wait_remark("b.example is claimed by thief in the configuration, which counts, and by owner in Consul's KV")
        why = call("why", "-consul-addr", self.store.where, "a.example")
        self.assertEqual(0, why.returncode, why.stdout)
        self.assertIn("thief: host a.example is left out, it is claimed by owner", why.stdout)
        claims = json.loads(call("status", "-json", "-consul-addr", self.store.where).stdout)["consul"]["status"]["claims"]
        self.assertEqual([("a.example", "owner"), ("b.example", "owner")],
                         [(row["host"], row["service"]) for row in claims])
        self.assertIn("event=template_remark", lb.log())
        self.store.put("/v1/kv/longshore/claims/a.example", {"version": 1, "service": "thief"})
        self.wait_answer("green", host="a.example")
        self.wait_remark("owner: host a.example is left out, it is claimed by thief")

    def test_colours(self):
        self.nano("blue", 7101)
        self.nano("green", 7102)
        self.register("books-blue", 7101, {"host": "books.example"})
        self.register("books-green", 7102, {"host": "books.example"})
        self.register("tagged", 7101, {"host": "tagged.example", "color": "blue"})
        self.register("tagged", 7102, {"host": "tagged.example", "color": "green"})
        self.store.put("/v1/kv/longshore/claims/books.example", {"version": 1, "service": "books"})
        for service in ("books", "tagged"):
            self.store.put(f"/v1/kv/services/{service}/color", "green")
        self.site()
        for host in ("books.example", "tagged.example"):
            self.wait_answer("green", host=host)
            self.assertEqual({"green"}, {self.ask(host=host) for _ in range(20)})
        for service in ("books", "tagged"):
            self.store.put(f"/v1/kv/services/{service}/canary", "blue=30")

        def shared(host):
            got = [self.ask(host=host) for _ in range(60)]
            if not 3 <= got.count("blue") <= 40 or set(got) != {"blue", "green"}:
                raise AssertionError(f"{got.count('blue')} of 60 are blue")
            return True
        for host in ("books.example", "tagged.example"):
            wait_until(lambda host=host: shared(host), 10, f"{host} is shared")
        for service in ("books", "tagged"):
            self.store.put(f"/v1/kv/services/{service}/color", "blue")
        for host in ("books.example", "tagged.example"):
            wait_until(lambda host=host: {self.ask(host=host) for _ in range(20)} == {"blue"}, 10, f"{host} is blue")
