"""A Compose file of the shape that Rancher exports, with rancher-compose.yml beside it, deployed and deployed again."""

import os

from e2e.base import E2ETest
from rig import http
from rig.longshore import call
from rig.wait import wait_until

COMPOSE = """RancherLB:
  ports:
  - '80'
  labels:
    io.rancher.loadbalancer.target.flask-nanoservice: flask-nanoservice.examplez.com=5000
  tty: true
  image: rancher/load-balancer-service
  links:
  - flask-nanoservice:flask-nanoservice
flask-nanoservice:
  labels:
    io.rancher.container.pull_image: {pull}
  tty: true
  image: nano:latest
  environment:
    VERSION: ${{RELEASE}}
"""
RANCHER = """RancherLB:
  scale: 1
  health_check:
    port: 42
    interval: 2000
    unhealthy_threshold: 3
    healthy_threshold: 2
    response_timeout: 2000
flask-nanoservice:
  scale: 2
  health_check:
    port: 5000
    interval: 1000
    response_timeout: 1000
    request_line: GET /health HTTP/1.0
"""
SITE = """upstream nano {
{{- range service "flask-nanoservice" }}
  server {{ .Address }}:{{ .Port }} max_fails=0; # {{ .ServiceMeta.host }}
{{- else }}
  server 127.0.0.1:9;
{{- end }}
}
"""


class ComposeTest(E2ETest):
    def deploy(self, release, *words, code=0):
        done = call("deploy", "-compose", self.path("docker-compose.yml"), "-strategy", "rolling", *words,
                    env={"DOCKER_HOST": self.docker.host, "RELEASE": release}, seconds=90)
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_deploys_and_deploys_again_without_losing_a_request(self):
        edge = self.nginx()
        self.agent("-internal")
        self.renderer(f"{self.write('site.ctmpl', SITE)}:{os.path.join(edge.conf_d, 'upstream.conf')}",
                      options=("-reload-pid-file", edge.pid_file))
        self.write("rancher-compose.yml", RANCHER)
        self.write("docker-compose.yml", COMPOSE.format(pull="always"))
        # There is no registry to pull from.
        self.assertIn("pulling", self.deploy("1", code=1))
        self.write("docker-compose.yml", COMPOSE.format(pull="missing"))
        said = self.deploy("1")
        self.assertIn("RancherLB: a load balancer of Rancher's", said)
        self.assertEqual(["flask-nanoservice-1", "flask-nanoservice-2"], self.docker.running())
        service = next(iter(self.store.services().values()))
        self.assertEqual(("flask-nanoservice", "flask-nanoservice.examplez.com"),
                         (service["Service"], service["Meta"]["host"]))
        wait_until(lambda: [check["Status"] for check in self.store.get("/v1/health/checks/flask-nanoservice")] ==
                   ["passing"] * 2, 5, "both checks pass")
        wait_until(lambda: "version=1" in http.get(edge.where, "/").text, 20, "the first version answers")
        load = self.load(edge.where, every=0.005, clients=4)
        self.deploy("2", "flask-nanoservice")
        self.assertEqual(["flask-nanoservice-3", "flask-nanoservice-4"], self.docker.running())
        self.assertIn("version=2", http.get(edge.where, "/").text)
        self.assert_no_failures(load)
