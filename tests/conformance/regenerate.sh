#!/bin/sh
# Writes cases/*.json anew from input/*.txt with the real Go engine and shows what changed.
# Needs Go 1.19 (package golang-go of Debian bookworm). Rows of newer releases are kept by hand, see README.md.
set -eu
cd "$(dirname "$0")"
GO111MODULE=off GOFLAGS=-mod=mod GOTOOLCHAIN=local go run golden.go data.go helpers.go cases input/*.txt
git --no-pager diff --stat -- cases
