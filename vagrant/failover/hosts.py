"""The three hosts as this check sees them: the verbs of `poc`, nginx's files, Docker and Consul."""

import datetime
import json
import os
import re
import signal
import subprocess
import time

# Bounded, as everything that `poc` itself waits for; `up` starts a host anew.
SECONDS = {"up": 300, "exec": 20}
USUAL_SECONDS = 120


class Hosts:
    def __init__(self, poc, url, nginx):
        self.poc_path, self.url, self.nginx = poc, url, nginx
        self.subnet = url.rsplit(".", 1)[0]

    def poc(self, *words, codes=(0,)):
        """A verb, to its end. In a session of its own: half a verb is the worst of states, so ^C waits for it."""
        seconds = SECONDS.get(words[0], USUAL_SECONDS)
        child = subprocess.Popen([self.poc_path, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            out, err = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            end(child, 0)
            raise RuntimeError(f"poc {' '.join(words)}: has not ended within {seconds} s") from None
        except KeyboardInterrupt:
            print(f"\ninterrupted; poc {' '.join(words)} ends first", flush=True)
            end(child, seconds)
            raise
        if child.returncode not in codes:
            raise RuntimeError(f"poc {' '.join(words)}: {(out + err).strip()[-600:]}")
        return out

    def on(self, host, *words):
        return self.poc("exec", host, *words)

    def states(self):
        """{host: up, suspended, cut off, lost or not there}"""
        # It ends with 1 where something is amiss.
        return dict(re.findall(r"(?m)^(host-\d) +\d\S+ +(.*\S)", self.poc("status", codes=(0, 1))))

    def bring_back(self):
        """All hosts, whatever was done to them; True if they are up."""
        try:
            amiss = {host: state for host, state in self.states().items() if state != "up"}
            for host, state in amiss.items():
                print(f"{host} is {state} and is brought back", flush=True)
                if state in ("suspended", "cut off"):
                    self.poc("resume", host)
                else:
                    self.poc("up", "--hosts", "3", "--no-build")
            return True
        except RuntimeError as error:
            print(f"{error}\nnot all hosts are up; \"{self.poc_path} up --hosts 3\" brings them back", flush=True)
            return False

    def servers(self):
        """Addresses in the load balancer's file, as host names."""
        found = re.findall(r"^ *server (\S+:\d+)\b", self.read("conf.d/site.conf"), re.M)
        return [host for host in map(self.host_of, found) if host]

    def host_of(self, address):
        """host-1 for 192.168.50.101:32768; None for what is no host of ours."""
        found = re.fullmatch(rf"{re.escape(self.subnet)}\.10(\d):\d+", address)
        return f"host-{found[1]}" if found else None

    def read(self, name):
        with open(os.path.join(self.nginx, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def reloads(self):
        return len(re.findall(r"\(SIGHUP\) received.*, reconfiguring", self.read("logs/error.log")))

    def reload(self):
        """By nginx's own word: only the master of this prefix writes the pid file that it reads."""
        self.on("host-3", "nginx", "-p", self.nginx + "/", "-c", "nginx.conf", "-s", "reload")

    def instances(self):
        """Name and start, as the engine knows it, of each running container of the demo."""
        found = {}
        for host in ("host-1", "host-2"):
            for name in self.on(host, "docker", "ps", "--filter", "label=longshore.poc", "--format", "{{.Names}}").split():
                started = self.on(host, "docker", "inspect", "-f", "{{.State.StartedAt}}", name).strip()
                found[name] = datetime.datetime.fromisoformat(started[:26].rstrip("Z") + "+00:00").timestamp()
        return found

    def asked(self, host, path):
        return self.on(host, "curl", "-s", "-m", "5", "http://127.0.0.1:8500" + path)

    def quorum_is_whole(self):
        answer = json.loads(self.asked("host-3", "/v1/operator/autopilot/health"))
        return answer["Healthy"] and sum(server["Voter"] for server in answer["Servers"]) == 3

    def leader(self):
        return self.host_of(self.asked("host-3", "/v1/status/leader").strip().strip('"')) or ""


def end(child, seconds):
    """Leaves it so long to end by itself."""
    try:
        child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


def wait(condition, seconds):
    """Seconds until it holds; None when it did not in time."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if condition():
                return time.monotonic() - began
        except (OSError, RuntimeError, ValueError):
            pass
        time.sleep(0.01)
    return None
