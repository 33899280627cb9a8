#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's TDX selftests, on the emulated host.
set -eu
. "$(dirname -- "$0")/lib.sh"

tests=$(find "$build/initramfs/programs" -maxdepth 1 -name '*_test' | sort)
[ -n "$tests" ] || ok 'there are selftests' false
# selftest NAME 'PROGRAM [ARGUMENT]...' [BOOT OPTION]...
selftest() {
	name=$1
	program=$2
	shift 2
	# shellcheck disable=SC2086 # a program and its arguments
	guest "$name" -c 4 -t 600 -f "$images/format1.blob:/images/format1.blob" \
		-f "$images/format2.blob:/images/format2.blob" \
		-a TDX_TEST_IMAGE=/images/format1.blob -a TDX_TEST_OTHER_IMAGE=/images/format2.blob \
		"$@" $program
}

for test in $tests; do
	selftest "${test##*/}" "${test##*/}"
done
# Plain VMs beside TDs, on CPUs on which the P-SEAMLDR loses the current VMCS.
selftest erratum 'td_update_test -T builds_are_measured_right' -s erratum=1
for cpus in 2 8; do
	selftest "cpus-$cpus" 'td_update_test -f td_survives -t cpu_that_comes_and_goes' -c $cpus
done
done_testing
