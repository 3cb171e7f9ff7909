"""Templates in the style that people really use, rendered from the same data on a real Consul and on the embedded
registry. `templates/NAME.ctmpl` becomes `NAME.txt`; the data is in `data.json`."""

import json
import os

from e2e.base import E2ETest
from rig import longshore

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


def names():
    return sorted(name[:-6] for name in os.listdir(FOLDER) if name.endswith(".ctmpl"))


class Templates:
    wants_docker = False

    def fill(self):
        with open(os.path.join(FOLDER, "data.json"), encoding="utf-8") as file:
            data = json.load(file)
        for service in data["services"]:
            self.store.put("/v1/agent/service/register", service)
        for key, value in data["keys"].items():
            self.store.put("/v1/kv/" + key, value)

    def render(self, program):
        """All templates at once, as one renderer of a host does."""
        config = ['consul { address = "127.0.0.1:8500" }']
        for name in names():
            with open(os.path.join(FOLDER, name + ".ctmpl"), encoding="utf-8") as file:
                own = '  left_delimiter = "<<"\n  right_delimiter = ">>"\n' if "<<-" in file.read() else ""
            config.append(f'template {{\n  source = "{FOLDER}/{name}.ctmpl"\n'
                          f'  destination = "{self.path(name)}"\n{own}}}')
        path = self.write("config.hcl", "\n".join(config) + "\n")
        return program(path)

    def ours(self, path):
        return longshore.call("render", "-config", path, "-once", seconds=60)

    def test_all(self):
        self.fill()
        done = self.render(self.ours)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertGreaterEqual(len(names()), 20)
        for name in names():
            with self.subTest(name), open(os.path.join(FOLDER, name + ".txt"), encoding="utf-8") as file:
                self.assertEqual(file.read(), self.read(name))


class ConsulTemplatesTest(Templates, E2ETest):
    pass


class RegistryTemplatesTest(Templates, E2ETest):
    backend = "registry"
