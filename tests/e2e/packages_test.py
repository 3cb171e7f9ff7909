"""The Debian packages: built by cpack, installed into a copy of this machine's root, looked at, purged."""

import os
import shutil
import subprocess
import unittest

from rig import sandbox

UNITS = ("longshore-agent", "longshore-renderer", "longshore-registry", "longshore-docker-proxy")


class PackagesTest(unittest.TestCase):
    def setUp(self):
        self.home = os.path.join(sandbox.STATE, "packages")
        self.root = os.path.join(self.home, "root")
        self.upper = os.path.join(self.home, "upper")
        for folder in (self.root, self.upper, self.home + "/work", self.home + "/checkout"):
            os.makedirs(folder)
        self.addCleanup(shutil.rmtree, self.home, True)
        build = os.path.abspath(os.environ["LONGSHORE_TEST_BUILD"])
        self.run_here("cmake", build)
        # As a user calls it, in a folder of other things: what it makes belongs below the build.
        shutil.rmtree(build + "/packages", True)
        self.run_here("cpack", "-G", "DEB", "--config", f"{build}/CPackConfig.cmake", cwd=self.home + "/checkout")
        self.assertEqual([], os.listdir(self.home + "/checkout"))
        self.files = sorted(name for name in os.listdir(build + "/packages") if name.endswith(".deb"))
        # An overlay does not follow mounts, so the copy has no /proc and no /run of this machine.
        self.run_here("mount", "-t", "overlay", "-o", f"lowerdir=/,upperdir={self.upper},workdir={self.home}/work", "overlay",
                      self.root)
        self.addCleanup(self.run_here, "umount", "-R", self.root)
        self.run_here("mount", "-t", "proc", "proc", f"{self.root}/proc")
        self.run_here("mount", "--bind", "/dev", f"{self.root}/dev")
        self.run_here("mount", "-t", "tmpfs", "tmpfs", f"{self.root}/run")
        for name in self.files:
            shutil.copy(f"{build}/packages/{name}", f"{self.root}/run/")

    def run_here(self, *command, cwd=None):
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                              check=False)
        self.assertEqual(0, done.returncode, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout + done.stderr

    def inside(self, *command):
        return self.run_here("chroot", self.root, "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                             "DEBIAN_FRONTEND=noninteractive", *command)

    def written(self):
        """Files of the root that differ from the machine's, without what dpkg notes about itself."""
        found = set()
        for folder, _, names in os.walk(self.upper):
            for name in names:
                path = os.path.join(folder, name)[len(self.upper):]
                # Backups that the user tools make of their own files, and caches of manual pages.
                # What a purge takes with the package is this machine's state of longshore, if it has any.
                if not path.startswith(("/var/lib/dpkg/", "/var/cache/", "/var/log/", "/var/lib/longshore")) and \
                        not path.endswith("-"):
                    found.add(path)
        return found

    def test_install_look_purge(self):
        self.assertEqual(["longshore-names_0.1.0_all.deb", "longshore_0.1.0_amd64.deb"], self.files)
        # As on a host whose engine is Podman.
        self.inside("sh", "-c", "! getent group docker || groupdel docker")
        before = self.written()
        self.inside("dpkg", "--force-unsafe-io", "-i", *[f"/run/{name}" for name in self.files])
        listed = self.inside("dpkg", "-L", "longshore", "longshore-names").split()
        for path in ("/usr/bin/longshore", "/usr/bin/registrator", "/usr/bin/consul-template",
                     "/usr/share/man/man1/longshore-render.1.gz", "/usr/share/bash-completion/completions/longshore",
                     "/usr/share/zsh/vendor-completions/_longshore", "/usr/share/fish/vendor_completions.d/longshore.fish",
                     "/usr/share/longshore/templates/site.conf.ctmpl", "/usr/lib/sysusers.d/longshore.conf",
                     *[f"/lib/systemd/system/{unit}.service" for unit in UNITS]):
            self.assertIn(path, listed)
        conffiles = self.inside("dpkg-query", "-W", "-f", "${Conffiles}", "longshore")
        self.assertEqual({"/etc/longshore/longshore.hcl", *[f"/etc/default/{unit}" for unit in UNITS]},
                         {line.split()[0] for line in conffiles.splitlines() if line.strip()})
        self.assertIn("longshore", self.inside("getent", "passwd", "longshore"))
        for group in self.groups_of_units():
            self.inside("getent", "group", group)
        self.assertIn("longshore", self.inside("longshore", "version"))
        self.assertIn("consul-template v", self.inside("consul-template", "-version"))
        self.inside("bash", "-n", "/usr/share/bash-completion/completions/longshore")
        # Every option of the tables is completed: the script is made from them.
        options = self.inside("bash", "-c", ". /usr/share/bash-completion/completions/longshore; "
                              "COMP_WORDS=(longshore agent -res) COMP_CWORD=2; _longshore; echo ${COMPREPLY[*]}")
        self.assertEqual("-resync", options.strip())
        # The shipped example and the shipped options start.
        self.inside("longshore", "render", "-config", "/etc/longshore/longshore.hcl", "-print-config")
        said = self.inside("systemd-analyze", "verify", "--man=no",
                           *[f"/lib/systemd/system/{unit}.service" for unit in UNITS])
        self.assertEqual([], [line for line in said.splitlines() if "longshore" in line])
        self.upgrade_waits_for_nobody()
        self.inside("dpkg", "--force-unsafe-io", "--purge", "longshore-names", "longshore")
        changed = {path for path in self.written() - before if not self.same(path)}
        self.assertEqual(set(), changed, "left behind by a purge")
        self.assertFalse(os.path.exists(self.root + "/var/lib/longshore"))
        for table in ("passwd", "group"):
            self.assertEqual(2, subprocess.run(["chroot", self.root, "getent", table, "longshore"], check=False,
                                               stdout=subprocess.DEVNULL).returncode)

    def groups_of_units(self):
        """systemd starts nothing in a group that does not exist."""
        found = set()
        for unit in UNITS:
            with open(f"{self.root}/lib/systemd/system/{unit}.service", encoding="utf-8") as file:
                for line in file:
                    if line.startswith(("SupplementaryGroups=", "Group=")):
                        found.update(line.split("=")[1].split())
        self.assertIn("docker", found)
        return found

    def upgrade_waits_for_nobody(self):
        """What runs is restarted, but nothing waits until it is ready: Consul may be away. And only if this host allows it."""
        fake, policy = self.root + "/run/fake", self.root + "/usr/sbin/policy-rc.d"
        original = None
        if os.path.exists(policy):
            with open(policy, encoding="utf-8") as file:
                original = file.read()
        os.makedirs(fake)
        os.makedirs(self.root + "/run/systemd/system")
        self.script(fake + "/systemctl", 'echo "$*" >>/run/fake/calls')
        upgrade = ("env", "PATH=/run/fake:/usr/sbin:/usr/bin:/sbin:/bin", "/var/lib/dpkg/info/longshore.postinst", "configure",
                   "0.0.9")
        for code, asked in (("0", 4), ("104", 4), ("101", 0)):
            self.script(policy, f'echo "$*" >>/run/fake/policy; exit {code}')
            self.script(fake + "/calls", "")
            self.inside(*upgrade)
            with open(fake + "/calls", encoding="utf-8") as file:
                restarts = [line.split() for line in file if "restart" in line]
            self.assertEqual(asked, len(restarts), (code, restarts))
            for words in restarts:
                self.assertIn("--no-block", words)
        with open(fake + "/policy", encoding="utf-8") as file:
            self.assertEqual({f"{unit}.service try-restart" for unit in UNITS}, set(file.read().splitlines()))
        os.rmdir(self.root + "/run/systemd/system")
        os.remove(policy)
        if original is not None:
            self.script(policy, original, head="")

    @staticmethod
    def script(path, text, head="#!/bin/sh\n"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(head + text + ("\n" if head else ""))
        os.chmod(path, 0o755)

    def same(self, path):
        """A file that was copied up or taken away again: what the root shows equals the machine's."""
        copy = self.root + path
        if not os.path.lexists(copy):
            return not os.path.lexists(path)
        if not os.path.lexists(path):
            return False
        if not os.path.isfile(copy):
            return True
        with open(copy, "rb") as one, open(path, "rb") as other:
            return one.read() == other.read()
