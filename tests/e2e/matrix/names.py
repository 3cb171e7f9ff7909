"""Names, groups of ports, IDs, tags."""

from e2e.matrix.rows import ANY, S, again, row

TWO = "--expose 7000"

ROWS = [
    # Default names
    row("image-with-tag", "", S("app"), image="app:v1"),
    row("image-of-a-registry", "", S("thing"), image="registry.example:5000/team/thing:v1"),
    row("image-of-a-folder", "", S("thing"), image="team/thing"),
    row("image-with-dots", "", S("my.app_x-y"), image="my.app_x-y:1.2"),
    row("image-by-id", "", S("sha256"), ours=[S("image-by-id")], why="an ID is no name: the container's is taken",
        image="<id>"),
    row("image-by-short-id", "", ANY, registrator=[S("<short id>")], ours=[S("image-by-short-id")],
        why="an ID is no name: the container's is taken", image="<short id>"),
    row("image-by-id-in-compose", "-l com.docker.compose.service=checkout", S("sha256"), ours=[S("checkout")],
        why="compose v2 starts images by ID: its service's name is taken", image="<id>"),
    row("image-by-id-with-name", "-l SERVICE_NAME=shop", S("shop"), image="<id>"),
    row("name.with_dots-and.more", "", S()),
    row("name-with-spaces", "-l 'SERVICE_NAME=my shop'", S("my shop")),
    row("name-in-utf-8", "-l SERVICE_NAME=größe", S("größe")),
    row("name-of-64", "-l SERVICE_NAME=" + "n" * 64, S("n" * 64)),

    # Groups
    row("group", TWO, S("app-5000"), S("app-7000", "7000", port=7000)),
    row("group-named", f"{TWO} -l SERVICE_NAME=shop", S("shop-5000"), S("shop-7000", "7000", port=7000)),
    row("group-with-one-name", f"{TWO} -l SERVICE_7000_NAME=admin", S("app-5000"), S("admin", "7000", port=7000)),
    row("group-with-both", f"{TWO} -l SERVICE_NAME=shop -l SERVICE_7000_NAME=admin", S("shop-5000"),
        S("admin", "7000", port=7000)),
    row("group-with-one-ignored", f"{TWO} -l SERVICE_7000_IGNORE=1", S("app-5000")),
    row("group-with-empty-port-name", f"{TWO} -l SERVICE_NAME=shop -l SERVICE_7000_NAME=", ANY,
        registrator=[S("shop-5000"), S("app", "7000", port=7000)], why="to be seen"),
    row("group-of-a-range", "--expose 7000-7002", S("app-5000"), *(S(f"app-{p}", str(p), port=p)
                                                                   for p in (7000, 7001, 7002))),
    row("group-tcp-and-udp", "--expose 53/tcp --expose 53/udp", S("app-53", "53", port=53),
        S("app-53", "53:udp", ("udp",), port=53), image="idle/app"),
    row("group-tcp-and-sctp", "--expose 80/tcp --expose 80/sctp", ANY,
        registrator=[S("app-80", "80", port=80)], ours=[S("app-80", "80", port=80), S("app-80", "80:sctp", port=80)],
        why="SCTP shares TCP's ID and overwrites it, or is overwritten", image="idle/app"),
    row("group-with-one-id", f"{TWO} -l SERVICE_ID=matrix-one", ANY,
        registrator=[S("app-5000", "=matrix-one")], why="both ports have the ID and overwrite each other"),
    row("group-with-two-ids", f"{TWO} -l SERVICE_5000_ID=matrix-a -l SERVICE_7000_ID=matrix-b",
        S("app-5000", "=matrix-a"), S("app-7000", "=matrix-b", port=7000)),
    row("group-with-attributes", f"{TWO} -l SERVICE_X=all -l SERVICE_7000_X=one -l SERVICE_7000_Y=2",
        S("app-5000", meta={"x": "all"}), S("app-7000", "7000", port=7000, meta={"x": "one", "y": "2"})),

    # Protocols
    row("udp", "--expose 53/udp", S("app", "53:udp", ("udp",), port=53), image="idle/app"),
    row("udp-with-id", "--expose 53/udp -l SERVICE_ID=matrix-udp", S("app", "=matrix-udp", ("udp",), port=53),
        image="idle/app"),
    row("udp-with-tags", "--expose 53/udp -l SERVICE_TAGS=a,b", S("app", "53:udp", ("a", "b", "udp"), port=53),
        image="idle/app"),
    row("udp-scoped-key", "--expose 53/udp -l SERVICE_53_NAME=dns", S("dns", "53:udp", ("udp",), port=53),
        image="idle/app"),
    row("sctp", "--expose 80/sctp", S("app", "80", port=80), ours=[S("app", "80:sctp", port=80)],
        why="the protocol belongs to the ID", image="idle/app"),

    # Tags
    row("tags", "-l SERVICE_TAGS=a,b,c", S(tags=("a", "b", "c"))),
    row("tags-by-env", "-e SERVICE_TAGS=a", S(tags=("a",))),
    row("tags-empty", "-l SERVICE_TAGS=", S()),
    row("tags-with-empty-items", "-l SERVICE_TAGS=,a,,b,", S(tags=("a", "b"))),
    row("tags-escaped-comma", r"-l 'SERVICE_TAGS=a\,b,c'", S(tags=("a,b", "c"))),
    row("tags-escaped-at-the-end", r"-l 'SERVICE_TAGS=a,b\,'", S(tags=("a", "b,"))),
    row("tags-backslash", r"-l 'SERVICE_TAGS=a\b,c'", S(tags=(r"a\b", "c"))),
    row("tags-with-spaces", "-l 'SERVICE_TAGS= a , b'", S(tags=(" a ", " b"))),
    row("tags-twice", "-l SERVICE_TAGS=a,a", S(tags=("a", "a"))),
    row("tags-for-routing", r"-l 'SERVICE_TAGS=traefik.rule=Host(`a.example`\,`b.example`),traefik.enable=true'",
        S(tags=("traefik.rule=Host(`a.example`,`b.example`)", "traefik.enable=true"))),
    row("tags-of-a-port", "-l SERVICE_TAGS=all -l SERVICE_5000_TAGS=one", S(tags=("one",))),
    row("tags-of-another-port", "-l SERVICE_TAGS=all -l SERVICE_81_TAGS=one", S(tags=("all",))),
    row("tags-of-env-and-label", "-e SERVICE_TAGS=env -l SERVICE_TAGS=label", S(tags=("label",))),

    # -tags
    again("tags", "tags", S(tags=("a", "b", "c", "x", "y"))),
    again("tags-twice", "tags", S(tags=("a", "a", "x", "y"))),
    again("tags-empty", "tags", S(tags=("x", "y"))),
    again("udp-with-tags", "tags", S("app", "53:udp", ("a", "b", "udp", "x", "y"), port=53)),
    again("group", "tags", S("app-5000", tags=("x", "y")), S("app-7000", "7000", ("x", "y"), port=7000)),

    # -explicit
    again("tags", "explicit"),
    again("name-by-env", "explicit", S("shop")),
    again("name-by-label", "explicit", S("shop")),
    again("empty-name", "explicit"),
    again("port-of-another", "explicit", ours=[S("mine", "81", port=81, meta={"region": "west"})],
          why="on the host's network a named port takes part, exposed or not"),
    again("port-beats-all", "explicit", S("mine")),
    again("group", "explicit"),
    again("group-named", "explicit", S("shop-5000"), S("shop-7000", "7000", port=7000)),
    again("group-with-one-name", "explicit", S("admin", "7000", port=7000)),
    again("image-env", "explicit", S("from-image", meta={"tier": "image"})),
    again("id-by-label", "explicit"),
]
