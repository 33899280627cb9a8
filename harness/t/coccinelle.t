#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Our kernel files keep the project's own rules, harness/coccinelle/*.cocci; and each rule finds what
# breaks it: the lines that are marked so in harness/coccinelle/tests.
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/../series.sh"

rules=$harness/coccinelle
mkdir -p "$build/run"
found=$build/run/coccinelle

# Findings, one FILE:LINE:... a line; all files of a call are looked at together.
find_by() {
	rule=$1
	shift
	spatch --very-quiet -D report --no-includes --sp-file "$rules/$rule.cocci" "$@"
}

is_clean() { find_by "$@" >"$found" && { cat "$found"; [ ! -s "$found" ]; }; }

finds_marked() {
	find_by "$1" "$rules/tests/$1.c" | cut -d : -f 2 | sort -nu >"$found"
	grep -n '/\* bad \*/' "$rules/tests/$1.c" | cut -d : -f 1 | diff - "$found"
}

# The rule about stopped CPUs follows calls from file to file: here to the last one.
finds_print_in_firmware_call() {
	copy=$(mktemp -d)
	# shellcheck disable=SC2086 # a list of files
	cp $core "$copy"
	sed -i 's/^\treturn __seamcall_dirty_cache/\tpr_info("call\\n");\n&/' "$copy/seamldr.c"
	find_by stopped "$copy"/*.c >"$found" || :
	rm -r "$copy"
	cat "$found"
	grep -q 'seamldr_seamcall() calls pr_info' "$found"
}

cd "$tree"
ours=$(series_files "$tree" HEAD | grep -E '^(arch|drivers)/.*\.c$' | grep -v /tests/)
core=$(echo "$ours" | grep ^arch/)
base=arch/x86/virt/vmx/tdx/tdx.c
for rule in seamldr_call upload_error stopped shared; do
	ok "$rule finds what is marked" finds_marked $rule
	# shellcheck disable=SC2086 # a list of files
	ok "$rule is kept" is_clean $rule $ours
done
ok 'stopped finds a print in seamldr_seamcall()' finds_print_in_firmware_call
for rule in stopped shared; do
	ok "$rule is kept in $base" is_clean $rule $base
done
done_testing
