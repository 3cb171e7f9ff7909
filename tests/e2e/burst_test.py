"""Twenty containers started and killed at once, ten times: none missed, none stale."""

from concurrent.futures import ThreadPoolExecutor

from e2e.base import E2ETest
from rig import http
from rig.wait import wait_until

COUNT, ROUNDS = 20, 10
CONTAINER = {"Image": "nano", "Labels": {"SERVICE_NAME": "nano"}}


class Burst:
    def at_once(self, action, names):
        """One call per name, all in flight together."""
        with ThreadPoolExecutor(COUNT) as pool:
            for name, answer in zip(names, pool.map(action, names)):
                self.assertIn(answer.status, (200, 201, 204), f"{name}: {answer}")

    def call(self, path, body=None):
        return http.request("POST", self.docker.where, path, body, {"Content-Type": "application/json"}, timeout=60)

    def test_none_missed_none_stale(self):
        self.agent("-internal")
        # Half of the rounds use the same names, and with them the same service IDs, again.
        for number in range(ROUNDS):
            names = [f"r{number // 2}-{index}" for index in range(COUNT)]
            if number % 2 == 0:
                self.at_once(lambda name: self.call(f"/containers/create?name={name}", CONTAINER), names)
            self.at_once(lambda name: self.call(f"/containers/{name}/start"), names)
            want = sorted(self.docker.address(name) + ":5000" for name in names)
            self.wait_healthy("nano", want, 15)
            self.assertEqual(sorted(f"rig-host:{name}:5000" for name in names), sorted(self.store.services()))
            self.at_once(lambda name: self.call(f"/containers/{name}/kill"), names)
            wait_until(lambda: not self.store.services() or self.left(), 15, f"round {number}: no service is left")
            if number % 2 == 1:
                self.docker.remove(*names)

    def left(self):
        raise AssertionError(f"left: {sorted(self.store.services())}")


class BurstWithConsulTest(Burst, E2ETest):
    backend = "consul"


class BurstWithRegistryTest(Burst, E2ETest):
    backend = "registry"
