"""The template function sockaddr on the addresses of this network namespace."""

import subprocess

from e2e.base import E2ETest
from rig import longshore
from rig.wait import wait_until

TEMPLATE = """\
{{ sockaddr "GetAllInterfaces | include \\"network\\" \\"10.77.0.0/16\\" | sort \\"address\\" | join \\"string\\" \\" \\"" }}
{{ sockaddr "GetAllInterfaces | include \\"flags\\" \\"loopback\\" | limit 1 | attr \\"name\\"" }}
"""
BROKEN = '{{ sockaddr "GetAllInterfaces | include \\"colour\\" \\"red\\"" }}\n'


class SockaddrTest(E2ETest):
    wants_docker = False
    backend = ""  # nothing here asks Consul

    def address(self, verb, address):
        subprocess.run(["ip", "address", verb, address, "dev", "lo"], check=True)

    def test_addresses_come_and_go(self):
        self.address("add", "10.77.1.9/24")
        self.addCleanup(subprocess.run, ["ip", "address", "flush", "dev", "lo", "to", "10.77.0.0/16"], check=True)
        source, out = self.write("addresses.ctmpl", TEMPLATE), self.path("addresses.txt")
        done = longshore.call("render", "-template", f"{source}:{out}", "-once", seconds=60)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("10.77.1.9/24\nlo\n", self.read("addresses.txt"))
        self.renderer(f"{source}:{out}")
        self.address("add", "10.77.2.1/32")
        wait_until(lambda: self.read("addresses.txt") == "10.77.1.9/24 10.77.2.1\nlo\n", 30, "the new address is written")
        self.address("del", "10.77.1.9/24")
        wait_until(lambda: self.read("addresses.txt") == "10.77.2.1\nlo\n", 30, "the old address is gone")

    def test_a_wrong_expression_names_its_place(self):
        source, out = self.write("broken.ctmpl", BROKEN), self.path("broken.txt")
        done = longshore.call("render", "-template", f"{source}:{out}", "-once", seconds=60)
        self.assertNotEqual(0, done.returncode, done.stderr)
        self.assertIn('invalid include selector "colour"', done.stderr.replace('\\"', '"'))
