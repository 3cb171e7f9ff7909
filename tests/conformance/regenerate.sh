#!/bin/sh
# Writes cases/*.json anew from input/*.txt with the real Go engine and shows what changed.
# Needs Go 1.19 and x/text (packages golang-go and golang-golang-x-text-dev of Debian bookworm). Rows of newer releases are kept by hand, see README.md.
set -eu
cd "$(dirname "$0")"
GO111MODULE=off GOPATH=/usr/share/gocode go run golden.go data.go helpers.go cases input/*.txt
git --no-pager diff --stat -- cases
