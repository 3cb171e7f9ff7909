"""The failover check of the three hosts: `vagrant/poc test`. Load runs while hosts and processes are taken away, one at a
time; a table says what it cost. Exit code 0 if every row keeps its promise, else 1.

A failed GET is a failure in every row. A POST that was under way on a host that froze or vanished cannot be repeated by
anybody: those are counted, and only those from the moment of the deed until the host was taken out are allowed.
"""

import argparse
import datetime
import json
import re
import subprocess
import sys
import time

from rig.loadgen import LoadGen

# nginx gives an upstream that is silent this long before it tries another one (READ_TIMEOUT of the renderer).
READ_TIMEOUT = 1.0
EJECT_LIMIT, JOIN_LIMIT, BACK_LIMIT = 2.0, 1.0, 10.0
CLIENTS, PER_CLIENT = 10, 0.2  # of each of the four kinds: 50 requests a second


class Load:
    """200 requests a second: GET and POST, on kept and on fresh connections."""

    def __init__(self, url):
        self.began = time.monotonic()
        self.parts = {
            (method, kept): LoadGen(url, host="nanoservice.localhost", method=method, every=PER_CLIENT, clients=CLIENTS,
                                    body=b"x" * 100 if method == "POST" else b"", keep_alive=kept)
            for method in ("GET", "POST") for kept in (True, False)}
        for part in self.parts.values():
            part.start()

    def stop(self):
        for part in self.parts.values():
            part.stop_wanted.set()
        for part in self.parts.values():
            part.stop()

    def failures(self, method):
        """(seconds since the load began, reason) of each failed request; when the request was sent."""
        return sorted((at + part.began - self.began, why) for (name, _), part in self.parts.items() if name == method
                      for at, why in part.failures)

    def count(self, attribute):
        return sum(getattr(part, attribute) for part in self.parts.values())

    def forget_answers(self):
        for part in self.parts.values():
            with part.lock:
                part.first_seen.clear()

    def first_answer(self, name):
        """Wall clock of the first answer of an instance since then; None = none."""
        times = [when for part in self.parts.values() for body, when in list(part.first_seen.items())
                 if f"host={name} ".encode() in body]
        return min(times, default=None)

    def slowest(self):
        return max(part.slowest for part in self.parts.values())


