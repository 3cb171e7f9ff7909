#!/usr/bin/python3
"""Random templates through Go's engine and through ours; what differs is printed.

tests/conformance/differential.py [--libraries] [--seconds N] [--seed N] [--build DIRECTORY] [--show N]

--libraries: calls of sprig, YAML, TOML and spew instead (libraries/random_rows.py). Needs Go (see regenerate.sh) and the
target conformance_answer. Exits 1 if anything differs. A template that differed and was mended goes into found.txt of
input/ or libraries/input/, so that its row stays. Not compared, because Go 1.19 answers differently from Go 1.26 or
because the answer is an address: see SKIPPED below.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "libraries"))
from random_rows import LibraryRows  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BATCH = 4000
PATIENCE = 60  # seconds for a batch, which takes less than two: Go's engine has no bounds

# Texts of Go's or our answer that newer releases of Go changed, each with its row in cases/newer.json or its line in
# common/tmpl/README.md.
SKIPPED = [re.compile(pattern) for pattern in (
    r"incompatible types for comparison",        # 1.26 names the types
    r"invalid type for comparison",
    r"range can't iterate over -?\d+",          # 1.24 iterates over integers
    r"non-function .* of type",                  # 1.26 names the expression
    r"error calling call: wrong number of args",
    r"unexpected \"\)\"|unexpected right paren",  # 1.20 has the second form
    r"(?i)0x[0-9a-f]{6,}|c0000000|14000000000|824633720832",  # addresses: ours is always this one
    r"\[3\]int|unaddressable array",             # arrays, which only the data set has
    r"unexpected <with> in input",
    r"missing comparison function|basic kind",
    r"range can't iterate over \*+",              # a named integer of the data set
    r"exceeded maximum",                         # our bounds are lower
    r"negative Repeat count",                    # of the test function tFunc
    r'function "in" not defined',                # one that helpers.go leaves out
)]


class Templates:
    """Random templates. Most expressions have the type that is asked for, some do not."""

    STRINGS = ['""', '"x"', '"a,b,c"', '"hello world"', '"é√"', '"1"', '"-2"', '"true"', "`raw\\n`", '"%d"', '"<&\'\\">"',
               '"\\x00\\xff"', '"\\u2028"', '"[1,2.5,{\\"a\\":null}]"', '"aGVsbG8="', '"k=v,l=w"']
    INTS = ["0", "1", "2", "-1", "7", "42", "0x1F", "0b11", "0o17", "1_000", "'a'", "'\\n'", "9223372036854775807",
            "-9223372036854775808", "1e3"]
    FLOATS = ["0.0", "1.5", "-2.25", "1e100", "0x1p-2", "1e-7", "123456789.0", "1e21", ".5"]
    COMPLEX = ["1i", "2+3i", "0i", "-1.5i", "1e3-2i"]
    VERBS = "vdsqxXoObBcUeEfFgGtTvdsqp%wzy"
    FLAGS = "+-# 0"
    FIELDS = {"string": ["S", "Empty", "AnyS", "St.Name", "P.Name", "Zero"], "int": ["I", "I8", "I16", "I32", "I64", "U", "U8",
              "U64", "Any", "St.Port", "Level"], "float": ["F", "F32", "St.Weight", "P.Weight"], "bool": ["B", "St.On"],
              "list": ["SI", "SS", "SB", "SNil", "AI", "AnyList", "St.Tags", "L", "LV", "MAny.l"],
              "map": ["MSI", "MSS", "MIS", "MFS", "MBS", "MNil", "MAny", "St.Meta", "MAny.m"],
              "any": ["AnyNil", "PNil", "P", "St", "C", "MAny.nil", "MAny.nope", "Self", "Self.S", "Nope", "PNil.Name", "MSS.a",
                      "MSI.one", "MSI.nope", "MNil.x", "Self.P.Meta.zone", "Self.MAny.m.k"]}
    OTHER = {"map": ["x", "y", "z", "nope"], "list": [], "str": [], "int": [], "": ["x"]}
    KINDS = ["string", "int", "float", "bool", "list", "map", "any"]

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.variables = []
        self.data = "T"
        self.loops = 0

    def pick(self, values):
        return values[self.random.randrange(len(values))]

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def field(self, kind):
        if self.data != "T":
            names = self.OTHER[self.data]
            return "." + self.pick(names) if names else "."
        return self.pick([".", "$."] if self.chance(10) else ["."]) + self.pick(self.FIELDS[kind])

    def atom(self, kind):
        roll = self.random.random()
        if roll < 0.25 and self.variables:
            return self.pick(self.variables) + (".Name" if self.chance(10) else "")
        if roll < 0.55:
            return self.field(kind)
        if roll < 0.6:
            return self.pick([".", "$", "nil", "true", "tNil", "tFunc"])
        if kind == "string":
            return self.pick(self.STRINGS)
        if kind == "int":
            return self.pick(self.INTS)
        if kind == "float":
            return self.pick(self.FLOATS)
        if kind == "bool":
            return self.pick(["true", "false"])
        if kind == "list":
            return '(split "," ' + self.pick(self.STRINGS) + ")"
        if kind == "map":
            return '(parseJSON "{\\"a\\":1,\\"b\\":[\\"x\\",null],\\"c\\":{\\"d\\":1.5}}")'
        return self.pick(self.COMPLEX + self.INTS + self.STRINGS + self.FLOATS)

    def argument(self, kind, depth):
        if self.chance(7):
            kind = self.pick(self.KINDS)
        if depth <= 0 or self.chance(55):
            return self.atom(kind)
        text = "(" + self.pipeline(kind, depth - 1) + ")"
        return text + self.pick([".Name", ".x", ".a", ".S", ".MSI.one"]) if self.chance(4) else text

    def format(self):
        out = ""
        for _ in range(self.random.randrange(1, 4)):
            out += self.pick(["", "a", " ", "|", "é"]) + "%" + "".join(
                self.pick(self.FLAGS) for _ in range(self.pick([0, 0, 0, 1, 1, 2])))
            if self.chance(10):
                out += self.pick(["[1]", "[2]", "[3]", "[x]", "[0]", "[", "[-1]"])
            out += self.pick(["", "", "", "5", "12", "*", "1", "40"])
            if self.chance(25):
                out += "." + self.pick(["", "0", "1", "3", "*", "15", "-1", "[1]*"])
            if self.chance(4):
                out += self.pick(["[1]", "[2]"])
            out += self.pick(self.VERBS)
        if self.chance(3):
            out += "%"
        return '"' + out + '"'

    def call(self, kind, depth):
        """One call that gives about this kind."""
        arg = lambda of: self.argument(of, depth)
        any_of = lambda: self.argument(self.pick(self.KINDS), depth)
        some = lambda of, least, most: " ".join(arg(of) for _ in range(self.random.randrange(least, most + 1)))
        anything = lambda least, most: " ".join(any_of() for _ in range(self.random.randrange(least, most + 1)))
        if kind == "string":
            return self.pick([
                lambda: "printf " + self.format() + " " + anything(0, 3), lambda: "print " + anything(0, 4),
                lambda: "println " + anything(0, 3), lambda: "html " + anything(1, 2), lambda: "js " + anything(1, 2),
                lambda: "urlquery " + anything(1, 2), lambda: "tString " + arg("string"),
                lambda: "toJSON " + any_of(), lambda: "toJSONPretty " + any_of(), lambda: "toUnescapedJSON " + any_of(),
                lambda: f"toUpper {arg('string')}", lambda: f"trim {arg('string')} {arg('string')}",
                lambda: f"replaceAll {arg('string')} {arg('string')} {arg('string')}",
                lambda: f"join {arg('string')} {arg('list')}", lambda: f"slice {arg('string')} {some('int', 0, 3)}",
                lambda: f"base64Encode {arg('string')}", lambda: f"base64Decode {arg('string')}",
                lambda: f"toTitle {arg('string')}", lambda: f".Join {some('string', 0, 4)}", lambda: "$.Fail false",
                lambda: f"trimSuffix {arg('string')} {arg('string')}", lambda: f"sha256Hex {arg('string')}",
                lambda: f"call tFunc {self.pick(['0', '1', '3', '.I', '.F'])} {some('string', 0, 3)}",
                lambda: f"regexReplaceAll {self.pattern()} {arg('string')} {arg('string')}"])()
        if kind == "int":
            return self.pick([
                lambda: "len " + self.argument(self.pick(["string", "list", "map"]), depth),
                lambda: "tInt " + arg("int"), lambda: f".Add {arg('int')} {arg('int')}",
                lambda: "tUint " + arg("int"), lambda: f"index {arg('list')} {arg('int')}",
                lambda: f"parseInt {arg('string')}", lambda: f"tList {arg('list')}", lambda: f"parseUint {arg('string')}"])()
        if kind == "float":
            return self.pick([lambda: "tFloat " + arg("float"), lambda: f"parseFloat {arg('string')}",
                              lambda: f"index .MFS {arg('float')}"])()
        if kind == "bool":
            name = self.pick(["eq", "ne", "lt", "le", "gt", "ge", "not", "and", "or", "tBool", "regexMatch", "parseBool"])
            if name in ("not", "tBool"):
                return f"{name} {any_of()}"
            if name in ("and", "or"):
                return f"{name} {anything(1, 3)}"
            if name == "regexMatch":
                return f"{name} {self.pattern()} {arg('string')}"
            if name == "parseBool":
                return f"{name} {arg('string')}"
            of = self.pick(["int", "string", "float", "bool", "int", "string", "any"])
            return f"{name} {arg(of)} {some(of, 1, 3) if name == 'eq' else arg(of)}"
        if kind == "list":
            return self.pick([lambda: f"slice {arg('list')} {some('int', 0, 3)}",
                              lambda: f"split {arg('string')} {arg('string')}", lambda: f"tAny {arg('list')}",
                              lambda: f"index {arg('any')} {any_of()}"])()
        if kind == "map":
            return self.pick([lambda: f"parseJSON {arg('string')}", lambda: f"tAny {arg('map')}", lambda: f"$.Self.{self.pick(self.FIELDS['map'])}"])()
        return self.pick([lambda: f"index {arg('map')} {any_of()}", lambda: f"index {any_of()} {anything(0, 2)}",
                          lambda: f"tAny {any_of()}", lambda: f"and {anything(1, 3)}", lambda: f"or {anything(1, 3)}",
                          lambda: "tError", lambda: f".Fail {arg('bool')}", lambda: f"tMap {any_of()}",
                          lambda: f"$.Join {some('string', 0, 3)}", lambda: "unknown"])()

    def pattern(self):
        return self.pick(['"a"', '"^x*"', '"[a-c]+"', '"(.)(.)"', '"(?i)H"', '"\\\\d+"', '""', '"("', '"\\\\bw"', '"a|b|"', '".*?l"'])

    def pipeline(self, kind, depth):
        if depth <= 0 or self.chance(35):
            text = self.atom(kind) if self.chance(50) else self.call(kind, max(depth - 1, 0))
        else:
            text = self.call(kind, depth - 1)
        while self.chance(15):
            text += " | " + self.pick([f"printf {self.format()}", "print", "len", "html", "js", "urlquery", "println", "toJSON",
                                       "tString", "not", "index .MSI", 'eq "x"', "toUpper", "tAny", 'and 1', "printf", "tInt",
                                       "tUint", "toJSONPretty", "base64Encode", ".Add 1", ".S", "3", "parseJSON", "$.Join"])
        return text

    def action(self, text):
        left = "{{- " if self.chance(6) else "{{" + self.pick(["", "", " ", "\n\t"])
        right = " -}}" if self.chance(6) else self.pick(["", "", " ", "\n"]) + "}}"
        return left + text + right

    def declare(self, depth):
        name = "$" + self.pick("abcxyz")
        if self.variables and self.chance(35):
            return f"{self.pick(self.variables)} = {self.pipeline(self.pick(self.KINDS), depth)}"
        text = f"{name} := {self.pipeline(self.pick(self.KINDS), depth)}"
        self.variables.append(name)
        return text

    def body(self, depth):
        known = list(self.variables)
        text = "".join(self.statement(depth) for _ in range(self.random.randrange(1, 4)))
        self.variables = known
        return text

    def statement(self, depth):
        roll = self.random.random()
        if roll < 0.22:
            return self.pick(["text", " ", "\n", "  a\n ", "é", "}}", "{", "{ {", "\t\n"])
        if roll < 0.55 or depth <= 0:
            return self.action(self.pipeline(self.pick(self.KINDS), depth))
        if roll < 0.65:
            return self.action(self.declare(depth))
        if roll < 0.75:
            kind = self.pick(self.KINDS)
            text = self.action("if " + (self.declare(depth) if self.chance(10) else self.pipeline(kind, depth))) + self.body(depth - 1)
            while self.chance(20):
                text += self.action("else if " + self.pipeline("bool", depth)) + self.body(depth - 1)
            if self.chance(40):
                text += self.action("else") + self.body(depth - 1)
            return text + self.action("end")
        if roll < 0.87:
            known = list(self.variables)
            names = self.pick([[], [], ["$v"], ["$k", "$v"]])
            head = "range " + (", ".join(names) + " := " if names else "")
            head += self.pipeline(self.pick(["list", "map", "any"]), depth)
            self.variables += names
            self.loops += 1
            text = self.action(head) + self.body(depth - 1)
            if self.chance(15):
                text += self.action("if " + self.pipeline("bool", 1)) + self.action(self.pick(["break", "continue"])) + self.action("end")
            self.loops -= 1
            self.variables = known
            if self.chance(30):
                text += self.action("else") + self.body(depth - 1)
            return text + self.action("end")
        if roll < 0.93:
            known = list(self.variables)
            text = self.action("with " + (self.declare(depth) if self.chance(30) else self.pipeline(self.pick(self.KINDS), depth)))
            text += self.body(depth - 1)
            self.variables = known
            if self.chance(30):
                text += self.action("else") + self.body(depth - 1)
            return text + self.action("end")
        if roll < 0.97:
            return self.action(f'template "{self.pick("mn")}"' + (" " + self.pipeline(self.pick(self.KINDS), depth) if self.chance(70) else ""))
        return self.pick([self.action("/* note */"), "{{/* a */}}", "{{- /* b */ -}}", self.action("break"), self.action("end"),
                          '{{block "m" .}}' + self.body(depth - 1) + "{{end}}"])

    def damaged(self, text):
        """A byte or a short piece lost, doubled or replaced: what the lexer and the parser have to say."""
        at = self.random.randrange(len(text))
        length = self.random.randrange(1, 4)
        return self.pick([lambda: text[:at] + text[at + length:], lambda: text[:at] + text[at:at + length] + text[at:],
                          lambda: text[:at] + self.pick(list("{}()|.$:=\"'`,0e-/* \n\\%")) + text[at + 1:]])()

    def row(self):
        self.data = self.pick(["T", "T", "T", "T", "map", "list", "str", "int", ""])
        self.variables = []
        text = ""
        if self.chance(15):
            name, before = self.pick("mn"), self.variables
            text = f'{{{{define "{name}"}}}}' + self.body(2) + "{{end}}"
            self.variables = before
        text += "".join(self.statement(self.random.randrange(1, 4)) for _ in range(self.random.randrange(1, 4)))
        if self.chance(12):
            text = self.damaged(text)
        row = {"template": text}
        if self.data:
            row["data"] = self.data
        if self.chance(40):
            row["missingkey"] = self.pick(["zero", "error", "default"])
        return row


# What Go's or our answer to a row of the libraries shows that is not compared.
SKIPPED_LIBRARIES = [re.compile(pattern) for pattern in (
    r"(?i)c000[0-9a-f]{6}|c0000000|8246337",     # addresses
    r"incompatible types for comparison",
    r"exceeded maximum|result is (too large|larger)",  # our bounds are lower
    r"parsing time .*: cannot parse",            # Go 1.20 quotes the whole rest
    r"toTOML: unsupported type",                 # toml 1.5 has other words, and commas between a table's last two keys
    r"\[?\{Name = .*, \}",
    r"semver\.Version|&\{\}",                    # its unexported fields, see common/tmpl/sprig/README.md
    r"top-level values must be Go maps",         # toml 1.5 writes them
    r"\{\d+ \d+ (\d+|<nil>|\(nil\))\}",           # the inside of a time
)]


def build_golden(directory, libraries=False):
    path = os.path.join(directory, "golden")
    sources = ["golden.go", "bench.go", "data.go", "helpers.go"]
    folder = HERE
    if libraries:  # one package is one folder
        folder = os.path.join(directory, "sources")
        os.makedirs(folder)
        for source in [*sources, os.path.join("libraries", "functions.go")]:
            shutil.copy(os.path.join(HERE, source), folder)
        sources.append("functions.go")
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOTOOLCHAIN="local", TZ="UTC",
                       GOCACHE=os.environ.get("GOCACHE", os.path.join(directory, "cache")))
    subprocess.run(["go", "build", "-o", path, *sources], cwd=folder, env=environment, check=True)
    return path


def ask(command, rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    done = subprocess.run(command, input=text.encode("utf-8", "surrogatepass"), stdout=subprocess.PIPE, check=True,
                          timeout=PATIENCE)
    return done.stdout.splitlines()


def theirs(line):
    row = json.loads(line)
    if "error" in row:
        return ("error: " + row["error"]).encode()
    return bytes.fromhex(row["want_hex"]) if "want_hex" in row else row["want"].encode()


def differences(golden, answer, rows, skipped):
    for row, their_line, our_line in zip(rows, ask([golden, "-stdin"], rows), ask(answer, rows), strict=True):
        want, got = theirs(their_line), bytes.fromhex(our_line.decode())
        # Go writes errors as JSON, which has no bytes that are not UTF-8.
        if want == got or (want.startswith(b"error: ") and want == got.decode("utf-8", "replace").encode()):
            continue
        text = row["template"]
        # Capacities, which are lengths here.
        if "spew" in text and re.sub(rb" cap=\d+", b"", want) == re.sub(rb" cap=\d+", b"", got):
            continue
        # The address of something, digested; bytes that are not UTF-8 in a regular expression (README of common/tmpl).
        if ("regex" in text and "xff" in text) or re.search(r"sha256Hex|base64Encode", text) and ("$" in text or "." in text):
            continue
        # go-spew does not sort the keys of maps, keys and values of sprig neither.
        if re.search("spew|sprig_keys|sprig_values", text) and sorted(want) == sorted(got):
            continue
        # Which mistake of several is told first, and in which words (README of common/tmpl).
        if "parseYAML" in text and want.startswith(b"error: ") and got.startswith(b"error: "):
            continue
        both = (want + b"\n" + got).decode("utf-8", "replace")
        if not any(pattern.search(both) for pattern in skipped):
            yield row, want, got


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--libraries", action="store_true")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--show", type=int, default=20, help="print at most so many differences")
    options = parser.parse_args()
    answer = [os.path.join(options.build, "tests", "conformance_answer")]
    if options.libraries:
        answer.append("libraries")
    count = errors = 0
    different = []
    end = time.monotonic() + options.seconds
    templates = LibraryRows(options.seed) if options.libraries else Templates(options.seed)
    skipped = SKIPPED_LIBRARIES if options.libraries else SKIPPED
    with tempfile.TemporaryDirectory() as directory:
        golden = build_golden(directory, options.libraries)
        while time.monotonic() < end and len(different) < options.show:
            rows = [templates.row() for _ in range(BATCH)]
            try:
                different += differences(golden, answer, rows, skipped)
                count += len(rows)
            except subprocess.TimeoutExpired as late:
                print(f"{late.cmd[0]} did not answer within {PATIENCE} s: left out")
    for row, want, got in different[:options.show]:
        print(json.dumps(row, ensure_ascii=False))
        print("   Go:  ", want.decode("utf-8", "backslashreplace"))
        print("   ours:", got.decode("utf-8", "backslashreplace"))
    print(f"{count} templates from seed {options.seed}, {len(different)} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
