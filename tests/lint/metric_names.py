#!/usr/bin/python3
"""Dashboard and alert rules name only metrics that the executable has, and counters are used as counters; each metric is
in the list of the test that provokes all of them."""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "common/packaging/monitoring"
MOVED = "tests/e2e/metrics*.py"
NAME = re.compile(r"\blongshore_[a-z0-9_]+")


def made():
    names = set()
    for folder in ("agent", "renderer", "common"):
        for path in (ROOT / folder).rglob("*.cpp"):
            names.update(re.findall(r'"(longshore_[a-z0-9_]+)"', path.read_text(encoding="utf-8")))
    return names


def expressions():
    alerts = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
    for line in re.findall(r"^\s+expr: (.*)$", alerts, re.MULTILINE):
        yield "alerts.yml", line
    board = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"dashboard.json, {panel['title']}", target["expr"]


def main():
    known, problems, seen = made(), [], 0
    for where, text in expressions():
        for name in NAME.findall(text):
            seen += 1
            if name not in known:
                problems.append(f"{where}: no part of the executable has {name}")
            if name.endswith("_total") and not re.search(rf"(rate|increase)\({name}", text):
                problems.append(f"{where}: {name} is a counter; take its rate or increase")
    if seen == 0:
        problems.append("no expression names a metric: is the folder still there?")
    listed = {name for path in ROOT.glob(MOVED) for name in NAME.findall(path.read_text(encoding="utf-8"))}
    problems += [f"{MOVED}: nothing provokes {name}: list it, and add what moves it" for name in sorted(known - listed)]
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
