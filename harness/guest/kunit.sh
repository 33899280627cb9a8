#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run every KUnit suite that is built in or a module, print its results.
set -eu

find /lib/modules -name '*_kunit.ko' | while read -r module; do
	modprobe "$(basename "$module" .ko)"
done

for suite in /sys/kernel/debug/kunit/*; do
	echo run >"$suite/run"
	cat "$suite/results"
done
