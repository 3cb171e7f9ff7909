"""Runs ctest in one build directory and counts single doctest cases from its JUnit file."""

import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree

# doctest: "[doctest] test cases:  7 |  6 passed | 1 failed | 0 skipped"
SUMMARY = re.compile(r"\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|(?:\s*(\d+) skipped)?")
# A script that plays many cases ends with "409 passed, 0 failed, 0 skipped".
SCRIPT_SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TAIL_LINES = 40


def labels(build_dir):
    """Labels known to a configured build directory."""
    out = subprocess.run(["ctest", "--test-dir", build_dir, "--print-labels"],
                         capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False).stdout
    return [line.strip() for line in out.splitlines()
            if line.startswith("  ") and line.strip() and not line.strip().startswith("Test project")]


def run(steps, name, build_dir, tally, only_labels=None, without=("bench",), env=None):
    """Runs the tests with one of the labels (None = all) and adds their counts to the tally."""
    junit = os.path.abspath(os.path.join(build_dir, "ctest.xml"))
    if os.path.exists(junit):
        os.remove(junit)
    command = ["ctest", "--test-dir", build_dir, "-j", str(os.cpu_count() or 1), "--output-on-failure",
               "--no-tests=error", "--output-junit", junit, "--test-output-size-passed", "10000000",
               "--test-output-size-failed", "10000000"]
    if only_labels:
        command += ["-L", "^(" + "|".join(map(re.escape, only_labels)) + ")$"]
    if without:
        command += ["-LE", "^(" + "|".join(map(re.escape, without)) + ")$"]
    code = steps.run(name, command, env)
    if not os.path.exists(junit):
        tally.fail(name, f"ctest ended with {code} and wrote no result")
        return
    failed_before = len(tally.failures)
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        count(case, tally)
    if code != 0 and len(tally.failures) == failed_before:
        tally.fail(name, f"ctest ended with {code}")


def count(case, tally):
    name, status = case.get("name"), case.get("status")
    output = COLOUR.sub("", case.findtext("system-out") or "")
    if status in ("notrun", "disabled"):
        skipped = case.find("skipped")
        message = skipped.get("message", "") if skipped is not None else ""
        if message.startswith("SKIP_"):
            reason = re.search(r"^SKIPPED: (.*)$", output, re.MULTILINE)
            tally.skip(name, reason.group(1) if reason else "the test gave no reason")
        else:
            tally.fail(name, message or "did not run")
        return
    summary = SUMMARY.search(output) or SCRIPT_SUMMARY.search(output)
    if summary is None:
        if status == "run":
            tally.ok()
        else:
            tally.fail(name, failure_message(case) + tail(output))
        return
    passed, failed, skipped = (int(group or 0) for group in summary.groups())
    tally.ok(passed)
    if failed or status == "fail":
        tally.fail(name, (f"{failed} cases" if failed else failure_message(case)) + tail(output))
    for number in range(1, failed):
        tally.fail(name, f"case {number + 1} of {failed}, see above")
    for _ in range(skipped):
        tally.skip(name, "a doctest case marked skip")


def failure_message(case):
    failure = case.find("failure")
    return failure.get("message") or "failed" if failure is not None else "failed"


def tail(output):
    lines = [line for line in output.splitlines() if line.strip()]
    return "".join("\n   | " + line[:300] for line in lines[-TAIL_LINES:])
