"""consul-template's command line, row by row: grammar, every option, older spellings, what is refused."""

import os

from e2e.dropin import LINK, OWN, DropIn

# words (with -v: options and configuration are read, then the version is shown), exit codes: there, link, own.
GRAMMAR = [
    ("-v", 0, None, None),
    ("-version", 0, None, None),
    ("--version", 0, None, None),
    ("-h", 0, None, None),
    ("-help", 0, None, None),
    ("--help", 0, None, None),
    ("-v stray", 13, None, None),
    ("stray -v", 13, None, None),
    ("-- -v", 13, None, None),
    ("-v -nosuch", 13, None, None),
    ("-v -tempalte a:b", 13, None, None),
    ("-v ---once", 13, None, None),
    ("-v -=x", 13, None, None),
    ("-v -once", 0, None, None),
    ("-v --once", 0, None, None),
    ("-v -once=true", 0, None, None),
    ("-v -once=T", 0, None, None),
    ("-v -once=0", 0, None, None),
    ("-v -once=maybe", 13, None, None),
    ("-v -once true", 13, None, None),
    ("-v=false -v", 0, None, None),
    ("-v -consul-addr", 13, None, None),
    ("-v -consul-addr=", 0, None, None),
    ("-v -consul-addr a:1 -consul-addr b:2", 0, None, None),
]

CONSUL = [
    ("-v -consul-addr localhost:8500", 0, None, None),
    ("-v -consul-addr http://localhost:8500", 0, None, None),
    ("-v -consul-addr https://localhost:8501/prefix", 0, None, None),
    ("-v -consul-addr unix:///run/consul.sock", 0, None, None),
    ("-v -consul-token abc -consul-token-file f", 0, None, None),
    ("-once -template a:b -consul-addr ftp://x", 14, None, 15),
    ("-once -template a:b -consul-token-file /none", 14, None, 15),
    ("-once -template a:b -consul-addr h:99999", 0, 14, 15),
    ("-once -template a:b -consul-addr h:x", 0, 14, 15),
    # Files of TLS are read at the start, whoever is asked.
    ("-once -template a:b -consul-ssl-ca-cert /none", 14, None, 15),
    ("-once -template a:b -consul-ssl-ca-cert a", 14, None, 15),
    ("-once -template a:b -consul-ssl-ca-path /none", 14, None, 15),
    ("-once -template a:b -consul-ssl-cert /none", 14, None, 15),
    ("-once -template a:b -consul-ssl-cert a", 14, None, 15),
    ("-once -template a:b -consul-ssl-key /none", 0, None, None),
    ("-once -template a:b -consul-ssl=false -consul-ssl-ca-cert /none", 0, None, None),
    ("-v -consul-auth user", 0, None, None),
    ("-v -consul-auth user:pass:word", 0, None, None),
    ("-v -consul-auth=", 13, None, None),
    ("-v -consul-retry", 0, None, None),
    ("-v -consul-retry=false", 0, None, None),
    ("-v -consul-retry-attempts 5", 0, None, None),
    ("-v -consul-retry-attempts 0", 0, None, None),
    ("-v -consul-retry-attempts x", 13, None, None),
    ("-v -consul-retry-attempts 99999999999", 13, None, None),
    ("-v -consul-retry-attempts -1", 0, None, None),
    ("-v -consul-transport-max-idle-conns-per-host -1", 0, None, None),
    ("-v -consul-retry-backoff 250ms -consul-retry-max-backoff 1m", 0, None, None),
    ("-v -consul-retry-backoff 5", 13, None, None),
    ("-v -consul-retry-max-backoff 0", 0, None, None),
    ("-v -consul-ssl", 0, None, None),
    ("-v -consul-ssl=false -consul-ssl-verify=false", 0, None, None),
    ("-v -consul-ssl-ca-cert a -consul-ssl-ca-path b -consul-ssl-cert c -consul-ssl-key d", 0, None, None),
    ("-v -consul-ssl-server-name x", 0, None, None),
    ("-v -consul-transport-dial-keep-alive 30s -consul-transport-dial-timeout 5s", 0, None, None),
    ("-v -consul-transport-disable-keep-alives", 0, None, None),
    ("-v -consul-transport-max-idle-conns-per-host 10", 0, None, None),
    ("-v -consul-transport-tls-handshake-timeout 10s", 0, None, None),
    ("-v -dedup", 0, None, None),
    ("-v -max-stale 10m", 0, None, None),
    ("-v -max-stale 0", 0, None, None),
    ("-once -template a:b -max-stale -1s", 0, None, 13),
    ("-v -max-stale soon", 13, None, None),
    # Older spellings, which 0.42 does not know any more and scripts still type.
    ("-v -retry 5s", 0, None, None),
    ("-v -consul localhost:8500", 13, 0, None),
    ("-v -token abc", 13, 0, None),
    ("-v -auth user:pass", 13, 0, None),
    ("-v -ssl -ssl-verify=false", 13, 0, None),
    ("-v -ssl-ca-cert a -ssl-cert b -ssl-key c", 13, 0, None),
    ("-v -dump-signal SIGQUIT", 13, 0, None),
    ("-v -reap", 13, 0, None),
    ("-v -reap=false", 13, 0, None),
]

