#!/usr/bin/python3
"""The top level holds what the layout names, and nothing else."""

import sources

ALLOWED = {"CMakeLists.txt", "CMakePresets.json", "README.md",
           "agent", "renderer", "common", "templates", "vagrant", "ansible", "tests"}
# Folders whose README.md says where to start reading.
README_FOLDERS = ["agent", "renderer", "common", "templates", "vagrant", "ansible", "tests"]


def check(paths):
    tops = sorted({path.split("/", 1)[0] for path in paths})
    problems = [f"{top}:1: does not belong at the top level" for top in tops
                if top not in ALLOWED and not top.startswith(".")]
    folders = README_FOLDERS + sorted({"/".join(path.split("/")[:2]) for path in paths
                                       if path.startswith("common/") and path.count("/") > 1
                                       and path.endswith((".h", ".cpp"))})
    present = {path.split("/", 1)[0] for path in paths}
    problems += [f"{folder}:1: has no README.md" for folder in folders
                 if folder.split("/")[0] in present and f"{folder}/README.md" not in paths]
    return problems


def main():
    paths = sources.files()
    sources.report(check(paths), f"{len(paths)} files looked at")


if __name__ == "__main__":
    main()
