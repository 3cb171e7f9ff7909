# shellcheck shell=bash disable=SC2153
# The demo image and its containers.

IMAGE=longshore-poc/nanoservice:1.0
DEMO=(longshore-poc-1 longshore-poc-2)
COLORS=(blue green)

revision() {
    as_owner git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null || printf 'unknown\n'
}

# FROM scratch and one static file: nothing is pulled. Layers that have not changed come from the engine's cache.
image_build() {
    local context log=$STATE/log/image.log
    context=$(mktemp -d "$STATE/image.XXXXXX")
    cp "$ROOT/vagrant/nanoservice/Dockerfile" "$context/"
    install -m 755 -s "$BUILD/nanoservice" "$context/nanoservice" 2>/dev/null ||
        install -m 755 "$BUILD/nanoservice" "$context/nanoservice"
    mkdir -p "$STATE/log"
    local failed=
    docker build -q -t "$IMAGE" --build-arg VERSION=1.0 --build-arg "REVISION=$(revision)" "$context" \
        >"$log" 2>&1 || failed=1
    rm -rf "$context"
    [ -z "$failed" ] || { show_tail image; fail "the image $IMAGE could not be built"; }
}

# Running, of the present image and with the label; an older one of this name is replaced.
container_up() {
    local name=$1 color=$2 image_id state refused
    image_id=$(docker image inspect -f '{{.Id}}' "$IMAGE")
    state=$(docker container inspect -f '{{.State.Running}} {{.Image}}' "$name" 2>/dev/null)
    if [ "$state" = "true $image_id" ]; then
        note "container $name: running"
        return
    fi
    [ -z "$state" ] || docker rm -f "$name" >/dev/null
    refused=$(docker run -d --name "$name" --hostname "$name" --label "$LABEL" -e COLOR="$color" "$IMAGE" 2>&1) ||
        fail "container $name: $refused"
    note "container $name: started"
}

containers_up() {
    local i
    image_build
    for i in "${!DEMO[@]}"; do container_up "${DEMO[i]}" "${COLORS[i]}"; done
}

# Every container with the label goes, also those that the user has added.
containers_down() {
    docker ps -aq --filter "label=$LABEL" | xargs -r docker rm -fv >/dev/null
}

# True when each demo container has answered a request through nginx since the first call.
demo_answers() {
    local name i
    for ((i = 0; i < 8; i++)); do ANSWERS+=$(http_get "http://$NGINX_ADDR/" 2>/dev/null); done
    for name in "${DEMO[@]}"; do [[ $ANSWERS == *"host=$name "* ]] || return 1; done
}
