#!/usr/bin/python3
"""No source file is longer than 400 lines: one concept each."""

import os

import sources

LIMIT = 400
SUFFIXES = (".h", ".cpp", ".py", ".sh")


def is_source(path, first_line):
    return path.endswith(SUFFIXES) or ("." not in os.path.basename(path) and first_line.startswith("#!"))


def check(path, text):
    lines = text.count("\n") + (not text.endswith("\n") and text != "")
    if is_source(path, text.split("\n", 1)[0]) and lines > LIMIT:
        return [f"{path}:{lines}: {lines} lines, the limit is {LIMIT}: split it by concept"]
    return []


def main():
    paths = sources.files()
    problems = [problem for path in paths for problem in check(path, sources.read(path))]
    sources.report(problems, f"{len(paths)} files looked at")


if __name__ == "__main__":
    main()
