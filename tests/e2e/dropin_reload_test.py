"""HUP: what changes in place, what is refused, what takes a restart; row by row."""

import base64
import http.server
import json
import os
import signal
import threading
import time

from e2e.dropin import LINK, OWN, THERE, NeedsKey, Running

HUP, USR1 = signal.SIGHUP, signal.SIGUSR1


class DropInReload(Running):
    def write_config(self, *templates, more=""):
        return self.write("c.hcl", more + "".join(
            f'template {{\n contents = "{text}"\n destination = "{self.path(name)}"\n}}\n' for name, text in templates))

    def test_templates_come_change_and_go(self):
        for who in (LINK, OWN):
            running = self.begin(who)
            for name in ("one", "two"):
                if os.path.exists(self.path(name)):
                    os.remove(self.path(name))
            self.write_config(("out", "changed"), ("one", "1"))
            running.send(HUP)
            self.wait_text("out", "changed")
            self.wait_text("one", "1")
            self.write_config(("two", "2"))
            mark = len(running.log())
            running.send(HUP)
            self.wait_text("two", "2")
            running.wait_log("template_removed", after=mark)
            self.assertEqual("changed", self.read("out"))
            running.kill9()

    # What the configuration is at a HUP; the exit code there. With us it goes on in any case.
    ALONE = {
        'template {\n source = "/nonexistent"\n destination = "o"\n}\n': "template_unreadable",
        'template {\n contents = "{{ nope }}"\n destination = "o"\n}\n': "template_error",
    }
    BROKEN = [
        ("template { nonsense", 15), ("nosuch = 1", 15), ('max_stale = "soon"', 15), ('kill_signal = "SIGNOPE"', 15),
        ('template {\n destination = "o"\n}\n', 14), *((text, 14) for text in ALONE),
        ('consul {\n token_file = "/nonexistent"\n}\n', 14), ("\xff", 15), (None, 15),
    ]

    def test_a_broken_file_keeps_everything(self):
        for who in self.everyone():
            running = self.begin(who, name="broken-" + who[:4])
            for text, there in self.BROKEN:
                if text is None:
                    os.remove(self.path("c.hcl"))
                else:
                    with open(self.path("c.hcl"), "w", encoding="latin-1") as file:
                        file.write(text)
                mark = len(running.log())
                running.send(HUP)
                if who == THERE:
                    self.judge(("HUP", text), who, there, self.outcome(running, there))
                    running.kill9()
                    running = self.begin(who, name="broken-" + who[:4])
                    continue
                with self.subTest(text=text, who=who):
                    # Templates are read later than the rest: such a one alone is refused.
                    running.wait_log(self.ALONE.get(text, "reload_refused"), after=mark)
                    self.assertTrue(running.running())
                    self.assertEqual("x", self.read("out"))
            if who == THERE:
                running.kill9()
                continue
            mark = len(running.log())
            self.write_config(("out", "mended"))
            running.send(HUP)
            self.wait_text("out", "mended")
            self.assertNotIn("reload_refused", running.log()[mark:])
            running.kill9()

    def test_what_takes_a_restart_is_said(self):
        running = self.begin(OWN)
        self.write_config(("out", "y"), more='consul {\n address = "other:1"\n}\nstate_dir = "/s"\nhold = "1s"\n')
        running.send(HUP)
        self.assertIn("consul.address, state_dir", running.wait_log("restart_needed"))
        self.wait_text("out", "y")
        mark = len(running.log())
        self.write_config(("out", "z"), more=f'pid_file = "{self.path("pid")}"\nkill_signal = "SIGUSR2"\n'
                                             'syslog {\n enabled = true\n}\nhold = "2s"\n')
        running.send(HUP)
        self.assertIn("kill_signal, pid_file, syslog", running.wait_log("restart_needed", after=mark))
        self.wait_text("out", "z")

    def test_remarks_of_a_new_configuration_are_said(self):
        for who in (LINK, OWN):
            running = self.begin(who, name="remarks-" + who[:4])
            for text in ("y", "z"):
                self.write_config(("out", text), more='deduplicate {\n enabled = true\n}\nvault {\n}\n')
                running.send(HUP)
                self.wait_text("out", text)
            log = running.log()
            self.assertEqual((1, 1), (log.count("de-duplication is accepted and not used"), log.count("Vault is not supported")),
                             log)
            running.kill9()

    def test_a_program_that_is_not_asked_for_any_more_goes_on(self):
        exec_block = 'exec {\n command = "exec sleep 1000"\n}\n'
        self.write_config(("out", "x"), more=exec_block)
        running = self.start(OWN, "-config", self.path("c.hcl"), "-http-addr", "")
        self.wait_child(running)
        self.write_config(("out", "y"))
        running.send(HUP)
        self.assertIn("exec.command", running.wait_log("restart_needed"))
        self.wait_text("out", "y")
        self.assertTrue(running.running())

    def test_the_kill_timeout_of_a_reload_counts(self):
        deaf = self.write("deaf", "#!/bin/sh\ntrap '' TERM INT\nwhile :; do sleep 0.05; done\n")
        os.chmod(deaf, 0o755)
        block = 'exec {{\n command = "{}"\n kill_timeout = "{}"\n}}\n'.format
        self.write_config(("out", "x"), more=block(deaf, "1h"))
        running = self.start(OWN, "-config", self.path("c.hcl"), "-http-addr", "")
        self.wait_child(running)
        self.write_config(("out", "x"), more=block(deaf, "200ms"))
        running.send(HUP)
        running.wait_log("reloading")
        self.assertEqual(0, running.term(15))

    def test_log_level_changes(self):
        self.write_config(("out", "x"))
        running = self.start(OWN, "-config", self.path("c.hcl"), "-http-addr", "")
        self.wait_text("out", "x")
        self.write_config(("out", "y"), more='log_level = "debug"\n')
        running.send(HUP)
        self.wait_text("out", "y")
        running.send(USR1)
        running.wait_log("level=debug")
        self.write_config(("out", "z"), more='log_level = "loud"\n')
        running.send(HUP)
        self.assertIn("invalid log level", running.wait_log("reload_refused"))
        self.assertEqual("y", self.read("out"))


class DropInCredentials(NeedsKey):
    """A server that only writes down who asks."""

    def test_token_rotation_by_hup(self):
        tokens, answers = [], ["1", "2"]

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                tokens.append(self.headers.get("X-Consul-Token"))
                value = base64.b64encode(answers[0 if tokens[-1] == "old" else 1].encode()).decode()
                body = json.dumps([{"Key": "k", "Value": value, "CreateIndex": 1, "ModifyIndex": 1, "Flags": 0,
                                    "LockIndex": 0}]).encode()
                # The next question is answered late, as a blocking query is.
                if "index=" in self.path:
                    time.sleep(0.3)
                self.send_response(200)
                for name, text in (("X-Consul-Index", str(len(tokens))), ("X-Consul-KnownLeader", "true"),
                                   ("X-Consul-LastContact", "0"), ("Content-Length", str(len(body)))):
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        token = self.write("token", "old\n")
        path = self.config(f'consul {{\n address = "{address}"\n token_file = "{token}"\n}}\n')
        running = self.start(OWN, "-config", path, "-http-addr", "")
        self.wait_text("out", "1")
        self.write("token", "new\n")
        running.send(HUP)
        self.wait_text("out", "2")
        self.assertEqual({"old", "new"}, set(tokens))
        self.assertTrue(running.running())
