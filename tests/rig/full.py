"""What only `tests/run --full` does, and how results of other runners are read."""

import json
import os
import subprocess

from rig import ctest

# Long runs live with the tests they lengthen; each writes a result file like the end-to-end runner.
HOOKS = [("long fuzz", "tests/fuzz/run"), ("soak", "tests/e2e/soak"),
         ("failover", "tests/e2e/failover"), ("packages and playbooks", "tests/lint/provision"), ("playbooks on hosts", "tests/e2e/provision")]


def add_result(tally, name, path, code):
    """Reads {"passed": n, "failed": [[name, reason]], "skipped": [[name, reason]]}."""
    try:
        with open(path, encoding="utf-8") as file:
            answer = json.load(file)
    except (OSError, ValueError) as error:
        tally.fail(name, f"ended with exit code {code} and left no result ({error})")
        return
    tally.ok(answer["passed"])
    for test, reason in answer["failed"]:
        tally.fail(test, reason)
    for test, reason in answer["skipped"]:
        tally.skip(test, reason)
    if code != 0 and not answer["failed"]:
        tally.fail(name, f"ended with exit code {code}")


def sources(*suffixes):
    out = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--", "agent", "renderer", "common", "vagrant", "tests"],
                         capture_output=True, text=True, check=True).stdout
    return [path for path in out.split("\0") if path.endswith(suffixes) and os.path.exists(path)]


def run(step, tally, env, build):
    directory = build(step, tally, "clang")
    if os.path.exists(os.path.join(directory, "CTestTestfile.cmake")):
        ctest.run(step, "ctest clang", directory, tally, without=("bench", "lint"), env=env)
    checks = [("clang-tidy", tidy_command(directory)),
              ("clang-format", ["clang-format", "--dry-run", "--Werror", *sources(".h", ".cpp")])]
    for name, command in checks:
        if step.run(name, command) == 0:
            tally.ok()
        else:
            tally.fail(name, "findings, see above")
    for name, script in HOOKS:
        if not os.path.exists(script):
            tally.skip(name, f"{script} does not exist yet")
            continue
        answer = os.path.join("build", os.path.basename(script) + ".json")
        if os.path.exists(answer):
            os.remove(answer)
        code = step.run(name, [script, "--result", answer], env, show=True)
        add_result(tally, name, answer, code)


def tidy_command(directory):
    # One process per file and core: clang-tidy itself uses one core.
    files = [path for path in sources(".cpp") if not path.startswith("tests/")]
    return ["xargs", "-a", write_list(directory, files), "-d", "\n", "-n", "1", "-P", str(os.cpu_count() or 1),
            "clang-tidy-19", "--quiet", "-p", directory]


def write_list(directory, files):
    path = os.path.join(directory, "tidy-files")
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(name + "\n" for name in files))
    return path
