"""The deeds, one row each: what is taken away or changed, and what must be true after how long."""

import time

from failover.hosts import wait
from failover.judge import SETTLED
from failover.load import CLIENTS, PER_CLIENT

# nginx gives an upstream that is silent this long before it tries another one (READ_TIMEOUT of the renderer).
READ_TIMEOUT = 1.0
EJECT_LIMIT, JOIN_LIMIT, BACK_LIMIT = 2.0, 1.0, 10.0


def calm(rig, hosts=2):
    """Before a deed: instances of that many hosts in the file, and a whole quorum. Returns what is missing."""
    missing = []
    if wait(lambda: len(set(rig.servers())) >= hosts, 60) is None:
        missing.append(f"not calm within 60 s: instances of {hosts} hosts in nginx's file")
    if hosts == 2 and wait(rig.quorum_is_whole, 60) is None:
        missing.append("not calm within 60 s: three healthy voters of Consul")
    return missing


def spread(rig):
    """Two instances, one on each host, however it was before."""
    if len({name[:6] for name in rig.instances()}) < 2:
        rig.poc("scale", "4")
    rig.poc("scale", "2")


def out_of_traffic(rig, row, load, host, deed):
    """Takes a host away; measures from the beginning of that until no instance of it is in the load balancer's file."""
    began = load.now()
    deed()
    gone = wait(lambda: host not in rig.servers(), 30)
    row.promise("out", None if gone is None else load.now() - began, EJECT_LIMIT)
    # What it had was answered at once, unless the deed came in between.
    row.taken = (host, began - READ_TIMEOUT, load.now() + (READ_TIMEOUT if row.relaxed else SETTLED))
    time.sleep(2 * READ_TIMEOUT)  # load on what is left; part of what is measured


def back_in_traffic(rig, row, host, deed):
    began = time.monotonic()
    deed()
    back = wait(lambda: host in rig.servers(), 60)
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
            wait(lambda: load.first_answer(name) is not None, 10)
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
    row.short += calm(rig)
    row.times["instances"] = len(rig.servers())


def restart(rig, part):
    rig.poc("restart", part)


def restart_leader(rig, row, _load):
    restart(rig, rig.leader() + "-consul")
    row.promise("leader", wait(lambda: rig.leader() != "", 30), BACK_LIMIT)


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
# They begin with a host away.
ONE_HOST = (resume_1, resume_2, bring_back)


def control(rig, row, load, reloads, closed):
    """nginx closes idle connections at each reload, and a POST that meets such a one may not be repeated. The rows before must
    have met no more of them than as many reloads bring about by themselves."""
    before = load.count("closed_posts")
    for _ in range(reloads):
        rig.reload()
        time.sleep(2 * PER_CLIENT)  # each client has used its connection in between
    own = load.count("closed_posts") - before
    row.times["rows before"] = f"{closed} closed, {reloads} reloads"
    # One that is about to send when nginx closes goes either way. A busy machine sends less between two reloads than is asked for.
    if closed > own + CLIENTS and not row.relaxed:
        row.short.append(f"{closed} POSTs of the rows before met a closed connection, of as many reloads alone only {own}")
