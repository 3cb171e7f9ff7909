"""consul-template's configuration files, row by row: keys, forms, merging, precedence, mistakes."""

import json
import os
import subprocess

from e2e.dropin import LINK, OWN, DropIn, at

# text, path in the merged configuration, value. consul-template reads each of them (exit 0).
KEYS = [
    ('block_query_wait = "30s"', "block_query_wait", "30s"),
    ('consul { address = "a:1" }', "consul.address", "a:1"),
    ('consul { namespace = "team" }', "consul.namespace", "team"),
    ('consul { token = "secret" }', "consul.token", "(hidden)"),
    ('consul { token_file = "/t" }', "consul.token_file", "/t"),
    ('consul { auth { enabled = true } }', "consul.auth.enabled", True),
    ('consul { auth { username = "u" } }', "consul.auth.username", "u"),
    ('consul { auth { password = "p" } }', "consul.auth.password", "(hidden)"),
    ('consul { retry { enabled = false } }', "consul.retry.enabled", False),
    ('consul { retry { attempts = 5 } }', "consul.retry.attempts", 5),
    ('consul { retry { attempts = "5" } }', "consul.retry.attempts", 5),
    ('consul { retry { backoff = "2s" } }', "consul.retry.backoff", "2s"),
    ('consul { retry { backoff = 2000000000 } }', "consul.retry.backoff", "2s"),
    ('consul { retry { max_backoff = "0" } }', "consul.retry.max_backoff", "0s"),
    ('consul { ssl { enabled = true } }', "consul.ssl.enabled", True),
    ('consul { ssl { verify = false } }', "consul.ssl.verify", False),
    ('consul { ssl { cert = "c" } }', "consul.ssl.cert", "c"),
    ('consul { ssl { key = "k" } }', "consul.ssl.key", "k"),
    ('consul { ssl { ca_cert = "a" } }', "consul.ssl.ca_cert", "a"),
    ('consul { ssl { ca_path = "p" } }', "consul.ssl.ca_path", "p"),
    ('consul { ssl { server_name = "s" } }', "consul.ssl.server_name", "s"),
    ('consul { transport { dial_keep_alive = "1s" } }', "consul.transport.dial_keep_alive", "1s"),
    ('consul { transport { dial_timeout = "2s" } }', "consul.transport.dial_timeout", "2s"),
    ('consul { transport { disable_keep_alives = true } }', "consul.transport.disable_keep_alives", True),
    ('consul { transport { idle_conn_timeout = "3s" } }', "consul.transport.idle_conn_timeout", "3s"),
    ('consul { transport { max_idle_conns = 4 } }', "consul.transport.max_idle_conns", 4),
    ('consul { transport { max_idle_conns_per_host = 5 } }', "consul.transport.max_idle_conns_per_host", 5),
    ('consul { transport { max_conns_per_host = 6 } }', "consul.transport.max_conns_per_host", 6),
    ('consul { transport { tls_handshake_timeout = "7s" } }', "consul.transport.tls_handshake_timeout", "7s"),
    ('deduplicate { enabled = true }', "deduplicate.enabled", True),
    ('deduplicate { prefix = "p/" }', "deduplicate.prefix", "p/"),
    ('deduplicate { ttl = "15s" }', "deduplicate.ttl", "15s"),
    ('deduplicate { max_stale = "1s" }', "deduplicate.max_stale", "1s"),
    ('deduplicate { block_query_wait = "1s" }', "deduplicate.block_query_wait", "1s"),
    ('default_delimiters { left = "<<" right = ">>" }', "default_delimiters.left", "<<"),
    ('default_delimiters { right = ">>" }', "default_delimiters.right", ">>"),
    ('err_on_failed_lookup = true', "err_on_failed_lookup", True),
    ('exec { command = "a b" }', "exec.command", "a b"),
    ('exec { command = ["a", "b c"] }', "exec.command", ["a", "b c"]),
    ('exec { enabled = false command = "x" }', "exec.enabled", False),
    ('exec { kill_signal = "SIGTERM" }', "exec.kill_signal", "SIGTERM"),
    ('exec { kill_signal = "sigterm" }', "exec.kill_signal", "SIGTERM"),
    ('exec { kill_signal = "" }', "exec.kill_signal", ""),
    ('exec { kill_timeout = "3s" }', "exec.kill_timeout", "3s"),
    ('exec { reload_signal = "SIGUSR1" }', "exec.reload_signal", "SIGUSR1"),
    ('exec { reload_signal = "" }', "exec.reload_signal", ""),
    ('exec { splay = "5s" }', "exec.splay", "5s"),
    ('exec { timeout = "5s" }', "exec.timeout", "5s"),
    ('exec { env { pristine = true } }', "exec.env.pristine", True),
    ('exec { env { custom = ["A=1", "B=2"] } }', "exec.env.custom", ["A=1", "B=2"]),
    ('exec { env { custom = "A=1,B=2" } }', "exec.env.custom", ["A=1", "B=2"]),
    ('exec { env { allowlist = ["C*"] } }', "exec.env.allowlist", ["C*"]),
    ('exec { env { denylist = ["D*"] } }', "exec.env.denylist", ["D*"]),
    ('exec { env { whitelist = ["C*"] } }', "exec.env.whitelist", ["C*"]),
    ('exec { env { blacklist = ["D*"] } }', "exec.env.blacklist", ["D*"]),
    ('kill_signal = "SIGTERM"', "kill_signal", "SIGTERM"),
    ('kill_signal = ""', "kill_signal", ""),
    ('reload_signal = "SIGUSR2"', "reload_signal", "SIGUSR2"),
    ('log_level = "debug"', "log_level", "debug"),
    ('log_file { log_rotate_bytes = 100 }', "log_file.log_rotate_bytes", 100),
    ('log_file { log_rotate_duration = "1h" }', "log_file.log_rotate_duration", "1h0m0s"),
    ('log_file { log_rotate_max_files = -1 }', "log_file.log_rotate_max_files", -1),
    ('max_stale = "10m"', "max_stale", "10m0s"),
    ('pid_file = "/p"', "pid_file", "/p"),
    ('syslog { enabled = false }', "syslog.enabled", False),
    ('syslog { enabled = false facility = "LOCAL5" }', "syslog.facility", "LOCAL5"),
    ('syslog { enabled = false name = "me" }', "syslog.name", "me"),
    ('template_error_fatal = false', "template_error_fatal", False),
    ('wait { min = "5s" }', "wait.min", "5s"),
    ('wait { min = "5s" max = "10s" }', "wait.max", "10s"),
    ('wait = "5s:10s"', "wait.max", "10s"),
    ('wait = "5s"', "wait.max", "20s"),
    ('wait { bool = false min = "5s" }', "wait.enabled", False),
    ('MAX_STALE = "1s"', "max_stale", "1s"),
    ('consul { retry { attempts = 1 } retry { attempts = 2 } }', "consul.retry.attempts", 2),
    ('consul { address = "a" }\nconsul { namespace = "n" }', "consul.address", None),
    ('{"consul": {"address": "json:1"}}', "consul.address", "json:1"),
    ('{"template": [{"source": "s"}, {"source": "t"}]}', "template.1.source", "t"),
    ('{"template": {"source": "s", "perms": "0600"}}', "template.0.perms", "0600"),
    ('# comment\n// another\n/* third */ max_stale = "3s"', "max_stale", "3s"),
    ('consul {\n address = <<EOT\nmultiline\nEOT\n}', "consul.address", "multiline\n"),
]

