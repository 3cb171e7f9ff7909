#!/usr/bin/python3
"""dependencies.txt is the one list: all that CMake looks for is in it, and the README shows the same table.

`dependencies.py --write` brings the README's table up to date.
"""

import os
import re
import sys

import sources

LIST = "common/packaging/dependencies.txt"
CLASSES = {"build", "run", "poc", "test", "full", "speed"}
BEGIN, END = "<!-- dependencies -->", "<!-- /dependencies -->"
FIND = re.compile(r"^\s*(?:find_package\s*\(\s*(\w[\w-]*)|pkg_(?:check|search)_modules?\s*\(\s*\w+\s+([^)]*))",
                  re.MULTILINE | re.IGNORECASE)
PKG_WORDS = {"REQUIRED", "QUIET", "IMPORTED_TARGET", "GLOBAL", "NO_CMAKE_PATH", "NO_CMAKE_ENVIRONMENT_PATH"}


def parse(text):
    """Rows (package, classes, reason, find names) and problems."""
    rows, problems = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("|")]
        names = cells[3].removeprefix("find:").split() if len(cells) == 4 and cells[3].startswith("find:") else []
        if len(cells) not in (3, 4) or (len(cells) == 4 and not names) or not cells[0] or not cells[2]:
            problems.append(f"{LIST}:{number}: not `package | used for | reason [| find: name]`")
            continue
        if not cells[1] or not set(cells[1].split()) <= CLASSES:
            problems.append(f"{LIST}:{number}: classes are {' '.join(sorted(CLASSES))}, not \"{cells[1]}\"")
        if cells[0] in [row[0] for row in rows]:
            problems.append(f"{LIST}:{number}: {cells[0]} is listed twice")
        rows.append((cells[0], cells[1], cells[2], names))
    return rows, problems


def wanted(path, text):
    """(file:line, name) of everything that a CMake file looks for."""
    text = re.sub(r"#[^\n]*", "", text)
    found = []
    for match in FIND.finditer(text):
        line = text.count("\n", 0, match.start(1 if match.group(1) else 2)) + 1
        names = [match.group(1)] if match.group(1) else \
            [re.split(r"[<>=]", word)[0] for word in match.group(2).split() if word not in PKG_WORDS]
        found += [(f"{path}:{line}", name) for name in names]
    return found


def table(rows):
    lines = ["| package | used for | reason |", "|---|---|---|"]
    return "\n".join(lines + [f"| {package} | {used} | {reason} |" for package, used, reason, _ in rows])


def with_table(readme, rows):
    """The README with the table between its markers, or None without markers."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1 or readme.index(BEGIN) > readme.index(END):
        return None
    head, rest = readme.split(BEGIN)
    return f"{head}{BEGIN}\n{table(rows)}\n{END}{rest.split(END)[1]}"


def check(list_text, cmake_files, readme):
    rows, problems = parse(list_text)
    known = {name for row in rows for name in row[3]}
    for path, text in cmake_files:
        problems += [f"{where}: {name} is not in {LIST} (find: {name})"
                     for where, name in wanted(path, text) if name not in known]
    new = with_table(readme, rows)
    if new is None:
        problems.append(f"README.md:1: no table between {BEGIN} and {END}")
    elif new != readme:
        problems.append("README.md:1: the table of packages is out of date: run tests/lint/dependencies.py --write")
    return problems


def main():
    readme_path = os.path.join(sources.ROOT, "README.md")
    readme = sources.read("README.md") if os.path.exists(readme_path) else ""
    if sys.argv[1:] == ["--write"]:
        new = with_table(readme, parse(sources.read(LIST))[0])
        if new is None:
            sources.report([f"README.md:1: no table between {BEGIN} and {END}"], "")
        with open(readme_path, "w", encoding="utf-8") as file:
            file.write(new)
        return
    cmake = [(path, sources.read(path)) for path in sources.files()
             if path.endswith(".cmake") or os.path.basename(path) == "CMakeLists.txt"]
    sources.report(check(sources.read(LIST), cmake, readme), f"{len(cmake)} CMake files looked at")


if __name__ == "__main__":
    main()
