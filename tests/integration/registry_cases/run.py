#!/usr/bin/python3
"""Plays the same cases against the embedded registry and a real Consul and compares their answers.

Usage: run.py --longshore EXECUTABLE [--consul EXECUTABLE] [--only TEXT] [--ours-only]
Without --consul: LONGSHORE_TEST_CONSUL, then `consul` on PATH; without any the test is skipped (exit 77).
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import threading

import case_file
import compare
import player
import servers

NODE = "case-node"
HERE = os.path.dirname(os.path.abspath(__file__))


def play_all(server, cases, out):
    one = player.Player(server.port, NODE)
    for number, case in enumerate(cases):
        out.append(one.play(case, prefix_of(number)))


def prefix_of(number):
    return f"c{number}"


def judge(case, prefix, theirs, ours):
    """The reasons why a case failed. `prefix`: the name of the case's own, {p} in its text."""
    found = compare.differences(case, theirs, ours)
    if not case.deviates:
        return [f"{who}: line {entry.line}: {entry.what}: {entry.problem}"
                for who, seen in (("Consul", theirs), ("ours", ours)) for entry in seen if entry.problem] or found
    points = [re.sub(r"^line \d+: ", "", text).replace(prefix, "{p}") for text in found]
    if points == case.differs:
        return []
    return [f"says that it deviates ({case.deviates}), but not in these points:", *("differs " + text for text in points)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--longshore", required=True)
    parser.add_argument("--consul", default=os.environ.get("LONGSHORE_TEST_CONSUL") or shutil.which("consul"))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    if not options.consul:
        print("SKIPPED: no Consul: set LONGSHORE_TEST_CONSUL to what tests/rig/fetch-consul prints")
        return 77
    cases = [case for case in case_file.read_all(os.path.join(HERE, "cases"))
             if options.only in case.name or options.only in case.file]
    with tempfile.TemporaryDirectory(prefix="registry-cases-") as folder:
        running = []
        try:
            running.append(servers.started(servers.start_consul, options.consul, NODE, folder))
            running.append(servers.started(servers.start_ours, options.longshore, NODE, folder))
            transcripts = [[], []]
            threads = [threading.Thread(target=play_all, args=(server, cases, out))
                       for server, out in zip(running, transcripts)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            codes = [server.stop() for server in running]
            log = running[-1].tail() if len(running) == 2 else ""
    return report(cases, transcripts, codes, log)


def report(cases, transcripts, codes, log):
    failed = 0
    for number, (case, theirs, ours) in enumerate(zip(cases, *transcripts)):
        reasons = judge(case, prefix_of(number), theirs, ours)
        if reasons:
            failed += 1
            print(f"FAILED {case.file}:{case.line} {case.name}")
            for reason in reasons:
                print(f"   {reason}")
        elif case.deviates:
            print(f"deviates {case.file}:{case.line} {case.name}: {case.deviates}")
    if codes[1] != 0:
        failed += 1
        print(f"FAILED the registry ended with {codes[1]}\n{log}")
    # The form in which the test run counts cases.
    print(f"[doctest] test cases: {len(cases)} | {len(cases) - failed} passed | {failed} failed |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
