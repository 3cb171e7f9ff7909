"""Rows of figures and the table that shows them.

A row is {"what", "unit", "ours", "peer", "floor"}; each of the three is a list of samples, or None where not measured.
"""

import math


def row(what, unit, ours, peer=None, floor=None):
    return {"what": what, "unit": unit, "ours": ours, "peer": peer, "floor": floor}


def quantile(samples, part):
    """The smallest sample that is not below that part of them; p99 of 50 runs is the largest."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def median(samples):
    ordered = sorted(samples)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def figure(value):
    return "–" if value is None else (f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10
                                      else f"{value:.2f}")


def spread(samples):
    if not samples:
        return ["–", "–", "–", "–"]
    return [figure(value) for value in (min(samples), median(samples), quantile(samples, 0.99), max(samples))]


def ratio(above, below):
    return f"{median(above) / median(below):.2f}" if above and below and median(below) > 0 else "–"


def text(rows):
    head = ["what", "unit", "runs", "who", "min", "median", "p99", "max", "ours/peer"]
    lines = [head]
    for one in rows:
        for who in ("ours", "peer", "floor"):
            if who == "floor" and one["floor"] is None:
                continue
            samples = one[who]
            lines.append([one["what"] if who == "ours" else "", one["unit"] if who == "ours" else "",
                          str(len(samples)) if samples else "–", who, *spread(samples),
                          ratio(one["ours"], one["peer"]) if who == "ours" else ""])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    out = []
    for number, line in enumerate(lines):
        cells = [cell.ljust(width) if column in (0, 1, 3) else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        out.append("  ".join(cells).rstrip())
        if number == 0:
            out.append("  ".join("-" * width for width in widths))
    return "\n".join(out)
