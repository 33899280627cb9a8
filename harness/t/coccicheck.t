#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own semantic patches find nothing in our files, though something in a bad one.
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/../series.sh"

bad=$harness/coccinelle/tests/ifnullfree.c
ours=$(series_files "$tree" HEAD | grep -E '^(arch|drivers)/.*\.c$')
found=$build/run/coccicheck
mkdir -p "$build/run"

# find_by SCRIPT FILE...: as scripts/coccicheck does, with the options that a script names.
find_by() {
	script=$1
	shift
	# shellcheck disable=SC2046 # options
	spatch --very-quiet --no-show-diff -D report --cocci-file "$script" \
		$(sed -n 's|^// Options:||p' "$script") -I include -I arch/x86/include "$@" >"$found" || return 1
	cat "$found"
}

# shellcheck disable=SC2086 # a list of files
finds_nothing() { find_by "$1" $ours && [ ! -s "$found" ]; }

finds_marked() {
	find_by scripts/coccinelle/free/ifnullfree.cocci "$bad"
	[ "$(cut -d : -f 2 "$found")" = "$(grep -n '/\* bad \*/' "$bad" | cut -d : -f 1)" ]
}

cd "$tree"
ok 'a bad file is found' finds_marked
grep -rlE 'virtual[[:space:]]+report' scripts/coccinelle --include='*.cocci' | sort >"$found.scripts"
while read -r script; do
	ok "${script#scripts/coccinelle/}" finds_nothing "$script" </dev/null
done <"$found.scripts"
done_testing
