"""Many reloads of nginx under load: the old workers are ended early, and nobody notices anything but the speed."""

import re

from e2e.base import E2ETest
from rig import http
from rig.nginx import Nginx
from rig.wait import wait_until

RELOADS = 40
SITE = "server {{ listen {where}; location / {{ return 200 '{{{{ key \"generation\" }}}}'; }} }}\n"


class Reload:
    wants_docker = False

    def test_no_request_fails_and_no_worker_is_left(self):
        nginx = Nginx(self.path("nginx"))
        nginx.write("site.conf", f"server {{ listen {nginx.where}; location / {{ return 200 'first'; }} }}\n")
        nginx.start()
        self.addCleanup(lambda: nginx.process.running() and nginx.stop())
        self.store.put("/v1/kv/generation", "0")
        source = self.write("site.ctmpl", SITE.format(where=nginx.where))
        renderer = self.render(source, nginx)
        self.generation(nginx, 0)
        load = self.load(nginx.where, every=0.002, clients=8)
        for number in range(1, RELOADS + 1):
            self.store.put("/v1/kv/generation", str(number))
            self.generation(nginx, number)
        self.assert_no_failures(load)
        wait_until(lambda: len(nginx.workers()) == nginx.worker_count, 10, "only new workers are left")
        # The first reload may come before our first look for a master.
        retired = re.findall(r"event=nginx_workers_retired .*workers=(\d+)", renderer.log())
        self.assertGreaterEqual(len(retired), RELOADS // 2, renderer.tail(40))
        # One that the master has told meanwhile is not counted.
        self.assertLessEqual({int(count) for count in retired}, set(range(1, nginx.worker_count + 1)))
        for word in ("[alert]", "[emerg]", "[crit]", "exited on signal"):
            self.assertNotIn(word, nginx.process.log())

    def generation(self, nginx, number):
        wait_until(lambda: http.get(nginx.where, "/").text == str(number), 10, f"generation {number} is served")


class ReloadBySignalTest(Reload, E2ETest):
    def render(self, source, nginx):
        return self.renderer(f"{source}:{nginx.conf_d}/site.conf", options=("-reload-pid-file", nginx.pid_file))


class ReloadByCommandTest(Reload, E2ETest):
    def render(self, source, nginx):
        return self.renderer(f"{source}:{nginx.conf_d}/site.conf:kill -HUP $(cat {nginx.pid_file})")


class ReloadLeftAloneTest(Reload, E2ETest):
    """Switched off: nginx ends its workers itself."""

    def test_no_request_fails_and_no_worker_is_left(self):
        nginx = Nginx(self.path("nginx"))
        nginx.write("site.conf", f"server {{ listen {nginx.where}; location / {{ return 200 'first'; }} }}\n")
        nginx.start()
        self.addCleanup(lambda: nginx.process.running() and nginx.stop())
        self.store.put("/v1/kv/generation", "0")
        source = self.write("site.ctmpl", SITE.format(where=nginx.where))
        renderer = self.renderer(f"{source}:{nginx.conf_d}/site.conf", options=(
            "-reload-pid-file", nginx.pid_file, "-retire-workers=false"))
        self.generation(nginx, 0)
        wait_until(lambda: len(nginx.workers()) == nginx.worker_count, 10, "only new workers are left")
        self.assertNotIn("nginx_workers_retired", renderer.log())
