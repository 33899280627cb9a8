#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Our kernel files compile without a remark from gcc at W=1 and sparse; our shell scripts
# satisfy shellcheck.
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/../series.sh"

out=$build/static

static_make() {
	make -C "$tree" O="$out" -s -j"$(nproc)" LOCALVERSION= "$@" </dev/null
}

prepare() {
	mkdir -p "$out"
	cmp -s "$config" "$out/config" || {
		cp "$config" "$out/.config"
		cp "$config" "$out/config"
		static_make olddefconfig
	}
	static_make prepare
}

# All remarks count, but only those on the file itself: headers of the base have their own.
silent() {
	object=${1%.c}.o
	rm -f "$out/$object"
	static_make W=1 C=2 "$object" 2>"$out/remarks" || { cat "$out/remarks"; return 1; }
	! grep -F "$1" "$out/remarks"
}

sources=$([ ! -d "$tree" ] || series_files "$tree" HEAD | grep -E '^(arch|drivers)/.*\.c$' || :)
if [ -n "$sources" ]; then
	prepare >&2
	for source in $sources; do
		ok "W=1 and sparse: $source" silent "$source"
	done
else
	skip 'W=1 and sparse' 'the series has no C file'
fi

cd "$top"
scripts=$(grep -rlE '^#!(/bin/sh|/bin/busybox sh)' .ci harness seamsim tdxmod | sort)
for script in $scripts; do
	ok "shellcheck $script" shellcheck -x -P SCRIPTDIR -s sh "$script"
done
done_testing
