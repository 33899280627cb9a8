#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's TDX selftests, on the emulated host.
set -eu
. "$(dirname -- "$0")/lib.sh"

tests=$(find "$build/initramfs/programs" -maxdepth 1 -name '*_test' | sort)
[ -n "$tests" ] || skip_all 'the series has no selftests'
for test in $tests; do
	test=${test##*/}
	guest "$test" -c 4 -t 300 -f "$images/format1.blob:/images/format1.blob" \
		-f "$images/format2.blob:/images/format2.blob" \
		-a TDX_TEST_IMAGE=/images/format1.blob -a TDX_TEST_OTHER_IMAGE=/images/format2.blob \
		"$test"
done
done_testing
