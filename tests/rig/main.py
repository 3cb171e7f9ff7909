"""The whole test run: packages, builds, ctest, end to end. Ends with `N passed, N failed, N skipped`."""

import os
import signal
import sys

from rig import ctest, full, steps, tally

HELP = """Usage: tests/run [--quick | --full] [--only LABEL]... [-h]

Installs what the tests need, builds, runs them and ends with `N passed, N failed, N skipped`.

  --quick       units, properties, conformance, fuzz replay, lints; no root, no servers
  --full        also: clang build, clang-tidy, clang-format, long fuzz, full-length soak,
                three failover tables
  --only LABEL  one kind of test; may be given several times. LABEL is a ctest label
                (unit property conformance integration fuzz lint) or a group of end-to-end
                tests (e2e for all, or e2e-NAME as `tests/e2e/run --list` prints them)
  -h, --help    this text

Exit codes: 0 nothing failed (and, if CI=true, nothing skipped), 1 otherwise, 2 usage or no root."""

QUICK_LABELS = ["unit", "property", "conformance", "fuzz", "lint"]
CTEST_LABELS = ["unit", "property", "conformance", "integration", "fuzz", "lint"]
INSTALLER = "common/packaging/install-deps"


class Usage(Exception):
    pass


def parse(args):
    options = {"quick": False, "full": False, "only": []}
    words = list(args)
    while words:
        word = words.pop(0)
        if word in ("-h", "--help"):
            print(HELP)
            sys.exit(0)
        elif word in ("--quick", "--full"):
            options[word[2:]] = True
        elif word == "--only" or word.startswith("--only="):
            if word == "--only" and not words:
                raise Usage("--only needs a LABEL")
            options["only"].append(words.pop(0) if word == "--only" else word[7:])
        else:
            raise Usage(f"unknown option \"{word}\"")
    if options["quick"] and options["full"]:
        raise Usage("--quick and --full exclude each other")
    for label in options["only"]:
        if label not in CTEST_LABELS and label != "e2e" and not label.startswith("e2e-"):
            raise Usage(f"unknown label \"{label}\" (known: {' '.join(CTEST_LABELS)} e2e e2e-NAME)")
    return options


def build(step, result, preset, targets=()):
    """Configures and builds a preset; a failure is counted, and what was built is still tested."""
    directory = os.path.join("build", preset)
    if step.run(f"configure {preset}", ["cmake", "--preset", preset]) != 0:
        result.fail(f"configure {preset}", "cmake could not configure")
        return directory
    if targets is None:
        return directory
    command = ["cmake", "--build", directory, "-j", str(os.cpu_count() or 1)]
    if targets:
        command += ["--target", *targets]
    if step.run(f"build {preset}", command + ["--", "-k", "0"]) != 0:
        result.fail(f"build {preset}", "the build ended with errors, see above")
    return directory


def run_ctest_part(step, result, labels, env):
    # Lints look at the sources only: they need no build.
    directory = build(step, result, "sanitize", None if labels == ["lint"] else ())
    if os.path.exists(os.path.join(directory, "CTestTestfile.cmake")):
        ctest.run(step, "ctest sanitize", directory, result, labels, env=env)


def run_e2e_part(step, result, groups, env):
    directory = build(step, result, "release", ("longshore", "nanoservice"))
    answer = os.path.join(directory, "e2e.json")
    if os.path.exists(answer):
        os.remove(answer)
    command = ["tests/e2e/run", "--build", directory, "--result", answer, *groups]
    code = step.run("e2e", command, env, show=True)
    full.add_result(result, "e2e", answer, code)


def consul_env(step, result):
    """The tests' Consul, given to everything below by one variable."""
    path_file = os.path.join(step.log_dir, "fetch-consul.path")
    code = step.run("fetch consul", ["sh", "-c", f"tests/rig/fetch-consul > '{path_file}'"])
    if code != 0:
        result.fail("fetch consul", "no Consul to test against, see above")
        return {}
    with open(path_file, encoding="utf-8") as file:
        return {"LONGSHORE_TEST_CONSUL": file.read().strip()}


def main(args):
    try:
        options = parse(args)
    except Usage as error:
        print(f"tests/run: {error}\n\n{HELP}", file=sys.stderr)
        return 2
    only = options["only"]
    labels = [label for label in only if label in CTEST_LABELS]
    groups = [label for label in only if label not in CTEST_LABELS]
    if not only:
        labels = QUICK_LABELS if options["quick"] else None
        groups = [] if options["quick"] else ["e2e"]
    with_ctest = not only or bool(labels)
    if groups and os.geteuid() != 0:
        print("tests/run: end-to-end tests start a Docker engine and network namespaces: run it as root "
              "(sudo tests/run), or use --quick", file=sys.stderr)
        return 2

    make_build_directory()
    step = steps.Steps(os.getcwd(), "build/logs")
    result = tally.Tally()
    classes = ["build", "test"] + (["poc"] if groups else []) + (["full"] if options["full"] else [])
    if step.run("packages", [INSTALLER, *classes]) != 0:
        result.fail("packages", "not everything could be installed, see above")
        return result.print_report(False)
    wants_consul = groups or (not only and not options["quick"]) or {"conformance", "integration"} & set(labels or ())
    env = consul_env(step, result) if wants_consul else {}
    if with_ctest:
        run_ctest_part(step, result, labels, env)
    if groups:
        run_e2e_part(step, result, groups, env)
    if options["full"] and not only:
        full.run(step, result, env, build)
    step.print_times()
    return result.print_report(os.environ.get("CI") == "true")


def make_build_directory():
    """With the owner of the checkout, who builds in it too: we may be root."""
    os.makedirs("build", exist_ok=True)
    if os.geteuid() == 0:
        owner = os.stat(".")
        os.chown("build", owner.st_uid, owner.st_gid)


def stop(signum, _frame):
    raise KeyboardInterrupt(signal.Signals(signum).name)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\ntests/run: interrupted", file=sys.stderr)
        sys.exit(130)
