#!/bin/sh
# Writes cases/*.json anew from input/*.txt with the real libraries and shows what changed. Needs the packages of Debian
# bookworm: golang-go, golang-github-masterminds-sprig-dev, golang-gopkg-yaml.v2-dev, golang-github-burntsushi-toml-dev
# and golang-github-davecgh-go-spew-dev. by_hand.json holds the rows of newer versions and is left alone.
set -eu
cd "$(dirname "$0")"
program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
cp ../golden.go functions.go "$program"
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$program/cache" GOTOOLCHAIN=local \
  go build -o "$program/golden" "$program/golden.go" "$program/functions.go"
TZ=UTC "$program/golden" cases input/*.txt
git --no-pager diff --stat -- cases
