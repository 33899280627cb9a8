#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run every KUnit suite that is built in, print its results.
set -eu

suites=$(find /sys/kernel/debug/kunit -mindepth 1 -maxdepth 1 -type d | sort)
echo 'KTAP version 1'
echo "1..$(echo "$suites" | wc -w)"
for suite in $suites; do
	echo run >"$suite/run"
	cat "$suite/results"
done
