#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run the KUnit suites named, or every one that is built in or a module, and print their results.
set -eu

find /lib/modules -name '*_kunit.ko' | while read -r module; do
	modprobe "$(basename "$module" .ko)"
done

cd /sys/kernel/debug/kunit
[ $# -gt 0 ] || set -- *
for suite; do
	echo run >"$suite/run"
	cat "$suite/results"
done
