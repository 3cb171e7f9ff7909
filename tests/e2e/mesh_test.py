"""connect, caRoots and caLeaf on a real Consul whose service mesh is on."""

import json

from e2e.base import LOGS, E2ETest
from rig import longshore
from rig.consul import Consul
from rig.wait import wait_until

TEMPLATE = """\
{{ range connect "books" }}{{ .Name }} {{ .Address }}:{{ .Port }} {{ .Status }}
{{ end }}{{ range caRoots }}{{ .ID }} {{ .Name }} {{ .Active }}
{{ .RootCertPEM }}{{ end }}{{ with caLeaf "books" }}{{ .Service }} {{ .ServiceURI }} {{ .SerialNumber }}
{{ .CertPEM }}{{ end }}{{ if (caLeaf "books").PrivateKeyPEM }}with a key{{ end }}
"""


class MeshTest(E2ETest):
    wants_docker = False

    def test_connect_roots_and_leaf(self):
        consul = Consul(LOGS, node="mesh-node", port=8520, base_port=8420, connect={"enabled": True})
        self.addCleanup(consul.wipe)
        consul.start(60)
        self.addCleanup(consul.stop)
        consul.put("/v1/agent/service/register",
                   {"Name": "books", "ID": "books-1", "Address": "192.0.2.1", "Port": 81})
        consul.put("/v1/agent/service/register", {
            "Name": "books-proxy", "ID": "books-1-proxy", "Kind": "connect-proxy", "Address": "192.0.2.1", "Port": 20000,
            "Proxy": {"DestinationServiceName": "books"}})
        wait_until(lambda: consul.get("/v1/health/connect/books"), 60, "the proxy of books is in the catalog")
        source, out = self.write("mesh.ctmpl", TEMPLATE), self.path("mesh.txt")
        done = longshore.call("render", "-consul-addr", consul.where, "-template", f"{source}:{out}", "-once", seconds=120)
        self.assertEqual(0, done.returncode, done.stderr)
        roots = consul.get("/v1/agent/connect/ca/roots")["Roots"]
        leaf = consul.get("/v1/agent/connect/ca/leaf/books")  # the agent keeps it: the same one for everybody
        want = "books-proxy 192.0.2.1:20000 passing\n"
        for root in roots:
            want += f"{root['ID']} {root['Name']} {json.dumps(root['Active'])}\n{root['RootCert']}"
        want += f"{leaf['Service']} {leaf['ServiceURI']} {leaf['SerialNumber']}\n{leaf['CertPEM']}with a key\n"
        self.assertEqual(1, len(roots))
        self.assertEqual(want, self.read("mesh.txt"))
