"""How files are written: permissions, owners, backups, directories, links, mounts, errors; row by row."""

import os
import stat
import subprocess

from e2e.dropin import LINK, OWN, THERE, DropIn
from rig import sandbox
from rig.wait import wait_until

KEYS_OF_THE_FILE = ("mode", "user", "group", "text", "backup", "link", "inode", "ran")


class DropInFiles(DropIn):
    """A row: what is there before, keys of the template, what is there afterwards. `there` says where
    consul-template differs."""

    def configuration(self, keys="", text="new", destination="d/out"):
        return self.write("c.hcl", f'template {{\n contents = "{text}"\n destination = "{self.path(destination)}"\n'
                                   f' command = "echo ran >> {self.path("ran")}"\n {keys}\n}}\n')

    def look(self, destination="d/out"):
        path = self.path(destination)
        info = os.stat(path)
        seen = {"mode": stat.S_IMODE(info.st_mode), "user": info.st_uid, "group": info.st_gid,
                "text": self.read(destination), "link": os.path.islink(path), "inode": info.st_ino,
                "backup": self.read(destination + ".bak") if os.path.exists(path + ".bak") else None,
                "ran": os.path.exists(self.path("ran"))}
        self.assertEqual(set(KEYS_OF_THE_FILE), set(seen))
        return seen

    def fresh(self, before=None, mode=None, owner=None):
        subprocess.run(["rm", "-rf", self.path("d"), self.path("ran")], check=True)
        if before is None:
            return None
        os.makedirs(self.path("d"))
        path = self.write("d/out", before)
        os.chmod(path, mode or 0o644)
        os.chown(path, *(owner or (0, 0)))
        return path

    def row(self, keys, wanted, before=None, mode=None, owner=None, code=0, there=None, destination="d/out"):
        for who in (LINK, OWN, THERE):
            if not self.program(who):
                continue
            self.fresh(before, mode, owner)
            done = self.call(who, "-config", self.configuration(keys, destination=destination), "-once")
            if who == THERE:
                got = {**self.look(destination), "code": done.returncode} if done.returncode == 0 else {"code": done.returncode}
                differs = {key: got.get(key) for key, value in {"code": code, **wanted, **(there or {})}.items()
                           if got.get(key) != value}
                if differs:
                    print(f"   original: {keys!r} before={before!r}: {differs}")
                continue
            with self.subTest(keys=keys, before=before, who=who):
                self.assertEqual(code, done.returncode, done.stderr)
                got = self.look(destination) if wanted else {}
                self.assertEqual(wanted, {key: got[key] for key in wanted})

    def test_rows(self):
        row = self.row
        row("", {"text": "new", "mode": 0o644, "user": 0, "ran": True, "backup": None})
        row("", {"text": "new", "mode": 0o600, "ran": True}, before="old", mode=0o600)
        row("", {"text": "new", "user": 33, "group": 33}, before="old", owner=(33, 33))
        row("", {"text": "new", "ran": False}, before="new")
        row("", {"mode": 0o400, "ran": False}, before="new", mode=0o400)
        row('perms = "0600"', {"mode": 0o600, "ran": True})
        row('perms = "0600"', {"mode": 0o600, "ran": True}, before="old", mode=0o644)
        row('perms = 0640', {"mode": 0o640})
        row('perms = "0"', {"mode": 0o644})
        row('perms = "4750"', {"mode": 0o4750})
        # Wrong permissions alone: put right, without a command.
        row('perms = "0600"', {"mode": 0o600, "ran": False}, before="new", mode=0o644, there={"mode": 0o644})
        row('user = "www-data"', {"user": 33, "group": 0})
        row('group = "www-data"', {"user": 0, "group": 33})
        row('user = "33"\n group = "33"', {"user": 33, "group": 33})
        row('uid = 33\n gid = 33', {"user": 33, "group": 33})
        row('user = "www-data"', {"user": 33, "ran": True}, before="new")
        row('user = "www-data"', {"user": 33, "ran": False}, before="new", owner=(33, 0))
        row('user = "nobody-of-this-name"', {"text": "old"}, before="old", code=14)
        row('backup = true', {"backup": None, "text": "new"})
        row('backup = true', {"backup": "old", "text": "new"}, before="old")
        row('backup = true', {"backup": None, "ran": False}, before="new")
        row('backup = true\n perms = "0600"', {"backup": "old", "mode": 0o600}, before="old")
        row('create_dest_dirs = true', {"text": "new"}, destination="d/a/b/c/out")
        row('create_dest_dirs = false', {}, code=14)
        row('create_dest_dirs = false', {"text": "new"}, before="old")
        row('command_timeout = "5s"', {"ran": True, "text": "new"})

    def test_directories_are_made_0755_whatever_the_umask(self):
        self.fresh()
        old = os.umask(0o077)
        self.addCleanup(os.umask, old)
        self.assertEqual(0, self.call(OWN, "-config", self.configuration(destination="d/a/out"), "-once").returncode)
        self.assertEqual(0o755, stat.S_IMODE(os.stat(self.path("d/a")).st_mode))
        self.assertEqual(0o644, stat.S_IMODE(os.stat(self.path("d/a/out")).st_mode))

    def test_a_backup_has_one_generation(self):
        self.fresh("first")
        for text in ("second", "third"):
            self.call(OWN, "-config", self.configuration("backup = true", text), "-once")
        self.assertEqual(("third", "second"), (self.read("d/out"), self.read("d/out.bak")))

    def test_a_backup_that_nginx_would_include_is_said(self):
        for destination, said in (("d/sites-enabled/site", True), ("d/conf.d/site.conf", False)):
            done = self.call(OWN, "-config", self.configuration("backup = true", destination=destination), "-once")
            self.assertEqual(said, "site.bak" in done.stderr, done.stderr)
        # By what the nginx of this machine really includes.
        conf, folder = "/etc/nginx/nginx.conf", self.path("d/any")
        with open(conf, encoding="utf-8") as file:
            before = file.read()
        own = self.write("nginx.conf", before.replace("http {", f"http {{ include {folder}/*;", 1))
        sandbox.run("mount", "--bind", own, conf)
        try:
            for destination, said in (("d/any/site", True), ("d/other/site", False)):
                done = self.call(OWN, "-config", self.configuration("backup = true", destination=destination), "-once")
                self.assertEqual(said, "site.bak" in done.stderr, done.stderr)
        finally:
            sandbox.run("umount", conf)

    def test_a_link_stays_a_link(self):
        for who in (LINK, OWN):
            self.fresh("old")
            os.rename(self.path("d/out"), self.path("d/real"))
            os.symlink("real", self.path("d/out"))
            self.assertEqual(0, self.call(who, "-config", self.configuration(), "-once").returncode)
            self.assertTrue(os.path.islink(self.path("d/out")))
            self.assertEqual("new", self.read("d/real"))

    def test_a_mounted_file_is_written_in_place(self):
        """As in a container: a rename over it is refused (EBUSY), and would leave the host's file as it was."""
        for who in (LINK, OWN):
            self.fresh("old", mode=0o640)
            outside = self.write("outside", "old and longer")
            sandbox.run("mount", "--bind", outside, self.path("d/out"))
            try:
                inode = os.stat(outside).st_ino
                done = self.call(who, "-config", self.configuration(), "-once")
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual(("new", inode), (self.read("outside"), os.stat(outside).st_ino))
                self.assertEqual(["out"], os.listdir(self.path("d")))
            finally:
                sandbox.run("umount", "-l", self.path("d/out"))

    def test_a_read_only_directory_with_a_writable_mount(self):
        self.fresh("old")
        outside = self.write("outside", "old")
        sandbox.run("mount", "--bind", self.path("d"), self.path("d"))
        sandbox.run("mount", "--bind", outside, self.path("d/out"))
        sandbox.run("mount", "-o", "remount,bind,ro", self.path("d"))
        try:
            done = self.call(OWN, "-config", self.configuration(), "-once")
            self.assertEqual((0, "new"), (done.returncode, self.read("outside")), done.stderr)
        finally:
            sandbox.run("umount", "-l", self.path("d/out"))
            sandbox.run("umount", "-l", self.path("d"))

    def test_a_directory_in_its_place(self):
        os.makedirs(self.path("d/out"))
        for who in (LINK, OWN):
            done = self.call(who, "-config", self.configuration(), "-once")
            self.assertEqual(14, done.returncode)
            self.assertIn("Is a directory", done.stderr)

    def test_no_destination(self):
        path = self.write("c.hcl", 'template {\n contents = "x"\n}\n')
        self.expect("none", ["-config", path, "-once"], 14, None, 13)
        self.expect("dry", ["-config", path, "-once", "-dry"], 0, None, None)
        self.assertEqual("> \nx", self.call(LINK, "-config", path, "-once", "-dry").stdout)

    def test_source_and_contents(self):
        both = self.write("c.hcl", 'template {\n source = "a"\n contents = "x"\n destination = "o"\n}\n')
        self.expect("both", ["-config", both, "-once"], 14, None, 15)
        none = self.write("c.hcl", 'template {\n destination = "o"\n}\n')
        self.expect("neither", ["-config", none, "-once"], 14, None, 15)

    def test_dry_prints_and_touches_nothing(self):
        for who in (LINK, OWN):
            self.fresh("old")
            done = self.call(who, "-config", self.configuration(), "-once", "-dry")
            self.assertEqual(f"> {self.path('d/out')}\nnew", done.stdout)
            self.assertEqual(("old", False), (self.read("d/out"), os.path.exists(self.path("ran"))))
            self.fresh("new")
            self.assertEqual("", self.call(who, "-config", self.configuration(), "-once", "-dry").stdout)

    def test_parse_only_is_pure(self):
        for who in (LINK, OWN):
            self.fresh()
            self.assertEqual(0, self.call(who, "-config", self.configuration(), "-parse-only").returncode)
            self.assertFalse(os.path.exists(self.path("d")))
            bad = self.write("bad.hcl", 'template {\n contents = "{{ if }}"\n destination = "o"\n}\n')
            self.assertEqual(14, self.call(who, "-config", bad, "-parse-only").returncode)

    def test_delimiters_missing_keys_and_denied_functions(self):
        for keys, text, options, code, wanted in (
                ('left_delimiter = "<<"\n right_delimiter = ">>"', "<< 1 >>{{ 2 }}", (), 0, "1{{ 2 }}"),
                ("", "<< 1 >>", ("-default-left-delimiter", "<<", "-default-right-delimiter", ">>"), 0, "1"),
                ('left_delimiter = "[["\n right_delimiter = "]]"', "[[ 1 ]]<< 2 >>",
                 ("-default-left-delimiter", "<<", "-default-right-delimiter", ">>"), 0, "1<< 2 >>"),
                ("", "{{ (parseJSON `{}`).gone }}", (), 0, "<no value>"),
                ("error_on_missing_key = true", "{{ (parseJSON `{}`).gone }}", (), 14, None),
                ('function_denylist = ["env"]', "{{ env `X` }}", (), 14, None),
                ('function_denylist = ["e*"]', "{{ env `X` }}", (), 14, None),
                ('function_blacklist = ["env"]', "{{ env `X` }}", (), 14, None),
                ('function_denylist = ["env"]', "{{ if false }}{{ env `X` }}{{ end }}ok", (), 0, "ok")):
            for who in (LINK, OWN):
                with self.subTest(keys=keys, text=text, who=who):
                    self.fresh()
                    done = self.call(who, "-config", self.configuration(keys, text), "-once", *options)
                    self.assertEqual(code, done.returncode, done.stderr)
                    if wanted is not None:
                        self.assertEqual(wanted, self.read("d/out"))

    def test_one_bad_file_does_not_stop_the_others(self):
        os.makedirs(self.path("d/bad"))
        text = "".join(f'template {{\n contents = "x"\n destination = "{self.path("d/" + name)}"\n}}\n'
                       for name in ("bad", "good"))
        self.start(OWN, "-config", self.write("c.hcl", text), "-http-addr", "")
        wait_until(lambda: os.path.exists(self.path("d/good")), 15, "the other file is written")
