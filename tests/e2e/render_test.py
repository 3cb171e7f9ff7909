"""The renderer on a real Consul: once, dry, commands, exit codes, bad templates and bad destinations."""

import os
import re
import signal
import socket
import stat
import subprocess
import time

from e2e.base import E2ETest
from rig import longshore, sandbox
from rig.wait import hold_true, wait_until

NAMES = '{{ range service "web" }}{{ .Address }}:{{ .Port }}\n{{ end }}'
CONSUL = ("-consul-addr", "127.0.0.1:8500")


class Render(E2ETest):
    wants_docker = False

    def register(self, ident, port=1, address="192.0.2.1", name="web"):
        self.store.put("/v1/agent/service/register",
                       {"ID": ident, "Name": name, "Address": address, "Port": port})

    def once(self, *words, **more):
        return longshore.call("render", *CONSUL, "-once", *words, **more)

    def wait_text(self, name, text, seconds=5):
        def same():
            got = self.read(name)
            if got != text:
                raise AssertionError(f"it is {got!r}")
            return True
        wait_until(same, seconds, f"{name} is {text!r}")


class RenderTest(Render):
    def test_once(self):
        self.register("a", 1)
        self.register("b", 2)
        self.store.put("/v1/kv/colour", "blue")
        source = self.write("in", NAMES + '{{ key "colour" }} {{ keyOrDefault "none" "x" | toUpper }}\n')
        mark = self.path("ran")
        done = self.once("-template", f"{source}:{self.path('out')}:echo run >> {mark}")
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)
        self.assertEqual("192.0.2.1:1\n192.0.2.1:2\nblue X\n", self.read("out"))
        self.assertEqual("run\n", self.read("ran"))
        # Nothing changed: the file stays what it is and the command does not run again.
        before = os.stat(self.path("out"))
        self.assertEqual(0, self.once("-template", f"{source}:{self.path('out')}:echo run >> {mark}").returncode)
        after = os.stat(self.path("out"))
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.assertEqual("run\n", self.read("ran"))

    def test_once_waits_for_a_missing_key(self):
        source = self.write("in", '{{ key "late" }}')
        renderer = self.keep(longshore.Longshore(
            "render", [*CONSUL, "-once", "-template", f"{source}:{self.path('out')}"], self.logs, longshore.RENDERER))
        renderer.start()
        hold_true(lambda: renderer.running() and not os.path.exists(self.path("out")), 1.5, "it waits, unwritten")
        self.store.put("/v1/kv/late", "now")
        self.assertEqual(0, renderer.wait(10))
        self.assertEqual("now", self.read("out"))

    def test_dry(self):
        self.register("a")
        source = self.write("in", NAMES)
        out = self.path("out")
        done = self.once("-dry", "-template", f"{source}:{out}:touch {self.path('ran')}")
        self.assertEqual((0, f"> {out}\n192.0.2.1:1\n"), (done.returncode, done.stdout), done.stderr)
        self.assertEqual(["in"], os.listdir(self.dir))

    def test_stdout_as_destination(self):
        source = self.write("in", "text\n")
        words = [longshore.executable(), "render", *CONSUL, "-once", "-template", f"{source}:/dev/stdout"]
        ours, theirs = socket.socketpair()  # as of a service
        with ours, theirs:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, timeout=30,
                                  check=False)
            theirs.close()
            self.assertEqual((0, b"text\n", b""), (done.returncode, ours.recv(100), ours.recv(100)), done.stderr)
        # What others write to the same file stands before and behind it.
        with open(self.path("log"), "wb") as log:
            subprocess.run(["sh", "-c", 'echo head; "$@"; echo tail', "sh", *words], stdin=subprocess.DEVNULL, stdout=log,
                           stderr=subprocess.DEVNULL, timeout=30, check=True)
        self.assertEqual("head\ntext\ntail\n", self.read("log"))

    def test_exit_codes(self):
        source = self.write("in", "{{ if }}")
        self.assertEqual(13, longshore.call("render", "-bogus").returncode)
        self.assertEqual(13, longshore.call("render", "stray").returncode)
        self.assertEqual(14, self.once("-template", f"{source}:{self.path('out')}").returncode)
        self.assertEqual(14, self.once("-template", f"{self.path('absent')}:{self.path('out')}").returncode)
        self.assertEqual(0, longshore.call("render", "-h").returncode)

    def test_mode_and_owner_are_kept(self):
        source, out = self.write("in", '{{ key "k" }}'), self.write("out", "old")
        self.store.put("/v1/kv/k", "new")
        os.chmod(out, 0o640)
        os.chown(out, 33, 33)
        self.assertEqual(0, self.once("-template", f"{source}:{out}").returncode)
        got = os.stat(out)
        self.assertEqual(("new", 0o640, 33, 33), (self.read("out"), stat.S_IMODE(got.st_mode), got.st_uid, got.st_gid))

    def test_follows_changes_and_runs_the_command_after_each(self):
        self.store.put("/v1/kv/k", "0")
        source = self.write("in", '{{ key "k" }}')
        self.renderer(f"{source}:{self.path('out')}:cat {self.path('out')} >> {self.path('seen')}")
        self.wait_text("seen", "0")
        for value in ("1", "2", "3"):
            self.store.put("/v1/kv/k", value)
            self.wait_text("out", value)
            self.wait_text("seen", "0123"[: int(value) + 1])

    def test_wait_gathers_changes(self):
        self.store.put("/v1/kv/k", "start")
        source = self.write("in", '{{ key "k" }}')
        self.renderer(f"{source}:{self.path('out')}:echo x >> {self.path('ran')}", options=("-wait", "3s:20s"))
        self.wait_text("ran", "x\n")
        for value in range(10):
            self.store.put("/v1/kv/k", str(value))
            time.sleep(0.02)
        self.wait_text("out", "9")
        self.wait_text("ran", "x\nx\n")

    def test_hup_reads_templates_again(self):
        source = self.write("in", "one")
        renderer = self.renderer(f"{source}:{self.path('out')}")
        self.wait_text("out", "one")
        self.write("in", "two")
        renderer.send(signal.SIGHUP)
        self.wait_text("out", "two")
        self.assertTrue(renderer.running())


