"""An nginx whose files a renderer applies in one group; what is rendered comes from keys, so that tests can spoil it."""

import os
import subprocess

from rig import http
from rig.nginx import Nginx
from rig.wait import wait_until


class Guarded:
    """`test` is an E2ETest. Sites are keys: key site-NAME is conf.d/NAME.conf."""

    def __init__(self, test, names, group="", state=True, check=True, debian=False):
        self.test, self.names = test, list(names)
        self.nginx = Nginx(test.path("nginx"))
        self.where = {name: f"127.0.0.1:{8090 + number}" for number, name in enumerate(names)}
        for name in names:
            test.store.put(f"/v1/kv/site-{name}", self.site(name, "first"))
        check_line = f'check = ["nginx", "-t", "-q", "-p", "{self.nginx.home}", "-c", "{self.nginx.config}"]'
        templates = "\n".join(
            f'template {{ contents = "{{{{ key \\"site-{name}\\" }}}}" destination = "{self.target(name)}" }}'
            for name in names)
        self.config = test.write("group.hcl", f"""
{f'state_dir = "{test.path("state")}"' if state else ''}
group "edge" {{
  {check_line if check else ''}
  pid_file = "{self.nginx.pid_file}"
  confirm_timeout = "3s"
  {group}
  {templates}
}}
""")

    def target(self, name):
        return os.path.join(self.nginx.conf_d, name + ".conf")

    def site(self, name, text, more=""):
        return f"server {{\n  listen {self.where[name]};\n  {more}\n  location / {{ return 200 '{text}'; }}\n}}\n"

    def put(self, name, text, more=""):
        self.test.store.put(f"/v1/kv/site-{name}", self.site(name, text, more))

    def put_raw(self, name, text):
        self.test.store.put(f"/v1/kv/site-{name}", text)

    def start(self, wait=True, nginx=True):
        """nginx: start it; else it runs already."""
        if nginx:
            self.nginx.start()
            self.test.addCleanup(lambda: self.nginx.process.running() and self.nginx.stop())
        self.renderer = self.test.renderer(options=("-config", self.config), start=False)
        self.renderer.start()
        if wait:
            for name in self.names:
                self.serves(name, "first")
        return self

    def asked(self, name):
        return http.get(self.where[name], "/", timeout=2).text

    def serves(self, name, text, seconds=15):
        def same():
            got = self.asked(name)
            if got != text:
                raise AssertionError(f"{name} says {got!r}")
            return True
        wait_until(same, seconds, f"{name} says {text!r}")

    def text(self, name):
        with open(self.target(name), encoding="utf-8") as file:
            return file.read()

    def group(self):
        return http.get(self.renderer.status_address, "/v1/status").json()["groups"][0]

    def group_is(self, condition, what, seconds=15):
        def right():
            now = self.group()
            if not condition(now):
                raise AssertionError(str(now))
            return now
        return wait_until(right, seconds, what)

    def tested(self):
        """nginx's own test of the live tree."""
        return subprocess.run(["/usr/sbin/nginx", "-t", "-p", self.nginx.home, "-c", self.nginx.config], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True).returncode == 0