RUNNING = [
    ("-v -exec true", 0, None, None),
    ("-v -exec=", 0, None, None),
    ("-once -template a:b -exec=", 0, None, None),
    ("-v -exec-reload-signal=", 13, None, None),
    ("-v -reload-signal=", 13, None, None),
    ("-v -exec-env-custom A", 0, None, None),
    ("-v -exec-kill-timeout -1s", 0, None, None),
    ("-v -exec-kill-signal SIGTERM -exec-reload-signal sighup", 0, None, None),
    ("-v -exec-kill-signal TERM", 13, None, None),
    ("-v -exec-kill-signal=", 13, None, None),
    ("-v -exec-kill-timeout 5s -exec-splay 1s", 0, None, None),
    ("-v -exec-splay 5", 13, None, None),
    ("-v -exec-env-pristine", 0, None, None),
    ("-v -exec-env-custom A=1 -exec-env-custom B=2 -exec-env-allowlist C* -exec-env-denylist D*", 0, None, None),
    ("-v -exec-restart always", 13, 0, None),
    ("-v -exec-restart sometimes", 13, None, None),
    ("-v -kill-signal SIGTERM -reload-signal SIGUSR1", 0, None, None),
    ("-v -kill-signal SIGNULL", 0, None, None),
    ("-v -kill-signal=", 13, None, None),
    ("-v -kill-signal SIGNOPE", 13, None, None),
    ("-v -log-level trace", 0, None, None),
    ("-v -log-level ERR", 0, None, None),
    ("-v -log-level loud", 15, None, None),
    ("-v -log-level=", 15, None, None),
    ("-once -template a:b -log-file /none/x", 15, None, None),
    ("-once -template a:b -syslog -syslog-facility NOPE", 15, None, None),
    ("-v -log-rotate-bytes 100 -log-rotate-duration 1h -log-rotate-max-files -1", 0, None, None),
    ("-v -log-rotate-bytes lots", 13, None, None),
    ("-v -pid-file p", 0, None, None),
    ("-v -pid-file=", 0, None, None),
    ("-v -wait 0", 0, None, None),
    ("-v -default-left-delimiter=", 0, None, None),
    ("-v -syslog=false -syslog-facility LOCAL5 -syslog-name x", 0, None, None),
    ("-v -wait 5s", 0, None, None),
    ("-v -wait 5s:10s", 0, None, None),
    ("-v -wait=", 13, None, None),
    ("-v -wait 5s:1s", 13, None, None),
    ("-v -wait -5s", 13, None, None),
    ("-v -wait 1s:2s:3s", 13, None, None),
    ("-v -wait soon", 13, None, None),
    ("-v -dry -once -parse-only", 0, None, None),
    ("-v -template-error-fatal=false", 0, None, None),
    ("-v -default-left-delimiter << -default-right-delimiter >>", 0, None, None),
    ("-v -template a -template a:b -template a:b:c", 0, None, None),
    ("-v -template :::", 13, None, None),
    ("-v -template=", 13, None, None),
    ("-v -config /nonexistent", 15, None, None),
    ("-v -config=", 15, None, None),
    ("-once -template /nonexistent:b", 14, None, None),
    ("-once -template a:/proc/none/b", 14, None, None),
    ("-once -template a:a/b", 14, None, None),
    ("-once -template bad:b", 14, None, None),
    ("-v -once-timeout 5s -hold 1s -state-dir d", 13, 0, None),
]