class HoldTest(Render):
    def listener(self):
        made = socket.create_server((sandbox.HOST_IP, 0))
        self.addCleanup(made.close)
        return made, made.getsockname()[1]

    def test_vanished_is_held_while_it_accepts(self):
        kept, kept_port = self.listener()
        gone, gone_port = self.listener()
        for port in (kept_port, gone_port):
            self.register(f"w{port}", port, sandbox.HOST_IP)
        source = self.write("in", NAMES)
        self.renderer(f"{source}:{self.path('out')}")
        line = f"{sandbox.HOST_IP}:{kept_port}\n"
        wait_until(lambda: len(self.read("out").splitlines()) == 2, 5, "both are rendered")
        # Refused: nobody is there any more, so at once.
        gone.close()
        self.store.put(f"/v1/agent/service/deregister/w{gone_port}")
        self.wait_text("out", line, 3)
        # It still accepts and nobody withdrew it: held, then believed.
        self.store.put(f"/v1/agent/service/deregister/w{kept_port}")
        hold_true(lambda: self.read("out") == line, 6, "it is held")
        self.wait_text("out", "", 12)


class BadTemplateTest(Render):
    def test_says_where_and_others_go_on(self):
        self.register("a")
        good, bad = self.write("good", NAMES), self.write("bad", "line one\nserver {{ if .x }}\n{{ nosuch }}\n")
        renderer = self.renderer(f"{bad}:{self.path('bad.out')}", f"{good}:{self.path('good.out')}", start=False)
        renderer.start()
        self.wait_text("good.out", "192.0.2.1:1\n")
        log = renderer.log()
        self.assertRegex(log, r"/bad line=3 column=4 .*nosuch")
        source, caret = re.search(r"(?m)at=\"(.*{{ nosuch }})\"$\n.*at=\"(.*)\"$", log).groups()
        self.assertEqual(source.index("nosuch"), caret.index("^"), log)
        self.assertFalse(os.path.exists(self.path("bad.out")))
        # Mended and told so, it is rendered without a restart.
        self.write("bad", "mended")
        renderer.send(signal.SIGHUP)
        self.wait_text("bad.out", "mended")
        renderer.wait_ready()

    def test_unreadable_file(self):
        good = self.write("good", "good")
        renderer = self.renderer(f"{self.path('absent')}:{self.path('x')}", f"{good}:{self.path('good.out')}",
                                 start=False)
        renderer.start()
        self.wait_text("good.out", "good")
        renderer.wait_log("absent")


class BadDestinationTest(Render):
    def small_disk(self):
        """A file system of 16 KiB with an old file on it."""
        disk = self.path("disk")
        os.mkdir(disk)
        sandbox.run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk)
        self.addCleanup(sandbox.run, "umount", "-l", disk)
        self.write("disk/out", "old")
        return disk

    def test_full_disk_keeps_the_old_file(self):
        self.small_disk()
        self.store.put("/v1/kv/k", "n" * 9000)
        self.write("disk/filler", "f" * 12000)
        source = self.write("in", '{{ key "k" }}')
        other = self.write("other", "fine")
        renderer = self.renderer(f"{source}:{self.path('disk/out')}:touch {self.path('ran')}",
                                 f"{other}:{self.path('other.out')}", start=False)
        renderer.start()
        renderer.wait_log("No space left")
        self.assertEqual("old", self.read("disk/out"))
        self.wait_text("other.out", "fine")
        self.assertFalse(os.path.exists(self.path("ran")), "no command without its file")
        renderer.wait_not_ready()
        os.remove(self.path("disk/filler"))
        self.wait_text("disk/out", "n" * 9000, 20)
        renderer.wait_ready()
        self.assertEqual(["out"], [name for name in os.listdir(self.path("disk")) if not name.startswith(".")])

    def test_unwritable_destination(self):
        disk = self.small_disk()
        sandbox.run("mount", "-o", "remount,ro", disk)
        source = self.write("in", "new")
        renderer = self.renderer(f"{source}:{disk}/out", start=False)
        renderer.start()
        renderer.wait_log("Read-only")
        self.assertEqual("old", self.read("disk/out"))
        sandbox.run("mount", "-o", "remount,rw", disk)
        self.wait_text("disk/out", "new", 20)
