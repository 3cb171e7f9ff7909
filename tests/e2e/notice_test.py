"""`watch {}`: a command or a URL is told when a service has too few instances, and when it has enough again."""

import http.server
import json
import threading

from e2e.base import E2ETest
from rig.longshore import call
from rig.wait import hold_true, wait_until


class Hook:
    """A URL that refuses the first POST."""

    def __init__(self):
        self.bodies, self.tokens, outer = [], [], self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.bodies.append(json.loads(body))
                outer.tokens.append(self.headers.get("X-Token"))
                self.send_response(500 if len(outer.bodies) == 1 else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class NoticeTest(E2ETest):
    backend = "consul"
    wants_docker = False

    def instance(self, number):
        self.store.put("/v1/agent/service/register", {
            "ID": f"web-{number}", "Name": "web", "Port": 80 + number,
            "Check": {"CheckID": f"c{number}", "Name": "ttl", "TTL": "600s", "Status": "passing"}})

    def test_command_and_url(self):
        hook = Hook()
        self.addCleanup(hook.stop)
        said = self.path("said")
        config = self.write("watch.hcl", f"""
watch {{ service = "web"  below = 2  for = "300ms"
        command = "echo $LONGSHORE_WATCH_EVENT $LONGSHORE_WATCH_INSTANCES >> {said}; sleep 60" timeout = "500ms" }}
watch {{ service = "web"  below = 2  for = "300ms"
        url = "http://{hook.address}/job?token=secret"  headers = ["X-Token: 42"] }}
""")
        for number in (1, 2):
            self.instance(number)
        source, out = self.write("t.ctmpl", '{{ range service "web" }}{{ .ID }} {{ end }}'), self.path("out")
        renderer = self.renderer(f"{source}:{out}", options=("-config", config, "-probe=false"))
        hold_true(lambda: not hook.bodies, 1, "there are enough: nobody is told")
        self.store.put("/v1/agent/check/fail/c2")
        # A command that hangs and a URL that refuses delay no file.
        wait_until(lambda: self.read("out") == "web-1 ", 10, "the file follows")
        wait_until(lambda: len(hook.bodies) == 2, 20, "the URL is told, once more after its refusal")
        self.assertEqual(hook.bodies[0], hook.bodies[1])
        told = hook.bodies[1]
        self.assertEqual(("low", "web", 1, 2), (told["event"], told["service"], told["instances"], told["below"]))
        self.assertEqual(["web-2"], [one["id"] for one in told["gone"]])
        self.assertEqual(["web-1"], [one["id"] for one in told["left"]])
        self.assertEqual({"42"}, set(hook.tokens))
        wait_until(lambda: "low 1" in self.read("said").splitlines(), 10, "the command was told")
        self.assertEqual(1, renderer.metrics()["longshore_render_services_low"] / 2)
        self.store.put("/v1/agent/check/pass/c2")
        wait_until(lambda: len(hook.bodies) == 3, 20, "enough again")
        self.assertEqual(("enough", 2), (hook.bodies[2]["event"], hook.bodies[2]["instances"]))
        self.assertNotIn("secret", renderer.log())
        self.assertIn("event=service_low service=web instances=1 below=2", renderer.log())

    def test_wrong_blocks(self):
        rows = [('watch { below = 2 command = "x" }', "watch block 1: service is missing"),
                ('watch { service = "web" }', "give either a command or a url"),
                ('watch { service = "web" command = "x" url = "http://h/" }', "give either a command or a url"),
                ('watch { service = "web" url = "ftp://h/" }', "is no http:// or https:// URL"),
                ('watch { service = "web" below = 0 command = "x" }', "below: a number of instances"),
                ('watch { service = "@dc" command = "x" }', "invalid format"),
                ('watch { service = "web" comand = "x" }', "did you mean"),
                ('watch { service = "web" command = "x" headers = ["a: b"] }', "only with a url")]
        for text, words in rows:
            done = call("render", "-config", self.write("bad.hcl", text))
            self.assertEqual(15, done.returncode, f"{text}: {done.stderr}")
            self.assertIn(words, done.stderr, text)
