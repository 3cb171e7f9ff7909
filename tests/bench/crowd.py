"""The agent with 200 containers on a scripted engine: first sync, bursts, memory, and what idling costs.

The engine is scripted so that the figures are the agent's own: a real one needs a minute to start so many.
"""

import os
import sys
import time

from bench import table
from rig import sandbox
from rig.longshore import executable

sys.path.append(os.path.abspath("tests/integration"))
from agent_faults.stage import Stage  # noqa: E402

COUNT = 200
SETTLE_SECONDS = 2  # for buffers to be given back
IDLE_SECONDS = 300


def run(_chosen):
    stage = Stage(executable(), os.path.join(sandbox.STATE, "crowd"))
    try:
        agent = stage.start()
        agent.option("-watch-interval", "2s").term()
        agent.start().wait_ready()
        time.sleep(SETTLE_SECONDS)
        rows = [table.row("agent, no containers: Rss", "MB", [resident(agent)], None)]
        agent.term()
        stage.engine.put(*stage.containers(COUNT))
        rows.append(table.row(f"first sync of {COUNT}", "ms", [timed(lambda: agent.start().wait_ready())], None))
        stage.expect()
        time.sleep(SETTLE_SECONDS)
        rows.append(table.row(f"agent, {COUNT} containers: Rss", "MB", [resident(agent)], None))
        before = seconds_on_cpu(agent)
        time.sleep(IDLE_SECONDS)
        percent = (seconds_on_cpu(agent) - before) / IDLE_SECONDS * 100
        rows.append(table.row(f"agent, {COUNT} containers, idle: CPU", "%", [percent], None))
        stage.engine.kill(*list(stage.engine.containers.values()))
        rows.append(table.row(f"{COUNT} killed at once, after the last event", "ms", [timed(stage.expect_none)], None))
        stage.engine.run(*stage.containers(COUNT, first=COUNT))
        rows.append(table.row(f"{COUNT} started at once, after the last event", "ms", [timed(stage.expect)], None))
        return rows
    finally:
        stage.close()


def timed(work):
    began = time.monotonic()
    work()
    return (time.monotonic() - began) * 1000


def resident(agent):
    with open(f"/proc/{agent.child.pid}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / 1e6


def seconds_on_cpu(agent):
    # One thread: its schedstat is the process's.
    with open(f"/proc/{agent.child.pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9
