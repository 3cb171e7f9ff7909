"""SERVICE_* from environment and labels: which count, which win, what becomes Meta."""

from e2e.matrix.rows import S, row

LIMITS = "Consul refuses the whole service; ours is trimmed, with a warning"
PAIRS = " ".join(f"-l SERVICE_K{number:02}={number}" for number in range(65))
KEPT = {f"k{number:02}": str(number) for number in range(65)}

ROWS = [
    # Sources
    row("name-by-env", "-e SERVICE_NAME=shop", S("shop")),
    row("name-by-label", "-l SERVICE_NAME=shop", S("shop")),
    row("label-beats-env", "-e SERVICE_NAME=by-env -l SERVICE_NAME=by-label", S("by-label")),
    row("label-beats-env-attribute", "-e SERVICE_REGION=east -l SERVICE_REGION=west", S(meta={"region": "west"})),
    row("key-in-other-case", "-l SERVICE_Name=shop", S("shop")),
    row("prefix-in-lower-case", "-l service_name=shop -e service_region=x", S()),
    row("prefix-in-mixed-case", "-l Service_NAME=shop", S()),
    row("prefix-without-underscore", "-l SERVICENAME=shop -l SERVICE=x", S()),
    row("prefix-in-the-middle", "-l MY_SERVICE_NAME=shop", S()),
    row("empty-name", "-l SERVICE_NAME=", S()),
    row("empty-name-by-label-hides-env", "-e SERVICE_NAME=shop -l SERVICE_NAME=", S()),
    row("image-env", "", S("from-image", meta={"tier": "image"}), image="labelled"),
    row("image-env-overridden", "-e SERVICE_NAME=mine", S("mine", meta={"tier": "image"}), image="labelled"),
    row("image-label-beats-container-env", "-e SERVICE_TIER=env", S("from-image", meta={"tier": "image"}),
        image="labelled"),
    row("image-label-overridden", "-l SERVICE_TIER=mine", S("from-image", meta={"tier": "mine"}), image="labelled"),

    # Attributes
    row("attribute", "-e SERVICE_REGION=west", S(meta={"region": "west"})),
    row("attribute-in-lower-case", "-e SERVICE_FooBar=Yes", S(meta={"foobar": "Yes"})),
    row("attribute-with-underscores", "-l SERVICE_MY_OWN_KEY=v", S(meta={"my_own_key": "v"})),
    row("attribute-with-dash", "-l SERVICE_MY-KEY=v", S(meta={"my-key": "v"})),
    row("attribute-with-equals", "-l SERVICE_QUERY=a=b=c", S(meta={"query": "a=b=c"})),
    row("attribute-empty", "-l SERVICE_EMPTY=", S(meta={"empty": ""})),
    row("attribute-in-utf-8", "-l SERVICE_CITY=Zürich", S(meta={"city": "Zürich"})),
    row("attribute-with-spaces", "-l 'SERVICE_TEXT=two  words '", S(meta={"text": "two  words "})),
    row("attribute-of-json", """-l 'SERVICE_JSON={"a": [1, "b"]}'""", S(meta={"json": '{"a": [1, "b"]}'})),
    row("attribute-named-by-a-number", "-l SERVICE_80=x", S(meta={"80": "x"})),
    row("attributes-for-routing", "-l SERVICE_HOST=shop.example -l SERVICE_5000_PATH=/api",
        S(meta={"host": "shop.example", "path": "/api"})),

    # One port's own
    row("port-beats-all", "-l SERVICE_5000_NAME=mine -l SERVICE_NAME=shop", S("mine")),
    row("port-by-env-beats-label", "-e SERVICE_5000_NAME=mine -l SERVICE_NAME=shop", S("mine")),
    row("port-label-beats-port-env", "-e SERVICE_5000_NAME=env -l SERVICE_5000_NAME=label", S("label")),
    row("port-of-another", "-l SERVICE_81_NAME=mine -l SERVICE_81_REGION=west", S(),
        ours=[S("app-5000"), S("mine", "81", port=81, meta={"region": "west"})],
        why="on the host's network a named port takes part, exposed or not"),
    row("port-of-another-attribute", "-l SERVICE_81_REGION=west", S()),
    row("port-attribute", "-l SERVICE_5000_REGION=west", S(meta={"region": "west"})),
    row("port-attribute-beats-all", "-l SERVICE_REGION=east -e SERVICE_5000_REGION=west", S(meta={"region": "west"})),
    row("port-with-zero-in-front", "-l SERVICE_05000_NAME=mine", S()),
    row("port-with-plus", "-l SERVICE_+5000_NAME=mine", S()),
    row("port-negative", "-l SERVICE_-1_NAME=mine", S()),
    row("port-not-quite-a-number", "-l SERVICE_5000X_NAME=mine", S(meta={"5000x_name": "mine"})),

    # IDs
    row("id-by-label", "-l SERVICE_ID=matrix-id-1", S(id="=matrix-id-1")),
    row("id-by-env", "-e SERVICE_ID=matrix-id-2", S(id="=matrix-id-2")),
    row("id-of-a-port", "-l SERVICE_5000_ID=matrix-id-3", S(id="=matrix-id-3")),
    row("id-of-another-port", "-l SERVICE_81_ID=matrix-id-4", S()),

    # Ignoring
    row("ignore-1", "-l SERVICE_IGNORE=1"),
    row("ignore-true", "-e SERVICE_IGNORE=true"),
    row("ignore-yes", "-l SERVICE_IGNORE=yes"),
    row("ignore-empty", "-l SERVICE_IGNORE=", S(meta={"ignore": ""}), registrator=[S()],
        why="what steers the agent is no attribute"),
    row("ignore-false", "-l SERVICE_IGNORE=false", ours=[S()], why="false means false"),
    row("ignore-0", "-l SERVICE_IGNORE=0", ours=[S()], why="0 means false"),
    row("ignore-port", "-l SERVICE_5000_IGNORE=1"),
    row("ignore-another-port", "-l SERVICE_81_IGNORE=1", S()),

    # Consul's limits, and what nobody should read
    row("meta-512-bytes", "-l SERVICE_LONG=" + "v" * 512, S(meta={"long": "v" * 512})),
    row("meta-513-bytes", "-l SERVICE_LONG=" + "v" * 513, registrator=[S(meta={"long": "v" * 512})], why=LIMITS),
    row("meta-513-bytes-of-utf-8", "-l SERVICE_LONG=v" + "ü" * 256, registrator=[S(meta={"long": "v" + "ü" * 255})],
        why=LIMITS),
    row("meta-key-of-128", "-l SERVICE_" + "K" * 128 + "=1", S(meta={"k" * 128: "1"})),
    row("meta-key-of-129", "-l SERVICE_" + "K" * 129 + "=1 -l SERVICE_OTHER=2", registrator=[S(meta={"other": "2"})],
        why=LIMITS),
    row("meta-key-with-dot", "-l SERVICE_MY.KEY=1 -l SERVICE_OTHER=2", registrator=[S(meta={"other": "2"})],
        why=LIMITS),
    row("meta-key-with-slash", "-l SERVICE_MY/KEY=1", registrator=[S()], why=LIMITS),
    row("meta-key-of-consul", "-l SERVICE_CONSUL-THING=1", registrator=[S()], why=LIMITS),
    row("meta-key-empty", "-l SERVICE_=1", registrator=[S()], why=LIMITS),
    row("meta-65-pairs", PAIRS, registrator=[S(meta={key: KEPT[key] for key in sorted(KEPT)[:60]})],
        why=LIMITS + "; four pairs are the agent's own"),
    row("meta-password", "-e SERVICE_DB_PASSWORD=hunter2", S(meta={"db_password": "hunter2"}), registrator=[S()],
        why="secrets stay out of the catalog"),
    row("meta-token", "-e SERVICE_API_TOKEN=hunter2", S(meta={"api_token": "hunter2"}), registrator=[S()],
        why="secrets stay out of the catalog"),
    row("meta-key-of-the-agent", "-l SERVICE_LONGSHORE-OWNER=somebody", S(meta=None), registrator=[S()],
        why="the marks of ownership are not for labels"),
]
