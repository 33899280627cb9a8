#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every fuzz target for a short while, from the corpus of the repository; 'make fuzz' takes longer.
set -eu
. "$(dirname -- "$0")/lib.sh"

seconds=20
figures=$build/fuzz/figures

fuzz() { "$harness/fuzz" -t $seconds "$1" >"$figures"; }

mkdir -p "$build/fuzz"
for target in blob preflight calls image releases; do
	ok "$target: no finding in $seconds s" fuzz "$target"
	sed 's/^/# /' "$figures"
done
done_testing
