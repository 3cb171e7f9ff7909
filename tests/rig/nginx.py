"""An nginx of the tests' own: prefix, pid file and configuration in one directory."""

import os
import signal

from rig.process import Process
from rig.wait import wait_until

CONFIG = """
worker_processes {workers};
pid {home}/nginx.pid;
error_log {home}/error.log notice;
user root;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {home}/tmp; proxy_temp_path {home}/tmp; fastcgi_temp_path {home}/tmp;
  uwsgi_temp_path {home}/tmp; scgi_temp_path {home}/tmp;
  include {home}/conf.d/*.conf;
}}
"""


class Nginx:
    worker_count = 2

    def __init__(self, home, listen="127.0.0.1:8080"):
        self.home, self.where = home, listen
        self.pid_file = os.path.join(home, "nginx.pid")
        self.conf_d = os.path.join(home, "conf.d")
        os.makedirs(self.conf_d, exist_ok=True)
        os.makedirs(os.path.join(home, "tmp"), exist_ok=True)
        self.config = os.path.join(home, "nginx.conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(home=home, workers=self.worker_count))
        self.process = Process("nginx", ["/usr/sbin/nginx", "-p", home, "-c", self.config, "-g", "daemon off;"],
                               os.path.join(home, "error.log"))

    def write(self, name, text):
        """Puts one file into conf.d."""
        with open(os.path.join(self.conf_d, name), "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        self.process.start()
        wait_until(self.master, 10, "nginx writes its pid file")
        return self

    def master(self):
        if not self.process.running():
            raise AssertionError("nginx ended:\n" + self.process.tail())
        with open(self.pid_file, encoding="ascii") as file:
            return int(file.read())

    def reload(self):
        """A signal to the pid: `nginx -s` would read the configuration on disk first."""
        os.kill(self.master(), signal.SIGHUP)

    def workers(self):
        """Pids of the workers, new and leaving."""
        with open(f"/proc/{self.master()}/task/{self.master()}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]

    def stop(self):
        return self.process.term(10, signal.SIGQUIT)

    def kill9(self):
        workers = self.workers()
        self.process.kill9()
        for pid in workers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
