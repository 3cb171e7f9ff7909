"""plan: what a renderer would do beside the text of its files, and that nothing of it is done."""

import json
import os

from e2e.base import E2ETest
from rig.longshore import call


class PlanEffectsTest(E2ETest):
    """Templates without data: nobody is asked."""
    wants_docker = False
    backend = None

    def tree(self):
        """All that a renderer could change."""
        found = {"state": os.path.exists("/var/lib/longshore")}
        for folder, folders, files in os.walk(self.dir):
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                info = os.lstat(path)
                found[path] = (info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_mtime_ns, info.st_nlink)
        return found

    def plan(self, text):
        """Of a configuration: the text and the object that a plan gives, with one exit code."""
        config = self.write("plan.hcl", text)
        before = self.tree()
        shown, said = (call("plan", "-config", config, *more) for more in ((), ("-json",)))
        self.assertEqual(before, self.tree(), "a plan touches nothing")
        self.assertEqual(shown.returncode, said.returncode)
        return shown.returncode, shown.stdout, json.loads(said.stdout or "{}"), shown.stderr

    def template(self, keys="", destination="out", more=""):
        return (f'template {{\n contents = "new\\n"\n destination = "{self.path(destination)}"\n'
                f' command = "touch {self.path("ran")}"\n {keys}\n}}\n{more}')

    def old(self, text, mode=0o644):
        path = self.write("out", text)
        os.chmod(path, mode)
        os.chown(path, 0, 0)

    def test_permissions_owners_directories_and_backups(self):
        out = self.path("out")
        rows = [
            # what is there, keys, lines of the text, kind, what the object says of the file, does the command run
            ("new\n", 'perms = "0600"', [f"{out}: permissions 0644 -> 0600"], "attributes",
             {"mode": {"from": "0644", "to": "0600"}, "diff": ""}, False),
            ("new\n", 'user = "www-data"', [f"{out}: owner root:root -> www-data:root"], "attributes",
             {"owner": {"from": "root:root", "to": "www-data:root"}}, True),
            ("new\n", 'group = "12345"', [f"{out}: owner root:root -> root:12345"], "attributes",
             {"owner": {"from": "root:root", "to": "root:12345"}}, True),
            ("old\n", 'perms = "0640"\n user = "33"\n group = "33"\n backup = true',
             [f"{out}: permissions 0644 -> 0640", f"{out}: owner root:root -> www-data:www-data",
              f"{out}: the old one would be kept as {out}.bak"], "replace", {"backup": out + ".bak"}, True),
            (None, 'perms = "0600"', [f"{out}: permissions 0600"], "create", {"mode": {"to": "0600"}}, True),
            ("old\n", 'perms = "0644"\n user = "root"', [], "replace", {}, True),
        ]
        for before, keys, lines, kind, said, runs in rows:
            with self.subTest(keys=keys, before=before):
                for name in ("out", "out.bak"):
                    if os.path.exists(self.path(name)):
                        os.remove(self.path(name))
                if before is not None:
                    self.old(before)
                code, text, plan, _ = self.plan(self.template(keys))
                self.assertEqual(1, code)
                for line in lines:
                    self.assertIn(f"plan: {line}\n", text)
                for word in ("permissions", "owner", "kept"):
                    self.assertEqual(any(f": {word}" in line or f" be {word}" in line for line in lines), word in text)
                (change,) = plan["changes"]
                self.assertEqual((kind, out), (change["kind"], change["destination"]))
                self.assertEqual(said, {key: change[key] for key in said})
                self.assertEqual([f"touch {self.path('ran')}"] if runs else [], plan["commands"])
                # What was said is what is done: afterwards there is nothing to say.
                done = call("render", "-once", "-config", self.path("plan.hcl"))
                self.assertEqual((0, runs), (done.returncode, os.path.exists(self.path("ran"))), done)
                if runs:
                    os.remove(self.path("ran"))
                code, text, plan, _ = self.plan(self.template(keys))
                self.assertEqual((0, "plan: no changes in 1 files; nothing would be reloaded\n"), (code, text))
                self.assertEqual([], plan["changes"])

    def test_directories(self):
        code, text, plan, _ = self.plan(self.template(destination="a/b/c/out") + self.template(destination="a/b/d/out"))
        wanted = [self.path(name) for name in ("a", "a/b", "a/b/c", "a/b/d")]
        self.assertEqual((1, wanted), (code, plan["directories"]))
        self.assertEqual([f"plan: {path}/ would be made (0755)" for path in wanted],
                         [line for line in text.splitlines() if "would be made" in line])
        os.makedirs(self.path("a/b"))
        self.assertEqual([self.path("a/b/c")], self.plan(self.template(destination="a/b/c/out"))[2]["directories"])

    def test_what_could_not_be_written(self):
        os.makedirs(self.path("folder"))
        self.write("file", "x")
        for keys, destination, said in (
                ("create_dest_dirs = false", "none/out", "No such file or directory"),
                ('user = "nobody-of-this-name"', "out", "no such user: nobody-of-this-name"),
                ('group = "nobody-of-this-name"', "out", "no such group: nobody-of-this-name"),
                ("", "folder", "Is a directory"), ("", "file/out", "Not a directory")):
            with self.subTest(keys=keys, destination=destination):
                code, _, plan, error = self.plan(self.template(keys, destination))
                self.assertEqual((2, False, []), (code, plan["complete"], plan["changes"]))
                self.assertIn(said, error)

    def test_through_a_link(self):
        os.makedirs(self.path("else"))
        self.write("else/real", "old\n")
        os.symlink("else/real", self.path("out"))
        code, text, plan, _ = self.plan(self.template("backup = true"))
        self.assertEqual((1, self.path("out.bak")), (code, plan["changes"][0]["backup"]))
        self.assertIn("-old\n+new\n", text)
        self.assertEqual(0, call("render", "-once", "-config", self.path("plan.hcl")).returncode)
        self.assertEqual(("old\n", "new\n"), (self.read("out.bak"), self.read("else/real")))
        self.assertEqual(["real"], os.listdir(self.path("else")))

    def test_the_supervised_program(self):
        command = f"touch {self.path('started')}"
        plain = f'template {{\n contents = "new\\n"\n destination = "{self.path("out")}"\n}}\n'
        group = f'group "g" {{\n child = true\n signal = "SIGUSR2"\n {plain}}}\n'
        rows = [
            # templates, keys of exec, what it would hear, what the object says of a running one
            (plain, "", "then the program would be restarted (SIGINT, SIGKILL after 30s), or started if it does not run",
             {"if_running": "restart", "kill_signal": "SIGINT", "kill_timeout": "30s"}),
            (plain, 'kill_signal = "SIGTERM"\n kill_timeout = "5s"\n splay = "2s"',
             "then the program would be restarted within 2s (SIGTERM, SIGKILL after 5s), or started if it does not run",
             {"if_running": "restart", "kill_signal": "SIGTERM", "kill_timeout": "5s", "splay": "2s"}),
            (plain, 'reload_signal = "SIGUSR1"', "then the program would get SIGUSR1, or be started if it does not run",
             {"if_running": "signal", "signals": ["SIGUSR1"]}),
            (plain, 'reload_signal = ""', "the program would hear nothing, and be started if it does not run",
             {"if_running": "nothing"}),
            (group, "", "then the program would get SIGUSR2, or be started if it does not run",
             {"if_running": "signal", "signals": ["SIGUSR2"]}),
        ]
        for templates, keys, line, said in rows:
            with self.subTest(keys=keys, templates=templates):
                if os.path.exists(self.path("out")):
                    os.remove(self.path("out"))
                config = f'{templates}exec {{\n command = "{command}"\n {keys}\n}}\n'
                code, text, plan, _ = self.plan(config)
                self.assertEqual(1, code)
                self.assertIn(f"plan: {line}: {command}\n", text)
                self.assertEqual({"command": command, "if_not_running": "start", **said}, plan["program"])
                # Without changes: whoever runs it goes on.
                self.write("out", "new\n")
                code, text, plan, _ = self.plan(config)
                self.assertEqual((0, "nothing"), (code, plan["program"]["if_running"]))
                self.assertIn(f"plan: the program would hear nothing, and be started if it does not run: {command}\n", text)
        self.assertFalse(os.path.exists(self.path("started")))

    def test_whom_a_pid_file_names(self):
        self.write("pid", "1\n")
        text = (f'group "g" {{\n pid_file = "{self.path("pid")}"\n signal = "SIGUSR1"\n template {{\n contents = "x"\n'
                f' destination = "{self.path("grouped")}"\n }}\n}}\nnginx {{\n pid_file = "/run/nginx.pid"\n}}\n'
                f'template {{\n contents = "x"\n destination = "{self.path("single")}"\n}}\n')
        code, shown, plan, _ = self.plan(text)
        self.assertEqual(1, code)
        self.assertEqual([{"pid_file": "/run/nginx.pid", "signal": "SIGHUP"},
                          {"pid_file": self.path("pid"), "signal": "SIGUSR1"}], plan["reloads"])
        self.assertIn(f"plan: then SIGUSR1 would go to the process in {self.path('pid')}\n", shown)
        self.assertIn("plan: then SIGHUP would go to the process in /run/nginx.pid\n", shown)
