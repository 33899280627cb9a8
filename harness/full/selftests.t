#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's TDX selftests are built and run as the kernel's documentation says. There is no TDX
# here, so that nothing runs and nothing fails.
set -eu
. "$(dirname -- "$0")/../t/lib.sh"
. "$(dirname -- "$0")/../series.sh"

out=$build/selftests
mkdir -p "$out" "$build/run"

selftests_make() {
	make -s -C "$tree/tools/testing/selftests" TARGETS=tdx O="$out" "$@" </dev/null
}

build_without_remark() {
	make -s -C "$tree" O="$out" headers </dev/null
	selftests_make clean
	selftests_make 2>"$out/remarks" || { cat "$out/remarks"; return 1; }
	cat "$out/remarks"
	[ ! -s "$out/remarks" ]
}

# Each test says that it was skipped, and none that it passed.
skip_all_cases() {
	"$1" >"$out/cases" || { cat "$out/cases"; return 1; }
	grep -q '^ok .*# SKIP ' "$out/cases" && ! grep -E '^(not ok|ok)' "$out/cases" | grep -v '# SKIP '
}

run_tests_without_failure() {
	selftests_make run_tests >"$out/run_tests" 2>&1
	! grep '^not ok' "$out/run_tests" && grep -q '^ok .* selftests: tdx: ' "$out/run_tests"
}

ok 'built without a remark' build_without_remark
for program in "$out"/kselftest/tdx/*_test; do
	ok "${program##*/}: skipped" skip_all_cases "$program"
done
ok 'run_tests fails nowhere' run_tests_without_failure
done_testing
