"""A machine that was imaged and copied: two hosts with one state directory and one host name on one Consul agent."""

import os
import shutil

from e2e.base import E2ETest
from rig.process import Process
from rig.longshore import executable
from rig.wait import hold_true, wait_until


class CloneTest(E2ETest):
    def other_machine(self, name, copied, machine_id):
        """An agent in a mount namespace of its own: the copied state directory at the usual place, another machine id."""
        state = self.path(name)
        shutil.copytree(copied, state)
        identity = self.write(name + "-machine-id", machine_id + "\n")
        script = (f"mount --bind {state} /var/lib/longshore && mount --bind {identity} /etc/machine-id && "
                  f"exec {executable()} agent -internal -http-addr '' -probation 1s -reconcile-interval 1s "
                  f"-require-label clone={name} consul://127.0.0.1:8500")
        agent = Process(name, ["unshare", "--mount", "sh", "-c", script], os.path.join(self.logs, name + ".log"),
                        env={"DOCKER_HOST": "unix:///run/docker.sock"})
        return self.keep(agent).start()

    def test_the_clone_gets_an_identity_of_its_own_and_deletes_nothing(self):
        self.start_nano("one", "two")
        self.agent("-internal", "-reconcile-interval", "1s")
        mine = {"rig-host:one:5000", "rig-host:two:5000"}
        wait_until(lambda: mine <= set(self.store.services()), 15, "the first machine's are there")
        owner = self.store.services()["rig-host:one:5000"]["Meta"]["longshore-owner"]
        clone = self.other_machine("clone", "/var/lib/longshore", "0" * 31 + "1")
        wait_until(lambda: "event=synced" in clone.log(), 15, "the clone has read everything")
        # Its nonce is another one; the engine is the same here, so that only the nonce tells them apart.
        line = next(line for line in clone.log().splitlines() if "event=identity" in line)
        self.assertNotIn(owner.rpartition("/")[2], line)
        hold_true(lambda: mine <= set(self.store.services()), 4, "nothing of the first machine is deleted")
        self.assertEqual(owner, self.store.services()["rig-host:one:5000"]["Meta"]["longshore-owner"])

    def test_an_agent_that_was_killed_in_a_container_does_not_wait_for_its_former_session(self):
        """Its process IDs are its own, so that nobody can see that the former holder of the lock is gone."""
        self.start_nano("one")
        command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", executable(), "agent", "-internal",
                   "-http-addr", "127.0.0.1:8511", "consul://127.0.0.1:8500"]
        log = os.path.join(self.logs, "contained.log")
        first = Process("contained", command, log, env={"DOCKER_HOST": "unix:///run/docker.sock"}).start()
        self.addCleanup(lambda: first.running() and first.kill9())
        wait_until(lambda: "event=synced" in first.log(), 15, "the first life has read everything")
        first.kill9()
        self.start_nano("two")
        second = Process("contained-again", command, log + ".2", env={"DOCKER_HOST": "unix:///run/docker.sock"}).start()
        self.addCleanup(lambda: second.running() and second.kill9())
        wait_until(lambda: "rig-host:two:5000" in self.store.services(), 15, "the second life registers")
        self.assertNotIn("event=owner_taken", second.log())

    def test_a_clone_that_nothing_tells_apart_only_watches(self):
        """The machine id was copied too, and both meet on one Consul agent: the second one refuses."""
        self.start_nano("one")
        self.agent("-internal", "-reconcile-interval", "1s")
        wait_until(lambda: "rig-host:one:5000" in self.store.services(), 15, "the first machine's is there")
        with open("/etc/machine-id", encoding="ascii") as file:
            clone = self.other_machine("clone", "/var/lib/longshore", file.read().strip())
        wait_until(lambda: "event=owner_taken" in clone.log(), 15, "the clone notices")
        hold_true(lambda: set(self.store.services()) >= {"rig-host:one:5000"}, 3, "nothing is deleted")
        self.assertNotIn("event=service_", clone.log())
