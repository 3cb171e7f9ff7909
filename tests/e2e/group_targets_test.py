"""Who is told, and who checks: nginx in a container, a supervised program, a master that was replaced, any other command;
and a check without root's rights."""

import os
import signal
import subprocess

from e2e.base import E2ETest
from rig import http, nginx_image
from rig.guarded import Guarded
from rig.nginx import Nginx
from rig.wait import hold_true, wait_until

# A proxy of another kind: its check reads the file, its reload is a command that takes the file over.
CHECK = """#!/bin/sh
# proxy -c FILE: says what is wrong, as haproxy does
grep -q '^backend ' "$1" || { echo "[ALERT] $1:1: no backend" >&2; exit 1; }
! grep -q 'bad' "$1" || { echo "[ALERT] parsing [$1:2] : unknown keyword 'bad'" >&2; exit 1; }
"""


class OtherProgramsTest(E2ETest):
    wants_docker = False

    def test_any_command_checks_and_reloads(self):
        """haproxy's way: `-c -f FILE` over the staged file, then a command; what it refuses never lives."""
        check = self.write("check", CHECK)
        os.chmod(check, 0o755)
        out, live = self.path("proxy.cfg"), self.path("live.cfg")
        self.store.put("/v1/kv/x", "backend one")
        config = self.write("proxy.hcl", f"""
group "proxy" {{
  check = ["{check}", "{{{{.}}}}"]
  command = "cp {out} {live} && echo told"
  template {{ contents = "{{{{ key \\"x\\" }}}}\\n" destination = "{out}" }}
}}
""")
        renderer = self.renderer(options=("-config", config), start=False).start()
        def lives(text):
            wait_until(lambda: os.path.exists(live) and self.read("live.cfg") == text, 15, f"{text!r} lives")
        lives("backend one\n")
        self.store.put("/v1/kv/x", "backend two\nbad")
        line = renderer.wait_log("event=check_failed")
        self.assertIn("unknown keyword", line)
        hold_true(lambda: self.read("proxy.cfg") == "backend one\n", 0.5, "the old file stays")
        self.store.put("/v1/kv/x", "backend three")
        lives("backend three\n")
        renderer.wait_ready()

    def test_a_supervised_program_is_told(self):
        told, ready = self.path("told"), self.path("ready")
        self.store.put("/v1/kv/x", "1")
        child = self.write("child", f"""#!/bin/sh
trap 'cat {self.path("out")} >> {told}' HUP
touch {ready}
while :; do sleep 0.05; done
""")
        os.chmod(child, 0o755)
        config = self.write("one.hcl", f"""
exec {{ command = ["{child}"]  kill_signal = "SIGTERM" }}
group "one" {{
  child = true
  template {{ contents = "{{{{ key \\"x\\" }}}}" destination = "{self.path('out')}" }}
}}
""")
        renderer = self.renderer(options=("-config", config), start=False).start()
        wait_until(lambda: os.path.exists(ready), 15, "the program runs")
        self.store.put("/v1/kv/x", "2")
        wait_until(lambda: os.path.exists(told) and "2" in self.read("told"), 15, "it reads the new file")
        renderer.wait_ready()

    def test_a_check_without_rights(self):
        """Another user than root: the check runs where that user may open a view of its own, else it is a no that says why."""
        home = self.path("own")
        os.makedirs(home)
        self.store.put("/v1/kv/x", "1")
        config = self.write("own.hcl", f"""
group "one" {{
  check = ["grep", "-q", "1", "{home}/out"]
  template {{ contents = "{{{{ key \\"x\\" }}}}" destination = "{home}/out" }}
}}
template {{ contents = "{{{{ key \\"x\\" }}}}" destination = "{home}/path"  check = ["grep", "-q", "1", "{{{{.}}}}"] }}
""")
        os.chmod(self.dir, 0o755)
        subprocess.run(["chown", "-R", "65534:65534", home], check=True)
        renderer = self.renderer(options=("-config", config), start=False)
        renderer.command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *renderer.command]
        renderer.start()
        # The staged path needs no view.
        wait_until(lambda: os.path.exists(f"{home}/path"), 15, "checked by its path")
        def decided():
            return os.path.exists(f"{home}/out") or "event=check_failed" in renderer.log()
        wait_until(decided, 15, "the check in a view has been run, or is refused")
        if not os.path.exists(f"{home}/out"):
            self.assertRegex(renderer.log(), r"event=check_failed.*(permitted|denied|namespace)")
        self.store.put("/v1/kv/x", "2")
        renderer.wait_log("event=check_failed")
        with open(f"{home}/path", encoding="utf-8") as file:
            self.assertEqual("1", file.read())


