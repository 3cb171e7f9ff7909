"""Plays one case against one registry and writes down what it answered."""

import http.client
import json
import re
import threading
import time
from dataclasses import dataclass, field

# Consul tells its catalog of a changed check at once, but tries again only after 15 s, and in full after a minute.
UNTIL_SECONDS = 90
POLL_SECONDS = 0.02


@dataclass
class Answer:
    status: int
    headers: dict
    body: str
    seconds: float = 0


@dataclass
class Seen:
    """One entry of a transcript."""
    line: int
    what: str
    answer: Answer = None
    relation: str = ""  # of X-Consul-Index to the last answer of the same path: rose, same, fell
    woke: str = ""  # of a blocking query
    loose: bool = False
    problem: str = ""


@dataclass
class Block:
    thread: threading.Thread
    wait: float
    answer: list = field(default_factory=list)


def ask(port, method, target, body=""):
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, target, body.encode() if body else None)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, text, time.monotonic() - began)
    finally:
        connection.close()


def wait_seconds(target):
    match = re.search(r"[?&]wait=(\d+)(ms|s)", target)
    if match is None:
        return 300.0
    return int(match[1]) / (1000 if match[2] == "ms" else 1)


class Player:
    def __init__(self, port, node):
        self.port, self.node = port, node

    def play(self, case, prefix):
        self.names = {"p": prefix, "node": self.node, "port": self.port}
        self.blocks, self.indexes = {}, {}
        self.last = None
        seen = []
        for step in case.steps:
            try:
                entry = getattr(self, "do_" + step.kind)(step)
            except (OSError, http.client.HTTPException, KeyError, ValueError) as error:
                entry = Seen(step.line, step.kind, problem=f"{type(error).__name__}: {error}")
            if entry is not None:
                entry.loose = step.loose
                seen.append(entry)
                if entry.problem:
                    break
        for block in self.blocks.values():
            block.thread.join()
        return seen

    def fill(self, text):
        return re.sub(r"\{(\w+)\}", lambda match: str(self.names.get(match[1], match[0])), text)

    def relation(self, target, answer):
        path = target.partition("?")[0]
        index = int(answer.headers.get("x-consul-index", 0) or 0)
        before = self.indexes.get(path)
        self.indexes[path] = index
        if not index or not before:
            return ""
        return "same" if index == before else "rose" if index > before else "fell"

    def do_request(self, step):
        target, body = self.fill(step.target), self.fill(step.body)
        end = time.monotonic() + UNTIL_SECONDS
        while True:
            answer = ask(self.port, step.method, target, body)
            wanted = self.fill(step.until)
            if not wanted or (wanted in answer.body) != step.until_absent:
                break
            if time.monotonic() > end:
                return Seen(step.line, target, answer, problem=f"still not true: {wanted}")
            time.sleep(POLL_SECONDS)
        self.last = answer
        problem = ""
        if step.status and answer.status != step.status:
            problem = f"answered {answer.status} instead of {step.status}: {answer.body[:200]}"
        return Seen(step.line, f"{step.method} {target}", answer, self.relation(target, answer), problem=problem)

    def do_save(self, step):
        document = json.loads(self.last.body)
        while isinstance(document, list):
            document = document[0]
        self.names[step.names[0]] = document[step.names[1]]

    def do_index(self, step):
        self.names[step.names[0]] = self.last.headers["x-consul-index"]

    def do_block(self, step):
        target = self.fill(step.target)
        block = Block(None, wait_seconds(target))

        def run():
            try:
                block.answer.append(ask(self.port, step.method, target))
            except (OSError, http.client.HTTPException) as error:
                block.answer.append(error)

        block.thread = threading.Thread(target=run)
        block.thread.start()
        self.blocks[step.names[0]] = block

    def do_join(self, step):
        block = self.blocks.pop(step.names[0])
        block.thread.join()
        answer = block.answer[0]
        if isinstance(answer, Exception):
            return Seen(step.line, "join", problem=f"{type(answer).__name__}: {answer}")
        woke = "woke" if answer.seconds < 0.9 * block.wait else "waited"
        return Seen(step.line, "join " + step.names[0], answer, woke=woke)
