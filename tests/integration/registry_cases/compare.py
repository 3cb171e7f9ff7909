"""Takes what two registries answered to the level on which they must agree."""

import json
import re

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# What differs by nature: numbers of a log that the two do not share, and the texts of two resolvers.
NEVER = {"CreateIndex", "ModifyIndex", "ContentHash"}
PRESENT = ("x-consul-index", "x-consul-contenthash", "x-cache")
EQUAL = ("x-consul-knownleader", "x-consul-lastcontact", "x-consul-effective-consistency", "allow", "x-consul-reason",
         "x-content-type-options", "content-security-policy")


class Names:
    """UUIDs in the order in which a transcript shows them."""

    def __init__(self):
        self.known = {}

    def hide(self, text):
        return UUID.sub(lambda match: self.known.setdefault(match[0], f"<uuid {len(self.known)}>"), text)


def is_consul_itself(value):
    """Consul lists its own servers as a service; a registry of one host has none to list."""
    return isinstance(value, dict) and "consul" in (value.get("Service"), value.get("ServiceName"), value.get("Name"))


def plain(value, masks, names):
    if isinstance(value, dict):
        out = {}
        for key in sorted(value):
            if key in NEVER or key == "consul":
                continue
            item = value[key]
            out[key] = "<masked>" if key in masks else plain(item, masks, names)
        return out
    if isinstance(value, list):
        return [plain(item, masks, names) for item in value if not is_consul_itself(item)]
    return names.hide(value) if isinstance(value, str) else value


def content_type(answer):
    return answer.headers.get("content-type", "").partition(";")[0]


def plain_body(answer, masks, names):
    if content_type(answer) == "application/json":
        try:
            return plain(json.loads(answer.body), masks, names)
        except ValueError:
            return answer.body
    return names.hide(answer.body).strip()


def summary(entry, masks, names):
    """What must be equal, as a dictionary."""
    out = {"problem": entry.problem, "relation": entry.relation, "woke": entry.woke}
    if entry.answer is None:
        return out
    answer = entry.answer
    out["status"] = answer.status
    # An empty body needs no type.
    out["type"] = content_type(answer) if answer.body else ""
    for name in PRESENT:
        out[name] = name in answer.headers
    for name in EQUAL:
        out[name] = names.hide(answer.headers.get(name, ""))
    out["body"] = bool(answer.body) if entry.loose else plain_body(answer, masks, names)
    return out


def where(left, right, path=""):
    """The first place at which two values differ: its path and the two values there."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(set(left) | set(right)):
            if left.get(key, "<absent>") != right.get(key, "<absent>"):
                return where(left.get(key, "<absent>"), right.get(key, "<absent>"), f"{path}.{key}")
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, (one, other) in enumerate(zip(left, right)):
            if one != other:
                return where(one, other, f"{path}[{number}]")
    return path, left, right


def differences(case, left, right):
    """Lines that say how two transcripts differ."""
    out = []
    names = (Names(), Names())
    if len(left) != len(right):
        out.append(f"{len(left)} answers against {len(right)}")
    for one, other in zip(left, right):
        a, b = summary(one, case.masks, names[0]), summary(other, case.masks, names[1])
        if a != b:
            path, theirs, ours = where(a, b)
            out.append(f"line {one.line}: {one.what}: {path.lstrip('.')}: Consul {show(theirs)}, ours {show(ours)}")
    return out


def show(value):
    return json.dumps(value, sort_keys=True)[:600]