class Rig:
    def __init__(self, poc, url):
        self.poc_path, self.url = poc, url
        self.subnet = url.rsplit(".", 1)[0]

    def poc(self, *words):
        done = subprocess.run([self.poc_path, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"poc {' '.join(words)}: {(done.stdout + done.stderr).strip()[-600:]}")
        return done.stdout

    def on(self, host, *words):
        return self.poc("exec", host, *words)

    def servers(self):
        """Addresses in the load balancer's file, as host names."""
        return [f"host-{int(end) - 100}" for end in
                re.findall(rf"^ *server {re.escape(self.subnet)}\.(\d+):", self.site(), re.M)]

    def site(self):
        with open(self.site_path, encoding="utf-8") as file:
            return file.read()

    def instances(self):
        """Name and start, as the engine knows it, of each running container of the demo."""
        found = {}
        for host in ("host-1", "host-2"):
            for name in self.on(host, "docker", "ps", "--filter", "label=longshore.poc", "--format", "{{.Names}}").split():
                started = self.on(host, "docker", "inspect", "-f", "{{.State.StartedAt}}", name).strip()
                found[name] = datetime.datetime.fromisoformat(started[:26].rstrip("Z") + "+00:00").timestamp()
        return found

    def quorum_is_whole(self):
        answer = json.loads(self.on("host-3", "curl", "-s", "http://127.0.0.1:8500/v1/operator/autopilot/health"))
        return answer["Healthy"] and sum(server["Voter"] for server in answer["Servers"]) == 3

    def leader(self):
        address = self.on("host-3", "curl", "-s", "http://127.0.0.1:8500/v1/status/leader")
        return f"host-{int(address.strip().strip(chr(34)).split(':')[0].rsplit('.', 1)[1]) - 100}"


def wait(condition, seconds, what):
    """Seconds until it holds; None when it did not in time."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if condition():
                return time.monotonic() - began
        except (OSError, RuntimeError, ValueError):
            pass
        time.sleep(0.01)
    print(f"   not within {seconds} s: {what}", flush=True)
    return None


class Row:
    def __init__(self, name):
        self.name, self.times, self.short = name, {}, []
        self.lossy = None  # [begin, end] on the load's clock in which POSTs may be lost

    def promise(self, label, seconds, limit):
        self.times[label] = seconds
        if seconds is None or seconds > limit:
            self.short.append(f"{label} {'never' if seconds is None else f'{seconds:.2f} s'} (limit {limit:g} s)")


def settle(rig, hosts=2):
    """Calm before a deed: instances of both hosts in the file."""
    wait(lambda: len(set(rig.servers())) >= hosts, 60, "instances of both hosts are in nginx's file")
    if hosts == 2:
        wait(rig.quorum_is_whole, 60, "Consul's three servers are healthy voters")


def out_of_traffic(rig, row, load, host, deed):
    """Takes a host away; measures from the beginning of that until no instance of it is in the load balancer's file."""
    began = time.monotonic()
    deed()
    gone = wait(lambda: host not in rig.servers(), 30, f"{host} is out of nginx's file")
    row.promise("out", None if gone is None else time.monotonic() - began, EJECT_LIMIT)
    end = time.monotonic() + READ_TIMEOUT
    row.lossy = (began - load.began - READ_TIMEOUT, end - load.began)
    time.sleep(2 * READ_TIMEOUT)  # load on what is left; part of what is measured


def back_in_traffic(rig, row, host, deed):
    began = time.monotonic()
    deed()
    back = wait(lambda: host in rig.servers(), 60, f"{host} is back")
    row.promise("back", None if back is None else time.monotonic() - began, BACK_LIMIT)


def deploy(rig, row, _load):
    rig.poc("deploy", "--version", f"{time.time():.0f}")
    row.times["instances"] = len(rig.servers())


def scale(rig, row, load):
    before = rig.instances()
    load.forget_answers()
    rig.poc("scale", "4")
    for name, started in rig.instances().items():
        if name not in before:
            wait(lambda: load.first_answer(name) is not None, 10, f"an answer of {name}")
            answered = load.first_answer(name)
            row.promise(f"{name} joined", None if answered is None else answered - started, JOIN_LIMIT)
    rig.poc("scale", "2")


def suspend(rig, row, load):
    out_of_traffic(rig, row, load, "host-2", lambda: rig.poc("suspend", "host-2"))


def frozen_and_silent(rig, row, load):
    def deed():
        rig.poc("suspend", "host-2")
        rig.poc("cut", "host-2")
    out_of_traffic(rig, row, load, "host-2", deed)


def cut(rig, row, load):
    out_of_traffic(rig, row, load, "host-1", lambda: rig.poc("cut", "host-1"))


def resume_1(rig, row, _load):
    back_in_traffic(rig, row, "host-1", lambda: rig.poc("resume", "host-1"))


def resume_2(rig, row, _load):
    back_in_traffic(rig, row, "host-2", lambda: rig.poc("resume", "host-2"))


def lose(rig, row, load):
    out_of_traffic(rig, row, load, "host-2", lambda: rig.poc("lose", "host-2"))


def bring_back(rig, row, _load):
    rig.poc("up", "--hosts", "3", "--no-build")
    rig.poc("scale", "2")
    settle(rig)
    row.times["instances"] = len(rig.servers())


def restart(rig, part):
    rig.poc("restart", part)


def restart_leader(rig, row, _load):
    row.times["leader"] = 0
    restart(rig, rig.leader() + "-consul")
    row.times["leader"] = wait(lambda: rig.leader() != "", 30, "Consul has a leader")


def restart_agents(rig, _row, _load):
    for host in ("host-1", "host-2"):
        restart(rig, host + "-agent")


def restart_renderer(rig, _row, _load):
    restart(rig, "host-3-renderer")


STEPS = [("deploy, one by one", deploy), ("scale to 4 and back", scale), ("suspend host-2", suspend),
         ("resume host-2", resume_2), ("suspend and cut host-2", frozen_and_silent), ("resume host-2", resume_2),
         ("cut host-1", cut), ("resume host-1", resume_1), ("lose host-2", lose), ("bring host-2 back", bring_back),
         ("restart Consul's leader", restart_leader), ("restart agents", restart_agents),
         ("restart renderer", restart_renderer)]
QUICK = {"deploy, one by one", "suspend host-2", "resume host-2", "restart renderer"}


def judge(row, load, row_began, row_ended):
    """Failed requests that were sent during this row."""
    gets = [item for item in load.failures("GET") if row_began <= item[0] < row_ended]
    posts = [item for item in load.failures("POST") if row_began <= item[0] < row_ended]
    outside = [item for item in posts if not (row.lossy and row.lossy[0] <= item[0] <= row.lossy[1])]
    if gets:
        row.short.append(f"{len(gets)} GETs failed, first: {gets[0][1]}")
    if outside:
        row.short.append(f"{len(outside)} POSTs failed that should not have, first at {outside[0][0]:.2f} s: {outside[0][1]}")
    return gets, posts


def show(row, gets, posts):
    times = "  ".join(f"{key} {value:.2f} s" if isinstance(value, float) else f"{key} {value}"
                      for key, value in row.times.items())
    print(f"{row.name:<26} {len(gets):>5} {len(posts):>6}  {'ok' if not row.short else 'SHORT':<6} {times}", flush=True)
    for line in row.short:
        print(f"   {line}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="poc test")
    parser.add_argument("--poc", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--url", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--site", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="only a deploy, a frozen host and a restarted renderer")
    options = parser.parse_args()
    rig = Rig(options.poc, options.url)
    rig.site_path = options.site
    rig.poc("scale", "2")
    settle(rig)
    load = Load(options.url)
    rows = []
    print(f"{'step':<26} {'GETs':>5} {'POSTs':>6}  failed; times", flush=True)
    try:
        for name, step in STEPS:
            if options.quick and name not in QUICK:
                continue
            settle(rig, 1 if step in (resume_1, resume_2, bring_back) else 2)
            row, began = Row(name), time.monotonic() - load.began
            try:
                step(rig, row, load)
            except RuntimeError as error:
                row.short.append(str(error))
            time.sleep(READ_TIMEOUT)
            gets, posts = judge(row, load, began, time.monotonic() - load.began)
            show(row, gets, posts)
            rows.append(row)
    finally:
        load.stop()
        for host in ("host-1", "host-2"):
            try:
                rig.poc("resume", host)
            except RuntimeError:
                pass  # neither frozen nor cut off, which is as it should be
    short = [row for row in rows if row.short]
    print(f"\n{load.count('sent')} requests, {len(load.failures('GET'))} GETs and {len(load.failures('POST'))} POSTs failed, "
          f"{load.count('closed_posts')} POSTs met a kept connection that had been closed, "
          f"slowest {load.slowest() * 1000:.0f} ms; {len(rows) - len(short)} rows ok, {len(short)} short")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