# Inside `template { source = "s" .. }`.
TEMPLATE = [
    ('source = "/a"', "source", "/a"), ('contents = "{{ x }}" source = ""', "contents", "{{ x }}"),
    ('destination = "/b"', "destination", "/b"), ('create_dest_dirs = false', "create_dest_dirs", False),
    ('perms = "0600"', "perms", "0600"), ('perms = 0600', "perms", "0600"), ('perms = "4755"', "perms", "04755"),
    ('perms = 384', "perms", "0600"), ('user = "nobody"', "user", "nobody"), ('user = 1000', "user", "1000"),
    ('group = "www-data"', "group", "www-data"), ('uid = 33', "uid", 33), ('gid = 33', "gid", 33),
    ('backup = true', "backup", True), ('backup = "true"', "backup", True),
    ('left_delimiter = "<<"', "left_delimiter", "<<"), ('right_delimiter = ">>"', "right_delimiter", ">>"),
    ('error_on_missing_key = true', "error_on_missing_key", True), ('error_fatal = false', "error_fatal", False),
    ('command = "service nginx reload"', "command", "service nginx reload"),
    ('command = ["service", "nginx"]', "command", ["service", "nginx"]),
    ('command_timeout = "60s"', "command_timeout", "1m0s"),
    ('exec { command = "x" }', "exec.command", "x"), ('exec { command = ["x", "y"] }', "exec.command", ["x", "y"]),
    ('exec { timeout = "0s" }', "exec.timeout", "0s"), ('exec { timeout = 1000000000 }', "exec.timeout", "1s"),
    ('exec { env { pristine = true } }', "exec.env.pristine", True),
    ('exec { env { custom = ["PATH=/x"] } }', "exec.env.custom", ["PATH=/x"]),
    ('exec { env { allowlist = ["A"] denylist = ["B"] } }', "exec.env.denylist", ["B"]),
    ('exec { splay = "1s" kill_signal = "SIGTERM" }', "exec.kill_signal", "SIGTERM"),
    ('wait = "1s:2s"', "wait.max", "2s"), ('wait { min = "1s" max = "2s" }', "wait.min", "1s"),
    ('function_denylist = ["env", "plugin*"]', "function_denylist", ["env", "plugin*"]),
    ('function_denylist = "env"', "function_denylist", ["env"]),
    ('function_blacklist = ["env"]', "function_blacklist", ["env"]), ('sandbox_path = "/s"', "sandbox_path", "/s"),
]

