"""Ports and the address matrix: kinds of network by option sets. `one` and `two` are user-defined networks."""

from e2e.matrix.rows import ANY, S, again, row

MIX = "the container's address does not answer on the host's port"
NO_NODE = "Consul would give the node's address, where nothing listens"
LOOPBACK = "nobody else can reach it; -allow-loopback registers it"
IP = "192.0.2.7"
HOST_IP = "10.213.7.1"
NONE = []

ROWS = [
    # Which ports
    row("no-port-at-all", "", image="idle/app"),
    row("exposed-by-option", "--expose 81", S(id="81", port=81), image="idle/app"),
    row("published", "-p 5000", S(port="5000/tcp")),
    row("published-fixed", "-p 18080:5000", S(port=18080)),
    row("published-all", "-P", S(port="5000/tcp")),
    row("published-not-exposed", "-p 9999", S(id="9999", port="9999/tcp"), image="idle/app"),
    row("published-one-of-two", "-p 5000 --expose 7000", S(port="5000/tcp")),
    row("published-two", "-p 5000 -p 7000", S("app-5000", port="5000/tcp"), S("app-7000", "7000", port="7000/tcp")),
    row("published-range", "-p 18100-18102:7000-7002",
        *(S(f"app-{7000 + i}", str(7000 + i), port=18100 + i) for i in range(3)), image="idle/app"),
    row("published-udp", "-p 53/udp", S(id="53:udp", port="53/udp", tags=("udp",)), image="idle/app"),
    row("published-tcp-and-udp", "-p 53/tcp -p 53/udp", S("app-53", "53", port="53/tcp"),
        S("app-53", "53:udp", port="53/udp", tags=("udp",)), image="idle/app"),
    row("published-twice", "-p 18201:5000 -p 18202:5000", S(port="5000/tcp")),
    row("published-ignored", "-p 5000 -l SERVICE_IGNORE=1"),
    row("published-address", f"-p {HOST_IP}::5000", S(port="5000/tcp", address=HOST_IP)),
    row("published-loopback", "-p 127.0.0.1::5000", S(port="5000/tcp", address="127.0.0.1"), ours=NONE, why=LOOPBACK),
    row("not-published", "--network bridge"),

    # The same with other options
    again("published", "ip", S(port="5000/tcp", address=IP)),
    again("published-address", "ip", S(port="5000/tcp", address=IP)),
    again("published-loopback", "ip", S(port="5000/tcp", address=IP)),
    again("published-two", "ip", S("app-5000", port="5000/tcp", address=IP),
          S("app-7000", "7000", port="7000/tcp", address=IP)),
    again("not-published", "ip"),
    again("published", "internal", S(address="net")),
    again("published-fixed", "internal", S(address="net")),
    again("published-loopback", "internal", S(address="net")),
    again("published-one-of-two", "internal", S("app-5000", address="net"),
          S("app-7000", "7000", port=7000, address="net")),
    again("published-udp", "internal", S(id="53:udp", port=53, address="net", tags=("udp",))),
    again("not-published", "internal", S(address="net")),
    again("no-port-at-all", "internal"),
    again("published", "internal-ip", S(address="net")),
    again("not-published", "internal-ip", S(address="net")),

    # User-defined networks
    row("user-network", "--network one -p 5000", S(port="5000/tcp", address="net"),
        ours=[S(port="5000/tcp")], why=MIX),
    row("user-network-not-published", "--network one"),
    row("user-network-address", f"--network one -p {HOST_IP}::5000", S(port="5000/tcp", address="net"),
        ours=[S(port="5000/tcp", address=HOST_IP)], why=MIX),
    row("user-network-loopback", "--network one -p 127.0.0.1::5000", S(port="5000/tcp", address="net"),
        ours=NONE, why=LOOPBACK),
    again("user-network", "ip", S(port="5000/tcp", address=IP)),
    again("user-network", "internal", S(address="net")),
    again("user-network-not-published", "internal", S(address="net")),
    again("user-network", "internal-ip", S(address="net")),
    row("two-networks", "--network one -p 5000", S(port="5000/tcp", address="net:one"),
        ours=[S(port="5000/tcp")], why=MIX),
    again("two-networks", "ip", S(port="5000/tcp", address=IP)),

    again("two-networks", "internal", ANY, registrator=[S(address="net:one")], why="one of both by chance there"),
    again("two-networks", "internal-ip", ANY, registrator=[S(address="net:one")], why="one of both by chance there"),
    row("two-networks-not-published", "--network one"),
    again("two-networks-not-published", "internal", ANY, registrator=[S(address="net:one")],
          why="one of both by chance there"),
    row("user-network-named-port", "--network one -l SERVICE_6000_NAME=extra", image="idle/app"),
    again("user-network-named-port", "internal"),

    # macvlan: no ports are published there
    row("macvlan", "--network lan", S(address="net:lan")),
    again("macvlan", "ip", S(address=IP)),
    again("macvlan", "internal", S(address="net:lan")),
    again("macvlan", "internal-ip", S(address="net:lan")),
    again("macvlan", "explicit"),
    row("macvlan-named-port", "--network lan -l SERVICE_6000_NAME=extra", S(address="net:lan"),
        ours=[S("app-5000", address="net:lan"), S("extra", "6000", port=6000, address="net:lan")],
        why="where nothing is published a named port takes part, exposed or not"),
    row("macvlan-nothing-exposed", "--network lan -l SERVICE_6000_NAME=extra",
        ours=[S("extra", "6000", port=6000, address="net:lan")],
        why="where nothing is published a named port takes part, exposed or not", image="idle/app"),

    # Host
    row("host", "--network host", S()),
    again("host", "ip", S(address=IP)),
    again("host", "internal", S(address=""), ours=[S()], why=NO_NODE + " under its name only by luck"),
    again("host", "internal-ip", S(address=""), ours=[S(address=IP)], why=NO_NODE),

    # None
    row("none", "--network none", S(address=""), ours=NONE, why=NO_NODE),
    again("none", "ip", S(address=IP)),
    again("none", "internal", S(address=""), ours=NONE, why=NO_NODE),
    again("none", "internal-ip", S(address=""), ours=NONE, why=NO_NODE),

    # Another container's network; the owners are published, not-published, user-network and host.
    row("shares-published", "--network container:published", S(address="net:published"),
        ours=[S(port="published:5000/tcp")], why="where the owner's port is published that is what others reach"),
    row("shares-closed", "--network container:not-published", S(address="net:not-published")),
    row("shares-user-network", "--network container:user-network", S(address=""),
        registrator=[S(address="net:user-network")], ours=[S(port="user-network:5000/tcp")],
        why="only the default bridge is looked at; Consul then says the node's address"),
    row("shares-host", "--network container:host", S(address=""), registrator=[S()],
        why="the owner's address is the host's"),
    row("shares-and-exposes", "--network container:not-published", S(id="8125", port=8125, address="net:not-published"),
        image="exposes/app"),
    again("shares-published", "internal", S(address="net:published")),
    again("shares-closed", "ip", S(address="net:not-published")),
    again("shares-closed", "label", S(address="net:not-published")),

    # -useIpFromLabel
    row("labelled-address", "-p 5000 -l net.address=192.0.2.33", S(port="5000/tcp")),
    row("labelled-cidr", "-p 5000 -l net.address=192.0.2.34/24", S(port="5000/tcp")),
    row("labelled-on-host", "-l net.address=192.0.2.35", S()),
    again("labelled-address", "label", S(port="5000/tcp", address="192.0.2.33")),
    again("labelled-cidr", "label", S(port="5000/tcp", address="192.0.2.34")),
    again("labelled-on-host", "label", S(address="192.0.2.35")),
    again("published", "label", S(port="5000/tcp")),
    again("host", "label", S()),

    # IPv6: `six` is a network with both families
    row("six-inside", "--network six"),
    again("six-inside", "internal", S(address="net:six"), ours=[S(address="net:six", six="net6:six")],
          why="the second family is a tagged address"),
]

# The second network of a container is joined after it runs.
JOINS = [("two", "two-networks"), ("two", "two-networks-not-published")]
