"""Groups whose files are in bad places, and whose targets behave badly: nothing that worked is lost."""

import base64
import os
import re
import signal
import subprocess

from e2e.base import E2ETest
from rig import http
from rig.guarded import Guarded
from rig.wait import hold_true, wait_until


class PlacesTest(E2ETest):
    """Two files of one group: one has a good place, the other not. The good one goes on, the other keeps its text."""
    wants_docker = False

    def two(self, place, more=""):
        """A renderer of `good` and of `place`; the command writes what it sees."""
        self.store.put("/v1/kv/x", "1")
        self.seen = self.path("seen")
        config = self.write("two.hcl", f"""
state_dir = "{self.path('state')}"
{more}
group "two" {{
  command = "cat {self.path('good')} {place} >> {self.seen} 2>/dev/null; true"
  template {{ contents = "good {{{{ key \\"x\\" }}}}\\n" destination = "{self.path('good')}" }}
  template {{ contents = "bad {{{{ key \\"x\\" }}}}\\n" destination = "{place}" }}
}}
""")
        process = self.renderer(options=("-config", config), start=False)
        return process.start()

    def good_is(self, text):
        wait_until(lambda: self.read("good") == f"good {text}\n", 15, f"the good file says {text}")

    def mount(self, *words):
        subprocess.run(["mount", *words], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", words[-1]], check=False)

    def test_directory(self):
        os.makedirs(self.path("place/below"))
        renderer = self.two(self.path("place"))
        self.good_is("1")
        renderer.wait_log("event=file_write_failed")
        self.assertTrue(os.path.isdir(self.path("place/below")))
        os.removedirs(self.path("place/below"))
        wait_until(lambda: self.read("place") == "bad 1\n", 30, "the file is there once the directory is gone")

    def test_symlink(self):
        self.write("target", "old\n")
        os.symlink("target", self.path("place"))
        self.two(self.path("place"))
        wait_until(lambda: self.read("target") == "bad 1\n", 15, "what the link points to has the text")
        self.assertTrue(os.path.islink(self.path("place")))
        self.store.put("/v1/kv/x", "2")
        wait_until(lambda: self.read("target") == "bad 2\n", 15, "and the next one")

    def test_bind_mount(self):
        self.write("source", "old\n")
        self.write("place", "")
        self.mount("--bind", self.path("source"), self.path("place"))
        renderer = self.two(self.path("place"))
        wait_until(lambda: self.read("source") == "bad 1\n", 15, "the mounted file has the text")
        self.store.put("/v1/kv/x", "2")
        self.good_is("2")
        wait_until(lambda: self.read("source") == "bad 2\n", 15, "and the next one")
        renderer.wait_ready()

    def test_read_only_directory(self):
        os.makedirs(self.path("ro"))
        self.write("ro/place", "old\n")
        self.mount("--bind", self.path("ro"), self.path("ro"))
        subprocess.run(["mount", "-o", "remount,ro,bind", self.path("ro")], check=True)
        renderer = self.two(self.path("ro/place"))
        renderer.wait_log("event=file_write_failed")
        self.assertEqual("old\n", self.read("ro/place"))
        subprocess.run(["mount", "-o", "remount,rw,bind", self.path("ro")], check=True)
        wait_until(lambda: self.read("ro/place") == "bad 1\n", 60, "it is written once it may be")

    def test_full_disk(self):
        os.makedirs(self.path("small"))
        self.mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", self.path("small"))
        self.write("small/place", "old\n")
        self.write("small/filler", "")
        with open(self.path("small/filler"), "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        renderer = self.two(self.path("small/place"))
        self.good_is("1")
        renderer.wait_log("event=file_write_failed")
        self.assertEqual("old\n", self.read("small/place"))
        os.unlink(self.path("small/filler"))
        wait_until(lambda: self.read("small/place") == "bad 1\n", 60, "it is written once there is room")


class TargetsTest(E2ETest):
    wants_docker = False

    def one(self, command, more=""):
        self.store.put("/v1/kv/x", "1")
        config = self.write("one.hcl", f"""
group "one" {{
  command = {command}
  {more}
  template {{ contents = "{{{{ key \\"x\\" }}}}" destination = "{self.path('out')}" }}
}}
""")
        return self.renderer(options=("-config", config), start=False).start()

    def test_command_fails_once(self):
        flag, told = self.path("flag"), self.path("told")
        renderer = self.one(f'"test -e {flag} || {{ touch {flag}; exit 3; }}; cat {self.path("out")} > {told}"')
        wait_until(lambda: os.path.exists(told) and self.read("told") == "1", 15, "it is run again")
        self.assertIn("event=command_failed", renderer.log())
        self.assertNotIn("group_restored", renderer.log())
        renderer.wait_ready()

    def test_command_that_keeps_failing_has_its_file_taken_back(self):
        self.write("out", "before")
        renderer = self.one('"exit 3"')
        renderer.wait_log("event=group_restored", 20)
        self.assertEqual("before", self.read("out"))

    def test_command_hangs(self):
        renderer = self.one('"sleep 1000"', 'command_timeout = "300ms"')
        self.assertIn("killed after", renderer.wait_log("event=command_failed"))
        self.store.put("/v1/kv/x", "2")
        renderer.wait_log("event=group_restored", 20)

    def test_command_forks(self):
        told = self.path("told")
        renderer = self.one(f'"(sleep 1; echo later) & cat {self.path("out")} > {told}"')
        wait_until(lambda: os.path.exists(told) and self.read("told") == "1", 15, "it has run")
        renderer.wait_ready(5)

    def test_stale_pid_file(self):
        edge = Guarded(self, ["a"]).start()
        edge.renderer.wait_log("event=generation_applied")
        edge.nginx.kill9()
        with open(edge.nginx.pid_file, "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        edge.put("a", "second")
        self.assertIn("not nginx", edge.renderer.wait_log("event=reload_failed"))
        os.unlink(edge.nginx.pid_file)
        edge.nginx.start()
        edge.serves("a", "second", 60)

    def test_reload_that_never_finishes(self):
        edge = Guarded(self, ["a"]).start()
        edge.renderer.wait_log("event=generation_applied")
        edge.nginx.process.send(signal.SIGSTOP)
        edge.put("a", "second")
        edge.renderer.wait_log("event=group_restored", 20)
        self.assertEqual(edge.site("a", "first"), edge.text("a"))
        self.assertEqual("first", edge.asked("a"))
        edge.nginx.process.send(signal.SIGCONT)
        edge.serves("a", "second", 60)
        edge.renderer.wait_ready(60)

    def test_generation_is_told_by_new_workers(self):
        where, path = "127.0.0.1:8097", self.path("nginx/conf.d/generation.conf")
        edge = Guarded(self, ["a"], f'confirm_address = "{where}"\n  confirm_file = "{path}"').start()
        edge.renderer.wait_log("event=generation_applied")
        first = http.get(where, "/").text
        self.assertTrue(first.startswith("edge "), first)
        edge.put("a", "second")
        edge.serves("a", "second")
        edge.group_is(lambda now: now["settled"] and not now["owed"], "it has settled")
        self.assertNotEqual(first, http.get(where, "/").text)
        hold_true(lambda: "applied" in edge.renderer.log(), 0.2, "said")

    def test_debian_nginx_conf_with_a_bad_site(self):
        """The unmodified configuration of the package: the check reads its absolute paths, live files stay."""
        self.store.put("/v1/kv/x", "server { listen 127.0.0.1:8096; nonsense; }")
        config = self.write("debian.hcl", """
group "debian" {
  check = ["nginx", "-t", "-q"]
  template { contents = "{{ key \\"x\\" }}\\n" destination = "/etc/nginx/sites-enabled/longshore-test" }
}
""")
        renderer = self.renderer(options=("-config", config), start=False).start()
        line = renderer.wait_log("event=check_failed")
        self.assertIn("nonsense", line)
        self.assertIn("/etc/nginx/sites-enabled/longshore-test", line)
        self.assertIn("line=1", line)
        self.assertFalse(os.path.exists("/etc/nginx/sites-enabled/longshore-test"))
        self.addCleanup(lambda: os.path.exists("/etc/nginx/sites-enabled/longshore-test") and os.unlink(
            "/etc/nginx/sites-enabled/longshore-test"))
        self.store.put("/v1/kv/x", "server { listen 127.0.0.1:8096; }")
        wait_until(lambda: os.path.exists("/etc/nginx/sites-enabled/longshore-test"), 15, "a good one lives")


class ManyTest(E2ETest):
    wants_docker = False

    def test_one_of_a_hundred_is_poisoned(self):
        names = [f"s{number}" for number in range(100)]
        edge = Guarded(self, names, 'quarantine = true\n  wait { min = "500ms" max = "3s" }')
        edge.start(wait=False)
        edge.serves(names[99], "first")
        edge.renderer.wait_log("event=generation_applied")
        reloads = edge.renderer.log().count("event=reload_sent")
        body = [{"KV": {"Verb": "set", "Key": f"site-{name}", "Value": encoded(edge.site(
            name, "second", "nonsense;" if name == "s37" else ""))}} for name in names]
        # Consul takes 64 at a time.
        for begin in range(0, 100, 50):
            self.store.put("/v1/txn", body[begin:begin + 50])
        for name in names:
            edge.serves(name, "first" if name == "s37" else "second")
        ill = edge.group_is(lambda now: now["quarantined"] and now["state"] == "idle", "one is listed")["quarantined"]
        self.assertEqual([edge.target("s37")], [one["destination"] for one in ill])
        self.assertIn("nonsense", ill[0]["problem"])
        self.assertEqual(1, edge.renderer.log().count("event=reload_sent") - reloads)
        self.assertEqual(1, edge.renderer.metrics()['longshore_render_group_quarantined{group="edge"}'])
        self.assertEqual(1, len(re.findall("event=quarantined ", edge.renderer.log())))
        edge.put("s37", "second")
        edge.serves("s37", "second")


def encoded(text):
    return base64.b64encode(text.encode()).decode()
