#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run every KUnit suite that is built in or a module, print its results.
set -eu

for module in $(find /lib/modules -name '*_kunit.ko' -exec basename {} .ko \;); do
	modprobe "$module"
done

for suite in /sys/kernel/debug/kunit/*; do
	echo run >"$suite/run"
	cat "$suite/results"
done
