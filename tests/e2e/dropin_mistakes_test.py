"""Mistakes in consul-template's configuration files, row by row, and files that cannot be read."""

import os
import socket
import subprocess

from e2e.dropin import LINK, OWN, DropIn

# Mistakes: exit 15, and what has to be said. ACCEPTED_THERE: consul-template goes on as if nothing were wrong.
ACCEPTED_THERE = ('max_stale = "-5s"', 'consul { retry { attempts = 1.5 } }', 'max_stale = ', '{"max_stale": "1s"',
                  '{"max_stale": }', '\x00', '{"consul": {"address": "a"}} trailing', 'wait { min = "-5s" }',
                  'template { source = "s"\n perms = 0.5 }')
BAD = [
    ('nosuch = 1', "unknown key"), ('max_stal = "1s"', 'did you mean "max_stale"?'),
    ('consul { adress = "x" }', 'consul.adress: unknown key, did you mean "address"?'),
    ('consul { retry { attempt = 1 } }', 'did you mean "attempts"?'),
    ('template { sourc = "x" }', 'did you mean "source"?'), ('templates { source = "x" }', 'did you mean "template"?'),
    ('vault { adress = "x" }', 'did you mean "address"?'), ('nomad { tokn = "x" }', 'did you mean "token"?'),
    ('max_stale = "soon"', "expected a duration"), ('max_stale = "5"', "expected a duration"),
    ('max_stale = true', "expected a duration"), ('max_stale = "-5s"', "cannot be negative"),
    ('consul { retry { attempts = "many" } }', "whole number"), ('consul { retry { attempts = 1.5 } }', "whole number"),
    ('consul { retry { enabled = "maybe" } }', "true or false"), ('consul { retry = 5 }', "a block"),
    ('consul = 5', "a block"), ('exec { command = 5 }', "list of strings"), ('exec = "x"', "a block"),
    ('kill_signal = "SIGNOPE"', "invalid signal"), ('kill_signal = "TERM"', "did you mean SIGTERM"),
    ('template { source = "s" perms = "rw" }', "octal"), ('template { source = "s" perms = "10000" }', "octal"),
    ('template { source = "s" perms = "0888" }', "octal"), ('template { source = "s" wait = "5s:1s" }', "min must be less"),
    ('wait = "5s:1s"', "min must be less"), ('wait = ""', "cannot be empty"), ('wait = "a:b"', "wait"),
    ('template = "s"', "a block"), ('template "label" { source = "s" }', "no label"),
    ('max_stale', "bad.hcl:1:"), ('max_stale = ', "bad.hcl:"), ('consul {', "bad.hcl:"), ('consul }', "bad.hcl:"),
    ('max_stale = "unfinished', "bad.hcl:1:"), ('{"max_stale": "1s"', "bad.hcl:1:"), ('{"max_stale": }', "bad.hcl:1:"),
    ('\x00', "NUL"), ('log_level = "loud"', "invalid log level"),
    # Each kind of value where it cannot be, once in each block.
    ('template_error_fatal = "maybe"', "true or false"), ('err_on_failed_lookup = 5', "true or false"),
    ('block_query_wait = "soon"', "expected a duration"), ('pid_file = ["a"]', "expected a string"),
    ('reload_signal = 5', "invalid signal"), ('max_stale = []', "expected a duration"),
    ('consul { token = ["a"] }', "expected a string"), ('consul { auth = "u:p" }', "a block"),
    ('consul { auth { enabled = "maybe" } }', "true or false"), ('consul { auth { user = "u" } }', "unknown key"),
    ('consul { ssl { verify = "maybe" } }', "true or false"), ('consul { ssl { ca = "x" } }', "unknown key"),
    ('consul { transport { max_idle_conns = "x" } }', "whole number"), ('consul { transport { dial = "1s" } }', "unknown key"),
    ('default_delimiters { left = ["a"] }', "expected a string"), ('default_delimiters { middle = "a" }', "unknown key"),
    ('deduplicate { enabled = "maybe" }', "true or false"), ('deduplicate { ttl = "soon" }', "expected a duration"),
    ('deduplicate { tll = "1s" }', 'did you mean "ttl"?'), ('exec { splay = "soon" }', "expected a duration"),
    ('exec { kill_timeout = true }', "expected a duration"), ('exec { kill_signal = "SIGNOPE" }', "invalid signal"),
    ('exec { reload_signal = "TERM" }', "did you mean SIGTERM"), ('exec { signal = "SIGTERM" }', "unknown key"),
    ('exec { env { pristine = "maybe" } }', "true or false"), ('exec { env { custom = 5 } }', "list of strings"),
    ('exec { env { nope = true } }', "unknown key"), ('log_file { log_rotate_bytes = "lots" }', "whole number"),
    ('log_file { file = "x" }', "unknown key"), ('syslog { enabled = "maybe" }', "true or false"),
    ('syslog { level = "x" }', "unknown key"), ('wait = 5', "a block"), ('wait { min = "soon" }', "expected a duration"),
    ('wait { min = "-5s" }', "cannot be negative"), ('wait { most = "5s" }', "unknown key"), ('vault = "x"', "a block"),
    ('nomad = 5', "a block"), ('vault { retry { times = 3 } }', "unknown key"),
    ('template { source = ["s", "t"] }', "expected a string"), ('{"template": "x"}', "a block"),
    ('template { source = "s"\n backup = "maybe" }', "true or false"),
    ('template { source = "s"\n create_dest_dirs = 5 }', "true or false"),
    ('template { source = "s"\n uid = "x" }', "whole number"), ('template { source = "s"\n perms = -1 }', "octal"),
    ('template { source = "s"\n perms = "" }', "octal"), ('template { source = "s"\n perms = 0.5 }', "octal"),
    ('template { source = "s"\n function_denylist = 5 }', "list of strings"),
    ('template { source = "s"\n command_timeout = "soon" }', "expected a duration"),
    ('template { source = "s"\n exec { timeout = "soon" } }', "expected a duration"),
    ('template { source = "s"\n exec { cmd = "x" } }', "unknown key"), ('template { source = "s"\n wait = 5 }', "a block"),
    ('template { source = "s"\n error_fatal = "maybe" }', "true or false"),
    # Files that are none.
    ('[]', "bad.hcl:1:1"), ('"text"', "bad.hcl:1:"), ('{"unknown": 1}', "unknown key"), ('a = "${b}"', "unknown key"),
    ('{"consul": {"address": "a"}} trailing', "end of the file"), ('max_stale = <<EOT\n1s', "here-document has no end"),
    ('consul { address = "a" } }', "without a '{'"), ('/* open', "comment has no end"), ('max_stale = "1s', "bad.hcl:1:"),
    ('max_stale = 1s', "bad.hcl:1:"), ('\xff\xfe', "UTF-8"),
]