# What one types about Vault is meant: it is refused, not dropped.
VAULT = ["-vault-addr http://v", "-vault-token t", "-vault-agent-token-file f", "-vault-renew-token=false",
         "-vault-unwrap-token", "-vault-default-lease-duration 1m", "-vault-retry-attempts 3", "-vault-ssl=false",
         "-vault-ssl-verify=false", "-vault-transport-dial-timeout 1s", "-vault-client-user-agent x"]


class DropInCommandLine(DropIn):
    def rows(self, table):
        self.write("a", "x")
        self.write("bad", "{{ if }}")
        for words, there, link, own in table:
            if os.path.exists(self.path("b")):
                os.remove(self.path("b"))
            self.expect(words, words.split(), there, link, own)

    def test_grammar(self):
        self.rows(GRAMMAR)

    def test_options_about_consul(self):
        self.rows(CONSUL)

    def test_options_about_running(self):
        self.rows(RUNNING)

    def test_blank_templates(self):
        for text in (" ", "::", "\t"):
            self.expect(repr(text), ["-v", "-template", text], 13, None, None)

    def test_older_switches_are_not_in_the_help(self):
        for who in (LINK, OWN):
            shown = self.call(who, "-h").stdout
            for option in ("-reap", "-dump-signal", "-vault-addr"):
                self.assertNotIn(option, shown)

    def test_variables(self):
        """Exit codes by what is in the environment."""
        self.write("a", "x")
        words = ["-once", "-template", "a:b"]
        for env, there, link, own in (
                ({"CT_LOCAL_CONFIG": "nosuch = 1"}, 13, None, 15), ({"CT_LOCAL_CONFIG": "template {"}, 13, None, 15),
                ({"CT_LOCAL_CONFIG": ""}, 0, None, None), ({"CT_LOG": "loud"}, 15, None, None),
                ({"CONSUL_HTTP_SSL": "maybe"}, 0, None, 15), ({"CONSUL_HTTP_SSL_VERIFY": "maybe"}, 0, None, 15),
                ({"CONSUL_HTTP_TOKEN_FILE": "/none"}, 14, None, 15), ({"CONSUL_TOKEN_FILE": "/none"}, 14, None, 15),
                ({"CONSUL_HTTP_ADDR": "ftp://x"}, 14, None, 15),
                ({"CONSUL_CACERT": "/none", "CONSUL_HTTP_SSL": "true"}, 14, None, 15)):
            self.expect(env, words, there, link, own, env=env)
        done = self.call(LINK, *words, env={"CONSUL_HTTP_SSL": "maybe"})
        self.assertIn("CONSUL_HTTP_SSL is not used: not a boolean: maybe", done.stderr)

    def test_options_about_vault_are_refused(self):
        self.rows([("-v " + words, 0, 13, None) for words in VAULT])

    def test_where_things_are_said(self):
        shown = self.call(LINK, "-v")
        self.assertRegex(shown.stdout, r"^consul-template v0\.\d+\.\d+ ")
        self.assertRegex(self.call(OWN, "-v").stdout, r"^longshore \d")
        help_text = self.call(LINK, "-h")
        self.assertIn("-consul-addr", help_text.stdout)
        self.assertEqual("", help_text.stderr)
        self.assertIn("did you mean -template?", self.call(LINK, "-tempalte", "a:b").stderr)
        self.assertIn("did you mean SIGHUP", self.call(LINK, "-kill-signal", "hup").stderr)
        refused = self.call(OWN, "-vault-token", "s3cret-value")
        self.assertIn("Vault", refused.stderr)
        self.assertNotIn("s3cret-value", refused.stderr)

    def test_template_argument(self):
        for argument, source, destination, command in (
                ("a", "a", None, None), ("a:b", "a", "b", None), ("a:b:c", "a", "b", "c"), ("a::b", "a", "b", None),
                ("a:b:curl http://x", "a", "b", "curl http://x"), (":a:b:", "a", "b", None),
                ("a:b:c::d", "a", "b", "c:d"), ("t:out", "t", "out", None), ("in:o:cmd", "in", "o", "cmd"),
                ("a:b:docker kill -s HUP nginx", "a", "b", "docker kill -s HUP nginx")):
            with self.subTest(argument=argument):
                one = self.printed("-dry", "-template", argument)["template"][0]
                self.assertEqual(source, one["source"])
                self.assertEqual(destination, one.get("destination") or None)
                self.assertEqual(command, one.get("exec", {}).get("command"))