# Ours: text, path, value. Under consul-template's keys these are unknown there (15).
OURS = [
    ('hold = "3s"', "hold", "3s"), ('state_dir = "/s"', "state_dir", "/s"), ('env = "blue"', "env", "blue"),
    ('http_addr = ""', "http_addr", ""), ('log_format = "json"', "log_format", "json"),
    ('once_timeout = "9s"', "once_timeout", "9s"), ('once = true', "once", True),
    ('nginx { pid_file = "/run/n.pid" executable = "openresty" }', "nginx.executable", "openresty"),
    ('exec { restart = "always" }', "exec.restart", "always"), ('wait { enabled = false min = "1s" }', "wait.enabled", False),
    # Forms of versions before 0.18, said with a remark.
    ('consul = "old:1"', "consul.address", "old:1"), ('token = "t"', "consul.token", "(hidden)"),
    ('retry = "10s"', "consul.retry.backoff", "10s"), ('ssl { enabled = true verify = false }', "consul.ssl.verify", False),
    ('auth { username = "u" password = "p" }', "consul.auth.username", "u"),
    ('agent { anything = 1 }', "agent", None), ('dump_signal = "SIGQUIT"', "dump_signal", None),
]

KNOWN_THERE = ('once = true', 'consul = "old:1"')

# A number where there is to be a text: 15 there, the text of the number here.
NUMBERS = [
    ('template { left_delimiter = 5 }', "template.0.left_delimiter", "5"), ('syslog { facility = 5 }', "syslog.facility", "5"),
    ('consul { token = 5 }', "consul.token", "(hidden)"), ('{"template": {"source": 5}}', "template.0.source", "5"),
    ('consul { address = 8500 }', "consul.address", "8500"),
]

