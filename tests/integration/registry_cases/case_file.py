"""Reads *.cases files: requests to be sent to two registries whose answers are compared.

    # comment
    case NAME
    mask Output                   JSON fields whose values are not compared in this case
    deviates REASON               the answers differ, for the reason given,
    differs TEXT                  and in exactly these points, one line each, as run.py prints them
    GET /v1/kv/{p}/a ->404        a request; ->STATUS is what both must answer
    PUT /v1/kv/{p}/a ->200 :: x   with a body, the rest of the line
    GET /v1/x until TEXT          asked again until the body holds TEXT (registrations reach the catalog late)
    GET /v1/x until-not TEXT
    loose                         of the request before: compare status and headers, not the body
    save NAME FIELD               a field of the JSON answer before, as {NAME}
    index NAME                    X-Consul-Index of the answer before, as {NAME}
    block NAME GET /v1/x?index={i}&wait=2s
                                  starts a blocking query; the next requests run beside it
    join NAME                     its answer, and whether it came before its time was over

{p} is a name of the case's own, {node} the node's name, {port} the registry's port.
"""

import os
import re
from dataclasses import dataclass, field

REQUEST = re.compile(r"(?P<method>[A-Z]+) (?P<target>\S+)"
                     r"(?: (?P<until>until|until-not) (?P<text>.+?))?"
                     r"(?: ->(?P<status>\d{3}))?(?: ::(?P<body>.*))?$")
WORDS = {"save": 2, "index": 1, "join": 1, "loose": 0}


@dataclass
class Step:
    kind: str  # request, block, save, index, join
    line: int
    method: str = ""
    target: str = ""
    body: str = ""
    status: int = 0  # 0 = any
    until: str = ""
    until_absent: bool = False
    loose: bool = False
    names: list = field(default_factory=list)


@dataclass
class Case:
    name: str
    file: str
    line: int
    steps: list = field(default_factory=list)
    masks: list = field(default_factory=list)
    deviates: str = ""
    differs: list = field(default_factory=list)


class Malformed(Exception):
    pass


def request_step(kind, text, line):
    match = REQUEST.match(text)
    if match is None:
        raise Malformed(f"line {line}: no request: {text}")
    return Step(kind, line, match["method"], match["target"], (match["body"] or "").removeprefix(" "),
                int(match["status"] or 0), match["text"] or "", match["until"] == "until-not")


def add_line(case, text, line):
    word, _, rest = text.partition(" ")
    if word == "mask":
        case.masks += rest.split()
    elif word == "deviates":
        case.deviates = rest
    elif word == "differs":
        case.differs.append(rest)
    elif word == "block":
        name, _, request = rest.partition(" ")
        case.steps.append(request_step("block", request, line))
        case.steps[-1].names = [name]
    elif word == "loose":
        case.steps[-1].loose = True
    elif word in WORDS:
        names = rest.split()
        if len(names) != WORDS[word]:
            raise Malformed(f"line {line}: {word} needs {WORDS[word]} words")
        case.steps.append(Step(word, line, names=names))
    else:
        case.steps.append(request_step("request", text, line))


def read(path):
    cases = []
    with open(path, encoding="utf-8") as file:
        for number, raw in enumerate(file, 1):
            text = raw.strip()
            if not text or text.startswith("#"):
                continue
            try:
                if text.startswith("case "):
                    cases.append(Case(text[5:], os.path.basename(path), number))
                elif not cases:
                    raise Malformed(f"line {number}: a request before the first case")
                else:
                    add_line(cases[-1], text, number)
            except Malformed as error:
                raise SystemExit(f"{path}: {error}") from None
    return cases


def read_all(folder):
    cases = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".cases"):
            cases += read(os.path.join(folder, name))
    return cases
