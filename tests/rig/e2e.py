"""Runs the end-to-end groups inside a sandbox; tests/e2e/NAME_test.py is the group e2e-NAME."""

import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
import unittest

from rig import lanes

FOLDER = "tests/e2e"
NEEDED = ("/usr/sbin/dockerd", "/usr/bin/docker", "/usr/sbin/nginx", "/usr/sbin/ip")


# Not groups of the daily run: tests/e2e/NAME_run.py.
RUNS = ("soak", "soak_changes", "partition", "failover", "provision")
# Groups of half a minute and more, longest first: a lane that takes one last would work alone at the end.
LONG = ("steps", "burst", "crash", "poc_mistakes", "hosts", "failover", "life", "labels", "absent", "podman", "poc", "matrix")


def groups():
    return sorted(name.removesuffix("_test.py") for name in os.listdir(FOLDER) if name.endswith("_test.py"))


def options(args):
    parser = argparse.ArgumentParser(prog="tests/e2e/run", description=__doc__, allow_abbrev=False)
    parser.add_argument("selection", nargs="*", metavar="GROUP[.PATTERN]",
                        help="e2e (all, the default), e2e-NAME, or e2e-NAME.test_pattern with * and ?")
    parser.add_argument("--list", action="store_true", help="print the groups and their tests")
    parser.add_argument("--build", default="build/release", help="build directory of longshore and nanoservice")
    parser.add_argument("--result", help="write the counts to this file as JSON")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1),
                        help="groups side by side, each in a sandbox of its own (default 2; 1 on one core)")
    parser.add_argument("--repeat", type=int, default=1, help="run the selection that many times")
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    chosen = parser.parse_args(args)
    wanted = []
    for word in chosen.selection or ["e2e"]:
        group, _, pattern = word.partition(".")
        if group not in ("e2e", *RUNS) and group.removeprefix("e2e-") not in groups():
            parser.error(f"unknown group \"{group}\" (known: e2e {' '.join('e2e-' + name for name in groups())})")
        wanted.append((group, pattern or "*"))
    if chosen.jobs < 1 or chosen.repeat < 1:
        parser.error("--jobs and --repeat are at least 1")
    chosen.wanted = wanted
    return chosen


def cases(wanted):
    """(name, test) in the order of the groups."""
    found = []
    for run in RUNS:
        patterns = [pattern for name, pattern in wanted if name == run]
        if patterns:
            suite = unittest.defaultTestLoader.loadTestsFromName(f"e2e.{run}_run")
            found += [(f"{run}.{test.id().split('.', 2)[-1]}", test) for test in flat(suite)
                      if any(fnmatch.fnmatch(test.id().rsplit(".", 1)[-1], pattern) for pattern in patterns)]
    for group in groups():
        if not any(name in ("e2e", "e2e-" + group) for name, _ in wanted):
            continue
        suite = unittest.defaultTestLoader.loadTestsFromName(f"e2e.{group}_test")
        for test in flat(suite):
            name = f"e2e-{group}.{test.id().split('.', 2)[-1]}"
            method = test.id().rsplit(".", 1)[-1]
            if any(chosen in ("e2e", "e2e-" + group) and (
                    fnmatch.fnmatch(method, pattern) or fnmatch.fnmatch(name.split(".", 1)[1], pattern))
                    for chosen, pattern in wanted):
                found.append((name, test))
    return found


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def pieces(chosen):
    """Names of groups as the lanes take them: a group stays together, each repetition is a piece of its own."""
    wanted = {name.removeprefix("e2e-") for name, _ in chosen.wanted}
    names = [name for name in RUNS if name in wanted] + [name for name in groups() if wanted & {"e2e", name}]
    names.sort(key=lambda name: LONG.index(name) if name in LONG else len(LONG))
    return names * chosen.repeat


