"""Measures Longshore and, where given, the peers in the same run.

The peers' executables are taken from LONGSHORE_BENCH_REGISTRATOR and LONGSHORE_BENCH_CONSUL_TEMPLATE; where one is
not set its columns show "–". Ours and theirs take turns in blocks, so that a slow minute of the machine hits both.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from bench import apply, burst, change, crowd, flap, memory, render, replace, rolling, size, start, stops, switch, table, throng, watch
from rig import sandbox

BENCHES = {"start": start.run, "change": change.run, "memory": memory.run, "burst": burst.run,
           "rolling": rolling.run, "replace": replace.run, "switch": switch.run, "stops": stops.run, "crowd": crowd.run, "throng": throng.run,
           "size": size.run, "watch": watch.run, "render": render.run,
           "apply": apply.run, "flap": flap.run}


def options(args):
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", nargs="*", metavar="BENCH", help=f"which ones: {' '.join(BENCHES)} (default: all)")
    parser.add_argument("--runs", type=int, default=50, help="runs per latency (default 50)")
    parser.add_argument("--rounds", type=int, default=0,
                        help="replace, stops: so many replacements and stops (default 200 and 100)")
    parser.add_argument("--build", default="build/release", help="build directory of longshore and nanoservice")
    parser.add_argument("--services", type=int, default=1, help="change: number of services (default 1)")
    parser.add_argument("--instances", type=int, default=10, help="change: instances of each (default 10)")
    parser.add_argument("--layout", action="append", metavar="SERVICESxNODES",
                        help="watch: only this one, as 1000x10 (default: 1,000 and 10,000 services on 10 and on as many nodes)")
    parser.add_argument("--idle", type=int, default=60, help="watch: seconds of idling that are measured (default 60)")
    parser.add_argument("--json", metavar="FILE", help="also write all figures to this file")
    chosen = parser.parse_args(args)
    unknown = [word for word in chosen.bench if word not in BENCHES]
    if unknown:
        parser.error(f"unknown bench \"{unknown[0]}\" (known: {' '.join(BENCHES)})")
    if chosen.runs < 1 or chosen.services < 1 or chosen.instances < 1:
        parser.error("--runs, --services and --instances are at least 1")
    if any(not re.fullmatch(r"[1-9]\d*x[1-9]\d*", word) for word in chosen.layout or []):
        parser.error("--layout is SERVICESxNODES")
    if chosen.idle < 1:
        parser.error("--idle is at least 1")
    chosen.bench = chosen.bench or list(BENCHES)
    chosen.registrator = peer("LONGSHORE_BENCH_REGISTRATOR", parser)
    chosen.consul_template = peer("LONGSHORE_BENCH_CONSUL_TEMPLATE", parser)
    return chosen


def peer(variable, parser):
    path = os.environ.get(variable) or None
    if path and not (os.path.isfile(path) and os.access(path, os.X_OK)):
        parser.error(f"{variable}={path} is no executable file")
    return os.path.abspath(path) if path else None


def inside(chosen, answer_path):
    os.environ["LONGSHORE_TEST_BUILD"] = os.path.abspath(chosen.build)
    rows, failed = [], False
    for name in chosen.bench:
        print(f"== {name}", flush=True)
        try:
            rows += BENCHES[name](chosen)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            print(f"   {name} could not be measured: {error}", flush=True)
            failed = True
    with open(answer_path, "w", encoding="utf-8") as file:
        json.dump(rows, file)
    return 1 if failed else 0


def main(args):
    chosen = options(args)
    if os.geteuid() != 0:
        print("tests/bench/run: a Docker engine and network namespaces need root: run it with sudo", file=sys.stderr)
        return 2
    if "LONGSHORE_TEST_CONSUL" not in os.environ:
        os.environ["LONGSHORE_TEST_CONSUL"] = subprocess.run(
            ["tests/rig/fetch-consul"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    shutil.rmtree("build/bench-logs", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        answer_path = os.path.join(folder, "answer")
        code, problems = sandbox.run_inside(lambda: inside(chosen, answer_path))
        try:
            with open(answer_path, encoding="utf-8") as file:
                rows = json.load(file)
        except OSError:
            return code or 1
    for problem in problems:
        print(f"left behind: {problem}", file=sys.stderr)
    print(table.text(rows))
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine(), "rows": rows}, file, indent=1)
    return code or (1 if problems else 0)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": os.cpu_count(), "kernel": os.uname().release}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
