#!/usr/bin/python3
"""vagrant/Vagrantfile evaluated with a stand-in for Vagrant: three hosts, pinned box, one provisioning for all."""

import json
import os
import subprocess
import tempfile
import unittest

FILE = "vagrant/Vagrantfile"


def evaluate(*words, **env):
    return subprocess.run(["/usr/bin/ruby", "-W:no-experimental", "tests/lint/vagrantfile_stub.rb", FILE, *words],
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env={"LONGSHORE_VBOX_NETWORKS": "/nonexistent", **env})


class VagrantfileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name in ("ansible-playbook", "consul", "VBoxManage", "longshore.deb"):
            with open(self.path(name), "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), 0o755)
        # All that `up` needs is there.
        self.there = {"PATH": self.folder, "LONGSHORE_DEB": self.path("longshore.deb")}

    def path(self, name):
        return os.path.join(self.folder, name)

    def calls(self, *words, **env):
        done = evaluate(*words, **env)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return json.loads(done.stdout)

    def test_three_hosts_with_their_addresses(self):
        calls = self.calls("status")
        self.assertEqual([["host-1"], ["host-2"], ["host-3"]], [args for name, args, _ in calls if name == "vm.define"])
        addresses = [options["ip"] for name, args, options in calls if name.endswith(".vm.network")]
        self.assertEqual(["192.168.50.101", "192.168.50.102", "192.168.50.103"], addresses)
        providers = {args[0] for name, args, _ in calls if name.endswith(".vm.provider")}
        self.assertEqual({"virtualbox", "libvirt"}, providers)

    def test_the_box_is_pinned(self):
        found = {name: args[0] for name, args, _ in self.calls("status") if name.startswith("vm.box")}
        self.assertRegex(found["vm.box_version="], r"^\d+\.\d+")

    def test_provisioned_once_for_all(self):
        calls = self.calls("status")
        self.assertEqual(["vm.define.host-3.vm.provision"], [name for name, _, _ in calls if name.endswith("vm.provision")])
        given = {name.rsplit(".", 1)[1]: args for name, args, _ in calls if ".provision.ansible." in name}
        self.assertEqual(["all"], given["limit="])
        self.assertTrue(os.path.exists(os.path.join("vagrant", given["playbook="][0])))
        self.assertEqual({"engine": ["host-1", "host-2"], "balancer": ["host-3"],
                          "consul_servers": ["host-1", "host-2", "host-3"]}, given["groups="][0])

    def test_another_range(self):
        calls = self.calls("status", LONGSHORE_SUBNET="10.20.30")
        self.assertIn("10.20.30.103", [options.get("ip") for _, _, options in calls])
        done = evaluate("status", LONGSHORE_SUBNET="10.20")
        self.assertEqual((1, True), (done.returncode, "three numbers are expected" in done.stderr), done.stderr)

    def test_virtualbox_must_allow_the_range(self):
        refusal = "echo '* 192.168.50.0/24' | sudo tee -a /nonexistent"
        done = evaluate("up", **self.there)
        self.assertEqual((1, True), (done.returncode, refusal in done.stderr))
        self.calls("up", LONGSHORE_SUBNET="192.168.56", **self.there)
        self.calls("up", "--provider=libvirt", **self.there)
        self.calls("up", "--provider", "libvirt", **self.there)
        for line, code in (("* 192.168.0.0/16 10.0.0.0/8", 0), ("* 192.168.50.0/24", 0), ("* 10.0.0.0/8", 1),
                           ("# 192.168.0.0/16", 1)):
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write(line + "\n")
                file.flush()
                self.assertEqual(code, evaluate("up", **{**self.there, "LONGSHORE_VBOX_NETWORKS": file.name}).returncode, line)
        # Where there is no VirtualBox, Vagrant takes another provider, unless it is told.
        os.unlink(self.path("VBoxManage"))
        self.calls("up", **self.there)
        self.assertIn(refusal, evaluate("up", VAGRANT_DEFAULT_PROVIDER="virtualbox", **self.there).stderr)

    def given(self, **env):
        calls = self.calls("up", "--provider=libvirt", **{**self.there, **env})
        return next(args[0] for name, args, _ in calls if name.endswith(".provision.ansible.extra_vars="))

    def test_where_consul_comes_from(self):
        self.assertEqual({"longshore_deb": self.path("longshore.deb"), "consul_source": "file",
                          "consul_file": self.path("consul")}, self.given())
        self.assertEqual(self.path("longshore.deb"), self.given(LONGSHORE_CONSUL_FILE=self.path("longshore.deb"))["consul_file"])
        given = self.given(LONGSHORE_CONSUL_URL="https://example.org/consul.zip", LONGSHORE_CONSUL_CHECKSUM="sha256:12")
        self.assertEqual(("url", "https://example.org/consul.zip", "sha256:12"),
                         tuple(given[f"consul_{key}"] for key in ("source", "url", "checksum")))

    def test_what_is_missing_is_said_before_a_machine_is_made(self):
        nothing = {"PATH": "/nonexistent", "LONGSHORE_DEB": "/nonexistent/longshore.deb"}
        for words in (("up", "--provider=libvirt"), ("provision",)):
            done = evaluate(*words, **nothing)
            self.assertEqual(1, done.returncode)
            for part in ("ansible-playbook is not on PATH", "the package /nonexistent/longshore.deb", "LONGSHORE_CONSUL_URL"):
                self.assertIn(part, done.stderr)
        self.assertIn("/nonexistent/consul: no such file",
                      evaluate("provision", LONGSHORE_CONSUL_FILE="/nonexistent/consul", **self.there).stderr)
        for words in (("up", "--provider=libvirt", "--no-provision"), ("halt",), ("status",)):
            self.calls(*words, **nothing)


if __name__ == "__main__":
    unittest.main()
