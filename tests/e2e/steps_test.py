"""vagrant/STEPS.md as somebody types it: each command of it, in its order."""

import os
import re
import signal
import subprocess

from e2e import hosts_test, poc_test
from rig.longshore import executable
from rig.process import Process
from rig.wait import wait_until

# What the reader is told to see in the output of a step's commands, and what may not be there.
SEEN = {
    1: [r"(?m)^host-1 +\S+ +up$", r"(?m)^host-3-renderer +\d+ +running +yes$", r"host-2-1 on host-2"],
    2: [r'\["192\.168\.50\.10\d:8300",(?:"192\.168\.50\.10\d:8300",?){2}\]'],
    3: [r"0\.0\.0\.0:\d+->5000", r'"ServicePort": ?\d+'],
    4: [r"(?m)^ *server 192\.168\.50\.101:\d+", r"(?m)^ *server 192\.168\.50\.102:\d+"],
    6: [r"host=by-hand "],
    8: [r"version=2\.0 color=red"],
    9: [r"host=host-1-\d .*version=2\.0", r"host=host-2-\d .*version=2\.0"],
    12: [r"host=host-1-\d .*version=2\.0"],
    13: [r"suspend host-2 +0 ", r"lose host-2 +0 ", r" 0 short\n"],
}
UNSEEN = {7: r"by-hand .*version", 10: r"FAILED", 11: r"FAILED"}


def steps():
    """(number, [commands of each block]) of each step."""
    with open("vagrant/STEPS.md", encoding="utf-8") as file:
        parts = re.split(r"(?m)^(\d+)\. ", file.read())[1:]
    for number, text in zip(parts[::2], parts[1::2]):
        yield int(number), [re.sub(r"(?m)^ {3,4}", "", block) for block in re.findall(r"(?ms)^ +```sh\n(.*?)^ +```$", text)]


class StepsTest(poc_test.PocTest):
    """Everything of the one-host test's set-up; its tests are not repeated."""

    test_up_join_leave_down = None
    test_up_after_everything_was_killed = None
    names = hosts_test.HostsTest.names

    def test_all_steps(self):
        self.env = {"LONGSHORE_POC_STATE": self.state, "LONGSHORE_BUILD_DIR": os.path.dirname(executable())}
        seen = []
        for number, blocks in steps():
            seen.append(number)
            self.assertTrue(blocks, f"step {number} has commands")
            text, others = "", []
            for block in blocks:
                # Executables and state of this test; other tests have this machine, too.
                block = block.replace("up --hosts 3", "up --hosts 3 --no-build").replace("poc test", "poc test --relaxed")
                block = block.replace("/var/lib/longshore-poc", self.state)
                if block.startswith("# another terminal\n"):
                    others.append(self.other_terminal(f"step-{number}", block))
                else:
                    text += self.type(number, block)
                # Both are said to take seconds, which a reader waits for.
                if "poc resume" in block or "poc lose" in block:
                    wait_until(lambda: len(self.names()) == 2, 60, f"two instances answer after step {number}")
            for expression in SEEN.get(number, ()):
                self.assertRegex(text, expression, f"step {number}")
            if number == 13:
                print("\n" + text, flush=True)
            self.assertNotRegex(text, UNSEEN.get(number, "^(?!)"), f"step {number}")
            for process in others:
                # As ^C, everything in that terminal; a test that runs in the background would pass on that INT is ignored.
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)
        self.assertEqual(list(range(1, 15)), seen)
        self.assert_nothing_left()

    def type(self, number, block):
        process = subprocess.Popen(["bash", "-e", "-c", block], env={**os.environ, **self.env}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            text = process.communicate(timeout=400)[0]
        except subprocess.TimeoutExpired:
            # All of it: what it has started would go on beside the next steps.
            os.killpg(process.pid, signal.SIGTERM)
            self.fail(f"step {number} did not end: {block}\n{process.communicate(timeout=60)[0][-6000:]}")
        self.assertEqual(0, process.returncode, f"step {number}: {block}\n{text[-6000:]}")
        return text

    def other_terminal(self, name, block):
        process = Process(name, ["bash", "-c", block], os.path.join(self.logs, name + ".log"), env=self.env)
        self.addCleanup(process.kill9)
        process.start()
        # It is under way when it has said something.
        wait_until(lambda: process.log().strip(), 30, f"{name} says something")
        return process