class DropInConfiguration(DropIn):
    def value(self, text, path):
        config = self.printed("-config", self.write("one.hcl", text))
        return at(config, path)

    def rows(self, table, there=0):
        for text, path, wanted in table:
            known = there if text not in KNOWN_THERE else 0
            self.expect(text, ["-config", self.write("one.hcl", text), "-v"], known, 0, None)
            with self.subTest(text=text):
                self.assertEqual(wanted, self.value(text, path))

    def test_keys(self):
        self.rows(KEYS)

    def test_keys_of_templates(self):
        table = [(f"template {{\n source = \"s\"\n {' '.join(text.split())}\n}}".replace('" ', '"\n '),
                  f"template.0.{path}", value) for text, path, value in TEMPLATE if "source" not in text]
        table += [(f'template {{\n {text.replace(" source", chr(10) + " source")}\n}}', f"template.0.{path}", value)
                  for text, path, value in TEMPLATE if "source" in text]
        self.rows(table)

    def test_our_keys_and_older_forms(self):
        self.rows(OURS, there=15)

    def test_numbers_for_texts(self):
        self.rows(NUMBERS, there=15)

    def test_blocks_of_vault_and_nomad_are_accepted_with_one_remark(self):
        text = ('vault {\n address = "http://v"\n token = "hush"\n retry { attempts = 1 }\n}\n'
                'nomad {\n address = "http://n"\n}\ntemplate {\n contents = "x"\n destination = "out"\n}\n')
        done = self.call(OWN, "-config", self.write("v.hcl", text), "-once")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(1, done.stderr.count("Vault is not supported"), done.stderr)
        self.assertEqual(1, done.stderr.count("Nomad is not supported"), done.stderr)
        self.assertNotIn("hush", done.stderr)
        # Two files and the variables speak of it: once all the same, and under the other name too.
        more = self.write("w.hcl", 'vault {\n address = "http://w"\n}\n')
        for who in (OWN, LINK):
            done = self.call(who, "-config", self.path("v.hcl"), "-config", more, "-once",
                             env={"VAULT_ADDR": "http://v", "VAULT_TOKEN": "hush", "NOMAD_ADDR": "http://n"})
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual(1, done.stderr.count("Vault is not supported"), done.stderr)
            self.assertEqual(1, done.stderr.count("Nomad is not supported"), done.stderr)
            self.assertNotIn("hush", done.stderr)
        done = self.call(OWN, "-template", self.write("x", "x") + ":" + self.path("y"), "-once", env={"VAULT_TOKEN": "hush"})
        self.assertIn("VAULT_TOKEN is accepted and not used", done.stderr)
        self.assertNotIn("hush", done.stderr)

    def test_deduplication_is_accepted_and_said_once(self):
        self.write("1.hcl", 'deduplicate {\n enabled = true\n}\n')
        self.write("2.hcl", 'deduplicate {\n prefix = "p/"\n ttl = "15s"\n}\ntemplate {\n contents = "x"\n'
                            ' destination = "out"\n}\n')
        one, two = ["-config", self.path("1.hcl")], ["-config", self.path("2.hcl")]
        said = "de-duplication is accepted and not used: watches are shared and cheap without it"
        for words, times in (([*two, "-dedup"], 1), ([*one, *two], 1), ([*one, *two, "-dedup"], 1), (two, 1),
                             ([*two, "-dedup=false"], 0)):
            for who in (LINK, OWN):
                done = self.call(who, *words, "-once")
                self.assertEqual((0, times), (done.returncode, done.stderr.count(said)), done.stderr)
        self.assertIn("-dedup", self.call(LINK, "-h").stdout)

    def test_what_is_printed_can_be_read_back(self):
        text = "\n".join(text for text, _, _ in KEYS if text.startswith(("max_stale", "wait {", "kill_signal = \"SIG")))
        text += '\ntemplate {\n source = "s"\n perms = "0640"\n command = ["a", "b"]\n}\n'
        first = self.printed("-config", self.write("a.hcl", text))
        again = self.printed("-config", self.write("b.json", json.dumps(first)))
        self.assertEqual(first, again)


