"""The embedded registry as a person with curl uses it, and what survives kill -9."""

import threading
import time

from e2e.base import E2ETest
from rig import http, longshore
from rig.wait import wait_until


class RegistryTest(E2ETest):
    backend = "registry"
    wants_docker = False

    def index(self, path):
        return int(http.get(self.store.where, path).headers["X-Consul-Index"])

    def test_data_survives_kill_and_the_index_goes_on(self):
        self.store.put("/v1/agent/service/register", {
            "ID": "x1", "Name": "x", "Address": "192.0.2.1", "Port": 1, "Meta": {"a": "b"},
            "Check": {"TTL": "10m", "Status": "passing"}})
        self.store.put("/v1/kv/a/b", "c")
        before = self.store.services()
        index = max(self.index("/v1/health/service/x"), self.index("/v1/kv/a/b"))
        self.store.kill9()
        self.store.start()
        self.assertEqual(before, self.store.services())
        self.assertEqual(["192.0.2.1:1"], self.store.healthy("x"))
        self.assertEqual("c", self.store.key("a/b"))
        self.store.put("/v1/kv/new", "1")
        self.assertGreater(self.index("/v1/kv/new"), index)

    def test_blocking_query_answers_at_the_change(self):
        self.store.put("/v1/kv/k", "1")
        index, answers = self.index("/v1/kv/k"), []

        def watch():
            answers.append(http.get(self.store.where, f"/v1/kv/k?index={index}&wait=20s&raw", timeout=30))
        thread = threading.Thread(target=watch)
        thread.start()
        # An answer from before the change would prove nothing.
        wait_until(lambda: self.store.metrics()["longshore_registry_parked_requests"] == 1, 10, "the query is parked")
        self.assertEqual([], answers)
        began = time.monotonic()
        self.store.put("/v1/kv/k", "2")
        thread.join(10)
        self.assertEqual("2", answers[0].text)
        self.assertLess(time.monotonic() - began, 1)

    def test_hundreds_of_parked_queries_cost_no_threads(self):
        self.store.put("/v1/kv/k", "1")
        index, threads = self.index("/v1/kv/k"), []
        before = self.store.threads()
        for _ in range(300):
            thread = threading.Thread(
                target=lambda: http.get(self.store.where, f"/v1/kv/k?index={index}&wait=60s", timeout=90))
            thread.start()
            threads.append(thread)
        wait_until(lambda: self.store.descriptors() > 300, 10, "all queries are parked")
        self.assertEqual(before, self.store.threads())
        self.store.put("/v1/kv/k", "2")
        for thread in threads:
            thread.join(10)
            self.assertFalse(thread.is_alive())

    def test_checks_really_run(self):
        self.store.put("/v1/agent/service/register", {
            "ID": "self", "Name": "self", "Address": "127.0.0.1", "Port": 8500,
            "Checks": [{"HTTP": "http://127.0.0.1:8500/v1/status/leader", "Interval": "1s"},
                       {"TCP": "127.0.0.1:8500", "Interval": "1s"}]})
        wait_until(lambda: self.store.healthy("self") == ["127.0.0.1:8500"], 5, "both checks pass")
        self.store.put("/v1/agent/service/register", {
            "ID": "dead", "Name": "dead", "Port": 9, "Check": {"TCP": "127.0.0.1:9", "Interval": "1s"}})
        # The agent's view: in the catalog, output alone is brought up to date minutes later, as in Consul.
        wait_until(lambda: self.store.get("/v1/agent/checks")["service:dead"]["Output"], 5, "the other check ran")
        self.assertEqual([], self.store.healthy("dead"))

    def test_foreign_host_header_is_refused(self):
        answer = http.get(self.store.where, "/v1/agent/services", headers={"Host": "evil.example"})
        self.assertIn(answer.status, (400, 403, 421), answer)

    def test_not_on_other_addresses_without_a_token(self):
        done = longshore.call("registry", "-http-addr", "0.0.0.0:8599")
        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertIn("-token-file", done.stderr)

    def test_a_token_file_that_is_not_there_is_a_wrong_call(self):
        done = longshore.call("registry", "-http-addr", "127.0.0.1:8599", "-token-file", "/nonexistent/token")
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertIn("-token-file /nonexistent/token: No such file or directory", done.stderr)
