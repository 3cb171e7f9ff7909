"""What only we read, beside what it is to Registrator: keys by protocol and range, addresses, ports, networks, numbered
checks, HEALTHCHECK; and -tags as a template, which both have."""

from e2e.matrix.rows import S, again, own, row

ATTRIBUTE = "an attribute there"
CHECK = "check keys are no attributes; numbered ones are ours"
NONE = []
RANGE = {"7000-7001_name": "voice"}
OVER_UDP = {"7000-7001_udp_name": "voice"}

ROWS = [
    # Scopes
    row("scope-udp", "--expose 53/tcp --expose 53/udp -l SERVICE_53_UDP_NAME=dns",
        S("app-53", "53", port=53, meta={"udp_name": "dns"}),
        S("app-53", "53:udp", ("udp",), port=53, meta={"udp_name": "dns"}),
        ours=[S("app-53", "53", port=53), S("dns", "53:udp", ("udp",), port=53)], why=ATTRIBUTE, image="idle/app"),
    row("scope-tcp-tags", "-l SERVICE_5000_TCP_TAGS=a,b", S(meta={"tcp_tags": "a,b"}), ours=[S(tags=("a", "b"))],
        why=ATTRIBUTE),
    row("scope-of-another-protocol", "-l SERVICE_5000_UDP_TAGS=dns", S(meta={"udp_tags": "dns"}), ours=[S()],
        why=ATTRIBUTE),
    row("scope-protocol-beats-port", "-l SERVICE_5000_NAME=port -l SERVICE_5000_TCP_NAME=both",
        S("port", meta={"tcp_name": "both"}), ours=[S("both")], why=ATTRIBUTE),
    row("scope-range", "--expose 7000-7001 -l SERVICE_7000-7001_NAME=voice", S("app-7000", "7000", port=7000, meta=RANGE),
        S("app-7001", "7001", port=7001, meta=RANGE),
        ours=[S("voice", "7000", port=7000), S("voice", "7001", port=7001)], why=ATTRIBUTE, image="idle/app"),
    row("scope-range-udp", "--expose 7000-7001/udp -l SERVICE_7000-7001_UDP_NAME=voice",
        S("app-7000", "7000:udp", ("udp",), port=7000, meta=OVER_UDP),
        S("app-7001", "7001:udp", ("udp",), port=7001, meta=OVER_UDP),
        ours=[S("voice", f"{port}:udp", ("udp",), port=port) for port in (7000, 7001)], why=ATTRIBUTE, image="idle/app"),
    row("scope-port-beats-range", "--expose 7000-7001 -l SERVICE_7000-7001_NAME=voice -l SERVICE_7001_NAME=admin",
        S("app-7000", "7000", port=7000, meta=RANGE), S("admin", "7001", port=7001, meta=RANGE),
        ours=[S("voice", "7000", port=7000), S("admin", "7001", port=7001)], why=ATTRIBUTE, image="idle/app"),
    row("scope-range-ignored", "--expose 7000-7001 -l SERVICE_7000-7001_IGNORE=1",
        *(S(f"app-{port}", str(port), port=port, meta={"7000-7001_ignore": "1"}) for port in (7000, 7001)),
        ours=NONE, why=ATTRIBUTE, image="idle/app"),

    # Address and port
    row("address-by-label", "-p 5000 -l SERVICE_ADDRESS=192.0.2.41", S(port="5000/tcp", meta={"address": "192.0.2.41"}),
        ours=[S(port="5000/tcp", address="192.0.2.41")], why=ATTRIBUTE),
    row("address-as-cidr", "-p 5000 -l SERVICE_IP=192.0.2.42/24", S(port="5000/tcp", meta={"ip": "192.0.2.42/24"}),
        ours=[S(port="5000/tcp", address="192.0.2.42")], why=ATTRIBUTE),
    row("address-of-one-port", "-p 5000 -p 7000 -l SERVICE_7000_ADDRESS=192.0.2.43", S("app-5000", port="5000/tcp"),
        S("app-7000", "7000", port="7000/tcp", meta={"address": "192.0.2.43"}),
        ours=[S("app-5000", port="5000/tcp"), S("app-7000", "7000", port="7000/tcp", address="192.0.2.43")],
        why=ATTRIBUTE),
    row("port-by-label", "-p 5000 -l SERVICE_5000_PORT=80", S(port="5000/tcp", meta={"port": "80"}), ours=[S(port=80)],
        why=ATTRIBUTE),
    row("port-without-scope", "-p 5000 -l SERVICE_PORT=80", S(port="5000/tcp", meta={"port": "80"})),
    row("inner-by-label", "--network bridge -l SERVICE_INTERNAL=true", ours=[S(address="net")], why=ATTRIBUTE),
    row("outer-by-label", "-p 5000 -l SERVICE_INTERNAL=false", S(port="5000/tcp", meta={"internal": "false"}),
        ours=[S(port="5000/tcp")], why=ATTRIBUTE),
    again("outer-by-label", "internal", S(address="net", meta={"internal": "false"}), ours=[S(port="5000/tcp")],
          why=ATTRIBUTE),
    row("network-by-label", "--network one -l SERVICE_NETWORK=two", ours=[S(address="net:two")],
        why="a network's name asks for the address there"),
    again("network-by-label", "internal", "any", registrator=[S(address="net:one", meta={"network": "two"})],
          ours=[S(address="net:two")], why="one of both by chance there"),

    # Ports
    row("ports-by-label", "--expose 7000 -l SERVICE_PORTS=7000", S("app-5000", meta={"ports": "7000"}),
        S("app-7000", "7000", port=7000, meta={"ports": "7000"}), ours=[S("app", "7000", port=7000)], why=ATTRIBUTE),
    row("ports-not-exposed", "-l SERVICE_PORTS=6000,53/udp",
        ours=[S("app-6000", "6000", port=6000), S("app-53", "53:udp", ("udp",), port=53)], why=ATTRIBUTE,
        image="idle/app"),
    row("ports-none", "-l SERVICE_PORTS=none", S(meta={"ports": "none"}), ours=[S(id="0", port=0)], why=ATTRIBUTE),
    row("ports-by-name", "-l SERVICE_6000_NAME=extra", S(), ours=[S("app-5000"), S("extra", "6000", port=6000)],
        why="a name on the host's network means the port"),

    # Life and tags
    row("life-labels", "-l SERVICE_ON_STOP=deregister -l SERVICE_DRAIN=5s",
        S(meta={"on_stop": "deregister", "drain": "5s"}), ours=[S()], why="what steers the agent is no attribute"),
    row("life-lease", "-l SERVICE_LEASE=20s", S(meta={"lease": "20s"}),
        registrator=[S(check="ttl", meta={"lease": "20s"})], ours=[S(check="ttl")],
        why="a check that the agent renews, under both names"),
    row("tag-override", "-l SERVICE_ENABLE_TAG_OVERRIDE=true", S(meta={"enable_tag_override": "true"}), ours=[S()],
        why=ATTRIBUTE),

    # Checks
    row("check-numbered", "-l SERVICE_CHECK_HTTP=/ -l SERVICE_CHECK_1_TCP=true",
        S(check="http", meta={"check_http": "/", "check_1_tcp": "true"}), registrator=[S(check="http")],
        ours=[S(check="http tcp")], why=CHECK),
    row("check-numbered-alone", "-l SERVICE_CHECK_2_TTL=1h", S(meta={"check_2_ttl": "1h"}), registrator=[S()],
        ours=[S(check="ttl")], why=CHECK),
    row("check-numbered-of-a-port", "-l SERVICE_5000_CHECK_3_TCP=true", S(meta={"check_3_tcp": "true"}),
        registrator=[S()], ours=[S(check="tcp")], why=CHECK),
    row("check-by-docker", "--health-cmd true --health-interval 1h", S(), ours=[S(check="ttl")],
        why="HEALTHCHECK is a check that the agent feeds"),

    # -tags as a template
    again("tags", "template", S(tags=("a", "b", "c", "tags", "APP", "x-app", "none"))),
    again("image-of-a-folder", "template", S("thing", tags=("image-of-a-folder", "TEAM/THING", "x-team", "none"))),

    # The 13 functions, each with its letter
    again("attribute", "functions", S(meta={"region": "west"}, tags=(
        "a-att", "b-app", "c-none", "d-APP", "e-app", "f-/attr1bute", "g-x+y", "h-attribute", "i-SERVICE_REGION=west", "j-1",
        "k-matrix-node"))),
    again("image-of-a-registry", "functions", S("thing", tags=(
        "a-ima", "b-registry.example:5000", "c-none", "d-REGISTRY.EXAMPLE:5000/TEAM/THING:V1", "e-app",
        "f-/1mage-of-a-reg1stry", "g-x+y", "h-image-of-a-registry", "i-", "j-0", "k-matrix-node"))),

    # Options of ours
    own("two-networks", "network", S(address="net:two")),
    own("user-network", "network", S(address="net:one")),
    own("published", "network", S(address="net")),
    own("published", "address", S(port="5000/tcp", address="192.0.2.99")),
    own("host", "address", S(address="192.0.2.99")),
    own("six-inside", "six", S(address="net6:six")),
    own("published", "six", S(address="net")),
    own("group-with-one-name", "explicit-ports", S("admin", "7000", port=7000)),
    own("published", "explicit-ports"),
    own("published", "name-from", S("published", port="5000/tcp")),
    own("published-loopback", "loopback", S(port="5000/tcp", address="127.0.0.1")),
]
JOINS = [("two", "network-by-label")]
