# shellcheck shell=bash
# Packages and executables.

# A build as root would leave files in the checkout that its owner cannot rebuild.
as_owner() {
    local owner
    owner=$(stat -c %U "$ROOT")
    if [ "$owner" = root ] || [ "$owner" = UNKNOWN ] || [ "$(id -u)" != 0 ]; then
        "$@"
    else
        runuser -u "$owner" -- "$@"
    fi
}

install_packages() {
    say "packages"
    "$ROOT/common/packaging/install-deps" build run poc && return
    # A machine with Docker's own packages, say, has all programs under other package names.
    local program missing=
    for program in docker nginx curl ip ss unshare cmake ninja g++; do
        command -v "$program" >/dev/null || missing+=" $program"
    done
    [ -z "$missing" ] || fail "these programs are missing:$missing"
    warn "some packages could not be installed; going on, as their programs are here"
}

build_executables() {
    if [ -n "$NO_BUILD" ]; then
        local name
        for name in longshore nanoservice; do
            [ -x "$BUILD/$name" ] || fail "--no-build: there is no $BUILD/$name yet"
        done
        return
    fi
    say "building longshore and nanoservice in $BUILD (the first time takes some minutes)"
    local options=(-DCMAKE_BUILD_TYPE=Release)
    # In a directory that is configured already, generator and tests stay as their owner wants them.
    [ -e "$BUILD/CMakeCache.txt" ] || options+=(-G Ninja -DBUILD_TESTING=OFF)
    local configure_log
    configure_log=$(as_owner cmake -S "$ROOT" -B "$BUILD" "${options[@]}" 2>&1) || {
        printf '%s\n' "$configure_log" >&2
        fail "cmake could not configure $BUILD (see above); nothing was started"
    }
    as_owner cmake --build "$BUILD" --target longshore nanoservice ||
        fail "the build failed (see above); nothing was started"
}
