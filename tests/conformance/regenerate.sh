#!/bin/sh
# Writes cases/*.json, libraries/cases/*.json and sockaddr/cases/*.json anew from their input with the real Go engine and
# libraries, and shows what changed; exits 1 if anything did. Where the tests are built, random templates are compared as well.
# Needs Debian bookworm; with --install, as root, it installs the packages that are missing. Neither the build nor the
# tests need them. Rows of newer releases are kept by hand, see README.md.
set -eu
cd "$(dirname "$0")"
packages="golang-go golang-golang-x-text-dev golang-github-masterminds-sprig-dev golang-gopkg-yaml.v2-dev
  golang-github-burntsushi-toml-dev golang-github-davecgh-go-spew-dev
  golang-github-hashicorp-go-sockaddr-dev"
case "${1-}" in
  "") ;;
  --install) DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages ;;
  *) echo "usage: regenerate.sh [--install]" >&2; exit 2 ;;
esac
missing=
for package in $packages; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "regenerate.sh: not installed:$missing (run it with --install, as root)" >&2
  exit 2
fi
program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="${GOCACHE:-$program/cache}" GOTOOLCHAIN=local TZ=UTC
go build -o "$program/language" golden.go bench.go data.go helpers.go
"$program/language" cases input/*.txt
cp golden.go bench.go data.go helpers.go libraries/functions.go "$program"
(cd "$program" && go build -o libraries golden.go bench.go data.go helpers.go functions.go)
"$program/libraries" libraries/cases libraries/input/*.txt
cp sockaddr/functions.go "$program"
go build -o "$program/sockaddr" "$program/golden.go" "$program/bench.go" "$program/functions.go"
cd sockaddr
for world in input/*.txt; do
  world=$(basename "$world" .txt)
  unshare --map-root-user --net ./make.sh "$world" "$program/sockaddr" cases  # addresses and routes of its own
done
cd ..
git --no-pager diff --stat --exit-code -- cases libraries/cases sockaddr/cases sockaddr/worlds
if [ -x "${LONGSHORE_BUILD:=../../build/release}/tests/conformance_answer" ]; then
  ./differential.py --build "$LONGSHORE_BUILD" --seconds 60 --seed "$(date +%s)"
  ./differential.py --libraries --build "$LONGSHORE_BUILD" --seconds 60 --seed "$(date +%s)"
fi
