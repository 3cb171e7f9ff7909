#!/usr/bin/python3
"""Random HCL through the original parser and through ours; what differs is printed.

tests/conformance/hcl/differential.py [--seconds N] [--seed N] [--build DIRECTORY]

Needs golang-go and golang-github-hashicorp-hcl-dev, and the target hcl_answer. Deviations on purpose are listed in
common/hcl/README.md and kept out of the texts or skipped below.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
NAMES = ["a", "b", "name", "template", "x_y", "k-1", "t.u", "_z", "true1", "A9"]
WORDS = ["", "x", "a b", "é", "\\n", "\\t\\\"", "\\\\", "\\u00e9", "\\U0001F600", "${x}", "${\"q\"}", "{", "#", "//", "\\x41",
         "\\101", "\\q", "$", "%"]
NUMBERS = ["0", "1", "-1", "42", "0x1F", "0755", "1.5", "-2.25", "1e3", "1e-3", "0.0", "1.", "08", "0x", "1e", "-"]


def texts(seed):
    source = random.Random(seed)
    pick = source.choice

    def string():
        return '"' + "".join(pick(WORDS) for _ in range(source.randrange(3))) + '"'

    def heredoc():
        body = "".join(pick(["  line\n", "x\n", "\n", "\t\"q\"\n", "    deep ${a}\n"]) for _ in range(source.randrange(3)))
        return pick([f"<<EOT\n{body}EOT\n", f"<<-EOT\n{body}  EOT\n"])

    def value(depth):
        roll = source.random()
        if roll < .3:
            return string()
        if roll < .55:
            return pick(NUMBERS)
        if roll < .65:
            return pick(["true", "false"])
        if roll < .72:
            return heredoc()
        if depth > 0 and roll < .86:
            items = [value(depth - 1) for _ in range(source.randrange(4))]
            return "[" + pick([", ", ",", ",\n", " , "]).join(items) + pick(["", "", ",", "\n"]) + "]"
        if depth > 0:
            return "{" + body(depth - 1) + "}"
        return string()

    def key():
        return pick(NAMES) if source.random() < .8 else string()

    def item(depth):
        roll = source.random()
        if roll < .6 or depth == 0:
            return key() + pick([" = ", "=", " =\n"]) + value(depth)
        labels = "".join(" " + pick([string, key])() for _ in range(pick([0, 1, 1, 2])))
        return key() + labels + pick([" ", ""]) + "{" + pick(["\n", " "]) + body(depth - 1) + "}"

    def body(depth):
        out = ""
        for _ in range(source.randrange(4)):
            if source.random() < .15:
                out += pick(["# note\n", "// note\n", "/* a\n b */", "/**/ "])
            out += item(depth) + pick(["\n", "\n", "\n\n", " \n", ", ", "\r\n", " "])
        return out

    while True:
        text = body(3)
        if source.random() < .2 and text:
            at = source.randrange(len(text))
            text = text[:at] + pick(["", "", "=", "{", "}", "[", "]", ",", '"', "\n", "0", "\\", "$"]) + text[at + source.randrange(2):]
        # An object's text that starts with a brace is JSON to both.
        if not text.lstrip().startswith("{"):
            yield text


# What the original reads and loses, or takes for two things; we say what is wrong.
LOST = re.compile(r"\[\s*,|=\s*$|\d[A-Za-z_]")


def on_purpose(text, want, got):
    """More is accepted than by the original, and less only where it loses data: see common/hcl/README.md."""
    return want == "error" and got != "error" or got == "error" and LOST.search(text)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    options = parser.parse_args()
    count = purpose = 0
    different = []
    source = texts(options.seed)
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as directory:
        golden = os.path.join(directory, "golden")
        environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOTOOLCHAIN="local",
                           GOCACHE=os.environ.get("GOCACHE", os.path.join(directory, "cache")))
        subprocess.run(["go", "build", "-o", golden, "golden.go"], cwd=HERE, env=environment, check=True)
        while time.monotonic() < end and len(different) < 20:
            batch = [next(source) for _ in range(2000)]
            encoded = "".join(json.dumps(text) + "\n" for text in batch).encode()
            answers = [subprocess.run([program], input=encoded, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
                       for program in (golden, os.path.join(options.build, "tests", "hcl_answer"))]
            for text, want, got in zip(batch, *answers, strict=True):
                count += 1
                if want != got and on_purpose(text, want, got):
                    purpose += 1
                elif want != got:
                    different.append((text, want, got))
    for text, want, got in different[:20]:
        print(json.dumps(text), "   original: " + want, "   ours:     " + got, sep="\n")
    print(f"{count} texts from seed {options.seed}, {len(different)} differ, {purpose} more on purpose")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
