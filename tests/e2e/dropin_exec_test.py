"""Commands after a change and the supervised program, row by row, on the embedded registry where data is needed."""

import os
import signal
import time

from e2e.dropin import LINK, OWN, THERE, DropIn
from rig.process import Process
from rig.wait import hold_true, wait_until

PLAIN = 'template {\n contents = "x"\n destination = "%s"\n %s\n}\n'


class DropInCommands(DropIn):
    """Each row runs -once: keys of the template, exit code, what the command left in `seen`."""

    def config(self, *bodies, top=""):
        text = top + "".join(PLAIN % (self.path(f"out{number}"), body) for number, body in enumerate(bodies))
        for number in range(len(bodies)):
            if os.path.exists(self.path(f"out{number}")):
                os.remove(self.path(f"out{number}"))
        if os.path.exists(self.path("seen")):
            os.remove(self.path("seen"))
        return self.write("c.hcl", text)

    def seen(self):
        return self.read("seen") if os.path.exists(self.path("seen")) else None

    def row(self, bodies, seen, code=0, env=None, options=(), who=(LINK, OWN), top="", there=None):
        """`there`: code and `seen` of consul-template, where it is documented to do something else."""
        for one in self.everyone(*who):
            done = self.call(one, "-config", self.config(*bodies, top=top), "-once", *options, env=env)
            wanted = there if one == THERE and there else (code, seen)
            self.judge(bodies, one, wanted, (done.returncode, self.seen()), done.stderr)

    def test_rows(self):
        seen, row = self.path("seen"), self.row
        say = self.write("say", f'#!/bin/sh\nprintf "%s|" "$@" >> {seen}\n')
        os.chmod(say, 0o755)
        row((f'command = "echo a b >> {seen}"',), "a b\n")
        row((f'command = "{say}"',), "|")
        row((f'command = "{say} one two"',), "one|two|")
        row((f'command = ["{say}", "one two", "$HOME", ";"]',), "one two|$HOME|;|")
        row((f'command = ["{say}"]',), "|")
        # There it is a list of two, of which the first is no program.
        row((f'command = "{say} a, b"',), "a,|b|", there=(14, None))
        row((f'exec {{ command = "{say} new" }}\n command = "{say} old"',), "new|")
        row((f'exec {{ timeout = "5s" }}\n command = "{say} old"',), "old|")
        row((f'command = "echo $(( 1 + 2 )) | tr 3 4 > {seen}"',), "4\n")
        row(('command = ""',), None)
        row(('exec { command = [] }',), None)
        # Once per pass and command, in the order of the templates, after all of them.
        row((f'command = "{say} same"', f'command = "{say} same"'), "same|")
        row((f'command = "{say} 1"', f'command = "{say} 2"', f'command = "{say} 1"'), "1|2|")
        row((f'command = "test -e {self.path("out1")} && {say} after"', ""), "after|")
        row((f'command = ["{say}", "x"]', f'command = "{say} x"'), "x|x|")
        # Failures: the others still run, the code is 14.
        row(('command = "exit 3 ; true"',), None, code=14)
        row((f'command = "exit 3 ; true"', f'command = "{say} next"'), "next|", code=14)
        row(('command = "/nonexistent/program"',), None, code=14)
        row(('command = ["/nonexistent/program", "x"]',), None, code=14)
        row(('command = "nonexistent-program -x"',), None, code=14)
        row((f'command = "{self.path("c.hcl")}"',), None, code=14)  # there is such a file, and nobody may run it
        row(('command = "kill -9 $$"',), None, code=14)
        row((f'command = "sleep 30 ; {say} never"\n command_timeout = "300ms"',), None, code=14)
        row((f'exec {{ command = "sleep 30 ; {say} never"\n timeout = "300ms" }}',), None, code=14)

    def test_environment(self):
        show = (f"env | grep -E '^(A|B|C|CONSUL_HTTP_(ADDR|AUTH|SSL|TOKEN|TOKEN_FILE))=' | sort > {self.path('seen')}")
        base = "CONSUL_HTTP_SSL=false\n"
        own = {"A": "1", "B": "2"}
        both = "A=1\nB=2\n"
        self.write("token", "from a file\n")
        for rules, options, env, wanted in (
                ("", (), {}, both + base),
                ('custom = ["C=3"]', (), {}, both + "C=3\n" + base),
                ('custom = ["A=9"]', (), {}, "A=9\nB=2\n" + base),
                ('custom = ["A=$B"]', (), {}, "A=$B\nB=2\n" + base),
                ('custom = ["A=x=y"]', (), {}, "A=x=y\nB=2\n" + base),
                ('allowlist = ["A", "PATH"]', (), {}, "A=1\n" + base),
                ('allowlist = ["[AB]", "P*"]', (), {}, both + base),
                ('denylist = ["A"]', (), {}, "B=2\n" + base),
                ('denylist = ["?"]', (), {}, base),
                ('allowlist = ["*"]\n denylist = ["B"]', (), {}, "A=1\n" + base),
                ('whitelist = ["B"]', (), {}, "B=2\n" + base),
                ('blacklist = ["B"]', (), {}, "A=1\n" + base),
                ('pristine = true', (), {}, base),
                ('pristine = true\n custom = ["C=3", "CONSUL_HTTP_SSL=maybe"]', (), {}, "C=3\nCONSUL_HTTP_SSL=maybe\n"),
                # Where Consul is, as it was said, wherever it was said; a file of a token stays a file.
                ("", ("-consul-token", "t0"), {}, both + base + "CONSUL_HTTP_TOKEN=t0\n"),
                ("", ("-consul-token-file", "token"), {}, both + base + "CONSUL_HTTP_TOKEN_FILE=token\n"),
                ('pristine = true', (), {"CONSUL_HTTP_TOKEN": "t1"}, base + "CONSUL_HTTP_TOKEN=t1\n"),
                ('pristine = true', (), {"CONSUL_TOKEN": "t2"}, base + "CONSUL_HTTP_TOKEN=t2\n"),
                ('pristine = true', (), {"CONSUL_HTTP_TOKEN_FILE": "token"}, base + "CONSUL_HTTP_TOKEN_FILE=token\n"),
                ('denylist = ["CONSUL*"]', (), {"CONSUL_HTTP_ADDR": "e:1"}, f"{both}CONSUL_HTTP_ADDR=e:1\n{base}"),
                ("", ("-consul-addr", "unix:///run/c.sock"), {}, f"{both}CONSUL_HTTP_ADDR=unix:///run/c.sock\n{base}"),
                ("", ("-consul-addr", "o:2", "-consul-auth", "u:p:q"), {"CONSUL_HTTP_ADDR": "e:1"},
                 f"{both}CONSUL_HTTP_ADDR=o:2\nCONSUL_HTTP_AUTH=u:p:q\n{base}"),
                ("", ("-consul-auth", "u"), {}, f"{both}CONSUL_HTTP_AUTH=u:\n{base}"),
                ("", ("-consul-addr", "h:1", "-consul-ssl"), {},
                 both + "CONSUL_HTTP_ADDR=h:1\nCONSUL_HTTP_SSL=true\n")):
            self.row((f'exec {{\n command = "{show}"\n env {{\n {rules}\n }}\n}}',), wanted, env={**own, **env},
                     options=options)
        # TLS that only the address or a variable asks for is told too; there it is not.
        for options, env in ((("-consul-addr", "https://h:1"), {}), (("-consul-addr", "h:1"), {"CONSUL_HTTP_SSL": "1"})):
            self.row((f'exec {{\n command = "{show}"\n}}',), f"CONSUL_HTTP_ADDR={options[1]}\nCONSUL_HTTP_SSL=true\n", env=env,
                     options=options, there=(0, f"CONSUL_HTTP_ADDR={options[1]}\nCONSUL_HTTP_SSL=false\n"))

    def test_output(self):
        """Under the link it is ours, as there; under our own name it is in the log line."""
        for who in self.everyone(LINK):
            done = self.call(who, "-config", self.config('command = "echo out; echo err >&2"'), "-once")
            self.judge("output", who, ("out\n", True), (done.stdout, "err\n" in done.stderr), done.stderr)
        done = self.call(OWN, "-config", self.config('command = "echo out; echo err >&2"'), "-once")
        self.assertEqual("", done.stdout)
        self.assertRegex(done.stderr, r'event=command_done .*output="out\\nerr"')

    def test_without_a_timeout_nobody_waits(self):
        for who in self.everyone():
            flag = self.path("go-" + who.replace(" ", "-"))
            path = self.config(f'command = "exec > /dev/null 2>&1; until test -e {flag}; do sleep 0.05; done; '
                               f'echo late > {self.path("seen")}"\n command_timeout = "0s"')
            done = self.call(who, "-config", path, "-once")
            self.judge("no timeout", who, (0, None), (done.returncode, self.seen()), done.stderr)
            self.write(flag, "")
            self.judge_text("no timeout", who, "seen", "late\n")

    def test_as_process_1_it_reaps_what_commands_leave_behind(self):
        """As in a container without an init: consul-template's own image has one."""
        for who in (LINK, OWN):
            config = self.config('command = "(sleep 0.1 &) ; (sleep 0.2 &) ; true"')
            words = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *self.program(who), "-config", config]
            running = Process("one-" + who[:4], words, os.path.join(self.logs, who[:4] + ".log"),
                              env={"LONGSHORE_RENDER_HTTP_ADDR": ""}, cwd=self.dir)
            self.addCleanup(running.kill9)
            running.start()
            self.wait_text("out0", "x")

            def states():
                (first,) = self.children(running.pid)
                return sorted(self.state(child) for child in self.children(first))
            wait_until(lambda: "Z" in states(), 15, "one that was left behind has ended")
            wait_until(lambda: states() == [], 30, "all of them are reaped")
            running.kill9()

    def children(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
            return [int(word) for word in file.read().split()]

    def state(self, pid):
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(") ")[2][0]

    def test_a_command_that_failed_is_tried_again(self):
        flag = self.path("flag")
        path = self.config(f'command = "test -e {flag} && echo done > {self.path("seen")}"')
        running = self.start(OWN, "-config", path, "-http-addr", "")
        running.wait_log("command_failed")
        self.write("flag", "")
        self.wait_text("seen", "done\n")


class Supervised(DropIn):
    """A supervised program and its journal."""

    def journal(self, name="prog", ends="", traps="HUP USR1 TERM INT"):
        """A program that writes down its start, its signals and what it reads from the environment."""
        lines = "".join(f"trap 'echo {each} >> {self.path('seen')}{'; exit 0' if each in ('TERM', 'INT') else ''}' {each}\n"
                        for each in traps.split())
        path = self.write(name, f"#!/bin/sh\n{lines}echo start $MARK >> {self.path('seen')}\n{ends}\n"
                                "while :; do sleep 0.05; done\n")
        os.chmod(path, 0o755)
        return path

    def template(self, text="x", more=""):
        return self.write("t.hcl", f'template {{\n contents = "{text}"\n destination = "{self.path("out")}"\n}}\n{more}')


class DropInExec(Supervised):
    def test_exit_codes(self):
        for command, link, own in (("true", 0, 0), ("false", 1, 1), ("sh -c 'exit 7'", 7, 7), ("exit 255 ;", 255, 255),
                                   ("kill -9 $$ ;", 255, 137), ("kill -TERM $$ ;", 255, 143),
                                   ("/nonexistent/program", 14, 14), ("nonexistent-program x", 127, 127)):
            for words in (("-once",), ()):
                self.expect((command, words), ["-config", self.template(), "-exec", command, *words], link, None, own)

    def test_a_command_that_failed_lets_nothing_start(self):
        for who in self.everyone():
            path = self.write("t.hcl", PLAIN % (self.path("out"), 'command = "exit 3 ; true"'))
            for name in ("out", "started"):
                if os.path.exists(self.path(name)):
                    os.remove(self.path(name))
            done = self.call(who, "-config", path, "-once", "-exec", f"touch {self.path('started')}")
            self.judge("failed", who, (14, False), (done.returncode, os.path.exists(self.path("started"))), done.stderr)

    def test_it_starts_when_all_is_rendered_and_commands_are_done(self):
        path = self.write("t.hcl", PLAIN % (self.path("out"), f'command = "sleep 0.3; echo first >> {self.path("seen")}"'))
        for who in self.everyone():
            self.write("seen", "")
            if os.path.exists(self.path("out")):
                os.remove(self.path("out"))
            done = self.call(who, "-config", path, "-exec", f"cat {self.path('out')} >> {self.path('seen')}")
            self.judge("order", who, (0, "first\nx"), (done.returncode, self.read("seen")), done.stderr)

    def test_it_has_our_stdin_and_stdout(self):
        for who in self.everyone():
            read, write = os.pipe()
            os.write(write, b"spoken\n")
            os.close(write)
            done = self.call(who, "-config", self.template(), "-exec", "cat", stdin=read)
            os.close(read)
            self.judge("stdin", who, "spoken\n", done.stdout, done.stderr)

    def test_its_environment(self):
        for words, wanted in ((["-exec-env-custom", "MARK=m"], "m"), (["-exec-env-pristine"], ""),
                              (["-exec-env-denylist", "MARK"], ""), (["-exec-env-allowlist", "MARK"], "here"), ([], "here")):
            for who in self.everyone():
                done = self.call(who, "-config", self.template(), "-exec", "echo [$MARK]", *words, env={"MARK": "here"})
                self.judge(words, who, f"[{wanted}]\n", done.stdout, done.stderr)

    def test_restart_policy(self):
        program = self.journal(ends="sleep 0.1; exit 3")
        running = self.start(OWN, "-config", self.template(), "-exec", program, "-exec-restart", "on-failure",
                             "-http-addr", "")
        wait_until(lambda: self.read("seen").count("start") >= 3, 30, "it is started again and again")
        self.assertEqual(0, running.term(15))

    def test_kill_timeout(self):
        program = self.write("deaf", f"#!/bin/sh\ntrap '' TERM INT\necho start >> {self.path('seen')}\n"
                                     "while :; do sleep 0.05; done\n")
        os.chmod(program, 0o755)
        running = self.start(OWN, "-config", self.template(), "-exec", program, "-exec-kill-timeout", "500ms",
                             "-http-addr", "")
        self.wait_text("seen", "start\n")
        began = time.monotonic()
        self.assertEqual(0, running.term(15))
        self.assertGreater(time.monotonic() - began, 0.4)


class DropInExecChanges(Supervised):
    """What the program hears of changes, on the embedded registry."""

    backend = "registry"

    def begin(self, who, *words, more=""):
        self.write("seen", "")
        if os.path.exists(self.path("out")):
            os.remove(self.path("out"))
        self.store.put("/v1/kv/k", "1")
        path = self.template("{{ key `k` }}", more)
        more_words = ("-http-addr", "") if who == OWN else ()
        running = self.start(who, "-config", path, "-exec", self.journal(), *words, *more_words,
                             name="exec-" + who.replace(" ", "-"))
        self.wait_text("seen", "start\n")
        return running

    def end(self, running):
        """Either code is tried elsewhere."""
        running.term(15, signal.SIGINT)

    def test_without_a_reload_signal_it_is_restarted(self):
        for who in self.everyone():
            running = self.begin(who, "-exec-kill-signal", "SIGTERM")
            self.store.put("/v1/kv/k", "2")
            self.judge_text("restart", who, "seen", "start\nTERM\nstart\n")
            self.assertTrue(running.running())
            self.end(running)

    def test_with_one_it_is_told(self):
        for who in self.everyone():
            running = self.begin(who, "-exec-reload-signal", "SIGUSR1")
            self.store.put("/v1/kv/k", "2")
            self.judge_text("told", who, "seen", "start\nUSR1\n")
            self.store.put("/v1/kv/k", "3")
            self.judge_text("told again", who, "seen", "start\nUSR1\nUSR1\n")
            self.end(running)

    def test_an_empty_one_means_nothing_is_told(self):
        for who in self.everyone():
            running = self.begin(who, more='exec {\n reload_signal = ""\n}\n')
            self.store.put("/v1/kv/k", "2")
            self.wait_text("out", "2")
            if who != THERE:
                hold_true(lambda: self.read("seen") == "start\n", 1, "it hears nothing")
            self.end(running)

    def test_hup_keeps_the_program_and_the_data(self):
        for who in self.everyone():
            running = self.begin(who)
            self.template("{{ key `k` }}!")
            running.send(signal.SIGHUP)
            self.wait_text("out", "1!")
            # The file changed, so it is restarted once; a HUP without a change does nothing. There each of them ends it,
            # and it is started anew after the first render.
            self.judge_text("a HUP with a change", who, "seen", "start\nINT\nstart\n")
            running.send(signal.SIGHUP)
            if who == THERE:
                self.judge_text("a HUP without one", who, "seen", "start\nINT\nstart\nINT\nstart\n")
            else:
                hold_true(lambda: self.read("seen") == "start\nINT\nstart\n", 1, "it goes on")
            self.end(running)
