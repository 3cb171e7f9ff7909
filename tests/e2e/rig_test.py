"""The rig itself: the real parts work, and the load generator counts what it should."""

import socket
import threading

from e2e.base import E2ETest, servers, world
from rig import http, lanes, sandbox
from rig.loadgen import Client, ClosedIdle
from rig.wait import TimedOut, wait_until


class RigTest(E2ETest):
    def test_engine_runs_containers_that_answer(self):
        self.docker.run(name="one", publish=["5000"])
        address = self.docker.address("one") + ":5000"
        published = self.docker.published("one", "5000/tcp")
        for where in (address, f"127.0.0.1:{published}", f"{sandbox.HOST_IP}:{published}"):
            answer = wait_until(lambda w=where: http.get(w, "/"), 5, f"{where} answers")
            self.assertIn("nanoservice", answer.text)
        self.assertEqual(["one"], self.docker.running())
        self.assertEqual("20.10", self.docker.cli("version", "--format", "{{.Server.Version}}")[:5])

    def test_consul_keeps_what_it_knew(self):
        self.store.put("/v1/agent/service/register", {"ID": "x1", "Name": "x", "Address": "192.0.2.1", "Port": 1})
        self.store.put("/v1/kv/a/b", "c")
        self.store.kill9()
        self.store.start()
        self.assertEqual(["192.0.2.1:1"], self.store.healthy("x"))
        self.assertEqual("c", self.store.key("a/b"))
        self.store.clear()
        self.assertEqual(({}, []), (self.store.services(), self.store.keys()))

    def test_nginx_reloads_by_pid(self):
        nginx = self.nginx()
        addresses = self.start_nano("one")
        nginx.write("upstream.conf", f"upstream nano {{ server {addresses[0]}; }}\n")
        nginx.reload()
        self.wait_settled(nginx)
        load = self.load(nginx.where, every=0.002)
        wait_until(lambda: load.sent > 200, 10, "200 requests")
        nginx.reload()
        wait_until(lambda: load.sent > 400, 10, "200 more requests")
        self.assert_no_failures(load)

    def test_live_restore_keeps_containers_over_a_kill(self):
        docker = world.docker(live_restore=True)
        address = self.start_nano("one")[0]
        docker.kill9()
        self.assertEqual(200, http.get(address, "/").status)
        docker.start()
        self.assertEqual(["one"], docker.running())


class LanesTest(E2ETest):
    backend = None
    wants_docker = False

    def test_each_piece_is_taken_once(self):
        first, second = lanes.Claims(self.dir), lanes.Claims(self.dir)
        one, other = first.take(5), second.take(5)
        taken = [next(one), next(other), next(one)]
        self.assertEqual([0, 1, 2], taken)
        self.assertEqual([3, 4], list(other))
        self.assertEqual([], list(one))

    def test_nothing_is_taken_once_somebody_gave_up(self):
        first, second = lanes.Claims(self.dir), lanes.Claims(self.dir)
        one = first.take(5)
        self.assertEqual(0, next(one))
        second.give_up()
        self.assertEqual([], list(one))


class LoadGenTest(E2ETest):
    backend = None
    wants_docker = False

    def serve(self, behaviour):
        """A server whose behaviour(connection number, connection) handles each connection."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def loop():
            number = 0
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    behaviour(number, connection)
                number += 1
        threading.Thread(target=loop, daemon=True).start()
        return "127.0.0.1:%d" % listener.getsockname()[1]

    def test_idle_close_is_retried_for_get_only(self):
        def one_answer(_, connection):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        where = self.serve(one_answer)
        client = Client(where)
        self.assertEqual((200, b"ok"), client.request("GET", "/"))
        self.assertEqual((200, b"ok"), client.request("GET", "/"))
        with self.assertRaises(ClosedIdle):
            client.request("POST", "/", b"x")

    def test_close_on_a_fresh_connection_is_a_failure(self):
        where = self.serve(lambda _, connection: connection.recv(65536))
        with self.assertRaises(ConnectionResetError):
            Client(where).request("GET", "/")

    def test_cut_answer_is_a_failure(self):
        def cut(_, connection):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok")
        with self.assertRaises(ConnectionResetError):
            Client(self.serve(cut)).request("GET", "/")

    def test_waiting_says_what_was_there_instead(self):
        with self.assertRaisesRegex(TimedOut, "not within 0.1 s: seven; last seen: 0"):
            wait_until(lambda: 0, 0.1, "seven")

    def test_servers_of_a_file(self):
        self.assertEqual(["10.0.0.1:80"], servers("upstream x {\n  server 10.0.0.1:80 max_fails=0;\n"
                                                  "  server 127.0.0.1:9;\n}\n"))
