"""The two registries under comparison, each with a directory and ports of its own."""

import json
import os
import signal
import socket
import subprocess
import time

from player import ask

START_SECONDS = 40
STARTS = 5


def started(start, *args):
    """A server that answers. Its ports were free a moment ago; where a connection took one since, others are tried."""
    for left in reversed(range(STARTS)):
        server = start(*args)
        try:
            server.wait_ready(args[1])
            return server
        except BaseException as error:
            server.stop()
            if left == 0 or "address already in use" not in server.tail().lower() or not isinstance(error, SystemExit):
                raise


def free_ports(count):
    """Ports that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Server:
    def __init__(self, name, command, port, folder):
        self.name, self.port = name, port
        self.log_path = os.path.join(folder, name + ".log")
        with open(self.log_path, "wb") as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          start_new_session=True)

    def wait_ready(self, node):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.child.returncode}:\n{self.tail()}")
            try:
                if node in ask(self.port, "GET", "/v1/catalog/nodes").body:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"{self.name} was not ready within {START_SECONDS} s:\n{self.tail()}")

    def tail(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-20:])

    def stop(self):
        if self.child.poll() is not None:
            return self.child.returncode
        self.child.send_signal(signal.SIGINT)
        try:
            return self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


def start_consul(executable, node, folder):
    http, server, lan, wan = free_ports(4)
    config = {"node_name": node, "data_dir": os.path.join(folder, "consul"), "server": True, "bootstrap": True,
              "bind_addr": "127.0.0.1", "client_addr": "127.0.0.1", "log_level": "WARN", "disable_update_check": True,
              "performance": {"raft_multiplier": 1},
              "ports": {"http": http, "server": server, "serf_lan": lan, "serf_wan": wan, "dns": -1, "grpc": -1}}
    path = os.path.join(folder, "consul.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return Server("consul", [executable, "agent", "-config-file", path], http, folder)


def start_ours(executable, node, folder):
    (http,) = free_ports(1)
    command = [executable, "registry", "-http-addr", f"127.0.0.1:{http}", "-node", node,
               "-data-dir", os.path.join(folder, "longshore")]
    return Server("longshore", command, http, folder)