class DropInLayers(DropIn):
    """Who wins: option, CT_LOCAL_CONFIG, files in order, environment, default."""

    def test_precedence(self):
        one, two = self.write("1.hcl", 'consul { address = "one" }'), self.write("2.hcl", 'consul { address = "two" }')
        env = {"CONSUL_HTTP_ADDR": "environment"}
        local = {**env, "CT_LOCAL_CONFIG": 'consul { address = "local" }'}
        for wanted, words, variables in (
                (None, [], {}), ("environment", [], env), ("one", ["-config", one], env),
                ("two", ["-config", one, "-config", two], env), ("one", ["-config", two, "-config", one], env),
                ("local", ["-config", one], local), ("option", ["-config", one, "-consul-addr", "option"], local)):
            with self.subTest(wanted=wanted):
                self.assertEqual(wanted, at(self.printed(*words, env=variables), "consul.address"))

    def test_variables(self):
        for variables, path, wanted in (
                ({"CT_LOG": "debug", "CONSUL_TEMPLATE_LOG": "err"}, "log_level", "debug"),
                ({"CONSUL_TEMPLATE_LOG": "err"}, "log_level", "err"),
                ({"CONSUL_TEMPLATE_LOG_LEVEL": "trace"}, "log_level", "trace"),
                ({"CONSUL_NAMESPACE": "n"}, "consul.namespace", "n"),
                ({"CONSUL_TOKEN_FILE": "a", "CONSUL_HTTP_TOKEN_FILE": "b"}, "consul.token_file", "a"),
                ({"CONSUL_HTTP_TOKEN_FILE": "b"}, "consul.token_file", "b"),
                ({"CONSUL_HTTP_TOKEN": "t"}, "consul.token", "(hidden)"),
                ({"CONSUL_HTTP_ADDR": ""}, "consul.address", None),
                ({"LONGSHORE_HOLD": "4s"}, "hold", "4s"), ({"LONGSHORE_ENV": "e"}, "env", "e")):
            with self.subTest(variables=variables):
                self.assertEqual(wanted, at(self.printed(env=variables), path))

    def test_merging(self):
        self.write("1.hcl", 'consul { retry { attempts = 1 } }\ntemplate { source = "a" }\nerr_on_failed_lookup = true\n'
                            'exec { command = "one" env { custom = ["A=1"] } }\n')
        self.write("2.hcl", 'consul { retry { backoff = "1s" } }\ntemplate { source = "b" }\nerr_on_failed_lookup = false\n'
                            'exec { command = ["two"] env { custom = ["B=2"] } }\n')
        got = self.printed("-config", self.path("1.hcl"), "-config", self.path("2.hcl"), "-template", "c:d",
                           "-exec-env-custom", "C=3", env={"CT_LOCAL_CONFIG": 'template { source = "l" }'})
        self.assertEqual({"attempts": 1, "backoff": "1s"}, got["consul"]["retry"])
        self.assertEqual(["a", "b", "l", "c"], [one["source"] for one in got["template"]])
        self.assertTrue(got["err_on_failed_lookup"])
        self.assertEqual("two", got["exec"]["command"])
        self.assertEqual(["A=1", "B=2", "C=3"], got["exec"]["env"]["custom"])

    def test_once_of_a_file_counts_under_our_name_only(self):
        path = self.write("o.hcl", 'once = true\ntemplate {\n contents = "x"\n destination = "out"\n}\n')
        self.assertEqual(0, self.call(OWN, "-config", path).returncode)
        running = self.start(LINK, "-config", path)
        self.wait_text("out", "x")
        self.assertTrue(running.running())


class DropInDirectories(DropIn):
    def template(self, name):
        return f'template {{\n source = "{name}"\n}}\n'

    def sources(self, *words):
        return [one["source"] for one in self.printed(*words).get("template", [])]

    def test_order_is_lexical_and_every_name_counts(self):
        os.makedirs(self.path("d/m/deep"))
        for name in ("z.hcl", "a.conf", "m/n", "m/deep/o.json", ".hidden"):
            self.write("d/" + name, self.template(name))
        self.assertEqual([".hidden", "a.conf", "m/deep/o.json", "m/n", "z.hcl"], self.sources("-config", self.path("d")))

    def test_empty_and_missing(self):
        os.makedirs(self.path("empty"))
        self.expect("empty", ["-config", self.path("empty"), "-v"], 0, None, None)
        self.expect("missing", ["-config", self.path("none"), "-v"], 15, None, None)

    def test_a_thousand_files(self):
        os.makedirs(self.path("many"))
        for number in range(1000):
            self.write(f"many/{number:04}.hcl", self.template(f"{number:04}"))
        self.assertEqual([f"{number:04}" for number in range(1000)], self.sources("-config", self.path("many")))

    def test_links(self):
        # As Kubernetes mounts a ConfigMap; and a loop.
        os.makedirs(self.path("k/..2026"))
        self.write("k/..2026/a.hcl", self.template("a"))
        os.symlink("..2026", self.path("k/..data"))
        os.symlink("..data/a.hcl", self.path("k/a.hcl"))
        os.symlink(".", self.path("k/loop"))
        self.assertEqual(["a"], self.sources("-config", self.path("k")))
        os.symlink("self", self.path("self"))
        self.expect("a link to itself", ["-config", self.path("self"), "-v"], 15, None, None)
        os.symlink("nothing", self.path("dangling"))
        self.expect("a dangling link", ["-config", self.path("dangling"), "-v"], 15, None, None)

    def test_pipe_and_large_value(self):
        read, write = os.pipe()
        os.write(write, self.template("piped").encode())
        os.close(write)
        done = subprocess.run([*self.program(OWN), "-config", "/dev/stdin", "-print-config"], stdin=read,
                              capture_output=True, text=True, timeout=30, check=False)
        os.close(read)
        self.assertIn("piped", done.stdout, done.stderr)
        big = "x" * 10_000_000
        path = self.write("big.hcl", f'template {{\n contents = "{big}"\n destination = "out"\n}}\n')
        self.assertEqual(0, self.call(OWN, "-config", path, "-once").returncode)
        self.assertEqual(big, self.read("out"))
