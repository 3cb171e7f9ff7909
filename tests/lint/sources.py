"""What all lints share: the files of the repository, C++ text without comments and strings, the report."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files():
    """Paths from the root, with '/': tracked and new files, or all of them where there is no git."""
    if os.path.isdir(os.path.join(ROOT, ".git")):
        out = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
                              "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return sorted(path for path in out.split("\0") if path and os.path.isfile(os.path.join(ROOT, path)))
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ("build", ".cache", "__pycache__")]
        found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


TOKENS = re.compile(r'''
      //(?:\\\n|[^\n])*
    | /\*.*?\*/
    | R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'
''', re.VERBOSE | re.DOTALL)


def code_only(text):
    """C++ text with comments removed and literals emptied; every line keeps its number."""
    def blank(match):
        lines = "\n" * match.group(0).count("\n")
        first = match.group(0)[0]
        return lines if first == "/" else ('""' if first in 'R"' else "'0'") + lines
    return TOKENS.sub(blank, text)


def report(problems, good):
    """Prints problems as file:line: text and ends the process; `good` says what was looked at."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problems")
        sys.exit(1)
    print(good)
    sys.exit(0)
