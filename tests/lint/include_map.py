#!/usr/bin/python3
"""Checks every include against include_table.py. System headers are on the default path, so a missing
link line protects nothing: only this does."""

import fnmatch
import re

import include_table as table
import sources

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">\n]+)[">]', re.MULTILINE)
CLOCK = re.compile(r"::\s*now\s*\(")
SUFFIXES = (".h", ".cpp")


def matches(path, patterns):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def zone_of(path):
    return next((zone for zone in table.ZONES if matches(path, zone.patterns)), None)


def check(path, text):
    """Problems of one file; `path` from the root."""
    zone = zone_of(path)
    if zone is None:
        return [f"{path}:1: belongs to no zone of tests/lint/include_table.py"]
    # Includes are read from the raw text: the emptied literals of code_only() have lost their names.
    code = sources.code_only(text)
    problems = []
    kept = code.splitlines()
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if "include" not in kept[line - 1]:
            continue  # inside a comment
        problems += [f"{path}:{line}: {what}" for what in check_include(path, zone, *match.groups())]
    if zone.pure:
        problems += [f"{path}:{number}: {zone.name} is pure: it gets the time as an argument"
                     for number, words in enumerate(kept, 1) if CLOCK.search(words)]
    for pattern, allowed, reason in table.WORDS_ONLY_IN:
        problems += [f"{path}:{number}: {re.search(pattern, words).group(0)}: {reason}"
                     for number, words in enumerate(kept, 1)
                     if re.search(pattern, words) and "#include" not in words and not matches(path, allowed)]
    return problems


def check_include(path, zone, bracket, name):
    for prefix, (allowed, reason) in table.ONLY_IN.items():
        if name.startswith(prefix) and not matches(path, allowed):
            yield f"{name} is only for {' '.join(allowed) or 'tests'}: {reason}"
    if zone.pure and bracket == "<" and any(
            name == prefix or name == prefix + ".h" or (name.startswith(prefix) and "/" in name)
            for prefix in table.IMPURE_HEADERS):
        yield f"{zone.name} is pure: no <{name}>"
    if bracket == '"':
        target = zone_of(name)
        if target is None:
            yield f"\"{name}\" is no path from the root into a known zone"
        elif target.name != zone.name and target.name not in zone.allow:
            yield f"{zone.name} may not include {target.name} (\"{name}\")"


def main():
    paths = [path for path in sources.files() if path.endswith(SUFFIXES) and not path.startswith("tests/")]
    problems = [problem for path in paths for problem in check(path, sources.read(path))]
    sources.report(problems, f"{len(paths)} files looked at")


if __name__ == "__main__":
    main()