class DropInMistakes(DropIn):
    def test_mistakes_are_named(self):
        for text, said in BAD:
            path = self.path("bad.hcl")
            with open(path, "w", encoding="latin-1") as file:
                file.write(text)
            self.expect(text, ["-config", path, "-v"], 0 if text in ACCEPTED_THERE else 15, 15, None)
            with self.subTest(text=text):
                self.assertIn(said, self.call(OWN, "-config", path, "-v").stderr)

    def test_all_mistakes_of_a_file_are_said_at_once(self):
        done = self.call(OWN, "-config", self.write("bad.hcl", 'foo = 1\nmax_stale = "x"\nconsul { bar = 1 }\n'))
        for place in ("bad.hcl:1:1", "bad.hcl:2:13", "bad.hcl:3:10"):
            self.assertIn(place, done.stderr)

    def test_one_bad_file_among_many(self):
        os.makedirs(self.path("d/sub"))
        for name in ("a.hcl", "b.hcl", "sub/c.hcl"):
            self.write("d/" + name, 'max_stale = "1s"')
        self.write("d/sub/broken.json", '{"template": }')
        self.expect("one bad file", ["-config", self.path("d"), "-v"], 0, 15, None)
        self.assertIn("d/sub/broken.json:1:", self.call(OWN, "-config", self.path("d"), "-v").stderr)

    def test_what_is_no_file_is_refused_and_not_waited_for(self):
        """A pipe that is named is read; in a directory it would be waited for, as there."""
        os.makedirs(self.path("d"))
        self.write("d/a.hcl", 'max_stale = "1s"')
        os.mkfifo(self.path("d/pipe"))
        for who in (LINK, OWN):
            done = self.call(who, "-config", self.path("d"), "-v", seconds=10)
            self.assertEqual(15, done.returncode)
            self.assertIn("d/pipe: neither a file nor a directory", done.stderr)
        os.remove(self.path("d/pipe"))
        with socket.socket(socket.AF_UNIX) as there:
            there.bind(self.path("d/sock"))
            self.expect("socket", ["-config", self.path("d"), "-v"], 15, None, None)

    def test_endless_and_unreadable(self):
        done = self.call(OWN, "-config", "/dev/zero", "-v")
        self.assertEqual(15, done.returncode)
        self.assertIn("larger than", done.stderr)
        self.assertEqual(15, self.call(OWN, "-config", "/proc/self/mem", "-v").returncode)
        path = self.write("secret.hcl", "max_stale = \"1s\"\n")
        os.chmod(path, 0)
        os.chmod(self.dir, 0o755)
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", *self.program(OWN), "-config", path, "-v"],
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(15, done.returncode, done.stderr)
        self.assertIn("secret.hcl", done.stderr)
        os.makedirs(self.path("closed"), mode=0)
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", *self.program(LINK), "-config",
                               self.path("closed"), "-v"], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(15, done.returncode, done.stderr)
        self.assertIn("closed: Permission denied", done.stderr)