class Result(unittest.TestResult):
    def __init__(self, say):
        super().__init__()
        self.say = say
        self.passed, self.failed, self.skips = 0, [], []
        self.name, self.began = "", 0.0

    def begin(self, name):
        self.name, self.began = name, time.monotonic()

    def line(self, word, text=""):
        self.say(f"{word:7} {self.name} ({time.monotonic() - self.began:.1f} s){text}")

    def addSuccess(self, test):
        self.passed += 1
        self.line("ok")

    def addSkip(self, test, reason):
        self.skips.append((self.name, reason))
        self.line("skipped", ": " + reason)

    def addError(self, test, err):
        self.addFailure(test, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        reason = str(err[1]).strip().split("\n")[0] or err[0].__name__
        self.failed.append((self.name, reason[:300]))
        trace = "".join(traceback.format_exception(*err)).rstrip().splitlines()
        self.line("FAILED", "".join(f"\n   {text}" for text in trace) +
                  "".join(f"\n{text}" for text in getattr(test, "evidence", list)()))

    def addSubTest(self, test, subtest, err):
        if err is not None:
            outer, self.name = self.name, f"{self.name} {subtest._subDescription()}"
            self.addFailure(test, err)
            self.name = outer
        else:
            self.passed += 1


def inside(chosen, lane, folder):
    os.environ["LONGSHORE_TEST_BUILD"] = os.path.abspath(chosen.build)
    if chosen.jobs > 1:
        os.environ["LONGSHORE_E2E_LOGS"] = f"build/e2e-logs/lane-{lane}"
    from e2e import base  # only inside: it starts servers
    result, claims = Result(lanes.Printer(folder)), lanes.Claims(folder)
    work = pieces(chosen)
    try:
        for number in claims.take(len(work)):
            prefix = work[number] if work[number] in RUNS else "e2e-" + work[number]
            for name, test in cases(chosen.wanted):
                if name.split(".", 1)[0] != prefix:
                    continue
                result.begin(name)
                test.run(result)
                if chosen.fail_fast and result.failed:
                    claims.give_up()
                    raise KeyboardInterrupt
    finally:
        with open(os.path.join(folder, f"answer-{lane}"), "w", encoding="utf-8") as file:
            json.dump({"passed": result.passed, "failed": result.failed, "skipped": result.skips}, file)
        base.world.stop()
    return 1 if result.failed else 0


def sum_up(outcomes):
    """One answer out of those of the lanes. The last test of every run is seen from outside: nothing is left."""
    total = {"passed": 0, "failed": [], "skipped": []}
    left = []
    for number, (code, problems, text) in enumerate(outcomes):
        if text is None:
            total["failed"].append([f"e2e lane {number}", f"ended with {code} before any result"])
        else:
            for key, value in json.loads(text).items():
                total[key] += value
        left += [problems] if problems else []
    if left:
        total["failed"].append(["e2e.nothing_is_left", "; ".join(left)])
    else:
        total["passed"] += 1
    return total


def main(args):
    chosen = options(args)
    if chosen.list:
        print("\n".join(name for name, _ in cases(chosen.wanted)))
        return 0
    if os.geteuid() != 0:
        print("tests/e2e/run: a Docker engine and network namespaces need root: run it with sudo", file=sys.stderr)
        return 2
    missing = [path for path in NEEDED if not os.path.exists(path)]
    if missing:
        print(f"tests/e2e/run: not installed: {' '.join(missing)} (common/packaging/install-deps test poc)",
              file=sys.stderr)
        return 2
    if "LONGSHORE_TEST_CONSUL" not in os.environ:
        os.environ["LONGSHORE_TEST_CONSUL"] = subprocess.run(
            ["tests/rig/fetch-consul"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    shutil.rmtree("build/e2e-logs", ignore_errors=True)
    chosen.jobs = min(chosen.jobs, len(pieces(chosen)) or 1)
    outcomes = lanes.run(chosen.jobs, lambda lane, folder: inside(chosen, lane, folder))
    answer = sum_up(outcomes)
    if chosen.result:
        with open(chosen.result, "w", encoding="utf-8") as file:
            json.dump(answer, file)
    for name, reason in answer["failed"]:
        print(f"failed: {name}: {reason}")
    print(f"{answer['passed']} passed, {len(answer['failed'])} failed, {len(answer['skipped'])} skipped", flush=True)
    return 1 if answer["failed"] else max((abs(code) for code, _, _ in outcomes), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
