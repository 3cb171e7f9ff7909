"""What applying a change costs: evaluating, staging and swapping 2,000 servers; and from a change in Consul to the first
answer of new workers, beside `nginx -t` and a HUP by hand in the same run."""

import http.client
import os
import subprocess
import threading
import time

from bench import inotify, stacks, table
from bench.change import Watcher, read
from rig.consul import Consul
from rig.longshore import Renderer
from rig.nginx import Nginx
from rig.wait import wait_until

SERVERS, TXN = 2000, 64
BLOCK = 10


def run(chosen):
    consul = Consul(stacks.LOGS).start()
    try:
        return servers(chosen, consul) + applied(chosen, consul)
    finally:
        consul.stop()


def put(where, path, body):
    host, _, port = where.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request("PUT", path, body)
    connection.getresponse().read()
    connection.close()


def servers(chosen, consul):
    """A key changes beside 2,000 instances: the answer is small, so what is left above the floor is our own work."""
    consul.put("/v1/catalog/register", {"Node": "n0", "Address": "192.0.2.1", "SkipNodeUpdate": False})
    operations = [{"Service": {"Verb": "set", "Node": "n0", "Service": {
        "ID": f"web-{number}", "Service": "web", "Address": f"10.9.{number // 250}.{number % 250 + 1}", "Port": 80}}}
        for number in range(SERVERS)]
    for begin in range(0, SERVERS, TXN):
        consul.put("/v1/txn", operations[begin:begin + TXN])
    put(consul.where, "/v1/kv/x", "0")
    home = stacks.fresh_dir("apply")
    target = os.path.join(home, "web.conf")
    config = os.path.join(home, "one.hcl")
    with open(config, "w", encoding="utf-8") as file:
        file.write(f'''state_dir = "{home}/state"
group "one" {{
  template {{
    contents = "# {{{{ key \\"x\\" }}}}\\nupstream web {{\\n{{{{ range service \\"web\\" }}}}  server {{{{ .Address }}}}:{{{{ .Port }}}};\\n{{{{ end }}}}}}\\n"
    destination = "{target}"
  }}
}}
''')
    renderer = Renderer(stacks.LOGS, [], "-probe=false", "-config", config).start()
    replaced, file_ms, floor_ms = None, [], []
    try:
        wait_until(lambda: read(target).count("server ") == SERVERS, 60, "the first file")
        replaced = inotify.Replaced(target)
        time.sleep(0.5)
        for number in range(1, chosen.runs + 1):
            watcher = Watcher(consul.where, "/v1/kv/x")
            floor = threading.Thread(target=watcher.wait)
            floor.start()
            time.sleep(0.05)  # the floor's query is parked
            began = time.monotonic()
            put(consul.where, "/v1/kv/x", str(number))
            while True:
                if not replaced.wait(20):
                    raise AssertionError("the file was not replaced within 20 s")
                seen = time.monotonic()
                if read(target).startswith(f"# {number}\n"):
                    break
            floor.join(30)
            file_ms.append((seen - began) * 1000)
            floor_ms.append((watcher.answered_at - began) * 1000)
            time.sleep(0.25)  # the budget of additions
    finally:
        if replaced:
            replaced.close()
        renderer.term(15)
    own = [max(0.0, file - floor) for file, floor in zip(file_ms, floor_ms)]
    return [table.row(f"{SERVERS:,} servers: PUT -> file swapped", "ms", file_ms, None, floor_ms),
            table.row(f"{SERVERS:,} servers: evaluate, stage, swap (above the floor)", "ms", own)]


def site(where, text):
    return f"server {{ listen {where}; location / {{ return 200 '{text}'; }} }}\n"


def first_answer(where, text, limit=20):
    """Fresh connections, one after another, until one says the new text."""
    host, _, port = where.rpartition(":")
    until = time.monotonic() + limit
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(host, int(port), timeout=5)
        try:
            connection.request("GET", "/", headers={"Connection": "close"})
            if connection.getresponse().read().decode() == text:
                return time.monotonic()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
    raise AssertionError(f"nobody said {text!r} within {limit} s")


def applied(chosen, consul):
    home = stacks.fresh_dir("applied")
    nginx = Nginx(home)
    target = os.path.join(nginx.conf_d, "site.conf")
    nginx.write("site.conf", site(nginx.where, "0"))
    nginx.start()
    put(consul.where, "/v1/kv/site", site(nginx.where, "first"))
    config = os.path.join(home, "group.hcl")
    with open(config, "w", encoding="utf-8") as file:
        file.write(f'''state_dir = "{home}/state"
group "edge" {{
  check = ["/usr/sbin/nginx", "-t", "-q", "-p", "{home}", "-c", "{nginx.config}"]
  pid_file = "{nginx.pid_file}"
  template {{ contents = "{{{{ key \\"site\\" }}}}" destination = "{target}" }}
}}
''')
    ours, by_hand = [], []
    try:
        for begin in range(0, chosen.runs, BLOCK):
            count = min(BLOCK, chosen.runs - begin)
            renderer = Renderer(stacks.LOGS, [], "-config", config).start()
            try:
                text = f"start-{begin}"
                put(consul.where, "/v1/kv/site", site(nginx.where, text))
                first_answer(nginx.where, text)
                for number in range(begin, begin + count):
                    settle(nginx)
                    text = f"ours-{number}"
                    began = time.monotonic()
                    put(consul.where, "/v1/kv/site", site(nginx.where, text))
                    ours.append((first_answer(nginx.where, text) - began) * 1000)
            finally:
                renderer.term(15)
            for number in range(begin, begin + count):
                settle(nginx)
                text = f"hand-{number}"
                with open(target + ".new", "w", encoding="utf-8") as file:
                    file.write(site(nginx.where, text))
                began = time.monotonic()
                os.rename(target + ".new", target)
                subprocess.run(["/usr/sbin/nginx", "-t", "-q", "-p", home, "-c", nginx.config], check=True,
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                nginx.reload()
                by_hand.append((first_answer(nginx.where, text) - began) * 1000)
            print(f"   {begin + count} of {chosen.runs}", flush=True)
    finally:
        nginx.stop()
    return [table.row("change -> applied; peer: nginx -t, HUP -> first new answer", "ms", ours, by_hand)]


def settle(nginx):
    """A reload within nginx's own 100 ms of the one before would wait for its end, on both sides."""
    wait_until(lambda: len(nginx.workers()) == nginx.worker_count, 10, "the older workers have gone")
    time.sleep(0.3)
