"""vagrant/poc up --hosts 3 inside the sandbox: three hosts, taken away and given back."""

import os
import time

from e2e import poc_test
from rig import http
from rig.longshore import executable
from rig.process import Process
from rig.wait import wait_until

BALANCER = "192.168.50.103:80"


class HostsTest(poc_test.PocTest):
    """Everything of the one-host test's set-up; its tests are not repeated."""

    test_up_join_leave_down = None
    test_up_after_everything_was_killed = None

    def hosts_up(self):
        return self.poc("up", "--hosts", "3", "--no-build", seconds=300)

    def names(self, where=BALANCER):
        return {http.get(where, "/").text.split("host=")[1].split()[0] for _ in range(16)}

    def releases(self, where=BALANCER):
        """What those who answer call themselves."""
        return {http.get(where, "/").text.split(" ", 2)[2].strip() for _ in range(16)}

    def test_scale_deploy_suspend_lose(self):
        text = self.hosts_up()
        self.assertRegex(text, r"(?m)^URL=http://192\.168\.50\.103/$")
        self.assertEqual({"host-1-1", "host-2-1"}, self.names())
        # Of a part, and of a container wherever it runs.
        self.assertIn("event=", self.poc("logs", "host-1-agent"))
        self.assertIn("start port=5000 host=host-2-1", self.poc("logs", "host-2-1"))
        load = self.load(BALANCER, clients=2)
        self.poc("scale", "4")
        wait_until(lambda: len(self.names()) == 4, 20, "four instances answer")
        self.poc("deploy", "--version", "2.0")
        self.assertEqual({"version=2.0 color=red"}, self.releases())
        self.poc("scale", "5")
        self.assertEqual({"version=2.0 color=red"}, self.releases(), "a further one is of the version that was deployed")
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
        self.assertEqual({"version=2.0 color=red"}, self.releases(), "also those that `up` has started")
        self.poc("scale", "0")
        self.poc("deploy", "--version", "3.0", "--color", "purple")
        self.assertEqual({"version=3.0 color=purple"}, self.releases(), "also where nothing was to be replaced")
        self.poc("down", seconds=180)
        self.assert_nothing_left()

    def test_a_watch_block_redeploys_on_the_other_host(self):
        """Healing without a swarm: the renderer on host-3 tells a command that an instance was lost with its host."""
        self.hosts_up()
        self.poc("deploy", "--version", "2.0", "--color", "teal")
        before = self.names()
        kept = set(os.listdir("/var/lib"))
        healer = Process("healer", ["vagrant/poc", "exec", "host-3", executable(), "render", "-config", "vagrant/heal.hcl"],
                         os.path.join(self.logs, "healer.log"), env={"LONGSHORE_POC_STATE": self.state})
        self.keep(healer).start()
        healer.wait_log("event=started", 20)
        load = self.load(BALANCER, clients=2)
        began = time.monotonic()
        self.poc("lose", "host-2")
        wait_until(lambda: len(self.names()) == 2 and {name[:6] for name in self.names()} == {"host-1"}, 60,
                   f"the lost one of {before} is replaced on the other host")
        print(f"replaced {time.monotonic() - began:.1f} s after the loss", end=" ", flush=True)
        self.assert_no_failures(load)
        self.assertEqual({"version=2.0 color=teal"}, self.releases())
        self.end(healer)
        self.assertEqual(kept, set(os.listdir("/var/lib")), "it keeps nothing but what `down` removes")
        self.poc("down", seconds=180)
        self.assert_nothing_left()
