"""Work that is done while clients ask nginx, and what became of their requests."""

import time

from rig.loadgen import LoadGen


def under_load(places, clients, work):
    """({sent, failed, closed POSTs, seconds}, the result of work()): `clients` = (of GET, of POST), each at every place."""
    loads = [LoadGen(place, method=method, clients=count).start() for place in places
             for method, count in zip(("GET", "POST"), clients)]
    began = time.monotonic()
    result = work()
    seconds = time.monotonic() - began
    for load in loads:
        load.stop()
        for at, why in load.failures[:5]:
            print(f"   {load.method} {load.where} at {at:.3f} s: {why}", flush=True)
    return {"sent": sum(load.sent for load in loads), "failed": sum(len(load.failures) for load in loads),
            "closed POSTs": sum(load.closed_posts for load in loads), "seconds": seconds}, result
