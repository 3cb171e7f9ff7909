"""Parsing and evaluating templates, beside Go's text/template (tests/conformance/bench.go) where Go is installed."""

import json
import os
import shutil
import subprocess
import tempfile

from bench import table

HERE = os.path.dirname(os.path.abspath(__file__))
CONFORMANCE = os.path.join(os.path.dirname(HERE), "conformance")
ROUNDS = 3  # of each side in turn; each takes its best of 5 s
PARSED_LINES = 2000


def run(chosen):
    with tempfile.TemporaryDirectory() as directory:
        golden = build_golden(directory)
        ours = os.path.join(chosen.build, "tests", "bench_render")
        template = lambda name: os.path.join(HERE, "render", name)
        rows = measure("10,000 instances, upstreams", ours, golden, [template("upstreams.ctmpl"), "10", "1000"], "execute")
        rows += measure("1,000 services, sites", ours, golden, [template("sites.ctmpl"), "1000", "5"], "execute")
        rows += measure(f"template of {PARSED_LINES:,} lines: parse", ours, golden,
                        [long_template(directory, template("upstreams.ctmpl")), "1", "1"], "parse")
    return rows


def measure(what, ours, golden, arguments, member):
    figures = {"ours": [], "go": []}
    digests = set()
    for _ in range(ROUNDS):
        for who, command in (("ours", [ours]), ("go", golden and [golden, "-bench"])):
            if command:
                done = json.loads(subprocess.run(command + arguments, stdout=subprocess.PIPE, check=True).stdout)
                figures[who].append(1000 * done[member])
                digests.add(done["sha256"])
    assert len(digests) == 1, f"{what}: the two wrote different texts"
    print(f"   {what}", flush=True)
    return [table.row(what, "ms", figures["ours"], figures["go"] or None)]


def build_golden(directory):
    if not shutil.which("go") or not os.path.isdir("/usr/share/gocode/src/golang.org/x/text"):
        print("   Go is not installed: no figures beside it", flush=True)
        return None
    path = os.path.join(directory, "golden")
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOTOOLCHAIN="local",
                       GOCACHE=os.environ.get("GOCACHE", os.path.join(directory, "cache")))
    subprocess.run(["go", "build", "-o", path, "golden.go", "bench.go", "data.go", "helpers.go"], cwd=CONFORMANCE,
                   env=environment, check=True)
    return path


def long_template(directory, source):
    with open(source, encoding="utf-8") as file:
        lines = file.read()
    copies = PARSED_LINES // lines.count("\n") + 1
    path = os.path.join(directory, "long.ctmpl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(lines * copies)
    return path
