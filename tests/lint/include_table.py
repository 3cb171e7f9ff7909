"""The table behind include_map.py: which part of the tree may include what. Change it with a reason.

A zone is a set of files. `allow` are the other zones it may include from; its own zone is always allowed.
Pure zones are functions on values: no sockets, threads, files, clocks or logs, so every decision can be replayed.
In folders that hold both, the files that touch the world are named and everything else is pure.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Zone:
    name: str
    patterns: tuple  # fnmatch patterns on paths; the first zone that matches owns the file
    allow: tuple = ()
    pure: bool = True


VALUES = ("base", "policy")
NET = ("net/types", "net/edge")
CONSUL = ("consul/pure", "consul/edge")
DOCKER = ("docker/pure", "docker/edge")
SHELL = VALUES + NET + CONSUL + ("json", "async", "status", "cli", "hcl", "hcl/edge")

ZONES = (
    Zone("base", ("common/base/*",)),
    Zone("policy", ("common/policy/*",), ("base",)),
    Zone("json", ("common/json/*",), ("base",)),
    Zone("cli", ("common/cli/*",), ("base",)),
    # Agent and renderer read the same directories.
    Zone("hcl/edge", ("common/hcl/config_files.*",), ("base",), pure=False),
    Zone("hcl", ("common/hcl/*",), ("base", "json")),
    # json: parseJSON and toJSON of templates.
    Zone("tmpl", ("common/tmpl/*",), ("base", "json")),
    Zone("net/types", ("common/net/http_types.*", "common/net/endpoint.*", "common/net/line_framer.*", "common/net/host_guard.*", "common/net/message_framing.*",
                       "common/net/url.*"), ("base",)),
    Zone("net/edge", ("common/net/*",), VALUES + ("net/types", "async"), pure=False),
    Zone("async", ("common/async/*",), VALUES, pure=False),
    Zone("consul/edge", ("common/consul/api.h", "common/consul/client*", "common/consul/environment*",
                          "common/consul/*http_api*", "common/consul/watch*"),
         VALUES + NET + ("consul/pure", "json", "async"), pure=False),
    # net/types: addresses from the standard variables, requests as values.
    Zone("consul/pure", ("common/consul/*",), VALUES + ("json", "net/types")),
    Zone("docker/edge", ("common/docker/api.h", "common/docker/client*", "common/docker/*http_api*", "common/docker/*stream*"),
         VALUES + NET + ("docker/pure", "json", "async"), pure=False),
    Zone("docker/pure", ("common/docker/*",), VALUES + ("json", "net/types")),
    Zone("registry/edge", ("common/registry/server*", "common/registry/*runner*", "common/registry/sqlite*"),
         VALUES + NET + ("registry/pure", "consul/pure", "json", "async", "status"), pure=False),
    Zone("registry/pure", ("common/registry/*",), VALUES + ("consul/pure", "json", "net/types")),
    Zone("status", ("common/status/*",), VALUES + NET + ("json", "async"), pure=False),
    Zone("drain/edge", ("common/drain/drainer*",),
         VALUES + NET + CONSUL + ("drain/pure", "json", "async"), pure=False),
    Zone("drain/pure", ("common/drain/*",), VALUES + ("consul/pure", "json")),
    Zone("proxy/edge", ("common/proxy/relay.*", "common/proxy/proxy.*", "common/proxy/gatekeeper.*", "common/proxy/gatekeeper_gaps.*"),
         VALUES + NET + CONSUL + DOCKER + ("proxy/pure", "drain/pure", "drain/edge", "json", "async", "status"), pure=False),
    Zone("proxy/pure", ("common/proxy/*",), VALUES + ("net/types", "consul/pure", "json")),
    # consul/pure: records and base64; drain/pure: the renderers' word.
    Zone("deploy", ("common/deploy/*",), VALUES + ("consul/pure", "drain/pure", "json")),
    Zone("main", ("common/main/*",), SHELL + DOCKER + (
        "tmpl", "agent", "agent/core", "renderer", "renderer/core", "renderer/probe", "renderer/apply", "renderer/watch", "renderer/io", "registry/pure", "registry/edge",
        "proxy/pure", "proxy/edge", "drain/pure", "drain/edge", "deploy"),
         pure=False),
    # tmpl: Registrator's tag templates.
    Zone("agent/core", ("agent/core/*",), VALUES + ("docker/pure", "consul/pure", "tmpl")),
    Zone("agent", ("agent/*",), SHELL + DOCKER + ("agent/core", "tmpl"), pure=False),
    Zone("renderer/probe", ("renderer/probe/*",), VALUES),
    # A group is a part of the renderer's machine, made of its files, commands and templates. json: the journal.
    Zone("renderer/apply", ("renderer/apply/*",), VALUES + ("renderer/core", "renderer/probe", "json")),
    # drain/pure: the form of the word to others.
    Zone("renderer/core", ("renderer/core/*",), VALUES + ("renderer/probe", "tmpl", "consul/pure", "drain/pure", "renderer/apply")),
    Zone("renderer/watch", ("renderer/watch/*",), VALUES + ("renderer/core", "renderer/probe", "consul/pure")),
    Zone("renderer/io", ("renderer/io/*",), VALUES + NET + CONSUL + ("renderer/core", "renderer/probe", "renderer/apply", "renderer/watch", "json", "async"), pure=False),
    Zone("renderer", ("renderer/*",), SHELL + ("renderer/core", "renderer/probe", "renderer/apply", "renderer/watch", "renderer/io", "drain/pure", "tmpl"), pure=False),
    # The demo stands for other people's services: nothing of ours inside.
    Zone("nanoservice", ("vagrant/nanoservice/*",), pure=False),
)

# Headers that pure zones may not include (prefixes of the name between the brackets).
IMPURE_HEADERS = ("boost/asio", "boost/beast", "httplib", "spdlog/", "thread", "fstream", "iostream",
                  "mutex", "condition_variable", "future", "sqlite3", "sys/socket", "netdb", "unistd", "fcntl")

# header prefix -> (patterns of files that may include it, reason)
ONLY_IN = {
    "nlohmann/": (("common/json/*",), "one place keeps it from throwing and bounds its depth"),
    "spdlog/": (("common/status/*",), "one place decides what a log line looks like"),
    "boost/beast": (("common/net/*.cpp",), "minutes of compile time: keep it out of headers"),
    "httplib.h": ((), "the tests' independent peer; not linked into the executable"),
    "nghttp2/nghttp2.h": (("common/net/http2.cpp",), "one file frames HTTP/2"),
    "sqlite3.h": (("common/registry/sqlite*",), "one place owns the durable store"),
    "yaml-cpp/": (("common/tmpl/*",), "only parseYAML reads YAML"),
    "re2/": (("common/tmpl/*", "common/registry/*"), "regular expressions belong to templates and filters"),
}

# (pattern on code, files that may contain it, reason)
WORDS_ONLY_IN = (
    (r"\bco_spawn\b", ("common/async/*",), "only common/async starts coroutines: every one belongs to a task group"),
    (r"\bdetached\b", ("common/async/*",), "nothing is detached: it could not be waited for at shutdown"),
)
