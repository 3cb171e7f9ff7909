#!/usr/bin/python3
"""Whatever a stock template writes is quoted, named, or listed here with the reason why it cannot hold nginx's syntax.

A label's text must reach nginx only through nginxQuote or nginxName. Actions that write something else are known one by
one, so that a new one is looked at.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUOTED = ("nginxQuote ", "nginxName ")
# Actions that write nothing.
SILENT = re.compile(r"(/\*|(if|else|end|range|with|define|template|block|break|continue|remark|scratch\.Set)\b|\$\w*\s*(,\s*\$\w+\s*)?:?=)")
# action -> why it is safe as it is
PLAIN = {
    "upstream.conf.ctmpl": {
        "$name": "what nginxName made", ".Address": "written where it is an IP address only", ".Port": "a number",
        ".Weight": "a number", "$fallback": "the operator's own, or made of numbers", "$listen": "the operator's own", "$connect": "the operator's own",
        "$read": "the operator's own", "$resolver": "the operator's own", "$keepalive": "compared with the pattern of a number",
    },
    "stream.conf.ctmpl": {
        "$name": "what nginxName made", "$kind": "tcp or udp", ".Address": "written where it is an IP address only",
        ".Port": "a number", ".Weight": "a number", "$listen": "the operator's own", "$connect": "the operator's own", "$idle": "the operator's own",
        'env "UDP_RESPONSES"': "the operator's own",
    },
    "cache.conf.ctmpl": {
        "$name": "what nginxName made", ".Address": "written where it is an IP address only", ".Port": "a number",
        ".Weight": "a number", "$listen": "the operator's own", "$size": "the operator's own", "$valid": "the operator's own",
        "$connect": "the operator's own", "$read": "the operator's own",
    },
    "site.conf.ctmpl": {
        "$name": "compared with the pattern of a service's name", "$route.s": "name of such a service",
        ".Address": "written where it is an IP address only", ".Port": "a number", ".Status": "one of Consul's words",
        "$host": "compared with the pattern of a host name", "$other": "made of $listen and a quoted $host",
        "$listen": "the operator's own", ".s": "name of such a service",
        ".c": "compared with the pattern of a time", ".r": "compared with the pattern of a time",
        ".t": "compared with the pattern of a number", ".n": "compared with the pattern of a time", 'env "CONNECT_TIMEOUT"': "the operator's own",
        'env "READ_TIMEOUT"': "the operator's own", ".Weight": "a number", "$listenTls": "the operator's own",
        "$portText": "a number of the operator's own", "$header.n": "compared with the pattern of a header's name",
        "$tls.Fingerprint": "hexadecimal digits", "$tls.Until": "a date",
    },
}


def outputs(text):
    """(line, action) of each action that writes something."""
    for match in re.finditer(r"\{\{-?\s*(.*?)\s*-?\}\}", text, re.DOTALL):
        if not SILENT.match(match[1]):
            yield text.count("\n", 0, match.start()) + 1, match[1]


def check(name, text):
    plain, used, problems = PLAIN.get(name, {}), set(), []
    for line, action in outputs(text):
        if action in plain:
            used.add(action)
        elif not action.startswith(QUOTED) or "|" in action:
            problems.append(f"{name}:{line}: `{action}` is written without nginxQuote or nginxName; quote it, or say in "
                            "PLAIN why it is safe")
    problems += [f"{name}: PLAIN lists `{action}`, which the template does not write" for action in set(plain) - used]
    return problems


def main():
    files = sorted((ROOT / "templates").glob("*.ctmpl"))
    problems = [problem for path in files for problem in check(path.name, path.read_text(encoding="utf-8"))]
    print("\n".join(problems) or f"{len(files)} templates: all that they write is quoted or known to be safe")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
