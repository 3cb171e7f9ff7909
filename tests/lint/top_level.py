#!/usr/bin/python3
"""The top level holds what the layout names, and nothing else."""

import sources

ALLOWED = {"CMakeLists.txt", "CMakePresets.json", "README.md",
           "agent", "renderer", "common", "templates", "vagrant", "ansible", "tests"}
# Beside the top folders: whatever holds code two levels down has a page, and the page says where to start reading.
README_FOLDERS = ["agent", "renderer", "common", "templates", "vagrant", "ansible", "tests"]
CODE = (".h", ".cpp", ".py", ".sh", ".cmake")


def check(paths):
    tops = sorted({path.split("/", 1)[0] for path in paths})
    problems = [f"{top}:1: does not belong at the top level" for top in tops
                if top not in ALLOWED and not top.startswith(".")]
    folders = README_FOLDERS + sorted({"/".join(path.split("/")[:2]) for path in paths
                                       if path.split("/")[0] in README_FOLDERS and path.count("/") == 2
                                       and path.endswith(CODE)})
    present = {path.split("/", 1)[0] for path in paths}
    problems += [f"{folder}:1: has no README.md" for folder in folders
                 if folder.split("/")[0] in present and f"{folder}/README.md" not in paths]
    return problems


def silent_pages(paths):
    for path in paths:
        if path.endswith("/README.md") and path.count("/") <= 2 and path.split("/")[0] in README_FOLDERS:
            if "start reading" not in sources.read(path).lower():
                yield f"{path}:1: does not say where to start reading"


def main():
    paths = sources.files()
    sources.report(check(paths) + list(silent_pages(paths)), f"{len(paths)} files looked at")


if __name__ == "__main__":
    main()
