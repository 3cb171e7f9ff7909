"""Size of the executables: as built, and stripped."""

import os
import shutil
import subprocess
import tempfile

from bench import table


def run(chosen):
    ours = os.path.join(chosen.build, "longshore")
    # One of ours does the work of both of theirs, and is compared with the smaller one.
    peers = [path for path in (chosen.registrator, chosen.consul_template) if path]
    rows = []
    for what, measure in (("executable as built", os.path.getsize), ("executable stripped", stripped)):
        smallest = min(map(measure, peers)) / 1e6 if peers else None
        rows.append(table.row(what, "MB", [measure(ours) / 1e6], [smallest] if peers else None))
    return rows


def stripped(path):
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy")
        shutil.copy(path, copy)
        subprocess.run(["strip", "--strip-all", copy], check=True)
        return os.path.getsize(copy)
