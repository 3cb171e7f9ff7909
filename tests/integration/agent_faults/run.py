#!/usr/bin/python3
"""Scenarios with faults: the agent against a scripted Docker socket and a registry that fails on command.

Usage: run.py --longshore PATH [--jobs N] [--list] [PATTERN..]     a pattern is part of a scenario's name
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
import traceback

sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))]

from agent_faults import (bursts, consul_faults, docker_faults, heartbeats, identity, leaving, newest,  # noqa: E402
                          options, restarts, shapes, stops, streams)
from agent_faults.stage import Stage  # noqa: E402

MODULES = (bursts, streams, docker_faults, shapes, newest, consul_faults, restarts, identity, stops, leaving,
           heartbeats, options)


def scenarios():
    found = {}
    for module in MODULES:
        for name, play in module.SCENARIOS:
            assert name not in found, f"two scenarios are called {name}"
            found[name] = play
    return found


def play_one(job):
    """(name, seconds, what went wrong or None)"""
    name, executable, folder = job
    began, stage, wrong = time.monotonic(), None, None
    try:
        stage = Stage(executable, folder)
        scenarios()[name](stage)
        stage.finish()
    except BaseException:  # of any kind: the others go on
        wrong = traceback.format_exc()
        if stage is not None:
            wrong += "".join(f"--- {agent.log_path}\n{agent.log()[-2500:]}" for agent in stage.agents)
    finally:
        if stage is not None:
            stage.close()
    return name, time.monotonic() - began, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--longshore", required=True)
    parser.add_argument("--jobs", type=int, default=4 * (os.cpu_count() or 1))
    parser.add_argument("--list", action="store_true")
    chosen = parser.parse_args()
    names = [name for name in scenarios() if not chosen.patterns or any(word in name for word in chosen.patterns)]
    if chosen.list:
        print("\n".join(names))
        return 0
    failed = 0
    began = time.monotonic()
    # A short path: those of sockets have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="lsf-") as folder, multiprocessing.Pool(chosen.jobs, maxtasksperchild=8) as pool:
        jobs = [(name, os.path.abspath(chosen.longshore), os.path.join(folder, str(number)))
                for number, name in enumerate(names)]
        for name, seconds, wrong in pool.imap_unordered(play_one, jobs):
            if wrong or seconds > 10 or len(names) < 20:
                print(f"{'FAILED' if wrong else 'ok':7} {name} ({seconds:.1f} s)", flush=True)
            if wrong:
                failed += 1
                print("   " + wrong.replace("\n", "\n   "), flush=True)
    print(f"{len(names) - failed} passed, {failed} failed, 0 skipped in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
