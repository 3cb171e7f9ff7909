"""vagrant/poc up --hosts 3 inside the sandbox: three hosts, taken away and given back."""

import os
import re
import subprocess

from e2e import poc_test
from rig import http
from rig.wait import wait_until

BALANCER = "192.168.50.103:80"


class HostsTest(poc_test.PocTest):
    """Everything of the one-host test's set-up; its tests are not repeated."""

    test_up_join_leave_down = None
    test_up_after_everything_was_killed = None

    def hosts_up(self):
        return self.poc("up", "--hosts", "3", "--no-build", seconds=300)

    def names(self):
        return {http.get(BALANCER, "/").text.split("host=")[1].split()[0] for _ in range(16)}

    def test_scale_deploy_suspend_lose(self):
        text = self.hosts_up()
        self.assertRegex(text, r"(?m)^URL=http://192\.168\.50\.103/$")
        self.assertEqual({"host-1-1", "host-2-1"}, self.names())
        load = self.load(BALANCER, clients=2)
        self.poc("scale", "4")
        wait_until(lambda: len(self.names()) == 4, 20, "four instances answer")
        self.poc("deploy", "--version", "2.0")
        self.assertIn("version=2.0", http.get(BALANCER, "/").text)
        self.poc("scale", "2")
        self.poc("suspend", "host-2")
        wait_until(lambda: {name[:6] for name in self.names()} == {"host-1"}, 40, "nobody is sent to a frozen host")
        self.poc("resume", "host-2")
        wait_until(lambda: len({name[:6] for name in self.names()}) == 2, 40, "the thawed host is back")
        self.poc("lose", "host-2")
        wait_until(lambda: {name[:6] for name in self.names()} == {"host-1"}, 40, "nobody is sent to a lost host")
        self.hosts_up()
        self.poc("scale", "2")
        self.poc("status")
        self.assert_no_failures(load)
        self.poc("down", seconds=180)
        self.assert_nothing_left()

    def test_mistakes_are_named(self):
        for words, code, said in ((["scale", "2"], 1, "up --hosts 3"), (["up", "--hosts", "2"], 2, "1 host or 3"), (["up", "--swarm"], 2, "--hosts 3"),
                                  (["suspnd", "host-1"], 2, 'did you mean "suspend"')):
            done = subprocess.run(["vagrant/poc", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  check=False, env={**os.environ, "LONGSHORE_POC_STATE": self.state})
            self.assertEqual((code, True), (done.returncode, said in done.stderr), (words, done.stderr))

    def test_names_of_hosts_are_checked(self):
        self.hosts_up()
        done = subprocess.run(["vagrant/poc", "suspend", "host-4"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, env={**os.environ, "LONGSHORE_POC_STATE": self.state})
        self.assertEqual(2, done.returncode)
        self.assertTrue(re.search(r'unknown host "host-4", did you mean "host-\d"', done.stderr), done.stderr)
        self.poc("down", seconds=180)
        self.assert_nothing_left()