class MastersTest(E2ETest):
    wants_docker = False

    def test_duplicate_default_server_is_refused(self):
        edge = Guarded(self, ["a", "b"], 'quarantine = true').start()
        edge.put_raw("b", "server { listen 127.0.0.1:8099 default_server; }\nserver { listen 127.0.0.1:8099 default_server; }\n")
        self.assertIn("duplicate default server", edge.renderer.wait_log("event=quarantined"))
        self.assertEqual(edge.site("b", "first"), edge.text("b"))
        edge.put("a", "second")
        edge.serves("a", "second")
        edge.serves("b", "first")

    def test_master_replaced(self):
        """Another master under another number: the pid file says which, and the new one is told."""
        edge = Guarded(self, ["a"]).start()
        edge.renderer.wait_log("event=generation_applied")
        old = edge.nginx.master()
        self.assertEqual(0, edge.nginx.stop())
        edge.nginx.start()
        self.assertNotEqual(old, edge.nginx.master())
        edge.put("a", "second")
        edge.serves("a", "second", 30)
        edge.renderer.wait_ready(30)
        self.assertNotIn("event=group_restored", edge.renderer.log())


    def test_executable_replaced(self):
        """nginx's own upgrade: USR2 starts a new master beside the old one, QUIT ends that; changes go to the new one."""
        edge = Guarded(self, ["a"])
        nginx, old_file = edge.nginx, edge.nginx.pid_file + ".oldbin"
        # A daemon: USR2 is ignored by one that is its parent's child.
        subprocess.run(["/usr/sbin/nginx", "-p", nginx.home, "-c", nginx.config], check=True, stdin=subprocess.DEVNULL)
        self.addCleanup(self.end_masters, nginx.pid_file, old_file)
        wait_until(lambda: self.number(nginx.pid_file), 10, "nginx writes its pid file")
        edge.start(nginx=False)
        edge.renderer.wait_log("event=generation_applied")
        old = self.number(nginx.pid_file)
        os.kill(old, signal.SIGUSR2)
        wait_until(lambda: self.number(old_file) == old and self.number(nginx.pid_file) not in (0, old), 10, "two masters")
        edge.put("a", "second")
        wait_until(lambda: "second" in edge.text("a"), 15, "the file is replaced while both live")
        edge.group_is(lambda group: not group["owed"] and not group.get("problem"), "the new master has taken it")
        os.kill(old, signal.SIGQUIT)
        wait_until(lambda: not os.path.exists(old_file), 10, "the old master has gone")
        edge.serves("a", "second")
        edge.put("a", "third")
        edge.serves("a", "third")
        self.assertNotIn("event=group_restored", edge.renderer.log())

    @staticmethod
    def number(path):
        """The pid in a pid file; 0: none."""
        try:
            with open(path, encoding="ascii") as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return 0

    def end_masters(self, *pid_files):
        for pid in filter(None, map(self.number, pid_files)):
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda gone=pid: not os.path.exists(f"/proc/{gone}"), 10, "an nginx ends")


class ContainerTest(E2ETest):
    """The load balancer is a container: signalled by the engine's API, confirmed by the generation that it answers."""

    def test_nginx_in_a_container_is_told(self):
        nginx = Nginx(self.path("nginx"))
        self.store.put("/v1/kv/x", self.site("one"))
        self.docker.run("-v", f"{nginx.home}:{nginx.home}", name="edge", image=nginx_image.make(self.docker),
                        labels={"SERVICE_IGNORE": "yes"},
                        command=("/usr/sbin/nginx", "-p", nginx.home, "-c", nginx.config, "-g", "daemon off;"))
        where = self.docker.address("edge")
        config = self.write("one.hcl", f"""
group "edge" {{
  container = "edge"
  confirm_address = "{where}:8097"
  confirm_file = "{nginx.conf_d}/generation.conf"
  template {{ contents = "{{{{ key \\"x\\" }}}}" destination = "{nginx.conf_d}/site.conf" }}
}}
""")
        renderer = self.renderer(options=("-config", config), start=False).start()
        def serves(text):
            wait_until(lambda: http.get(f"{where}:8080", "/", timeout=2).text == text, 20, f"it says {text!r}")
        serves("one")
        self.assertIn("edge", renderer.wait_log("event=reload_sent"))
        renderer.wait_log("event=generation_applied")
        renderer.wait_ready(30)
        self.store.put("/v1/kv/x", self.site("two"))
        serves("two")
        # It goes away: that is said, and the file is what it will start with.
        self.docker.cli("kill", "edge")
        self.store.put("/v1/kv/x", self.site("three"))
        renderer.wait_log("event=reload_failed")
        with open(f"{nginx.conf_d}/site.conf", encoding="utf-8") as file:
            self.assertEqual(self.site("three"), file.read())

    def site(self, text):
        return f"server {{ listen 8080; return 200 '{text}'; }}\n"
