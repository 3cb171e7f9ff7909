"""A real Podman that answers Docker's API on a socket of its own, inside the sandbox; used through Docker's command line."""

import os

from rig import http
from rig.dockerd import PATH, Dockerd
from rig.process import Process
from rig.wait import wait_until

PODMAN = "/usr/bin/podman"
CONFIG = """[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "cni"
network_config_dir = "{home}/net"
"""


class Podman(Dockerd):
    def __init__(self, log_dir, name="podman"):
        super().__init__(log_dir, name, socket_path="/run/podman.sock")
        home = self.home
        os.makedirs(f"{home}/net", exist_ok=True)
        with open(f"{home}/containers.conf", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(home=home))
        # Debian's crun refuses the mixed cgroup hierarchy that Docker's packages need here and there; runc takes both.
        self.command = [PODMAN, "--root", f"{home}/root", "--runroot", f"{home}/run", "--tmpdir", f"{home}/tmp",
                        "--storage-driver", "overlay", "--runtime", "/usr/sbin/runc", "system", "service", "--time=0",
                        self.host]
        env = {"PATH": PATH, "HOME": home, "XDG_RUNTIME_DIR": home, "CONTAINERS_CONF": f"{home}/containers.conf"}
        self.process = Process("podman", self.command, os.path.join(log_dir, "podman.log"), env)

    def start(self, seconds=40):
        if os.path.exists(self.socket_path) and not self.process.running():
            os.remove(self.socket_path)
        self.process.start()
        wait_until(self.answers, seconds, f"podman answers on {self.socket_path}")
        return self

    def answers(self):
        if not self.process.running():
            raise AssertionError("podman ended:\n" + self.process.tail())
        return http.get(self.where, "/version", timeout=5).status == 200

    def stop(self, seconds=20):
        # Its containers outlive it: they are not its children.
        if self.process.running():
            self.remove_all()
        return self.process.term(seconds)

    def remove_all(self):
        # In two rounds: a container whose network others use has to wait for them.
        self.cli("rm", "-f", *self.cli("ps", "-aq").split() or ["none"], check=False)
        self.remove(*self.cli("ps", "-aq").split())
